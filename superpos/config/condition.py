"""A condition: everything that decides what its runs learn, and the random key of each run."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    model_validator,
)

from superpos import lookup
from superpos.config.per_feature import density_vector, importance_vector
from superpos.models import Variant
from superpos.numerics import kernel_codes
from superpos.numerics.digest import arrays_digest, digest, digests64, json_text

if TYPE_CHECKING:
    from jaxtyping import Float64

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NOT_MINUS_ZERO = AfterValidator(lambda number: number + 0.0)
"""Equal values have equal keys, so -0 becomes 0."""
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False), NOT_MINUS_ZERO]
Fraction = Annotated[float, Field(ge=0, lt=1), NOT_MINUS_ZERO]
Count = Annotated[int, Field(ge=1, le=2**31 - 1)]
Two = Annotated[int, Field(ge=2, le=2**31 - 1)]
Number = Annotated[int, Field(ge=0, le=2**31 - 1)]
WIDEST = 2**16 - 1
"""Held-out samples number the features with 16 bits."""
Width = Annotated[int, Field(ge=1, le=WIDEST)]
"""Features and hidden units."""


LEAST_FILLED = 0.001
"""The smallest chance of a sample that is not empty with which data.unit_norm is allowed."""


class Strict(BaseModel):
    """A frozen record that refuses unknown keys and does not read text as numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Repeats(Strict):
    """Samples that a training set holds several times."""

    samples: Count
    """How many samples: the first of the set."""
    times: Count
    """How often the set holds each of them."""


class Data(Strict):
    """The distribution of x."""

    name: str = "independent"
    """A file of superpos/data."""
    signed: bool = False
    """Whether values are drawn from U[-1, 1] instead of U[0, 1]."""
    sets: Count | None = None
    """The number of equal sets that the features form."""
    unit_norm: bool = False
    """Whether each sample is divided by its norm. Then an empty sample is drawn again."""
    training_samples: Two | None = None
    """T, the number of fixed samples to train on, instead of fresh ones."""
    set: Number = 0
    """The number of the training set. Of two sets with the same number, the longer one begins with the
    shorter one."""
    repeats: Repeats | None = None
    """{samples: c, times: R}: the first c training samples are in the set R times. T counts every copy."""

    @model_validator(mode="after")
    def _belongs_to_a_finite_set(self) -> Data:
        if self.training_samples is None:
            for key in ("set", "repeats"):
                if getattr(self, key):
                    raise ValueError(
                        f"{key} has no effect without training_samples; give both, or neither"
                    )
        elif self.repeats and self.distinct < self.repeats.samples:
            raise ValueError(
                f"repeats of {self.repeats.samples} samples {self.repeats.times} times are more than "
                f"training_samples {self.training_samples}; lower samples or times, or raise it"
            )
        return self

    @property
    def distinct(self) -> int:
        """T - c (R - 1), the number of training samples of which no two are copies."""
        copies = self.repeats.samples * (self.repeats.times - 1) if self.repeats else 0
        return (self.training_samples or 0) - copies

    def canonical(self) -> dict[str, JsonValue]:
        """The values, leaving out keys that were added later and are at their defaults."""
        return _without_defaults(self, "unit_norm", "set", "repeats")

    def law(self) -> Data:
        """How one sample is drawn, whatever the training set."""
        return self.model_copy(update={"training_samples": None, "set": 0, "repeats": None})


class Optimizer(Strict):
    """Adam, which has no weight decay, or AdamW, which decays the weights and, unless told otherwise, b."""

    name: Literal["adam", "adamw"]
    """adam, or adamw, whose weight decay acts on every parameter, including b unless decay_bias is false."""
    lr: Positive
    """The learning rate, before the schedule."""
    betas: Annotated[list[Fraction], Field(min_length=2, max_length=2)]
    """The two decay rates of Adam's averages."""
    eps: Positive
    """Adam's epsilon."""
    weight_decay: NonNegative
    """AdamW's decoupled weight decay."""
    decay_bias: bool = True
    """Whether the weight decay acts on b too. If not, the reference engine trains."""

    @model_validator(mode="after")
    def _decay_belongs_to_adamw(self) -> Optimizer:
        if self.name == "adam" and not self.decay_bias:
            raise ValueError("decay_bias: false has no effect on adam; give name: adamw")
        if self.name == "adam" and self.weight_decay > 0:
            raise ValueError(
                f"weight_decay {self.weight_decay:g} has no effect on adam; "
                "give weight_decay: 0.0, or name: adamw"
            )
        return self

    def canonical(self) -> dict[str, JsonValue]:
        """The values, leaving out a key that was added later if it is at its default."""
        return _without_defaults(self, "decay_bias")


class Init(Strict):
    """Normal initial weights with standard deviation std, or Xavier's sqrt(2 / (n_features + n_hidden))."""

    name: Literal["xavier", "normal"]
    """xavier, or normal with std."""
    std: Positive | None = None
    """The standard deviation of the initial weights, for normal."""
    trained_on: Two | None = None
    """If given, a run is trained twice, for `steps` steps each time: first on this many samples, the first of
    its training set, then on the whole set, from the weights and biases that the first training gave."""

    @model_validator(mode="after")
    def _std_belongs_to_normal(self) -> Init:
        if (self.std is None) == (self.name == "normal"):
            raise ValueError("init `normal` needs a std; init `xavier` takes none")
        return self

    def canonical(self) -> dict[str, JsonValue]:
        """The values, leaving out a key that was added later if it is at its default."""
        return _without_defaults(self, "trained_on")


class Distribution(Strict):
    """The part of a condition that decides how x is drawn, with one density per feature."""

    n_features: Width
    data: Data
    density: list[float]

    def densities(self) -> Float64[np.ndarray, " feature"]:
        """p, the density of each feature."""
        return np.array(self.density)

    def distribution(self, seed: int) -> str:
        """A digest. Conditions with the same digest share their training set and held-out samples."""
        return digest({"seed": seed, **self.model_dump(), "data": self.data.canonical()})

    def family(self, seed: int) -> str:
        """A digest. If two training sets have the same one, the longer begins with the shorter, apart from
        copies."""
        rows = self.data.model_copy(update={"training_samples": None, "repeats": None})
        return self.model_copy(update={"data": rows}).distribution(seed)

    def without_copies(self) -> Distribution:
        """The distinct samples of the training set."""
        rows = {"training_samples": self.data.distinct, "repeats": None}
        return self.model_copy(update={"data": self.data.model_copy(update=rows)})

    def law(self, seed: int) -> str:
        """A digest. Conditions with the same digest share their held-out samples."""
        return self.model_copy(update={"data": self.data.law()}).distribution(seed)


def _batch(value: object) -> object:
    """The batch; raises a ValueError if it is invalid, because pydantic's message would name a union."""
    if value != "all" and not (type(value) is int and 1 <= value < 2**31):
        raise ValueError(f"{value!r}: give an integer from 1 to {2**31 - 1}, or all")
    return value


class Condition(Strict):
    """One point of an experiment's sweep, resolved."""

    n_features: Width
    """n, the number of features."""
    n_hidden: Width
    """m, the number of hidden dimensions."""
    model: str
    """A file of superpos/models."""
    data: Data
    """How x is drawn: a file of superpos/data and its settings."""
    density: Any
    """1 - S, the probability that a feature is on. With sets, it is the probability that the feature's
    set is on (with one_set: that any set is on). One number, one number per feature, or {others,
    first_ratio}."""
    importance: Any
    """I_i: one number, one number per feature, {geometric: ratio} or {last: importance}."""
    optimizer: Optimizer
    """Adam or AdamW. It is merged with the inherited optimizer, key by key."""
    schedule: Literal["constant", "cosine", "linear", "warmup_cosine"]
    """How the learning rate falls to 0 over the steps, if it does. warmup_cosine rises first, over 5%
    of the steps."""
    gradient: Literal["minibatch", "control_variate"] = "minibatch"
    """control_variate takes the linear part of the loss exactly and ReLU's part from samples."""
    init: Init
    """How the initial weights are drawn. The bias b starts at 0, or where the training on
    init.trained_on samples ended."""
    batch: Annotated[Count | Literal["all"], BeforeValidator(_batch)]
    """The number of samples in a step; all for the whole finite training set."""
    steps: Count
    """The number of optimizer steps of a run."""

    @model_validator(mode="after")
    def _fits_together(self) -> Condition:
        density_vector(self.density, self.n_features)
        importance_vector(self.importance, self.n_features)
        _check_model(self.model)
        lookup.check_known("data", self.data.name)
        if self.data.sets is not None and self.n_features % self.data.sets:
            raise ValueError(
                f"data.sets {self.data.sets} does not divide {self.n_features} features; give a divisor"
            )
        distribution = lookup.load("data", self.data.name)
        _check_kernel(self.data.name, distribution)
        if hasattr(distribution, "check"):
            distribution.check(self)
        if self.data.unit_norm:
            self._is_often_filled()
        if self.gradient == "control_variate":
            self._has_a_control_variate(distribution)
        if self.batch == "all" and self.data.training_samples is None:
            raise ValueError(
                "batch 'all' needs a finite training set; give data.training_samples, or a number"
            )
        if (few := self.init.trained_on) is not None:
            if self.data.training_samples is None:
                raise ValueError(
                    f"init.trained_on {few} needs a finite training set; give data.training_samples"
                )
            if few >= self.data.distinct:
                raise ValueError(
                    f"init.trained_on {few} is not below the number of different training samples, which is "
                    f"{self.data.distinct}; lower it, or raise data.training_samples"
                )
        return self

    def _is_often_filled(self) -> None:
        """Refuse densities at which nearly all samples are empty: redrawing them would take for ever."""
        if (filled := share_filled(self)) < LEAST_FILLED:
            raise ValueError(
                f"data.unit_norm redraws empty samples, but the fraction that is not empty is {filled:.4g}; "
                f"raise density until it is at least {LEAST_FILLED}"
            )

    def _has_a_control_variate(self, distribution: ModuleType) -> None:
        """Refuse a control variate unless it has the moments of x, fresh samples and y = W^T W x + b."""
        drawn = self.data.training_samples is None and not self.data.unit_norm
        if not (drawn and hasattr(distribution, "moments") and self.model == "relu_output"):
            raise ValueError(
                f"gradient 'control_variate' with model {self.model!r}, data {self.data.name!r}, "
                f"training_samples {self.data.training_samples}, unit_norm {self.data.unit_norm}: it "
                "needs relu_output and fresh samples of independent features; use 'minibatch'"
            )

    @property
    def earlier(self) -> Condition | None:
        """The training that gives a run its first weights; None if they are drawn."""
        if self.init.trained_on is None:
            return None
        rows = {"training_samples": self.init.trained_on, "repeats": None}
        first = {
            "data": self.data.model_copy(update=rows),
            "init": self.init.model_copy(update={"trained_on": None}),
        }
        return self.model_copy(update=first)

    @property
    def samples_per_step(self) -> int:
        """The number of samples in a step."""
        return self.batch if isinstance(self.batch, int) else self.data.training_samples or 0

    def densities(self) -> Float64[np.ndarray, " feature"]:
        """p, the density of each feature."""
        return density_vector(self.density, self.n_features)

    def importances(self) -> Float64[np.ndarray, " feature"]:
        """I, the importance of each feature."""
        return importance_vector(self.importance, self.n_features)

    def canonical(self) -> dict[str, JsonValue]:
        """The condition as JSON values, with one number per feature, so that equal conditions are equal."""
        values = _without_defaults(self, "gradient")
        for key in ("data", "optimizer", "init"):
            values[key] = getattr(self, key).canonical()
        values["density"] = self.densities().tolist()
        values["importance"] = self.importances().tolist()
        return values

    def written(self) -> dict[str, JsonValue]:
        """The condition as JSON values for a file, as given, but optimizer and init in canonical form."""
        later = {"optimizer": self.optimizer.canonical(), "init": self.init.canonical()}
        return {**self.model_dump(), **later}

    def sampled(self) -> Distribution:
        """How x is drawn."""
        density = self.densities().tolist()
        return Distribution(n_features=self.n_features, data=self.data, density=density)

    def distribution(self, seed: int) -> str:
        """The digest of how training samples are drawn."""
        return self.sampled().distribution(seed)

    def law(self, seed: int) -> str:
        """The digest of the distribution of x, by which its held-out samples are stored."""
        return self.sampled().law(seed)

    def key(self, seed: int, replicate: int) -> np.uint64:
        """The Philox key of a run: a digest of the base seed, the condition and the replicate."""
        return self.keys(seed, [replicate])[0]

    def keys(self, seed: int, replicates: Iterable[int]) -> list[np.uint64]:
        """The keys of several runs.

        A key is the `digest64` of a text made of the condition, the replicate and the seed. The condition
        comes first, so that its part of the digest is computed once for all runs.
        """
        start = f'{{"condition":{json_text(self.canonical())},"replicate":'
        return digests64(start, (f'{replicate},"seed":{seed}}}' for replicate in replicates))


def share_filled(sampled: Condition | Distribution) -> float:
    """The probability that a sample is not empty before any is drawn again: 1 - prod(1 - p_j).

    It is 1 if the distribution has neither units nor gates. The factors are multiplied in order,
    so that the bits are the same on every machine.
    """
    distribution = lookup.load("data", sampled.data.name)
    gates = getattr(distribution, "units", getattr(distribution, "gates", None))
    return 1 - float(np.multiply.accumulate(1 - gates(sampled))[-1]) if gates else 1.0


def _without_defaults(record: Strict, *later: str) -> dict[str, Any]:
    """The values of a record, without those of keys added `later` that are at their defaults.

    This keeps the random numbers of older runs.
    """
    values, fields = record.model_dump(), type(record).model_fields
    return {k: v for k, v in values.items() if k not in later or v != fields[k].default}


def _check_model(name: str) -> None:
    """Raise a ValueError unless the model's file defines its variant."""
    if not isinstance(getattr(lookup.load("model", name), "VARIANT", None), Variant):
        raise ValueError(
            f"superpos/models/{name}.py: it has no VARIANT; give it one, a superpos.models.Variant"
        )


def _check_kernel(name: str, distribution: ModuleType) -> None:
    """Raise a ValueError unless a distribution's KERNEL, if it has one, draws what its `sample` draws."""
    kernel = getattr(distribution, "KERNEL", None)
    if kernel is None:
        return
    cure = "leave KERNEL out to train on the reference engine"
    if kernel not in kernel_codes.DRAWN:
        raise ValueError(
            f"superpos/data/{name}.py: KERNEL {kernel!r} is not a law of superpos/numerics/kernel_codes.py;"
            f" name one, or {cure}"
        )
    if _drawn(name, distribution.sample) != kernel_codes.DRAWN[kernel]:
        raise ValueError(
            f"superpos/data/{name}.py: KERNEL {kernel} draws other samples than `sample` does; {cure}"
        )


@functools.cache
def _drawn(name: str, sample: Callable[..., np.ndarray]) -> str:
    """A digest of some samples of a distribution: six features, or three sets of two; "" if it draws none."""

    def words(stream: int, count: int) -> np.ndarray:
        spread = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(
            0x9E3779B97F4A7C15 + 2 * stream
        )
        return (spread >> np.uint64(32)).astype(np.uint32)

    drawn = {}
    for signed in (False, True):
        for density in ([0.4] * 6, [0.7, 0.7, 0.4, 0.4, 0.2, 0.2]):
            data = Data(name=name, sets=3, signed=signed)
            given = Distribution(n_features=6, data=data, density=density)
            with suppress(Exception):  # One set at a time has one density for all features.
                drawn[f"{signed} {density}"] = sample(given, words, 16)
    return arrays_digest(drawn) if drawn else ""


def overridden(
    common: Mapping[str, JsonValue], point: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """The common values, overridden by those of a point; a key such as `optimizer.lr` overrides a nested
    one."""
    values = dict(common)
    for axis, value in point.items():
        values = _replaced(values, axis.split("."), value)
    return values


def _replaced(outer: JsonValue, path: list[str], value: JsonValue) -> dict[str, JsonValue]:
    """The mapping `outer` with the value at the end of a path of keys replaced."""
    values = outer if isinstance(outer, dict) else {}
    key, *inner = path
    return {**values, key: _replaced(values.get(key), inner, value) if inner else value}
