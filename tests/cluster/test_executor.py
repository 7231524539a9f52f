"""What the executor for Slurm does about each answer of Slurm, without a Slurm."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest
import snakemake_executor_plugin_slurm_patient as plugin
from snakemake.iocontainers import ResourceList
from snakemake_executor_plugin_slurm_patient import finished, reasons
from snakemake_executor_plugin_slurm_patient.limits import Limits, limits, minutes

ASKED = {"mem_mb": 6000, "runtime": 25}
ALLOWED = Limits(minutes=60, megabytes=16_000)


class Job(SimpleNamespace):
    """A job of Snakemake's, as far as the executor looks at it."""

    def __init__(self, folder: Path, number: int) -> None:
        super().__init__(jobid=number, name="train", attempt=1, restart_times=3)
        self.resources = ResourceList(fromdict=ASKED)
        self.benchmark = folder / f"{number}.tsv"
        self.output = [folder / f"{number}.parquet"]

    __hash__ = object.__hash__

    def is_group(self) -> bool:
        return False


class Slurm:
    """An executor, and what Slurm answers it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.executor = object.__new__(plugin.Executor)
        self.executor._remember_nothing()
        self.ended: list[tuple[str, str]] = []
        self.printed: list[str] = []
        self.cancelled: list[str] = []
        self.why: dict[str, str] = {}
        self.executor.__dict__ |= {
            **{"_query": "states", "_limits": {"tests": ALLOWED}, "run_uuid": ""},
            "logger": SimpleNamespace(warning=self.printed.append, error=self.printed.append),
            "workflow": SimpleNamespace(
                executor_settings=SimpleNamespace(keep_successful_logs=False)
            ),
            "get_partition_arg": lambda job: " -p tests",
            "report_job_success": lambda job: self.ended.append((job.external_jobid, "success")),
            "report_job_error": lambda job, **_: self.ended.append((job.external_jobid, "error")),
            "cancel_jobs": lambda jobs: self.cancelled.extend(j.external_jobid for j in jobs),
        }
        self.jobs = [
            SimpleNamespace(
                external_jobid=str(number),
                job=Job(folder, number),
                aux={"slurm_logfile": folder / f"{number}.log"},
            )
            for number in range(1, 6)
        ]

    def check(self, *states: str | None, answers: bool = True) -> list[str]:
        """The jobs that are still active after these answers about jobs 1, 2, ..."""

        async def query(command, logger):
            known = {str(i): s for i, s in enumerate(states, 1) if s is not None}
            return (known if command == "states" else self.why, 0.1) if answers else (None, None)

        async def active():
            jobs = self.jobs[: len(states)]
            return [job.external_jobid async for job in self.executor.check_active_jobs(jobs)]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(plugin, "query_job_status", query)
            return asyncio.run(active())

    def asks(self) -> tuple[int, int]:
        """The memory and minutes with which job 1 is submitted, again or for the first time."""
        job = self.jobs[0].job
        job.resources = ResourceList(fromdict=ASKED)
        self.executor._fit(job)
        job.resources = job._resources
        return job.resources.mem_mb, job.resources.runtime


@pytest.fixture
def slurm(tmp_path) -> Slurm:
    return Slurm(tmp_path)


def test_a_job_is_active_until_slurm_says_how_it_ended(slurm):
    assert slurm.check("RUNNING", "PENDING", "COMPLETED", "CANCELLED by 0", "NODE_FAIL") == [
        "1",
        "2",
    ]
    assert slurm.ended == [("3", "success"), ("4", "error"), ("5", "error")]
    assert slurm.printed == [
        "train: Slurm job 4 is CANCELLED. ",
        "train: Slurm job 5 is NODE_FAIL. ",
    ]


def test_no_job_is_lost_while_slurm_does_not_answer(slurm, monkeypatch):
    monkeypatch.setattr(plugin, "FORGOTTEN_SECONDS", -1)
    assert slurm.check("", "", answers=False) == ["1", "2"]
    assert slurm.ended == []


def test_a_job_that_slurm_has_forgotten_has_failed_after_a_while(slurm, monkeypatch):
    assert slurm.check(None) == ["1"]
    monkeypatch.setattr(plugin, "FORGOTTEN_SECONDS", -1)
    assert slurm.check(None) == []
    assert "unknown to Slurm" in slurm.printed[-1]


@pytest.mark.parametrize(
    "state", ["CANCELLED", "NODE_FAIL", "FAILED", "BOOT_FAIL", "DEADLINE", "REVOKED"]
)
def test_what_more_would_not_cure_raises_nothing(slurm, state):
    for _ in range(3):
        assert slurm.asks() == (6000, 25)
        slurm.check(state)


def test_memory_alone_is_raised_after_a_job_ran_out_of_memory(slurm):
    given = []
    for _ in range(3):
        given.append(slurm.asks())
        assert slurm.jobs[0].job.attempt == 1  # it will be sent again
        slurm.check("OUT_OF_MEMORY")
    assert given == [(6000, 25), (12_000, 25), (16_000, 25)]
    assert slurm.jobs[0].job.attempt == 4  # it had all there is
    assert "It had 16000 MB, all that partition tests allows" in slurm.printed[-1]


def test_time_alone_is_raised_after_a_job_ran_out_of_time(slurm):
    given = []
    for _ in range(4):
        given.append(slurm.asks())
        slurm.check("TIMEOUT")
    assert given == [(6000, 25), (6000, 50), (6000, 60), (6000, 60)]
    assert slurm.jobs[0].job.attempt == 1  # training goes on where it stopped


@pytest.mark.parametrize(
    "line",
    [
        "slurmstepd: error: Detected 1 oom_kill event in StepId=1.batch. Some of the step tasks",
        "slurmstepd-n1: error: StepId=4.batch exceeded memory limit (97 > 83), being killed",
        "slurmstepd: error: Exceeded job memory limit",
    ],
)
def test_the_log_also_says_that_a_job_ran_out_of_memory(slurm, line):
    slurm.asks()
    slurm.jobs[0].aux["slurm_logfile"].write_text(f"Building DAG\n{line}\n")
    slurm.check("FAILED")
    assert slurm.asks() == (12_000, 25)


def test_a_job_that_had_done_its_work_has_not_failed(slurm):
    job = slurm.jobs[0].job
    job.benchmark.write_text("an earlier run's")
    slurm.executor._stamps[job] = finished.stamp(job)
    job.output[0].touch()
    slurm.check("NODE_FAIL")
    assert slurm.ended.pop() == ("1", "error")
    job.benchmark.unlink()
    job.benchmark.write_text("this run's")
    slurm.check("NODE_FAIL")
    assert slurm.ended.pop() == ("1", "success")
    job.output[0].unlink()
    slurm.check("NODE_FAIL")
    assert slurm.ended.pop() == ("1", "error")


@pytest.mark.parametrize(
    "reason",
    [
        *("PartitionTimeLimit", "PartitionNodeLimit", "BadConstraints", "InvalidQOS"),
        *("QOSMaxWallDurationPerJobLimit", "AssocMaxCpuPerJobLimit", "QOSMaxMemoryPerNode"),
    ],
)
def test_a_job_that_can_never_start_is_cancelled_and_not_sent_again(slurm, reason):
    slurm.why = {"1": reason}
    assert slurm.check("PENDING", "PENDING") == ["2"]
    assert (slurm.cancelled, slurm.ended) == (["1"], [("1", "error")])
    assert slurm.jobs[0].job.attempt == 4
    assert f"can never start: Slurm says {reason}. To change: " in slurm.printed[-1]


@pytest.mark.parametrize(
    "reason",
    [
        *("ReqNodeNotAvail, UnavailableNodes:n1", "PartitionDown", "JobHeldAdmin", "Licenses"),
        "Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions",
        *("AssocGrpCpuLimit", "AssocGrpMemLimit", "QOSMaxJobsPerUserLimit", "SomethingNew"),
    ],
)
def test_a_long_wait_is_told_once_and_the_job_stays(slurm, reason):
    slurm.why = {"1": reason, "2": reason}
    for _ in range(3):
        assert slurm.check("PENDING", "PENDING") == ["1", "2"]
    (line,) = slurm.printed
    assert line.startswith(f"Slurm job 1 (train) waits: Slurm says {reason}. To change: ")
    assert len(line) < 500


@pytest.mark.parametrize("reason", ["None", "Priority", "Resources", "BeginTime", ""])
def test_a_job_that_waits_for_its_turn_is_left_in_peace(slurm, reason):
    slurm.why = {"1": reason}
    assert slurm.check("PENDING") == ["1"]
    assert slurm.printed == []


@pytest.mark.parametrize(
    ("refusal", "never"),
    [
        ("Memory specification can not be satisfied", True),
        ("Requested node configuration is not available", True),
        ("Invalid account or account/partition combination specified", True),
        ("Invalid qos specification", True),
        ("Unable to contact slurm controller (connect failure)", False),
        ("Socket timed out on send/recv operation", False),
        (
            "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
            False,
        ),
    ],
)
def test_only_a_refusal_that_would_be_repeated_is_final(refusal, never):
    assert reasons.never(refusal) is never


def test_the_limits_are_the_tightest_of_partition_cluster_and_nodes(monkeypatch, tmp_path):
    def answer(program: str, script: str) -> None:
        (tmp_path / program).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / program).chmod(0o755)

    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    answer("sinfo", "echo 6000; echo 64000+")
    answer(
        "scontrol",
        """case "$*" in
  *config) echo "MaxMemPerNode           = 50000";;
  *both) echo "PartitionName=both MaxTime=UNLIMITED MaxMemPerNode=UNLIMITED";;
  *short) echo "PartitionName=short MaxTime=2-01:30:00 MaxMemPerNode=7000";;
esac""",
    )
    assert limits("short") == Limits(2 * 1440 + 90, 7000)
    assert limits("both") == Limits(None, 50_000)
    assert limits("short,both") == Limits(None, 50_000)
    answer("scontrol", "exit 1")
    answer("sinfo", "exit 1")
    assert limits("short") == Limits(None, None)


def test_limits_that_slurm_did_not_tell_are_asked_for_again(slurm, monkeypatch):
    slurm.executor._limits.clear()
    monkeypatch.setattr(plugin, "limits", lambda partition: Limits())
    assert slurm.executor._allowed("tests") == Limits()
    monkeypatch.setattr(plugin, "limits", lambda partition: ALLOWED)
    assert slurm.executor._allowed("tests") == ALLOWED


@pytest.mark.parametrize(
    ("text", "expected"),
    [("01:00:00", 60), ("7-00:00:00", 10_080), ("UNLIMITED", None), ("INFINITE", None), ("", None)],
)
def test_times_are_read_in_slurms_own_form(text, expected):
    assert minutes(text) == expected


@pytest.mark.parametrize(("exit_code", "works"), [(0, True), (1, False)])
def test_sacct_is_asked_only_where_accounting_is_on(monkeypatch, tmp_path, exit_code, works):
    (tmp_path / "sacct").write_text(f"#!/bin/sh\nexit {exit_code}\n")
    (tmp_path / "sacct").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert plugin.accounting() is works
