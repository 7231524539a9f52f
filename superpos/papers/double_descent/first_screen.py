"""The sentences on the report's first screen: what holds, what does not, and why replications disagreed."""

import pandas as pd

from superpos.verdicts import judging
from superpos.verdicts.outcomes import FAILS, HOLDS, PARTLY, UNTESTED, merged_verdict

SAID = {
    "M2.polygon": "the hidden vectors of a few samples form a regular polygon",
    "S.bump": "the test loss has a bump between memorising and generalising",
    "S.features": "large training sets end with about five stored features",
    "M5.more": "more data can hurt",
    "M5.bigger": "a bigger model can hurt",
    "M5.ridge": "bigger models have the bump at larger T",
    "M6.order": "weight decay lowers the bump",
    "M7.order": "longer training raises it",
    "J3.onset": "weight decay does not move the onset of features",
    "J4.onset": "two-dimensional models store features after about ten occurrences of each",
    "J7.five": "a sample that is there five times takes the place of a feature",
    "J10.line": "the copies that it takes grow with T",
    "U1.lower": "the middle regime is a failure of optimisation",
    "U1.orthogonal": "fewer than 1,000 samples are nearly orthogonal",
}
"""The main statements, in a few words each."""
FIGURES = (
    *("M3.small", "M3.bump", "M3.ring", "M3.samples", "M3.largest"),
    *("M3.features", "M3.falls"),
)
"""The statements about the paper's figures, tested with a mean over the features."""
REPLICATIONS = ("J1.bump", "J2.norms")
"""The statements about the replications' numbers, tested with the printed sum over the features."""


def sentences(verdicts: pd.DataFrame) -> list[str]:
    """Three sentences from a table of verdicts, one `Verdict` per row."""
    found = judging.statements(verdicts).set_index("statement")["verdict"].to_dict()
    held = [words for name, words in SAID.items() if found.get(name) == HOLDS]
    not_held = [words for name, words in SAID.items() if found.get(name) in (FAILS, PARTLY)]
    return [
        f"Of the main statements these hold: {'; '.join(held) or 'none that was tested'}.",
        f"These do not hold, or only in part: {'; '.join(not_held) or 'none that was tested'}.",
        _why(verdicts, found),
    ]


def _why(verdicts: pd.DataFrame, found: dict[str, str]) -> str:
    """The sentence on whether the scale of the loss explains the disagreement, if both sides are tested."""
    sides = [
        merged_verdict(found.get(n, UNTESTED) for n in names) for names in (FIGURES, REPLICATIONS)
    ]
    if UNTESTED in sides:
        return _only_at_one_size(found.get("M3.scale", UNTESTED))
    if sides == [HOLDS, HOLDS]:
        return (
            "Other people's replications disagreed with the paper over the scale of the loss. With a mean"
            " over the features, models have the numbers of the paper's figures; with the printed sum, they"
            " have the norms of the replications up to T = 5,000, and a bump far above the paper's. To Adam,"
            " taking the mean is the same as using an eps n times larger."
        )
    counts = (_count(verdicts, names) for names in (FIGURES, REPLICATIONS))
    return (
        "Why the replications disagreed with the paper is not explained in full by the scale of the loss:"
        " with a mean over the features {} claims about the paper's figures hold, and with the printed sum"
        " {} claims about the replications."
    ).format(*counts)


def _only_at_one_size(scale: str) -> str:
    """The sentence for when only the runs at T = 200 are there."""
    moves = {
        HOLDS: "lowers",
        PARTLY: "lowers in part",
        FAILS: "does not lower",
        UNTESTED: "may lower",
    }[scale]
    return (
        "The replications may have disagreed with the paper over the scale of the loss: at T = 200, a mean"
        f" over the features instead of the printed sum {moves} the norms and the test loss."
        " “make double_descent_full” tests this at all sizes of the training set."
    )


def _count(verdicts: pd.DataFrame, statements: tuple[str, ...]) -> str:
    """How many of the tested claims of these statements hold: "3 of 5"."""
    rows = verdicts[verdicts["statement"].isin(statements) & (verdicts["verdict"] != UNTESTED)]
    return f"{int((rows['verdict'] == HOLDS).sum())} of {len(rows)}"
