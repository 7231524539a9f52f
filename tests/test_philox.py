"""Philox: published known answers, the layout of words, streams that never meet; the quantile."""

import itertools

import numpy as np
import pytest
from cases import PI_KEY
from scipy import special, stats

from superpos.numerics import philox
from superpos.numerics.normal import log, normal_quantile
from superpos.training.kernels.philox_lanes import round_keys

# Of Random123, for seven rounds.
KNOWN_ANSWERS = {
    "zeros": ("00000000 " * 4, "00000000 " * 2, "5f6fb709 0d893f64 4f121f81 4f730a48"),
    "ones": ("ffffffff " * 4, "ffffffff " * 2, "5207ddc2 45165e59 4d8ee751 8c52f662"),
    "pi": (
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "4dfccaba 190a87f0 c47362ba b6b5242a",
    ),
}


def numbers(text: str) -> list[np.uint32]:
    return [np.uint32(int(word, 16)) for word in text.split()]


@pytest.mark.parametrize("name", KNOWN_ANSWERS)
def test_a_block_gives_the_known_answers_of_random123(name):
    counter, key, answer = map(numbers, KNOWN_ANSWERS[name])
    assert list(philox.four_words(*counter, *key)) == answer


def test_words_count_in_word_0_step_in_1_purpose_in_2_and_stream_in_3():
    low, high = np.uint32(PI_KEY & 0xFFFFFFFF), np.uint32(PI_KEY >> 32)
    drawn = philox.words(np.uint64(PI_KEY), 3, 7, 11, 4)
    expected = philox.four_words(*map(np.uint32, (0, 7, 3, 11)), low, high)
    assert drawn.tolist() == list(expected)


@pytest.mark.parametrize("count", [1, 3, 4, 5, 10, 4096])
def test_word_w_of_block_c_stands_in_the_w_th_quarter(count):
    drawn = philox.words(np.uint64(5), 1, 2, 3, count)
    quarter = -(-count // 4)
    blocks = [
        philox.four_words(*map(np.uint32, (c, 2, 1, 3)), np.uint32(5), np.uint32(0))
        for c in range(quarter)
    ]
    assert drawn.dtype == np.uint32
    assert drawn.tolist() == [block[w] for w in range(4) for block in blocks][:count]


def test_key_purpose_step_and_stream_each_give_other_words():
    first = (np.uint64(1), 1, 1, 1)
    others = [(np.uint64(1 + 2**40), 1, 1, 1), (np.uint64(2), 1, 1, 1)]
    others += [(np.uint64(1), 2, 1, 1), (np.uint64(1), 1, 2, 1), (np.uint64(1), 1, 1, 2)]
    drawn = [set(philox.words(*which, 1000).tolist()) for which in (first, *others)]
    for a, b in itertools.combinations(drawn, 2):
        assert len(a & b) < 3


def test_the_same_arguments_give_the_same_words():
    a, b = (philox.words(np.uint64(9), 0, 1, 2, 333) for _ in range(2))
    assert a.tobytes() == b.tobytes()


def test_words_are_uniform():
    drawn = philox.words(np.uint64(77), 1, 1, 0, 1_000_000)
    counts = np.bincount(drawn >> np.uint32(24), minlength=256)
    assert stats.chisquare(counts).pvalue > 1e-3


def test_words_of_neighbouring_streams_are_uncorrelated():
    a, b = (philox.words(np.uint64(77), 1, 1, s, 100_000).astype(float) for s in (0, 1))
    assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(100_000)


def test_the_normal_quantile_agrees_with_scipy_to_the_last_digits():
    u = np.r_[np.linspace(1e-6, 1 - 1e-6, 20_001), 2.0 ** -np.arange(1, 34), 1 - 2.0**-33]
    np.testing.assert_allclose(normal_quantile(u), special.ndtri(u), rtol=2e-14, atol=2e-15)


def test_log_agrees_with_numpy_to_the_last_digits():
    x = np.r_[np.geomspace(1e-300, 1e300, 10_001), np.linspace(0.5, 2, 10_001)]
    np.testing.assert_allclose(log(x), np.log(x), rtol=4e-16, atol=4e-16)


def test_normals_are_standard_normal():
    z = philox.normals(np.uint64(3), philox.INIT, 0, (500, 400))
    assert z.shape == (500, 400)
    assert z.dtype == np.float32
    assert stats.kstest(z.ravel(), "norm").pvalue > 1e-3


def test_a_key_gets_the_same_normals_alone_and_among_others():
    keys = list(np.arange(1, 4, dtype=np.uint64))
    together = philox.many_normals(keys, philox.INIT, 1, (3, 2))
    alone = [philox.normals(key, philox.INIT, 1, (3, 2)) for key in keys]
    assert together.tobytes() == np.stack(alone).tobytes()


@pytest.mark.parametrize("shape", [(8, 5), (7, 5), (4, 1), (9, 4)])
def test_a_window_is_a_part_of_the_whole(shape):
    place = np.uint64(PI_KEY), philox.BATCH, 3, 2
    whole = philox.words(*place, shape[0] * shape[1]).reshape(shape)
    for rows in ((0, shape[0]), (1, 3)):
        for columns in ((0, shape[1]), (shape[1] - 1, shape[1])):
            part = philox.window(*place, shape, rows, columns)
            np.testing.assert_array_equal(part, whole[slice(*rows), slice(*columns)])


def test_a_part_of_a_kernel_is_not_called_from_python():
    with pytest.raises(TypeError):
        round_keys(np.uint64(1), np.zeros(2 * philox.ROUNDS, np.uint64))
