"""What every stage shares: the resolved config, the root of the results, parameters of the jobs."""

import gc
import json
import os
import sys
from pathlib import Path
from shlex import quote

import yaml

from superpos import claims, paper, plan, rebuild, training
from superpos.config import ConfigError, changed, resolve
from superpos.figure_words import words
from superpos.metrics import find

HERE = Path(workflow.basedir)
# Nothing of a DAG of ten thousand jobs is garbage, and looking for some takes a sixth of the time.
gc.set_threshold(200_000, 20, 1000)
sys.stdout.reconfigure(line_buffering=True)
shell.prefix(
    f'export PATH={quote(os.path.dirname(sys.executable))}:"$PATH" PYTHONPATH={quote(str(HERE))}; '
)


def layers():
    """The config files laid over the shipped one."""
    files = map(Path, workflow.config_settings.configfiles)
    return [f for f in files if f.resolve() != HERE / "config.yaml"]


def variation():
    """The name of a config laid over the shipped one: `variation`, or its file's name."""
    settings = workflow.config_settings
    name = config.get("variation", layers()[-1].stem if layers() else None)
    if name is None and settings.config:
        raise ConfigError(
            "--config changes the paper's settings: add variation=NAME to it"
        )
    if name is not None and not str(name).isidentifier():
        raise ConfigError(
            f"variation: {name!r} names a folder: letters, digits and _ only"
        )
    return name


try:
    VARIATION = variation()
    CONFIG = resolve(config)
    if VARIATION is not None:
        CONFIG = changed(
            CONFIG, resolve(yaml.safe_load((HERE / "config.yaml").read_text()))
        )
        if not CONFIG.experiments:
            raise ConfigError(
                f"variation {VARIATION}: it changes no experiment and adds none"
            )
except ConfigError as error:
    sys.exit(f"config: {error}")

ROOT = f"results/variations/{VARIATION}" if VARIATION else "results"
JOBS = {job.name: job for e in CONFIG.experiments.values() for job in plan.jobs(e)}
JUDGED = {
    name: kept
    for name in claims.files()
    if (kept := claims.about(name, CONFIG.experiments, CONFIG.theory))
}
SCOPE = claims.scope(
    [claim for kept in JUDGED.values() for claim in kept],
    CONFIG.experiments,
    CONFIG.theory,
)
TRAINING_SETS = {
    c.distribution(CONFIG.seed): c.sampled()
    for e in CONFIG.experiments.values()
    for c in e.conditions.values()
    if c.data.training_samples is not None
}


wildcard_constraints:
    experiment=r"[^/]+",
    slice=r"[^/]+",
    block=r"\d+-\d+",
    figure=r"[^/]+",
    theory=r"[^/]+",
    claims=r"[^/]+",


def as_json(value):
    """JSON in the config's own order: a sweep's axes give the conditions their names in it."""
    return json.dumps(value, separators=(",", ":"))


def script_code(script, *modules):
    """The digest of a script and of the modules behind it, for `params`."""
    return rebuild.code(HERE / "workflow" / "scripts" / f"{script}.py", *modules)


def experiment_of(wildcards):
    return CONFIG.experiments[wildcards.experiment]


def job_of(wildcards):
    return JOBS[f"{wildcards.experiment}/models/{wildcards.slice}/{wildcards.block}"]


def distributions_of(experiment):
    """The modules of the feature distributions that an experiment draws from."""
    return sorted(
        {f"superpos.data.{c.data.name}" for c in experiment.conditions.values()}
    )
