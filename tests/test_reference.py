"""The reference engine: torch's own optimizers on the same batches, packing, schedules, records."""

import numpy as np
import pytest
import torch
from cases import condition

from superpos import lookup
from superpos.api.toy_model import ToyModel
from superpos.data import independent
from superpos.data.finite_set import training_set
from superpos.models import relu_output
from superpos.numerics import philox
from superpos.training import reference
from superpos.training.records import Recording, Trained
from superpos.training.start import initial_weights, learning_rates, stacked_weights

NOTHING = Recording(())


def trained(c, keys=(1,), recording=NOTHING, rows=None) -> Trained:
    return reference.train([c] * len(keys), [np.uint64(k) for k in keys], recording, rows)


def by_torch(c, key: int) -> tuple[ToyModel, list[float]]:
    """The same run by torch.optim, step by step, and its losses before each step."""
    W, W_out, b = initial_weights(c, np.uint64(key))
    start = (torch.tensor(W), torch.tensor(b), None if W_out is None else torch.tensor(W_out))
    model = ToyModel(c.model, *start)
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[c.optimizer.name]
    decay = c.optimizer.weight_decay if c.optimizer.name == "adamw" else 0.0
    weights = [p for p in model.parameters() if p is not model.b]
    biases = [model.b] if model.variant.bias else []
    groups = [
        {"params": weights, "weight_decay": decay},
        {"params": biases, "weight_decay": decay * c.optimizer.decay_bias},
    ]
    adam = kind(groups, c.optimizer.lr, tuple(c.optimizer.betas), c.optimizer.eps)
    importance, losses = torch.tensor(c.importances()).float(), []
    for step, rate in enumerate(learning_rates(c), 1):
        x = torch.tensor(reference.minibatch(c, np.uint64(key), step, None))
        target = x.abs() if model.variant.absolute_target else x
        loss = (importance * (target - model(x)) ** 2).sum(1).mean()
        for group in adam.param_groups:
            group["lr"] = float(rate)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return model, losses


OPTIMIZERS = {
    "adam": {"name": "adam", "weight_decay": 0.0},
    "adamw": {"name": "adamw", "weight_decay": 0.2},
    "adamw, on weights alone": {"name": "adamw", "weight_decay": 0.2, "decay_bias": False},
    "other betas and eps": {"betas": [0.7, 0.9], "eps": 1e-3},
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_fifty_steps_agree_with_torchs_own_optimizer(name):
    c = condition(optimizer=OPTIMIZERS[name], steps=50, importance={"geometric": 0.8})
    ours = trained(c, recording=Recording(tuple(range(1, 51))))
    model, losses = by_torch(c, 1)
    np.testing.assert_allclose(ours.W[0], model.W.detach(), atol=2e-6)
    np.testing.assert_allclose(ours.b[0], model.b.detach(), atol=2e-6)
    np.testing.assert_allclose(ours.loss[0], losses, rtol=1e-4)


@pytest.mark.parametrize("model", ["linear", "relu_hidden", "absolute", "relu_output_unbiased"])
def test_every_model_agrees_with_torchs_own_optimizer(model):
    c = condition(model=model, steps=50, data={"name": "independent", "signed": True})
    ours, (theirs, _) = trained(c), by_torch(c, 1)
    np.testing.assert_allclose(ours.W[0], theirs.W.detach(), atol=2e-6)
    np.testing.assert_allclose(ours.b[0], theirs.b.detach(), atol=2e-6)
    assert (ours.b == 0).all() == (model == "relu_output_unbiased")
    if model == "absolute":
        np.testing.assert_allclose(ours.W_out[0], theirs.W_out.detach(), atol=2e-6)
    else:
        assert ours.W_out is None


@pytest.mark.parametrize("schedule", ["cosine", "linear"])
def test_schedules_agree_with_torchs_own_optimizer(schedule):
    c = condition(schedule=schedule, steps=50)
    np.testing.assert_allclose(trained(c).W[0], by_torch(c, 1)[0].W.detach(), atol=2e-6)


def test_schedules_start_at_one_and_fall_as_they_say():
    t = np.arange(20) / 20
    # One step of warm-up, and then twenty more to zero.
    warm = np.cos(np.pi / 40 * np.arange(20)) ** 2
    shapes = {"constant": 1 + 0 * t, "cosine": np.cos(np.pi / 2 * t), "linear": 1 - t}
    shapes["warmup_cosine"] = warm
    for schedule, shape in shapes.items():
        rates = learning_rates(condition(schedule=schedule))
        np.testing.assert_allclose(rates, 0.01 * shape, rtol=1e-6, atol=1e-9, err_msg=schedule)


def test_a_warm_up_rises_evenly_over_a_twentieth_of_the_steps_and_then_falls_to_almost_zero():
    rates = learning_rates(condition(schedule="warmup_cosine", steps=1000)) / 0.01
    np.testing.assert_allclose(rates[:50], np.arange(1, 51) / 50, rtol=1e-5)
    t = np.arange(951) / 951
    np.testing.assert_allclose(rates[49:], 0.5 + np.cos(np.pi * t) / 2, atol=1e-6)
    assert 0 < rates[-1] < 1e-5
    for steps in (1, 2, 19):
        few = learning_rates(condition(schedule="warmup_cosine", steps=steps))
        assert few[0] == np.float32(0.01)
        assert (few > 0).all()


def test_a_run_is_the_same_alone_and_among_others():
    together = trained(condition(steps=50), keys=(1, 2, 3), recording=Recording((10, 50), (50,)))
    for r, key in enumerate((1, 2, 3)):
        alone = trained(condition(steps=50), keys=(key,), recording=Recording((10, 50), (50,)))
        for name in ("W", "b", "loss", "checkpoint_W", "checkpoint_b"):
            ours, theirs = getattr(alone, name)[0], getattr(together, name)[r]
            np.testing.assert_allclose(ours, theirs, atol=1e-5, err_msg=name)


def test_runs_of_one_job_may_differ_in_density_importance_rate_decay_and_scale():
    mixed = [
        condition(density=0.1),
        condition(importance={"geometric": 0.5}),
        condition(optimizer={"lr": 0.03, "weight_decay": 0.1}),
        condition(init={"name": "normal", "std": 0.1}),
    ]
    keys = [np.uint64(k) for k in range(1, 5)]
    together = reference.train(mixed, keys, NOTHING)
    for r, c in enumerate(mixed):
        alone = trained(c, keys=(keys[r],))
        np.testing.assert_allclose(alone.W[0], together.W[r], atol=1e-5)
        np.testing.assert_allclose(alone.b[0], together.b[r], atol=1e-5)


def test_the_control_variate_is_zero_in_expectation_and_takes_the_noise_of_the_linear_model():
    """Over 200 batches its mean is within 4 standard errors of 0, with a random W and unequal
    densities and importances; and where no output is at rest, the sum no longer varies."""
    n, m, count = 6, 3, 200
    rng = np.random.default_rng(0)
    c = condition(density=rng.uniform(0.2, 1, n).tolist(), batch=500)
    W, b = torch.tensor(rng.normal(0, 0.5, (1, n, m))).float(), torch.full((1, n), 5.0)
    importance = torch.tensor(rng.uniform(0, 1, (1, n))).float()
    moments = [torch.tensor(a)[None].float() for a in independent.moments(c)]
    controls, sums = [], []
    for step in range(1, count + 1):
        x = torch.tensor(reference.minibatch(c, np.uint64(1), step, None))[None]
        controls.append(reference.control_variate([W, b], x, importance, *moments).item())
        sums.append(
            controls[-1] + reference.loss(relu_output.VARIANT, [W, b], x, importance).item()
        )
    assert abs(np.mean(controls)) < 4 * np.std(controls) / np.sqrt(count)
    assert np.std(sums) < 1e-3 * np.std(controls)


def test_two_keys_give_two_runs():
    both = trained(condition(), keys=(1, 2))
    assert abs(both.W[0] - both.W[1]).max() > 0.1


def test_minibatches_of_a_finite_set_are_its_rows_each_as_likely():
    c = condition(data={"name": "independent", "training_samples": 50}, density=0.9, batch=20_000)
    rows = training_set(c, 0).dense(6)
    assert rows.shape == (50, 6)
    drawn = reference.minibatch(c, np.uint64(1), 1, rows)
    place = {row.tobytes(): i for i, row in enumerate(rows)}
    counts = np.bincount([place[row.tobytes()] for row in drawn], minlength=50)
    assert (abs(counts - 400) < 4.5 * np.sqrt(400)).all()


def test_the_finite_set_is_drawn_once_and_shared_by_conditions_of_one_distribution():
    data = {"name": "independent", "training_samples": 50}
    sets = [training_set(condition(data=data, importance=i), 0).dense(6) for i in (1.0, 0.5)]
    assert sets[0].tobytes() == sets[1].tobytes()
    assert training_set(condition(data=data), 1).dense(6).tobytes() != sets[0].tobytes()


def test_fresh_minibatches_differ_from_step_to_step_and_run_to_run():
    c = condition()
    batches = {
        reference.minibatch(c, np.uint64(key), step, None).tobytes()
        for key in (1, 2)
        for step in (1, 2)
    }
    assert len(batches) == 4


def test_records_are_the_losses_before_and_the_weights_after_their_steps():
    c = condition(steps=6)
    along = trained(c, recording=Recording((1, 4, 6), (2, 6)))
    assert along.loss.shape == (1, 3)
    assert along.checkpoint_W.shape == (1, 2, 6, 3)
    assert along.checkpoint_W[0, 1].tobytes() == along.W[0].tobytes()
    short = trained(condition(steps=2))
    np.testing.assert_array_equal(along.checkpoint_W[0, 0], short.W[0])
    np.testing.assert_array_equal(along.checkpoint_b[0, 0], short.b[0])
    W, _, b = initial_weights(c, np.uint64(1))
    x = torch.tensor(reference.minibatch(c, np.uint64(1), 1, None))
    model = ToyModel(c.model, torch.tensor(W), torch.tensor(b))
    first = ((x - model(x)) ** 2).sum(1).mean().item()
    np.testing.assert_allclose(along.loss[0, 0], first, rtol=1e-6)


def test_nothing_is_recorded_where_nothing_is_asked():
    quiet = trained(condition(steps=3))
    assert quiet.loss.shape == (1, 0)
    assert quiet.checkpoint_W.shape == (1, 0, 6, 3)


@pytest.mark.parametrize("model", ["relu_output", "absolute"])
def test_initial_weights_have_the_scale_of_one_model_whatever_it_is_packed_with(model):
    c = condition(n_features=100, n_hidden=50, model=model)
    keys = list(np.arange(1, 4, dtype=np.uint64))
    W, W_out, b = stacked_weights([c] * 3, keys)
    assert abs(W.std() / np.sqrt(2 / 150) - 1) < 0.02
    assert not b.any()
    for r, key in enumerate(keys):
        alone = initial_weights(c, key)
        assert alone[0].tobytes() == W[r].tobytes()
        if not lookup.load("model", model).VARIANT.tied:
            assert alone[1].tobytes() == W_out[r].tobytes()
            assert abs(np.corrcoef(alone[0].ravel(), alone[1].ravel())[0, 1]) < 0.06


def test_normal_initial_weights_have_the_standard_deviation_that_is_given():
    c = condition(n_features=100, n_hidden=50, init={"name": "normal", "std": 0.3})
    W, _, _ = initial_weights(c, np.uint64(1))
    assert abs(W.std() / 0.3 - 1) < 0.03
    np.testing.assert_allclose(W, np.float32(0.3) * philox.normals(np.uint64(1), 0, 0, (100, 50)))
