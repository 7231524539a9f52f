"""The page of all verdicts: for each figure its statements, with a table of the claims of each."""

from superpos.report.site.markdown import escaped, joined, table
from superpos.report.site.runs import PublishedRun
from superpos.report.statement_rows import StatementRow
from superpos.report.templates import accepted_range, short
from superpos.report.verdict_rows import VerdictRow
from superpos.verdicts.outcomes import FAILS

KINDS = {"paper": "of the paper", "theory": "exact result", "ours": "ours"}
"""The name for a statement of each kind."""
CLAIMS = ("claim", "what is claimed", "accepted", "value", "replicates that hold", "verdict")


def link_name(run: PublishedRun, figure: str) -> str:
    """The name by which other pages link a figure's verdicts."""
    return f"verdicts-{run.paper.name}-{figure}".lower()


def part_of_paper(run: PublishedRun) -> str:
    """The statements and claims of a published paper, figure by figure."""
    tested = dict.fromkeys(run.claims["figure"])
    figures = [name for name in run.figures if name in tested]
    figures += [name for name in tested if name not in figures]
    return joined(f"## {run.title}", *(_of_figure(run, name) for name in figures))


def _of_figure(run: PublishedRun, name: str) -> str:
    title = run.config.figure_titles.get(name, "claims without a figure")
    statements = [_statement(row) for row in run.of_figure(name)]
    return joined(f"({link_name(run, name)})=", f"### {name}: {escaped(title)}", *statements)


def _statement(row: StatementRow) -> str:
    recipe = f"; {row.after_recipe}" if row.after_recipe else ""
    said = f"**{escaped(row.text)}** ({KINDS[row.kind]}; {row.verdict}{recipe})"
    return joined(said, table(CLAIMS, map(_claim, row.claims)))


def _claim(row: VerdictRow) -> tuple[str, ...]:
    verdict = f"**{FAILS}**" if row.verdict == FAILS else row.verdict
    return (
        f"`{row.claim}`",
        escaped(f"{row.text} ({row.source})"),
        accepted_range(row),
        short(row.value),
        short(row.replicates_hold),
        f"{verdict}: {escaped(row.reason)}" if row.reason else verdict,
    )
