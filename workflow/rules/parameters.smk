"""The inputs, parameters and resources of the jobs, from their wildcards."""

import functools
import inspect

TABLES = ("runs", "features", "samples", "history", "checkpoints")


def every_file(wildcards):
    """Every file of every stage, so that a deleted one is made again even if nothing needs it."""
    return [f"{ROOT}/{path}" for path in jobs.result_files(CONFIG, JUDGED)]


def data_settings(wildcards):
    experiment = experiment_of(wildcards)
    return as_json(
        stage_settings.DataSettings(
            seed=CONFIG.seed,
            sweep=experiment.sweep,
            evaluation=experiment.settings.evaluation,
        )
    )


def data_code(wildcards):
    return script_code("data", *distributions_of(experiment_of(wildcards)))


def training_set_settings(wildcards):
    sampled = TRAINING_SETS[wildcards.family]
    return as_json(
        stage_settings.TrainingSetSettings(seed=CONFIG.seed, distribution=sampled)
    )


def training_set_code(wildcards):
    name = TRAINING_SETS[wildcards.family].data.name
    return code_of("superpos.data.finite_set", lookup.module("data", name))


def specifications(wildcards):
    return [specification_of(job.name) for job in jobs_of(wildcards)]


@functools.cache
def specification_of(name):
    return as_json(jobs.specification(CONFIG, JOBS[name]))


def train_codes(wildcards):
    return [train_code_of(job.experiment, job.slice) for job in jobs_of(wildcards)]


@functools.cache
def train_code_of(experiment, name):
    """The digest of the code that trains the runs of a slice, by their way through it. It decides which
    stored runs are reused; the script around it does not."""
    trained = CONFIG.experiments[experiment]
    conditions = trained.slices[name].conditions.values()
    by_way = engines.modules_by_way(trained.settings.engine, conditions)
    apart = engines.COUNT_BY_OUTCOME
    return as_json(
        {way: code_of(*named, apart_from=apart) for way, named in by_way.items()}
    )


@functools.cache
def cost_of(name):
    return jobs.cost(JOBS[name])


def train_cost(wildcards):
    return sum(cost_of(job.name) for job in jobs_of(wildcards))


def train_group(wildcards):
    """Short jobs share a submission if the profile gives `group-components` for them."""
    group = "gpu" if jobs.trains_together(experiment_of(wildcards)) else "train"
    asked = group in workflow.group_settings.group_components
    return group if asked and train_minutes(wildcards) < 10 else None


def train_minutes(wildcards):
    return jobs.minutes_to_request(experiment_of(wildcards), train_cost(wildcards))


def train_megabytes(wildcards):
    return jobs.megabytes_to_request(experiment_of(wildcards), jobs_of(wildcards))


def metric_minutes(wildcards):
    return 10 + rows_of(wildcards) // 40_000


def metric_megabytes(wildcards):
    return 1500 + rows_of(wildcards) // 400


def rows_of(wildcards):
    """The rows of the tables of features, samples and checkpoints together."""
    experiment = experiment_of(wildcards)
    times = 1 + len(experiment.settings.checkpoints)
    rows = (
        c.n_features * times + (c.data.training_samples or 0)
        for c in experiment.conditions.values()
    )
    return experiment.settings.replicates * sum(rows)


def training_sets(wildcards):
    swept = (job.sweep for job in jobs_of(wildcards))
    names = sorted(sweep.longest_sets(swept, CONFIG.seed))
    return [f"{ROOT}/training_sets/{name}.safetensors" for name in names]


def models(wildcards):
    return [
        f"{ROOT}/{job.name}.safetensors" for job in jobs.jobs(experiment_of(wildcards))
    ]


def losses(wildcards):
    return [f"{ROOT}/{job.name}.parquet" for job in jobs.jobs(experiment_of(wildcards))]


def metric_settings(wildcards):
    settings = experiment_of(wildcards).settings
    return as_json(settings.measured(CONFIG.seed))


def metric_code(wildcards):
    experiment = experiment_of(wildcards)
    modules = {
        lookup.metrics()[name].__module__ for name in experiment.settings.metrics
    }
    models = {c.model for c in experiment.conditions.values()}
    variants = {lookup.module("model", name) for name in models}
    return script_code("metrics", *sorted(modules | variants))


def theory_settings(wildcards):
    return as_json(CONFIG.theory[wildcards.theory].settings)


def theory_table(wildcards):
    return CONFIG.theory[wildcards.theory].table


def theory_code(wildcards):
    return script_code("theory", lookup.module("theory table", theory_table(wildcards)))


def figure_tables(wildcards):
    names = CONFIG.figures[wildcards.figure].experiments
    return [f"{ROOT}/{name}/{stage}.parquet" for name in names for stage in TABLES]


def figure_folders(wildcards):
    return [f"{ROOT}/{name}" for name in CONFIG.figures[wildcards.figure].experiments]


def figure_theory(wildcards):
    return [
        f"{ROOT}/theory/{name}.parquet"
        for name in CONFIG.figures[wildcards.figure].theory
    ]


def figure_options(wildcards):
    return as_json(CONFIG.figures[wildcards.figure].options)


def figure_draw(wildcards):
    return CONFIG.figures[wildcards.figure].draw


def figure_code(wildcards):
    return script_code("figure", lookup.module("figure", figure_draw(wildcards)))


def figure_caption(wildcards):
    return caption_of(CONFIG.figures[wildcards.figure])


def caption_of(figure):
    """The figure's caption, which may name what its experiments sweep."""
    of = (CONFIG.experiments[name].sweep.points for name in figure.experiments)
    return caption(figure.draw, [point for points in of for point in points.values()])


def figure_section(wildcards):
    """The title of the paper's section, for the category of Snakemake's own report."""
    return sections.of_figure(figure_draw(wildcards), PAPER.name).title


def redraw_command(wildcards):
    """The command that draws a figure again, with the config files and values of this run."""
    files = "".join(f" {quote(os.path.relpath(f))}" for f in overlays())
    below = f" --configfile{files}" if files else ""
    chosen = {} if PAPER == paper_files.FIRST else {"paper": PAPER.name}
    given = chosen | workflow.config_settings.config
    values = "".join(f" {key}={quote(str(value))}" for key, value in given.items())
    above = f" --config{values}" if given else ""
    command = f".venv/bin/snakemake --force {ROOT}/figures/{{figure}}.svg{below}{above}"
    return as_json(command)


def tested_claims(wildcards):
    return [c for c in JUDGED[wildcards.claims] if c.claim not in SCOPE.untested]


def judged_experiments(wildcards):
    read = {name for claim in tested_claims(wildcards) for name in claim.experiments}
    return sorted(read & set(CONFIG.experiments))


def judged_folders(wildcards):
    return [f"{ROOT}/{name}" for name in judged_experiments(wildcards)]


def judged_tables(wildcards):
    return [
        f"{f}/{stage}.parquet" for f in judged_folders(wildcards) for stage in TABLES
    ]


def judged_theory(wildcards):
    kept = tested_claims(wildcards)
    return sorted({f"{ROOT}/theory/{name}.parquet" for c in kept for name in c.theory})


def judge_settings(wildcards):
    claims = [claim.claim for claim in JUDGED[wildcards.claims]]
    untested = {name: why for name, why in SCOPE.untested.items() if name in claims}
    read = judged_experiments(wildcards)
    beyond = {name: slugs for name, slugs in SCOPE.beyond.items() if name in read}
    return as_json(
        stage_settings.JudgeSettings(
            seed=CONFIG.seed, claims=claims, untested=untested, beyond=beyond
        )
    )


def judge_code(wildcards):
    return script_code("judge", lookup.module("claims file", wildcards.claims))


# Snakemake asks for the signature of each function several times per job, so they are stored.
for function in [f for f in globals().values() if inspect.isfunction(f)]:
    function.__signature__ = inspect.signature(function)
