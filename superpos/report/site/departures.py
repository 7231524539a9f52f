"""The page of what did not replicate: departures, other failing claims, corrections, withdrawn claims."""

from collections.abc import Iterable

from superpos.report import departures, verdict_rows
from superpos.report.site.markdown import escaped, joined, table
from superpos.report.site.runs import PublishedRun
from superpos.report.templates import accepted_range, short
from superpos.report.verdict_rows import VerdictRow
from superpos.verdicts import definitions, judging
from superpos.verdicts.departure import Departure
from superpos.verdicts.outcomes import FAILS

CLAIMS = ("claim", "what is claimed", "accepted", "value", "verdict")


def part_of_paper(run: PublishedRun) -> str:
    """What did not replicate of a published paper."""
    paper = run.paper.name
    rows = {row.claim: row for row in verdict_rows.by_claim(run.claims)}
    others = [
        row
        for name, row in rows.items()
        if row.verdict == FAILS and not departures.titles(name, paper)
    ]
    return joined(
        f"## {run.title}",
        *(_departure(one, rows) for one in departures.departures(paper)),
        "### Other claims that do not hold",
        _table(others) or "None.",
        "### Corrections of claims",
        _corrections(paper, rows) or "No claim was corrected.",
        _withdrawn(paper),
    )


def _departure(one: Departure, rows: dict[str, VerdictRow]) -> str:
    return joined(
        f"### {escaped(one.title)}",
        f"**The paper.** {escaped(one.paper)}",
        f"**We find.** {escaped(one.found)}",
        f"**Proof.** {escaped(one.proof)}",
        _table(rows[claim] for claim in one.claims if claim in rows),
    )


def _table(rows: Iterable[VerdictRow]) -> str:
    return table(
        CLAIMS,
        [
            (
                f"`{row.claim}`",
                escaped(row.text),
                accepted_range(row),
                short(row.value),
                row.verdict,
            )
            for row in rows
        ],
    )


def _corrections(paper: str, rows: dict[str, VerdictRow]) -> str:
    every = (claim for file in judging.files(paper) for claim in judging.claims(file))
    return table(
        ("claim", "before", "now", "reason"),
        [
            (
                f"`{claim.claim}`",
                accepted_range(entry) + (f" of {escaped(entry.before)}" if entry.before else ""),
                accepted_range(claim),
                escaped(
                    f"{entry.reason}. {departures.missed_before(entry, rows.get(claim.claim))}".strip()
                ),
            )
            for claim in every
            for entry in claim.corrections
        ],
    )


def _withdrawn(paper: str) -> str:
    rows = [
        (
            f"`{one.claim}`",
            escaped(one.said),
            escaped(one.reason),
            ", ".join(f"`{c}`" for c in one.instead),
        )
        for one in definitions.withdrawn(paper)
    ]
    head = ("claim", "what it said", "reason", "instead")
    return joined("### Claims that were withdrawn", table(head, rows)) if rows else ""
