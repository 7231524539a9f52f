"""Conditions, held-out samples and finite training sets."""


def condition_settings(wildcards):
    experiment = experiment_of(wildcards)
    return as_json(
        {"plain": experiment.plain, "sweep": experiment.sweep, "seed": CONFIG.seed}
    )


def evaluation_settings(wildcards):
    evaluation = experiment_of(wildcards).settings.evaluation
    return as_json({"seed": CONFIG.seed, **evaluation.model_dump()})


def evaluation_code(wildcards):
    return script_code("evaluation", *distributions_of(experiment_of(wildcards)))


def training_set_settings(wildcards):
    condition = TRAINING_SETS[wildcards.distribution]
    return as_json({"seed": CONFIG.seed, "condition": condition.model_dump()})


def training_set_code(wildcards):
    name = TRAINING_SETS[wildcards.distribution].data.name
    return script_code("training_set", f"superpos.data.{name}")


rule conditions:
    output:
        f"{ROOT}/{{experiment}}/conditions.parquet",
    log:
        f"{ROOT}/logs/{{experiment}}/conditions.log",
    benchmark:
        f"{ROOT}/benchmarks/{{experiment}}/conditions.tsv"
    params:
        settings=condition_settings,
        code=script_code("conditions"),
    message:
        "conditions of {wildcards.experiment}"
    shell:
        "python workflow/scripts/conditions.py --settings {params.settings:q}"
        " --code {params.code} --table {output:q} > {log:q} 2>&1"


rule evaluation:
    input:
        rules.conditions.output,
    output:
        f"{ROOT}/{{experiment}}/evaluation.safetensors",
    log:
        f"{ROOT}/logs/{{experiment}}/evaluation.log",
    benchmark:
        f"{ROOT}/benchmarks/{{experiment}}/evaluation.tsv"
    params:
        settings=evaluation_settings,
        code=evaluation_code,
    message:
        "held-out samples of {wildcards.experiment}"
    shell:
        "python workflow/scripts/evaluation.py --conditions {input:q}"
        " --settings {params.settings:q} --code {params.code} --samples {output:q} > {log:q} 2>&1"


rule training_set:
    output:
        f"{ROOT}/training_sets/{{distribution}}.safetensors",
    log:
        f"{ROOT}/logs/training_sets/{{distribution}}.log",
    benchmark:
        f"{ROOT}/benchmarks/training_sets/{{distribution}}.tsv"
    params:
        settings=training_set_settings,
        code=training_set_code,
    message:
        "finite training set {wildcards.distribution}"
    shell:
        "python workflow/scripts/training_set.py --settings {params.settings:q}"
        " --code {params.code} --samples {output:q} > {log:q} 2>&1"
