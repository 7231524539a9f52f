"""Training: one job for each block of replicates of a slice."""


rule train:
    input:
        reused,
        sets=training_sets,
    output:
        # `update` keeps the old file while the job runs: its runs are not trained again.
        weights=update(f"{ROOT}/{{experiment}}/models/{{slice}}/{{block}}.safetensors"),
        history=f"{ROOT}/{{experiment}}/models/{{slice}}/{{block}}.parquet",
    log:
        f"{ROOT}/logs/{{experiment}}/train/{{slice}}/{{block}}.log",
    benchmark:
        f"{ROOT}/benchmarks/{{experiment}}/train/{{slice}}/{{block}}.tsv"
    priority: train_cost
    group:
        train_group
    resources:
        mem_mb=train_megabytes,
        runtime=train_minutes,
    params:
        specification=specification,
        code=train_code,
        origins=origins_of,
    message:
        "train {wildcards.experiment}: {wildcards.slice}, replicates {wildcards.block}"
    shell:
        script(
            "train",
            "--specification {params.specification:q} --code {params.code:q}"
            " --threads {threads} --training-sets {input.sets:q}"
            " --weights {output.weights:q} --history {output.history:q}",
        )
