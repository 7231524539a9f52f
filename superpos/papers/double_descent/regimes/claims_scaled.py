"""Claims about the small copy of the experiments, n = 1,000 at a density of 0.01 (S): they take minutes.

The ranges come from earlier prototypes of this project, widened by a factor, from theory, and from what
the paper says about the direction of an effect.
"""

from collections.abc import Iterator
from functools import partial

from superpos.metrics.regimes import STORED
from superpos.papers.double_descent import measures
from superpos.papers.double_descent.measures import T, typical
from superpos.tables import Tables
from superpos.verdicts.accepted import at_least, between, exactly
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.statement import Statement, listed

PROTOTYPE = "a prototype; a factor of two is our tolerance"
CHANGED, PLAIN = "S_changed", "S"
BUMP_AT = 300
"""The T inside the bump at which one setting is changed at a time."""
STORES = (1000, 2000)
"""The T at which features are stored."""

DOUBLE = Statement(
    "S.bump",
    "paper",
    "The scaled model has double descent: the test loss rises in the middle of T.",
)
GENERALISES = Statement(
    "S.generalises",
    "ours",
    f"At T = {listed(STORES)} the scaled model stores features: the test loss is near the pentagon's.",
)
FEATURES = Statement(
    "S.features",
    "ours",
    f"At T = {listed(STORES)} the scaled model stores about five features and ignores the others.",
)
HEXAGON = Statement(
    "S.hexagon",
    "ours",
    "Six features are better than five: of 20 runs on one training set, the one with the lowest training"
    " loss stores six.",
)
DECAY = Statement("S.wd", "ours", "A weight decay of 1.0 removes the bump of the scaled model.")
HEIGHT = Statement(
    "S.height",
    "ours",
    "The height of the bump is not a fixed number: it falls with Adam's eps, and rises with the number"
    " of steps and with the learning rate.",
)


def _excess_ratio(t: Tables, over: tuple[str, float], under: tuple[str, float]) -> float:
    """The median excess with one setting divided by that with another; a setting is a column and its
    value."""
    first, second = (_changed(t, *setting) for setting in (over, under))
    return typical(first, measures.excess, "median") / typical(second, measures.excess, "median")


def _changed(t: Tables, column: str, value: float) -> Tables:
    """The runs at T = BUMP_AT with one setting changed, or those with the usual settings."""
    return (
        t.of(PLAIN).where(**{T: value}) if column == T else t.of(CHANGED).where(**{column: value})
    )


def _at_sizes() -> Iterator[Claim]:
    claim = partial(make_claim, each=measures.SET)
    yield claim(
        "S.bump",
        "The largest median test loss from T = {start} to {stop} over that at T = {low} is {range}.",
        between(1.3, 10),
        partial(measures.bump, low=50, start=200, stop=500),
        of=DOUBLE,
        source=f"the paper's double descent; the size from {PROTOTYPE}",
    )
    for samples in STORES:
        at = partial(claim, where={T: samples})
        yield at(
            "S.low.T{data_training_samples}",
            "At T = {data_training_samples}, the test loss of the median training set is {range}.",
            between(0.9870, 0.9925),
            partial(typical, of=measures.loss, by="median"),
            of=GENERALISES,
            source="theory: between the pentagon's 0.98796 and the mean bias's 0.9926, and a little below",
        )
        yield at(
            "S.five.T{data_training_samples}",
            f"At T = {{data_training_samples}}, {{range}} features have a dimensionality above"
            f" {STORED} in the median run.",
            between(4, 7),
            partial(typical, of=measures.stored_features, by="median"),
            of=FEATURES,
            source="theory: hexagon, pentagon and heptagon save nearly the same",
        )
    yield claim(
        "S.W",
        "At T = {data_training_samples}, ‖W‖_F of the median training set is {range}.",
        between(2.2, 2.9),
        partial(typical, of=measures.norm_W, by="median"),
        of=FEATURES,
        where={T: STORES[-1]},
        source="theory: √5 with b = 0, 2.577 with the best b, and small columns besides",
    )
    yield make_claim(
        "S.hexagon",
        f"{{range}} features of the run with the lowest training loss have a dimensionality above"
        f" {STORED}.",
        exactly(6),
        partial(typical, of=measures.stored_features),
        of=HEXAGON,
        figure="S_polygons",
        experiments=("S_inits",),
        source="theory: the hexagon's loss is 0.19/n lower than the pentagon's, and the lowest of all",
    )


def _height() -> Iterator[Claim]:
    plain = (T, BUMP_AT)
    claim = partial(
        make_claim, experiments=(PLAIN, CHANGED), figure="S_changed", each=measures.SET, at=BUMP_AT
    )
    for name, what, accepted, over, under, of, source in (
        (
            *("wd", "with a weight decay of 1 over that with 0.01", between(-0.1, 0.1)),
            *(("optimizer_weight_decay", 1.0), plain, DECAY, "the appendix, there at m = 4"),
        ),
        (
            *("eps", "with an eps of 1e-5 over that with 1e-8", between(0, 0.6)),
            *(("optimizer_eps", 1e-5), plain, HEIGHT, "theory: eps holds back slow growth"),
        ),
        (
            *("epochs", "after 50,000 steps over that after 10,000", at_least(3)),
            *(("steps", 50000), plain, HEIGHT, "the appendix, for the direction; " + PROTOTYPE),
        ),
        (
            *("rate", "with a rate of 0.01 over that with 0.001", at_least(5)),
            *(
                ("optimizer_lr", 0.01),
                plain,
                HEIGHT,
                "Circuits Updates, July 2023, for the direction",
            ),
        ),
    ):
        yield claim(
            "S.{name}",
            "At T = {at}, the excess of the median test loss over 1 {what} is {range}.",
            accepted,
            partial(_excess_ratio, over=over, under=under),
            of=of,
            source=source,
            name=name,
            what=what,
        )


CLAIMS = (*_at_sizes(), *_height())
