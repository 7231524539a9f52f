"""Find stale files in results/: files, logs and times that no job of the current config makes."""

from collections.abc import Collection, Iterator
from pathlib import Path

from superpos.config import jobs, text
from superpos.config.experiments import Config
from superpos.config.resolving import resolve
from superpos.storage import manifest, store
from superpos.verdicts import judging


def planned(folder: Path) -> list[str]:
    """The path, below results/, of every file that the config.yaml of a checkout plans."""
    return jobs.result_files(*_plan(folder))


def in_checkout(folder: Path) -> list[str]:
    """The stale files in the results/ folder of a checkout."""
    return found(folder / "results", *_plan(folder))


def found(results: Path, config: Config, judged: Collection[str]) -> list[str]:
    """The stale files in a folder of results, without the files that a person put there."""
    names = jobs.job_names(config, judged)
    kept = {*jobs.result_files(config, judged), *(f"logs/{name}.log" for name in names)}
    kept |= {f"benchmarks/{name}.tsv" for name in names}
    trained = [
        job.name.rpartition("/") for e in config.experiments.values() for job in jobs.jobs(e)
    ]
    kept |= {f"{folder}/.{block}.progress" for folder, _, block in trained}
    return sorted(path for path in _of_jobs(results) if path not in kept)


def stale_summary(paths: Collection[str]) -> str:
    """One line that names the first few stale files."""
    few = [path if len(path) <= 80 else f"{path[:77]}..." for path in sorted(paths)[:3]]
    more = f" and {len(paths) - len(few)} more" if len(paths) > len(few) else ""
    count = f"{len(paths)} file{'s' if len(paths) > 1 else ''}"
    return f"results/ holds {count} that no planned job makes: {', '.join(few)}{more}"


def _plan(folder: Path) -> tuple[Config, list[str]]:
    try:
        config = resolve(text.load_config(folder / "config.yaml"))
    except (ValueError, OSError) as error:
        raise ValueError(f"config: {error}") from None
    judged = [n for n in judging.files() if judging.about(n, config.experiments, config.theory)]
    return config, judged


def _of_jobs(results: Path) -> Iterator[str]:
    """The files where jobs put their outputs, including the saved states of training jobs."""
    for path in (*store.files_below(results), *results.glob("*/models/*/.*.progress")):
        name = path.relative_to(results).as_posix()
        if manifest.stage_of_file(name) or _is_log_or_times(name):
            yield name


def _is_log_or_times(name: str) -> bool:
    """Whether the file is the log or the times of a job."""
    first, _, rest = name.partition("/")
    form = {"logs": ".log", "benchmarks": ".tsv"}.get(first)
    return form is not None and name.endswith(form) and not rest.startswith("slurm/")
