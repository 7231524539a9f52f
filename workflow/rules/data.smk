"""Conditions, held-out samples and finite training sets."""


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
        "python workflow/scripts/conditions.py - > {log:q} 2>&1 <<'OPTIONS'\n"
        "--settings {params.settings:q} --code {params.code} --table {output:q}\nOPTIONS"


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
