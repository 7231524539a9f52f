"""A real Slurm of two nodes on this machine: munged, slurmctld and two slurmd, without systemd.

Everything lies in one folder, the config too, which SLURM_CONF names. Every daemon is a child of
this process, and only these, and the job steps below their nodes, are ended.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

NODES = ("n1", "n2")
PROGRAMS = ("munged", "munge", "slurmctld", "slurmd", "sbatch", "squeue", "sinfo", "scancel")
MEGABYTES = 16_000
MINUTES = 60
"""The memory of a node, and the time limit of both partitions."""
SMALL = 1000
"""The most megabytes that the partition `small` gives a job on a node."""


class NoSlurm(RuntimeError):
    """Why Slurm cannot be started here, in one line."""


def refuse() -> None:
    """Raise NoSlurm where it cannot be started."""
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        packages = "slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge"
        raise NoSlurm(f"{missing[0]} is not installed: apt-get install {packages}")
    if os.geteuid() != 0:
        raise NoSlurm("Slurm's daemons need root")
    try:
        socket.gethostbyname(host())
    except OSError:
        raise NoSlurm(f"this machine's name, {host()}, has no address in /etc/hosts") from None


def host() -> str:
    """This machine's short name."""
    return socket.gethostname().split(".")[0]


def wait_for(reached: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Return when it is reached; TimeoutError says what was not."""
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.1)


class Cluster:
    """The daemons, by name: munged, slurmctld, n1, n2."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.conf = folder / "slurm.conf"
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start all daemons and wait until both nodes are idle."""
        for name in ("log", "state", "run", *NODES):
            (self.folder / name).mkdir(parents=True)
            (self.folder / name).chmod(0o755)
        (self.folder / "munge.key").write_bytes(os.urandom(128))
        (self.folder / "munge.key").chmod(0o400)
        self._run("munged", ["munged", "--foreground", "--force", *self._munge_files()])
        wait_for((self.folder / "run/munge.socket").exists, "munge's socket")
        self.conf.write_text(self._conf())
        self.controller()
        for node in NODES:
            self.up(node)

    def controller(self) -> None:
        """Start slurmctld."""
        self._run("slurmctld", ["slurmctld", "-D", "-f", str(self.conf)])
        wait_for(lambda: self.said("sinfo", "-h"), "slurmctld")

    def up(self, node: str) -> None:
        """Start a node, and wait until it takes jobs."""
        self._run(node, ["slurmd", "-D", "-f", str(self.conf), "-N", node])
        wait_for(lambda: self.state(node) in ("idle", "mixed", "allocated"), f"node {node}")

    def end(self, name: str) -> None:
        """Ask a daemon to end, and wait until it has."""
        daemon = self.daemons.pop(name)
        daemon.terminate()
        try:
            daemon.wait(20)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()

    def crash(self, node: str) -> None:
        """Kill a node's daemon and all that runs on it, as when a machine dies."""
        jobs = self.said("squeue", "-h", "-w", node, "-t", "R,CG", "-o", "%A").split()
        daemon = self.daemons.pop(node)
        daemon.kill()
        daemon.wait()
        for step in self._steps(jobs):
            for process in [step, *step.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()

    def drain(self) -> None:
        """Let the nodes take no more jobs."""
        self.said("scontrol", "update", f"nodename={','.join(NODES)}", "state=drain", "reason=test")

    def resume(self) -> None:
        """Let the nodes take jobs again."""
        self.said("scontrol", "update", f"nodename={','.join(NODES)}", "state=resume")

    def said(self, *command: str) -> str:
        """What a command of Slurm prints; nothing where it fails."""
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        try:
            asked = subprocess.run(
                command, env=self.environment(), timeout=30, check=True, text=True, **streams
            )
        except subprocess.SubprocessError:
            return ""
        return asked.stdout.strip()

    def environment(self) -> dict[str, str]:
        """The variables with which Slurm's commands find this cluster."""
        return {**os.environ, "SLURM_CONF": str(self.conf)}

    def state(self, node: str) -> str:
        """What Slurm says of a node, such as idle or down*."""
        return self.said("sinfo", "-h", "-N", "-n", node, "-p", "tests", "-o", "%T")

    def running(self, comment: str) -> list[tuple[str, str]]:
        """Id and node of each running job whose comment, which names its rule, contains the text."""
        lines = self.said("squeue", "-h", "-t", "R", "-o", "%A %N %k").splitlines()
        jobs = [line.split(" ", 2) for line in lines]
        return [(job[0], job[1]) for job in jobs if comment in job[2]]

    def ended(self) -> list[str]:
        """How each job has ended, such as COMPLETED."""
        return self.shown("%T")

    def shown(self, columns: str) -> list[str]:
        """These columns of squeue for each job, also those that have ended, in order of their ids."""
        lines = self.said(
            "squeue", "-h", "-t", "all", "-S", "i", "-o", f"%i {columns}"
        ).splitlines()
        return [line.split(" ", 1)[1].strip() for line in lines]

    def stop(self) -> None:
        """End what runs, then the daemons."""
        self.said("scancel", "--user=root")
        with contextlib.suppress(TimeoutError):
            wait_for(lambda: not self.said("squeue", "-h", "-o", "%A"), "the jobs to end", 20)
        for name in reversed(list(self.daemons)):
            self.end(name)

    def _run(self, name: str, command: list[str]) -> None:
        with open(self.folder / "log" / f"{name}.txt", "ab") as log:
            streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            self.daemons[name] = subprocess.Popen(command, **streams, start_new_session=True)

    def _steps(self, jobs: list[str]) -> list[psutil.Process]:
        """The daemons of these jobs' steps, which are no children of their slurmd any more."""
        starts = tuple(f"slurmstepd: [{job}." for job in jobs)
        named = psutil.process_iter(["cmdline"])
        return [p for p in named if starts and " ".join(p.info["cmdline"] or []).startswith(starts)]

    def _munge_files(self) -> list[str]:
        files = {
            **{"key-file": "munge.key", "socket": "run/munge.socket"},
            **{"pid-file": "run/munged.pid", "seed-file": "run/munged.seed"},
            **{"log-file": "log/munged.log"},
        }
        return [f"--{option}={self.folder / name}" for option, name in files.items()]

    def _conf(self) -> str:
        ports = free_ports(2 + len(NODES))
        nodes = "\n".join(
            f"NodeName={node} NodeHostname={host()} NodeAddr=127.0.0.1 Port={port} CPUs=4 "
            f"RealMemory={MEGABYTES} State=UNKNOWN"
            for node, port in zip(NODES, ports[1:], strict=False)
        )
        return f"""ClusterName=superpos
SlurmctldHost={host()}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={self.folder}/run/munge.socket
CredType=cred/munge
StateSaveLocation={self.folder}/state
SlurmctldPidFile={self.folder}/run/slurmctld.pid
SlurmctldLogFile={self.folder}/log/slurmctld.log
SlurmdPidFile={self.folder}/run/%n.pid
SlurmdLogFile={self.folder}/log/%n.log
SlurmdSpoolDir={self.folder}/%n
# More CPUs and memory than the machine has, and no cgroups, which would need systemd.
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
# Memory is looked at every second, and a job that has too much is ended, as by a kernel with cgroups.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2,sched_min_interval=0
# A node that is silent for so long is down; one that comes back takes jobs again.
SlurmdTimeout=6
ReturnToService=2
KillWait=2
MinJobAge=600
MessageTimeout=10
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
{nodes}
PartitionName=DEFAULT Nodes={",".join(NODES)} MaxTime={MINUTES} DefaultTime=10
PartitionName=tests Default=YES
PartitionName=small MaxMemPerNode={SMALL}
"""


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    with contextlib.ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
