"""What the host gives the GPU engine's kernels: tables of numbers of samples, and how many runs at once."""

import numba
import numpy as np
import pytest
from fused_cases import condition
from scipy import stats

from superpos.training.gpu import plans, shape
from superpos.training.kernels import counts, laws
from superpos.training.records import Recording


def table(batch: int, p: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """The thresholds and the numbers of filled samples of units of densities p, and the share of these."""
    law = laws.filled_samples(p, batch)
    return *plans._outcomes(law.share[0], law.peak[0], batch), law.share[0]


@pytest.mark.parametrize("share", [1e-6, 0.003, 0.2, 0.5, 0.899])
@pytest.mark.parametrize("batch", [256, 1024, 5000])
def test_the_number_of_filled_samples_is_binomial(batch, share):
    passed, values, exact = table(batch, np.array([share]))
    chance = np.diff(np.r_[0, passed, 2**53]) / 2.0**53
    assert exact == pytest.approx(share)
    assert len(set(values.tolist())) == len(values) == len(chance)
    np.testing.assert_allclose(chance, stats.binom.pmf(values, batch, share), atol=1e-12)
    mean = (chance * values).sum()
    assert mean == pytest.approx(batch * share, rel=1e-9)
    assert (chance * (values - mean) ** 2).sum() == pytest.approx(
        batch * share * (1 - share), rel=1e-9
    )


@pytest.mark.parametrize("share", [0.003, 0.2, 0.899])
def test_a_number_of_53_bits_gives_the_count_of_the_fused_engine(share):
    passed, values, exact = table(1024, np.array([share]))
    peak = counts.peaks(np.array([exact]), 1024)[0, 1024]
    count = numba.njit(lambda u: counts.binomial(1024, exact, peak, u))
    for u in np.random.default_rng(0).integers(0, 2**53, 2000):
        ours = values[(passed <= u).sum()]
        assert ours == count(u * 2.0**-53)


def test_every_table_has_room_for_the_counts_of_its_batch():
    for batch in (256, 257, 1000, 4096, 20_000, 100_000):
        for share in (0.5, 0.1, 30 / batch, 1 / batch):
            assert len(table(batch, np.array([share]))[1]) <= shape.outcomes(batch)


@pytest.mark.parametrize("memory", [1, 10_000, 1 << 30])
def test_a_launch_holds_as_many_runs_as_have_room(memory, monkeypatch):
    monkeypatch.setattr(plans, "MEMORY", memory)
    c = condition(n_features=40, n_hidden=5)
    (plan,) = plans.make_plans([c] * 50, c.keys(0, range(50)), Recording((1,)), None, "cpu")
    used = plan.arrays.gradients.nbytes + plan.arrays.scratch.nbytes
    at_once = len(plan.arrays.gradients)
    assert 1 <= at_once <= 50
    assert used <= max(memory, used // at_once)
    assert at_once == 50 or used + used // at_once > memory


def test_densities_are_tabulated_once_and_runs_keep_their_places():
    a, b, c = (condition(density=p, batch=256) for p in (1.0, 0.1, 0.05))
    runs = [b, a, c, b, a]
    every, filled = plans.make_plans(
        runs, [k.key(0, r) for r, k in enumerate(runs)], Recording(()), None, "cpu"
    )
    assert (every.members.tolist(), filled.members.tolist()) == ([1, 4], [0, 2, 3])
    assert (every.shape.filled, filled.shape.filled) == (False, True)
    law_of = filled.arrays.law_of.tolist()
    assert (len(filled.arrays.limits), law_of[0], law_of[1]) == (2, law_of[2], 1 - law_of[0])
