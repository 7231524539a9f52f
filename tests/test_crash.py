"""After a crash: nothing unfinished is taken for finished, and the next run gives the same bytes."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import psutil
import pytest
from project import Project, tiny

pytestmark = pytest.mark.slow
TRIAL = pytest.mark.trial

BLOCK = "results/sets/models/density=0.3+importance=0.5/0-2"
WEIGHTS = f"{BLOCK}.safetensors"


class Running:
    """`make` under way, as in a terminal of its own."""

    def __init__(self, project: Project, python: str = sys.executable):
        self.project, self.output = project, project.folder / f"output{time.monotonic_ns()}.txt"
        with open(self.output, "w") as output:
            self.process = subprocess.Popen(
                [python, "workflow/run.py", "--cores", "1"],
                **{"cwd": project.folder, "env": project.environment(), "stdout": output},
                **{"stderr": subprocess.STDOUT, "start_new_session": True},
                # A shell in the background leaves SIGINT ignored, which would be inherited.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    def wait(self) -> str:
        """What it printed, once it has ended."""
        self.process.wait(timeout=600)
        return self.output.read_text()

    def child(self, name: str) -> psutil.Process:
        """The process below it that runs a script, or `snakemake`, as soon as there is one."""
        return self.until(lambda: _found(self.process.pid, name))

    def held(self, script: str) -> psutil.Process:
        """The process of the script that `hold` has stopped; what starts from now on has no hook."""
        self.until(self.project.is_held)
        (self.project.folder / "sitecustomize.py").unlink()
        return self.child(f"workflow/scripts/{script}.py")

    def until(self, found, alone: bool = True):
        """What `found` returns, once that is something; the deadline is there to end a hang."""
        deadline = time.monotonic() + 600
        while not (it := found()):
            assert not alone or self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.02)
        return it


def _found(pid: int, name: str) -> psutil.Process | None:
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if any(word.endswith(name) for word in process.cmdline()[:3]):
                    return process
    return None


@contextlib.contextmanager
def mounted(project: Project):
    """A file system of its own for results/, holding what was there."""
    results, kept = project.folder / "results", project.folder / "kept"
    results.rename(kept)
    results.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=50M", "tmpfs", str(results)]
    if not shutil.which("mount") or subprocess.run(mount, check=False).returncode:
        pytest.skip("mounting a file system is refused here")
    try:
        shutil.copytree(kept, results, dirs_exist_ok=True)
        yield lambda options: subprocess.run(
            ["mount", "-o", f"remount,{options}", str(results)], check=True
        )
    finally:
        subprocess.run(["umount", "-l", str(results)], check=True)


def delete(project: Project, *names: str) -> None:
    for name in names:
        (project.folder / name).unlink()


def flip(project: Project, name: str) -> None:
    """Flip a bit of the data, and leave the file's times: nobody notices but a reader."""
    path = project.folder / name
    times, content = path.stat(), bytearray(path.read_bytes())
    # Arrays come last in their files, behind a header that tells the plan what the file is.
    content[-9 if path.suffix == ".safetensors" else len(content) // 2] ^= 16
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def ended(process: psutil.Process) -> bool:
    """Whether it has ended; in a container nobody may have asked for its exit code."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def no_traceback(text: str) -> bool:
    return "Traceback" not in text


def test_a_killed_training_job_is_named_and_trained_by_the_next_run(project):
    before = project.results()
    delete(project, WEIGHTS)
    project.hold("train", "superpos.training")
    running = Running(project)
    running.held("train").kill()
    text = running.wait()
    project.release()
    assert running.process.returncode
    assert re.search(r"\d+ Killed +python workflow/scripts/train\.py", text)
    assert "failed: train sets: density=0.3+importance=0.5, block 0-2" in text
    assert not (project.folder / WEIGHTS).exists()
    assert no_traceback(text)
    text = project.make()
    assert "train sets: density=0.3+importance=0.5, block 0-2" in text
    assert project.results() == before


@pytest.mark.parametrize(
    ("script", "output"),
    [
        ("train", WEIGHTS),
        pytest.param("data", "results/sets/conditions.parquet", marks=TRIAL),
        pytest.param("metrics", "results/sets/runs.parquet", marks=TRIAL),
        pytest.param("report", "results/report.html", marks=TRIAL),
    ],
)
def test_after_snakemake_was_killed_make_ends_its_job_and_completes(project, script, output):
    before = project.results()
    delete(project, output)
    project.hold(script, "superpos.cli.script_options")
    running = Running(project)
    job = running.held(script)
    running.child("snakemake").kill()
    running.wait()
    text = project.make()
    assert f"run: process {job.pid} is a job of an interrupted run; ending it" in text
    assert "run: an earlier run was interrupted; clearing its lock" in text
    assert project.results() == before
    assert project.planned() == set()


def test_a_job_that_a_killed_run_left_does_not_write_results_of_older_settings(project):
    before, config = project.results(), tiny()
    config["experiments"]["sets"]["steps"] = 25
    project.configure(config)
    project.hold("train", "superpos.training")
    running = Running(project)
    job = running.held("train")
    text = project.make("--dry-run", ok=False)
    snakemake = running.child("snakemake")
    assert f"run: process {snakemake.pid} is running the pipeline here" in text
    snakemake.kill()
    running.wait()
    assert (project.folder / WEIGHTS).read_bytes() == before[WEIGHTS]
    project.configure(tiny())
    project.make()
    assert ended(job)
    assert project.results() == before


@pytest.mark.parametrize(
    ("number", "deaf"),
    [
        pytest.param(signal.SIGINT, False, id="SIGINT, a job that ends"),
        pytest.param(signal.SIGINT, True, id="SIGINT, a job that does not", marks=TRIAL),
        pytest.param(signal.SIGTERM, False, id="SIGTERM, a job that ends", marks=TRIAL),
        pytest.param(signal.SIGTERM, True, id="SIGTERM, a job that does not"),
    ],
)
def test_an_interrupt_ends_everything_with_one_line_and_make_goes_on(project, number, deaf):
    before, config = project.results(), tiny()
    config["experiments"]["sets"]["steps"] = 25
    project.configure(config)
    project.hold("train", "torch", deaf=deaf)  # which the reference engine imports
    running = Running(project)
    job = running.held("train")
    os.killpg(running.process.pid, number)
    text = running.wait()
    assert running.process.returncode
    assert text.splitlines()[-1].startswith("run: interrupted; ")
    assert text.count("interrupted") == 1
    assert "failed" not in text
    assert "Error" not in text
    assert no_traceback(text)
    assert ended(job)
    assert (project.folder / WEIGHTS).read_bytes() == before[WEIGHTS]
    project.configure(tiny())
    text = project.make()
    assert "clearing its lock" not in text
    assert project.results() == before


def test_two_runs_started_at_once_do_the_work_once(project):
    before = project.results()
    delete(project, WEIGHTS)
    project.hold("train", "superpos.training")
    both = [Running(project), Running(project)]
    both[0].until(lambda: [r for r in both if r.process.poll() is not None], alone=False)
    project.release()
    texts = [running.wait() for running in both]
    assert sorted(bool(running.process.returncode) for running in both) == [False, True]
    refused = texts[0] if both[0].process.returncode else texts[1]
    assert re.fullmatch(r"run: .* is running the pipeline here; wait for it or end it\n", refused)
    assert project.results() == before


def test_a_full_disk_is_named_and_the_next_run_with_room_completes(project):
    before = project.results()
    delete(project, WEIGHTS)
    with mounted(project) as remount:
        project.hold("train", "superpos.training")
        running = Running(project)
        running.held("train")
        disk = os.statvfs(project.folder / "results")
        used = disk.f_frsize * (disk.f_blocks - disk.f_bfree)
        remount(f"size={used + disk.f_frsize}")  # room for a line in the job's log
        project.release()
        text = running.wait()
        assert running.process.returncode
        assert re.search(
            r"^ *\w+: results/\S+: cannot be written: No space left on device$", text, re.M
        )
        assert no_traceback(text)
        found = project.results()
        assert set(found) >= set(before) - {WEIGHTS, f"{BLOCK}.parquet"}
        remount("size=50M")
        project.make()
        assert project.results() == before


def test_a_disk_that_takes_nothing_at_all_is_named_before_anything_starts(project):
    with mounted(project) as remount:
        remount("ro")
        before = project.results()
        text = project.make(ok=False)
        said = f"run: {project.folder}/results: Read-only file system; nothing was started\n"
        assert text == said
        remount("rw")
        delete(project, WEIGHTS)
        project.make()
        assert project.results() == before


@pytest.mark.parametrize(
    ("damaged", "downstream", "reader"),
    [
        (WEIGHTS, "results/sets/runs.parquet", "metrics"),
        pytest.param(
            *("results/sets/evaluation.safetensors", "results/sets/runs.parquet", "metrics"),
            marks=TRIAL,
        ),
        pytest.param(
            *("results/sets/features.parquet", "results/figures/bars.svg", "figure"), marks=TRIAL
        ),
        pytest.param("results/figures/bars.svg", "results/report.html", "report", marks=TRIAL),
    ],
)
def test_a_damaged_file_is_named_removed_and_made_again(project, damaged, downstream, reader):
    before = project.results()
    flip(project, damaged)
    delete(project, downstream)
    text = project.make()
    assert re.search(
        rf"^ *{reader}: {re.escape(damaged)}: .*; it was removed, and the next run rebuilds it$",
        text,
        re.M,
    )
    assert f"run: removed damaged files: {damaged}; running again to rebuild them" in text
    assert no_traceback(text)
    assert project.results() == before
    assert project.planned() == set()


@pytest.mark.trial
def test_a_truncated_file_is_made_again_too(project):
    before = project.results()
    path = project.folder / WEIGHTS
    path.write_bytes(path.read_bytes()[:-10])
    text = project.make()
    assert f"run: removed damaged files: {WEIGHTS}; running again to rebuild them" in text
    assert project.results() == before


@pytest.mark.parametrize("names", [[WEIGHTS, "results/sets/features.parquet"], None])
def test_files_dated_in_the_future_are_told_and_dated_now(project, names):
    before, later = project.results(), time.time() + 1e6
    for name in names or before:
        os.utime(project.folder / name, (later, later))
    text = project.make()
    count = len(names or before)
    assert f"files that lay in the future: {count}, such as results/" in text
    assert project.results() == before
    assert project.planned() == set()


def test_an_interrupted_training_resumes_from_where_it_was_saved(project):
    config = tiny()
    config["experiments"]["sets"] |= {"steps": 60, "checkpoints": [10, 50]}
    project.configure(config)
    project.edit("superpos/training/checkpoint.py", "SECONDS = 60.0", "SECONDS = 0.0")
    project.run(WEIGHTS)
    before = project.results(BLOCK.rsplit("/", 1)[0])
    assert "resumed after" not in project.log("sets/train/density=0.3+importance=0.5/0-2.log")
    shutil.rmtree(project.folder / "results/sets/models")
    folder = (project.folder / WEIGHTS).parent
    project.hold("train", "density=0.3+importance=0.5/.0-2.progress", "os.rename", nth=20)
    running = Running(project)
    running.held("train").kill()
    running.wait()
    project.release()
    assert not (project.folder / WEIGHTS).exists()
    project.run(WEIGHTS)
    log = project.log("sets/train/density=0.3+importance=0.5/0-2.log")
    assert re.search(r"^resumed after step \d+, where an earlier job was interrupted$", log, re.M)
    assert project.results(BLOCK.rsplit("/", 1)[0]) == before
    assert not (folder / ".0-2.progress").exists()


@pytest.mark.parametrize(
    ("script", "edited", "made"),
    [
        ("train", "training/reference.py", WEIGHTS),
        pytest.param("metrics", "metrics/by_name.py", "results/sets/runs.parquet", marks=TRIAL),
        pytest.param(
            *(
                "figure",
                "papers/toy_models/notebook/figure_seed_bars.py",
                "results/figures/bars.svg",
            ),
            marks=TRIAL,
        ),
    ],
)
def test_code_that_is_edited_during_a_run_makes_no_file(project, script, edited, made):
    """The file would keep the origin of the code before the edit."""
    before = project.results()
    delete(project, made)
    project.hold(script, "superpos.cli.script_options")
    running = Running(project)
    running.held(script)
    code = project.folder / "superpos" / edited
    text = code.read_text()
    code.write_text(f"{text}\nEDITED = True\n")
    project.release()
    said = running.wait()
    assert running.process.returncode
    assert f"{script}: the code changed after this run was planned; run `make` again" in said
    assert not (project.folder / made).exists()
    code.write_text(text)
    project.make()
    assert project.results() == before
