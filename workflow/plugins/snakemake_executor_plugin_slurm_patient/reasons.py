"""What Slurm's reasons for not starting a job mean, and what the user can change."""

import re
from pathlib import Path

QUEUE = re.compile(
    "(None|Priority|Resources|BeginTime|Dependency|Cleaning|Prolog|JobArrayTaskLimit|)$"
)
"""The reasons of jobs that only wait for their turn."""

NEVER = re.compile(
    "PartitionTimeLimit|PartitionNodeLimit|PartitionConfig|BadConstraints|InvalidAccount|InvalidQOS"
    r"|AccountNotAllowed|QOSNotAllowed|(Assoc|QOS)Max\w*(PerJob|PerNode)"
    "|Requested node configuration is not available|Requested time limit is invalid"
    "|Memory specification can ?not be satisfied|[Ii]nvalid (partition|account|qos|feature|generic)"
    "|Invalid (job )?(constraint|account|qos|partition)|Invalid .*specification"
    "|More processors requested than permitted|(Node|CPU) count .*(invalid|not be satisfied)"
    "|not permitted to use this partition|not allowed in the 'slurm_extra'"
    "|[Uu]nrecognized option|invalid option"
)
"""The reasons, and the refusals of sbatch, of jobs that can never start as they are."""

KILLED = re.compile(r"^slurmstepd\S*: error: .*(memory limit|oom[-_]kill)", re.MULTILINE | re.I)
"""What Slurm prints when it kills a job that is out of memory; not every cluster then sets OUT_OF_MEMORY."""

CURES = {
    "DOWN|NotAvail|PartitionDown|PartitionInactive|Reservation": "`sinfo -R` says which nodes are"
    " down and why; wait, or set another slurm_partition",
    "policy|Submit": "lower `jobs`, or what a job asks for; `sacctmgr show qos` shows the limits",
    "Time|time limit|Wall": "lower `runtime` or set another slurm_partition",
    "memory|Memory|Mem": "lower `mem_mb` or `cores`, or set another slurm_partition",
    "QOS|qos|Assoc|account|Account": "check slurm_account and `qos`; `sacctmgr show assoc` and"
    " `sacctmgr show qos` show the limits",
    "[Cc]onfig|processors|CPU count|Cpu": "lower `cores`, `mem_mb` or `gpu` to what a node has, which"
    " `sinfo -o '%P %c %m %G'` shows",
    "Constraints|constraint|feature|generic|option": "mend `constraint`, `gpu` or slurm_extra",
    "partition|PartitionNodeLimit": "set a slurm_partition that `sinfo` shows",
    "Held": "`scontrol release` starts it",
}
WHERE = "in profiles/slurm/profile.yaml"


def is_unusual(reason: str) -> bool:
    """Whether a pending job waits for something other than its turn."""
    return not QUEUE.match(reason)


def never(reason: str) -> bool:
    """Whether a job with this reason for waiting, or this error message of sbatch, can never start."""
    return NEVER.search(reason) is not None


def out_of_memory(log: Path) -> bool:
    """Whether a job's log says that it was killed because it ran out of memory."""
    try:
        return KILLED.search(log.read_text(encoding="utf-8", errors="replace")) is not None
    except OSError:
        return False


def cure(reason: str) -> str:
    """What the user can do about a reason or a refusal."""
    found = (cure for words, cure in CURES.items() if re.search(words, reason))
    return next(found, "`man squeue`, JOB REASON CODES, says what it means")
