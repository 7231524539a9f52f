"""Run the pipeline. First repair what a crash, an interruption or damage left behind, and say so."""

import argparse
import contextlib
import errno
import fcntl
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import forks
import interrupts
import places
import psutil
from checkout import HERE

from superpos.config import paper_files
from superpos.config import text as config_text

RESULTS = HERE / "results"
LOCKS = HERE / ".snakemake" / "locks"
SNAKEMAKE = [sys.executable, "-m", "snakemake", "--logger=superpos"]


def main() -> int:
    """Run Snakemake with the arguments of this command, and return its exit code."""
    sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
    try:
        arguments = _completed(sys.argv[1:])
        with _lock() as lock:
            return _repair_and_run(arguments, lock)
    except ValueError as error:
        print(f"config: {error}")
    except BlockingIOError:
        who = f"process {other.pid}" if (other := _snakemake()) else "another process"
        print(f"run: {who} is running the pipeline here; wait for it or end it")
    except OSError as error:
        cure = "; copy the checkout to a folder that you own" if error.errno == errno.EACCES else ""
        print(f"run: {error.filename}: {error.strerror}; nothing was started{cure}")
    except (KeyboardInterrupt, interrupts.Interrupted):
        clear = "\r\033[K" if sys.stdout.isatty() else ""
        print(f"{clear}run: interrupted; finished files are kept, and `make` continues from here")
        return 130
    return 1


def _completed(arguments: list[str]) -> list[str]:
    """The arguments, with the paper of the targets and an absolute path for each --configfile.

    Raises a ValueError for a config file that Snakemake's reader would execute, a value without a key, or
    targets of two papers.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--configfile", "--configfiles", nargs="+", type=Path, default=[])
    parser.add_argument("--config", "-C", nargs="*", default=[])
    given, others = parser.parse_known_args(arguments)
    for word in given.config:
        if "=" not in word:
            raise ValueError(f"--config {word}: this is not KEY=VALUE")
    targets = [word for word in others if word.startswith("results/")]
    files = [path.absolute() for path in given.configfile or _shipped_overlays(targets)]
    for path in files:
        config_text.load_config(path)
    papers = {*map(paper_files.paper_of_file, targets)}
    if len(papers) > 1:
        raise ValueError(
            f"{' '.join(targets)}: these targets belong to several papers; make those of one paper at a time"
        )
    values = [*given.config, *(f"paper={paper.name}" for paper in papers - {paper_files.FIRST})]
    options = {"--configfile": [*map(str, files)], "--config": values}
    return others + [
        word for option, words in options.items() if words for word in (option, *words)
    ]


def _shipped_overlays(targets: list[str]) -> list[Path]:
    """The config file NAME_RUN.yaml for targets in variations/RUN/ of the results of the paper NAME."""
    found = set()
    for target in targets:
        paper = paper_files.paper_of_file(target)
        variation = re.match(r"variations/(\w+)/", target.removeprefix(f"{paper.results}/"))
        if variation and (path := paper.larger(HERE).get(variation[1])):
            found.add(path)
    return sorted(found)


@contextlib.contextmanager
def _lock() -> Iterator[TextIO]:
    """Take a lock that this process and its Snakemake hold until both have ended, however they end."""
    if os.pathsep in str(HERE):
        raise OSError(
            None,
            "Python cannot import code from a folder with a colon in its path; rename the folder",
            str(HERE),
        )
    (HERE / ".snakemake").mkdir(exist_ok=True)
    with open(HERE / ".snakemake" / "run.lock", "a+", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _snakemake():
            raise BlockingIOError
        lock.truncate(0)
        yield lock


def _snakemake() -> psutil.Process | None:
    """A running Snakemake process that works in this folder."""
    for process, words in _processes():
        if any(Path(word).name == "snakemake" for word in words[:3]):
            return process
    return None


def _processes() -> Iterator[tuple[psutil.Process, list[str]]]:
    """The other processes that work in this folder, with their command lines."""
    for process in psutil.process_iter(["cmdline", "cwd"]):
        if process.info["cwd"] == str(HERE) and process.pid != os.getpid():
            yield process, process.info["cmdline"] or []


def _repair_and_run(arguments: list[str], lock: TextIO) -> int:
    """Repair what can be repaired, and run Snakemake; run it again if jobs removed damaged files."""
    _check_writable()
    _end_orphans()
    for half in RESULTS.rglob(".*.part"):
        half.unlink(missing_ok=True)
    _date_back()
    if any(LOCKS.glob("*")):
        print("run: an earlier run was interrupted; clearing its lock")
        shutil.rmtree(LOCKS)
    removed: set[str] = set()
    start = time.time() - 1
    while code := _run(arguments, lock):
        new = _removed(start) - removed
        if not new:
            break
        print(
            f"run: removed damaged files: {', '.join(sorted(new))}; running again to rebuild them"
        )
        removed |= new
    return code


def _check_writable() -> None:
    """Raise an OSError if results/ cannot be written to."""
    RESULTS.mkdir(exist_ok=True)
    try:
        with tempfile.TemporaryFile(dir=RESULTS) as file:
            file.write(bytes(4096))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(RESULTS)) from None


def _end_orphans() -> None:
    """End the jobs of a killed run, which could still write results made with older settings or code."""
    orphans = [p for p, words in _processes() if _is_job(words)]
    for process in orphans:
        print(f"run: process {process.pid} is a job of an interrupted run; ending it")
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    for process in psutil.wait_procs(orphans, timeout=10)[1]:
        process.kill()


def _is_job(words: list[str]) -> bool:
    """Whether a command line is that of a job; `make` itself calls two of the scripts."""
    script = Path(words[1] if len(words) > 1 else "")
    return script.parent == Path("workflow/scripts") and script.stem not in ("seeds", "publish")


def _date_back() -> None:
    """Set dates of results in the future to now, because files made from them would always seem outdated."""
    now = time.time()
    early = [p for p in RESULTS.rglob("*") if p.is_file() and p.stat().st_mtime > now + 1]
    for path in early:
        os.utime(path, (now, now))
    if early:
        name = early[0].relative_to(HERE)
        print(
            f"run: set to now the dates of files that lay in the future: {len(early)}, such as {name}"
        )


def _run(arguments: list[str], lock: TextIO) -> int:
    """Run Snakemake until it ends or a signal ends it."""
    try:
        with forks.of_scripts(HERE, places.environment()) as (environment, server):
            return interrupts.run([*SNAKEMAKE, *arguments], HERE, environment, lock, server)
    except interrupts.Interrupted:
        shutil.rmtree(LOCKS, ignore_errors=True)
        raise


def _removed(since: float) -> set[str]:
    """The files that jobs removed, according to the logs written since then."""
    logs = [log for log in RESULTS.rglob("logs/**/*.log") if log.stat().st_mtime >= since]
    text = "\n".join(log.read_text(encoding="utf-8", errors="replace") for log in logs)
    return set(
        re.findall(r"^\w+: (\S+): .+; it was removed, and the next run rebuilds it$", text, re.M)
    )


if __name__ == "__main__":
    sys.exit(main())
