"""Metrics: the runs of an experiment as tidy tables."""


rule metrics:
    input:
        conditions=rules.conditions.output,
        samples=rules.evaluation.output,
        models=models,
        losses=losses,
    output:
        # `update` puts the old tables back where the job fails.
        runs=update(f"{ROOT}/{{experiment}}/runs.parquet"),
        features=update(f"{ROOT}/{{experiment}}/features.parquet"),
        history=update(f"{ROOT}/{{experiment}}/history.parquet"),
        checkpoints=update(f"{ROOT}/{{experiment}}/checkpoints.parquet"),
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
    message:
        "metrics of {wildcards.experiment}"
    shell:
        "python workflow/scripts/metrics.py - > {log:q} 2>&1 <<'OPTIONS'\n"
        "--experiment {wildcards.experiment}"
        " --conditions {input.conditions:q} --samples {input.samples:q}"
        " --weights {input.models:q} --losses {input.losses:q}"
        " --settings {params.settings:q} --code {params.code} --runs {output.runs:q}"
        " --features {output.features:q} --history {output.history:q}"
        " --checkpoints {output.checkpoints:q}\nOPTIONS"
