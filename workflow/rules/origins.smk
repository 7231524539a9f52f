"""The origin that each file must have, and which existing files have another one."""

from types import SimpleNamespace

from superpos.cli import stale
from superpos.storage import origins, store


def maker(path):
    """The rule that makes a file, and the wildcards of the job."""
    for one in workflow.rules:
        for output in one.output:
            if match := output.match(path):
                return one, tuple(match.groupdict().items())


def inputs_of(its, wildcards):
    """The input files of a job."""
    for item in its.input:
        if item is not reused:
            found = (
                item(wildcards) if callable(item) else item.format(**vars(wildcards))
            )
            yield from [found] if isinstance(found, str) else found


@functools.cache
def settings_of(its, wildcards):
    """The parameters of a job that depend on its wildcards alone, not on its files."""
    found, wildcards = {}, SimpleNamespace(**dict(wildcards))
    for name, value in its.params._allitems():
        if not callable(value):
            found[name] = value
        elif [*inspect.signature(value).parameters] == ["wildcards"]:
            found[name] = value(wildcards)
    return found


@functools.cache
def job_origin(its, wildcards):
    """The origin of a job, from all parameters of its rule and the origins of its inputs."""
    settings = [*settings_of(its, wildcards).items()]
    inputs = inputs_of(its, SimpleNamespace(**dict(wildcards)))
    return origins.of_job(settings, map(origin, inputs))


@functools.cache
def origin(path):
    """The origin that a file must have."""
    return origins.of_file(job_origin(*maker(path)), path.removeprefix(f"{ROOT}/"))


def origins_of(wildcards, input, output):
    """The origins of a job's files, for its script, which refuses inputs with other origins."""
    return as_json({path: origin(path) for path in (*input, *output)})


def planned_code(wildcards, output):
    """What the digests of code behind a job cover, for its script, which refuses to run edited code."""
    text = as_json(settings_of(*maker(output[0]))["code"])
    return as_json({one: covers for one, covers in ENTRIES.items() if one in text})


@functools.cache
def of_other_origin():
    """The existing files that were made with other settings or code, or for another place."""
    paths = [path for path in every_file(None) if os.path.lexists(path)]
    for path in paths:
        if not store.is_ordinary(Path(path)):
            sys.exit(
                f"results: {path}: it is not a file; move it away and run `make` again"
            )
    found = {path for path in paths if store.origin(Path(path)) != origin(path)}
    asked = workflow.dryrun and not VARIATION
    left = stale.found(Path(ROOT), CONFIG, JUDGED) if asked else []
    said = stale.stale_summary(ROOT, left) if left else ""
    costs = {job.process: cost_of(name) for name, job in JOBS.items()}
    extra = {"event": "other origin", "files": found, "stale": said, "costs": costs}
    logger.info(None, extra=extra)
    return found


def reused(wildcards):
    """Tell Snakemake which files it may not reuse, whatever their dates are; returns no file.

    This is an input function because those alone are called after the plan exists and before
    anything is decided.
    """
    if workflow.is_main_process:
        workflow.dag.forcefiles |= of_other_origin()
    return []
