"""Find stale files in a paper's results: outputs, logs and benchmarks that no planned job writes."""

from collections.abc import Collection, Iterator
from pathlib import Path

from superpos.config import jobs, paper_files, shipped
from superpos.config.experiments import Config
from superpos.config.paper_files import FIRST, PaperFiles
from superpos.config.resolving import resolve
from superpos.storage import manifest, store
from superpos.verdicts import judging


def planned(folder: Path, paper: PaperFiles = FIRST) -> list[str]:
    """The path, below its results, of every file that a paper's config in a checkout plans."""
    return jobs.result_files(*_plan(folder, paper))


def in_checkout(folder: Path, paper: PaperFiles = FIRST) -> list[str]:
    """The stale files in a paper's folder of results in a checkout; none if there is no such folder."""
    results = folder / paper.results
    return found(results, *_plan(folder, paper)) if results.is_dir() else []


def found(results: Path, config: Config, judged: Collection[str]) -> list[str]:
    """The stale files in a folder of results, except other papers' files and those that a person put
    there."""
    names = jobs.job_names(config, judged)
    kept = {*jobs.result_files(config, judged), *(f"logs/{name}.log" for name in names)}
    kept |= {f"benchmarks/{name}.tsv" for name in names}
    trained = [
        job.name.rpartition("/") for e in config.experiments.values() for job in jobs.jobs(e)
    ]
    kept |= {f"{folder}/.{block}.progress" for folder, _, block in trained}
    return sorted(path for path in _of_jobs(results) if path not in kept)


def stale_summary(results: str, paths: Collection[str]) -> str:
    """One line that names the first few stale files of a folder of results."""
    few = [path if len(path) <= 80 else f"{path[:77]}..." for path in sorted(paths)[:3]]
    more = f" and {len(paths) - len(few)} more" if len(paths) > len(few) else ""
    count = f"{len(paths)} file{'s' if len(paths) > 1 else ''}"
    return f"{results}/ holds {count} that no planned job makes: {', '.join(few)}{more}"


def _plan(folder: Path, paper: PaperFiles) -> tuple[Config, list[str]]:
    try:
        config = resolve(shipped.config(folder, paper))
    except (ValueError, OSError) as error:
        raise ValueError(f"config: {error}") from None
    return config, [*judging.asked(paper.name, config)]


def _of_jobs(results: Path) -> Iterator[str]:
    """The files in the folders where jobs write, including the saved states of training jobs."""
    for path in (*store.files_below(results), *results.glob("*/models/*/.*.progress")):
        name = path.relative_to(results).as_posix()
        others = name.split("/")[0] in paper_files.papers()
        if not others and (manifest.stage_of_file(name) or _is_log_or_times(name)):
            yield name


def _is_log_or_times(name: str) -> bool:
    """Whether the file is the log or the benchmark of a job."""
    first, _, rest = name.partition("/")
    form = {"logs": ".log", "benchmarks": ".tsv"}.get(first)
    return form is not None and name.endswith(form) and not rest.startswith("slurm/")
