"""Claims about the replications in the comments: larger norms, a higher bump, a later onset (J1, J2, H), and
why they differ from the paper's figures (X)."""

from collections.abc import Iterator
from functools import partial

from superpos.config.needs import requires
from superpos.papers.double_descent import measures
from superpos.papers.double_descent.measures import T, largest, typical
from superpos.papers.double_descent.regimes import digitised, variants
from superpos.tables import Tables
from superpos.verdicts.accepted import at_least, at_most, between, exactly, near_percent
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.correction import AS_STATED, Correction
from superpos.verdicts.statement import Statement

JERMYN = "comment by A. Jermyn"
AMAAN = "a replication by S. Amaan, one run at each T, read off its plot"
HOBBHAHN = "comment by M. Hobbhahn: n and sparsity ten times smaller"
TOLERANCE = "our tolerance"
AMAANS_NORMS = {
    samples: (digitised.REPLICATED_W[samples], digitised.REPLICATED_B[samples])
    for samples in (30, 100, 200, 500, 1000)
}
"""‖W‖_F and ‖b‖ in the replication by S. Amaan, by T."""
STORED_FROM = {"text": 20000, "figure": 5000}
"""The T from which on features are stored, in A. Jermyn's replication and in the paper."""

SAME = Statement(
    "X.eps",
    "theory",
    "Adam takes the same steps for a loss that is averaged over n features as for their sum with n times"
    " its eps.",
)
BUMP = Statement(
    "J1.bump",
    "paper",
    "With the sum over features, as in A. Jermyn's replication, the bump of the test loss is far higher than"
    " the 1.01 of the paper.",
)
ONSET = Statement(
    "J1.onset",
    "paper",
    f"In A. Jermyn's replication features are stored from T = {STORED_FROM['text']:,} on, where the paper"
    f" has {STORED_FROM['figure']:,}. The sum over features gives the first, and the mean over features the"
    " second.",
)
TAIL = Statement(
    "J1.tail",
    "ours",
    "The high mean test loss of the middle regime comes from few test samples: the median sample's loss"
    " is near 1.",
)
NORMS = Statement(
    "J2.norms",
    "ours",
    "With the printed sum over features, ‖W‖_F and ‖b‖ grow as they do in a replication by S. Amaan.",
)
RATIO = Statement(
    "J2.ratio",
    "paper",
    "‖b‖ peaks about three times as high in A. Jermyn's replication as in the paper.",
)
STAYS = Statement(
    "H.stays",
    "paper",
    "In M. Hobbhahn's replication double descent stays with a ReLU on the hidden layer.",
)


def _difference(t: Tables) -> float:
    return float(t.theory["loss_scale"]["difference"].iloc[0])


@requires(metrics=("bias_norm",))
def _peak_ratio(t: Tables) -> float:
    """The largest mean ‖b‖ of the variant `text` divided by that of the variant `figure`."""
    text, figure = (largest(t.of(*v), measures.norm_b) for v in (variants.TEXT, variants.FIGURE))
    return text / figure


def _claims() -> Iterator[Claim]:
    yield make_claim(
        "X.eps",
        "After 100 steps, the largest relative difference between the weights of both is {range}.",
        at_most(1e-9),
        _difference,
        of=SAME,
        experiments=(),
        theory=("loss_scale",),
        source="theory; computed in float64",
    )
    text = partial(
        make_claim,
        experiments=variants.TEXT,
        recipe=variants.recipe(*variants.TEXT),
        each=measures.SET,
    )
    yield text(
        "J1.bump",
        "From T = {low} to {high} with the sum over features, the largest mean test loss is {range}.",
        at_least(5),
        partial(largest, of=measures.loss, low=1000, high=10000),
        of=BUMP,
        source=f"{JERMYN}: 5,000; one-sided, because the height is that of a tail",
    )
    yield text(
        "J1.tail",
        "At T = {data_training_samples} with the sum over features, the median test sample's loss is"
        " {range}.",
        between(0.9, 1.1),
        partial(typical, of=measures.median_loss, by="median"),
        of=TAIL,
        where={T: 1000},
        source="a prototype, in which one sample in a hundred carried nine tenths of the mean",
    )
    night = variants.NIGHT["text"]
    yield text(
        "J1.onset.text",
        "With the sum over features, of T = 1,000, 10,000, 20,000 and 50,000 the smallest at which five"
        " features are stored is {range}.",
        exactly(STORED_FROM["text"]),
        measures.onset,
        of=ONSET,
        experiments=(night,),
        recipe=variants.recipe(night),
        source=JERMYN,
    )
    yield text(
        "J1.onset.figure",
        "With the mean over features, the smallest T at which five features are stored is {range}.",
        between(STORED_FROM["figure"], 10000),
        measures.onset,
        of=ONSET,
        experiments=variants.FIGURE,
        recipe=variants.recipe(*variants.FIGURE),
        source=f"the paper's figure, as the {JERMYN} reads it",
    )
    for samples, norms in AMAANS_NORMS.items():
        yield from _norms(text, samples, norms)
    both = (*variants.TEXT, *variants.FIGURE)
    yield text(
        "J2.ratio",
        "The largest ‖b‖ at any T with the sum over features, over that with the mean, is {range}.",
        between(1.5, 6),
        _peak_ratio,
        of=RATIO,
        experiments=both,
        recipe=variants.recipe(*both),
        source=f"{JERMYN}: “roughly 3”; a factor of two is {TOLERANCE}",
        corrections=(Correction(2, 6, AS_STATED),),
    )
    yield make_claim(
        "H.stays",
        "With a ReLU on the hidden layer, the largest median test loss from T = {start} to {stop} over"
        " that at T = {low} is {range}.",
        at_least(1.1),
        partial(measures.bump, low=50, start=200, stop=500),
        of=STAYS,
        each=measures.SET,
        source=HOBBHAHN,
    )


def _norms(claim: partial[Claim], samples: int, norms: tuple[float, float]) -> Iterator[Claim]:
    of = measures.norm_W, measures.norm_b
    for name, what, value, norm in zip(("W", "b"), ("‖W‖_F", "‖b‖"), norms, of, strict=True):
        yield claim(
            "J2.{name}.T{data_training_samples}",
            "At T = {data_training_samples} with the sum over features, the median {what} is {range}.",
            near_percent(value, 15),
            partial(typical, of=norm, by="median"),
            of=NORMS,
            experiments=("M3_text",) if samples == 200 else ("M3_text_full",),
            recipe=variants.recipe("M3_text", "M3_text_full"),
            where={T: samples},
            source=f"{AMAAN}; 15% is {TOLERANCE}",
            name=name,
            what=what,
        )


CLAIMS = tuple(_claims())
