"""What all stages share: the resolved config, the root of the results and helpers for parameters."""

import gc
import json
import os
import re
import sys
from pathlib import Path
from shlex import quote

from superpos import lookup, rebuild
from superpos.config import jobs, layers, stage_settings, sweep, text
from superpos.config.messages import ConfigError
from superpos.config.resolving import changed, resolve
from superpos.config.variations import own_experiments
from superpos.config.figure_words import caption
from superpos.report import sections
from superpos.training import engines
from superpos.verdicts import judging

HERE = Path(workflow.basedir)
# A DAG of ten thousand jobs contains no garbage, and looking for it would take a sixth of the time.
gc.set_threshold(200_000, 20, 1000)
sys.stdout.reconfigure(line_buffering=True)
# workflow/run.py gives a folder whose `python` forks a process that has imported the scripts' modules.
FORKS = filter(None, [os.environ.get("SUPERPOS_FORKS")])
FOLDERS = quote(os.pathsep.join([*FORKS, os.path.dirname(sys.executable)]))
PYTHON = f'export PATH={FOLDERS}:"$PATH" PYTHONPATH={quote(str(HERE))}; '
shell.prefix(PYTHON.replace("{", "{{").replace("}", "}}"))


def overlays():
    """The config files that change the shipped one."""
    files = map(Path, workflow.config_settings.configfiles)
    return [f for f in files if f.resolve() != HERE / PAPER.config]


def variation():
    """The name of a config that changes the shipped one: `variation`, or the name of its file."""
    name = RAW.get("variation", overlays()[-1].stem if overlays() else None)
    if name is None and {*workflow.config_settings.config} - {"paper"}:
        raise ConfigError(
            "--config changes the paper's settings; add variation=NAME to it"
        )
    if name is not None and not str(name).isidentifier():
        fit = re.sub(r"[^A-Za-z0-9_]|^(?=\d)", "_", str(name))[:40]
        raise ConfigError(
            f"variation: {str(name)[:40]!r} is also the name of a folder; use only letters, digits and _:  "
            f"add --config variation={fit}"
        )
    return name


try:
    # Snakemake's own merge would mix the keys of the old and the new `data` or `init`.
    SHIPPED = text.load_config(HERE / PAPER.config)
    GIVEN = {k: text.typed(v) for k, v in workflow.config_settings.config.items()}
    RAW = layers.merged([SHIPPED, *map(text.load_config, overlays()), GIVEN])
    VARIATION = variation()
    CONFIG = resolve(RAW, SHIPPED if VARIATION else None)
    BASE = resolve(SHIPPED) if VARIATION else None
    if BASE:
        CONFIG = judging.completed(changed(CONFIG, BASE), CONFIG, BASE, PAPER.name)
        if not CONFIG.experiments:
            raise ConfigError(
                f"variation {VARIATION}: it changes no experiment and adds none; change one, "
                f"or edit {PAPER.config} itself to change only theory or figures"
            )
    if workflow.is_main_process:
        judging.claims()  # refuses a name that two papers give to a claim
        for experiment in CONFIG.experiments.values():
            engine = experiment.settings.engine
            engines.check_installed(engine, experiment.conditions.values())
    JUDGED = judging.asked(PAPER.name, CONFIG, BASE)
    SCOPE = judging.scope(
        [claim for kept in JUDGED.values() for claim in kept],
        CONFIG.experiments,
        CONFIG.theory,
    )
except (ValueError, OSError, ModuleNotFoundError) as error:
    sys.exit(f"config: {error}")

if workflow.is_main_process:
    for name, why in CONFIG.left_out.items():
        print(f"figure {name} is left out: it {why}")

ROOT = f"{PAPER.results}/variations/{VARIATION}" if VARIATION else PAPER.results
JOBS = {job.name: job for e in CONFIG.experiments.values() for job in jobs.jobs(e)}
TRAINING_SETS = sweep.longest_sets(
    (e.sweep for e in CONFIG.experiments.values()), CONFIG.seed
)


def one_of(names):
    """A pattern that matches the names only; it matches nothing if there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    experiment=one_of(CONFIG.experiments),
    slice=r"[^/]+",
    block=r"\d+-\d+",
    figure=one_of(CONFIG.figures),
    theory=one_of(CONFIG.theory),
    claims=one_of(JUDGED),


def as_json(value):
    """JSON of a record or of plain values, in the config's order, which names the conditions."""
    is_record = hasattr(value, "model_dump_json")
    return (
        value.model_dump_json()
        if is_record
        else json.dumps(value, separators=(",", ":"))
    )


# What each digest of code covers, so that a job can see whether the code is still the same.
ENTRIES = {}


def code_of(*entries, apart_from=()):
    """The digest of modules or files and of the code behind them, for `params`."""
    found = rebuild.code(*entries, apart_from=apart_from)
    named = [e if isinstance(e, str) else str(e.relative_to(HERE)) for e in entries]
    ENTRIES[found] = named, apart_from
    return found


def script_code(script, *modules):
    """The digest of a script and of the modules behind it."""
    return code_of(HERE / "workflow" / "scripts" / f"{script}.py", *modules)


def script(name, options):
    """The shell command of a stage's script. It reads its options from standard input, which has
    room for the paths of ten thousand models. JSON has no line breaks, so no option can end the input.
    """
    command = f"python workflow/scripts/{name}.py - > {{log:q}} 2>&1 <<'OPTIONS'\n"
    ends = "--origins {params.origins:q} --planned-code {params.planned:q}"
    return f"{command}{options} {ends}\nOPTIONS"


def experiment_of(wildcards):
    return CONFIG.experiments[wildcards.experiment]


def jobs_of(wildcards):
    """The training jobs of a process: one of a slice and a block, or all of the experiment."""
    if hasattr(wildcards, "slice"):
        name = f"{wildcards.experiment}/models/{wildcards.slice}/{wildcards.block}"
        return [JOBS[name]]
    return jobs.jobs(experiment_of(wildcards))


def distributions_of(experiment):
    """The modules of the feature distributions that an experiment draws from."""
    names = {c.data.name for c in experiment.conditions.values()}
    return sorted(lookup.module("data", name) for name in names)
