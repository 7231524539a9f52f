"""Metrics: the runs of an experiment as tidy tables, and its models packed for the report."""


rule metrics:
    input:
        conditions=rules.data.output.conditions,
        samples=rules.data.output.samples,
        sets=training_sets,
        models=models,
        losses=losses,
    output:
        runs=f"{ROOT}/{{experiment}}/runs.parquet",
        features=f"{ROOT}/{{experiment}}/features.parquet",
        history=f"{ROOT}/{{experiment}}/history.parquet",
        checkpoints=f"{ROOT}/{{experiment}}/checkpoints.parquet",
        by_sample=f"{ROOT}/{{experiment}}/samples.parquet",
        explorer=f"{ROOT}/{{experiment}}/explorer.safetensors",
    log:
        f"{ROOT}/logs/{{experiment}}/metrics.log",
    benchmark:
        f"{ROOT}/benchmarks/{{experiment}}/metrics.tsv"
    resources:
        mem_mb=metric_megabytes,
        runtime=metric_minutes,
    params:
        settings=metric_settings,
        code=metric_code,
        origins=origins_of,
        planned=planned_code,
    message:
        "metrics of {wildcards.experiment}"
    shell:
        script(
            "metrics",
            "--experiment {wildcards.experiment}"
            " --conditions {input.conditions:q} --samples {input.samples:q}"
            " --training-sets {input.sets:q}"
            " --weights {input.models:q} --losses {input.losses:q}"
            " --settings {params.settings:q} --code {params.code} --runs {output.runs:q}"
            " --features {output.features:q} --history {output.history:q}"
            " --checkpoints {output.checkpoints:q} --by-sample {output.by_sample:q}"
            " --explorer {output.explorer:q}",
        )
