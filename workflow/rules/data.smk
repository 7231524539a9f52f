"""Conditions, held-out samples and finite training sets."""


rule data:
    input:
        reused,
    output:
        conditions=f"{ROOT}/{{experiment}}/conditions.parquet",
        samples=f"{ROOT}/{{experiment}}/evaluation.safetensors",
    log:
        f"{ROOT}/logs/{{experiment}}/data.log",
    benchmark:
        f"{ROOT}/benchmarks/{{experiment}}/data.tsv"
    params:
        settings=data_settings,
        code=data_code,
        origins=origins_of,
        planned=planned_code,
    message:
        "conditions and held-out samples of {wildcards.experiment}"
    shell:
        script(
            "data",
            "--settings {params.settings:q} --code {params.code}"
            " --conditions {output.conditions:q} --samples {output.samples:q}",
        )


rule training_set:
    input:
        reused,
    output:
        f"{ROOT}/training_sets/{{family}}.safetensors",
    log:
        f"{ROOT}/logs/training_sets/{{family}}.log",
    benchmark:
        f"{ROOT}/benchmarks/training_sets/{{family}}.tsv"
    params:
        settings=training_set_settings,
        code=training_set_code,
        origins=origins_of,
        planned=planned_code,
    message:
        "finite training set {wildcards.family}"
    shell:
        script(
            "training_set",
            "--settings {params.settings:q} --code {params.code} --samples {output:q}",
        )
