"""The gallery: every figure of each paper, with its picture, its verdicts and the command that makes it."""

from superpos.config.figure_words import read_words
from superpos.report import statement_rows
from superpos.report.site.markdown import escaped, joined, table
from superpos.report.site.runs import PublishedRun
from superpos.report.site.verdicts import link_name
from superpos.report.statement_rows import StatementRow
from superpos.verdicts.outcomes import FAILS, HOLDS, PARTLY, UNTESTED

HEAD = ("figure", "what it shows", "statements of the paper", "hold", "hold in part", "do not hold")


def part_of_paper(run: PublishedRun) -> str:
    """A table of the figures of a published paper, then the figures."""
    titles = run.figures
    rows = [_line(run, name, title) for name, title in titles.items() if run.of_figure(name)]
    shown = [_figure(run, name, title) for name, title in titles.items()]
    counts = ". ".join(
        [statement_rows.answer(run.statements), *statement_rows.other_kinds(run.statements)]
    )
    return joined(f"## {run.title}", f"{counts}.", table(HEAD, rows), *shown)


def _line(run: PublishedRun, name: str, title: str) -> tuple[object, ...]:
    about = _tested(run.of_figure(name))
    names = [_named(about, verdict) for verdict in (PARTLY, FAILS)]
    held = sum(row.verdict == HOLDS for row in about)
    return f"[{name}](#{_label(run, name)})", escaped(title), len(about), held, *names


def _tested(rows: list[StatementRow]) -> list[StatementRow]:
    """Those statements of the paper that are tested."""
    return [row for row in statement_rows.of_kind(rows, "paper") if row.verdict != UNTESTED]


def _named(rows: list[StatementRow], verdict: str) -> str:
    """The names of the statements with a verdict, and their verdicts after the authors' recipe."""
    return ", ".join(
        f"`{row.statement}`" + (f" (recipe: {row.recipe})" if row.recipe else "")
        for row in rows
        if row.verdict == verdict
    )


def _figure(run: PublishedRun, name: str, title: str) -> str:
    picture = run.picture(name)
    caption = read_words(run.config.figures[name].draw).caption
    shows = escaped(statement_rows.alternative(title, run.of_figure(name), caption))
    return joined(
        f"({_label(run, name)})=",
        f"### {name}: {escaped(title)}",
        f"![{shows}]({picture})" if picture else "",
        escaped(caption),
        f"{_counted(run, name)} `make {run.target(name)}` makes this figure.",
    )


def _counted(run: PublishedRun, name: str) -> str:
    """How many statements and claims are about a figure, with a link to them."""
    rows = run.of_figure(name)
    if not rows:
        return "No claim is about this figure."
    claims = sum(len(row.claims) for row in rows)
    link = f"[{claims} claim{'s' if claims > 1 else ''}](#{link_name(run, name)})"
    paper = _tested(rows)
    held = sum(row.verdict == HOLDS for row in paper)
    counts = f" {_holding(held, len(paper))}" if paper else ""
    return f"{link} {'are' if claims > 1 else 'is'} about it.{counts}"


def _holding(held: int, tested: int) -> str:
    """How many of a figure's statements of the paper hold."""
    if tested == 1:
        return f"The one statement of the paper {'holds' if held else 'does not hold in full'}."
    every = "all hold" if held == tested else f"{held or 'none'} hold{'s' if held < 2 else ''}"
    return f"Of the paper's {tested} statements, {every}{'' if held == tested else ' in full'}."


def _label(run: PublishedRun, name: str) -> str:
    return f"figure-{run.paper.name}-{name}".lower()
