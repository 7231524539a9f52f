"""Conditions, held-out samples and finite training sets."""


rule conditions:
    input:
        reused,
    output:
        f"{ROOT}/{{experiment}}/conditions.parquet",
    log:
        f"{ROOT}/logs/{{experiment}}/conditions.log",
    benchmark:
        f"{ROOT}/benchmarks/{{experiment}}/conditions.tsv"
    params:
        settings=condition_settings,
        code=script_code("conditions"),
        origins=origins_of,
    message:
        "conditions of {wildcards.experiment}"
    shell:
        script(
            "conditions",
            "--settings {params.settings:q} --code {params.code} --table {output:q}",
        )


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
        origins=origins_of,
    message:
        "held-out samples of {wildcards.experiment}"
    shell:
        script(
            "evaluation",
            "--conditions {input:q} --settings {params.settings:q} --code {params.code}"
            " --samples {output:q}",
        )


rule training_set:
    input:
        reused,
    output:
        f"{ROOT}/training_sets/{{distribution}}.safetensors",
    log:
        f"{ROOT}/logs/training_sets/{{distribution}}.log",
    benchmark:
        f"{ROOT}/benchmarks/training_sets/{{distribution}}.tsv"
    params:
        settings=training_set_settings,
        code=training_set_code,
        origins=origins_of,
    message:
        "finite training set {wildcards.distribution}"
    shell:
        script(
            "training_set",
            "--settings {params.settings:q} --code {params.code} --samples {output:q}",
        )
