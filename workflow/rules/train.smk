"""Training: one job for each block of replicates of a slice; on a GPU one for a whole experiment."""

TRAIN = script(
    "train",
    "--specification {params.specification:q} --code {params.code:q}"
    " --threads {threads} --training-sets {input.sets:q}"
    " --weights {output.weights:q} --history {output.history:q}",
)
# For each experiment whose jobs one process trains, their files.
ON_GPU = {
    name: [job.name.partition("/")[2] for job in jobs.jobs(e)]
    for name, e in CONFIG.experiments.items()
    if jobs.trains_together(e)
}


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
    wildcard_constraints:
        experiment=one_of(set(CONFIG.experiments) - set(ON_GPU)),
    priority: train_cost
    group:
        train_group
    resources:
        mem_mb=train_megabytes,
        runtime=train_minutes,
    params:
        specification=specifications,
        code=train_codes,
        origins=origins_of,
        planned=planned_code,
    message:
        "train {wildcards.experiment}: {wildcards.slice}, block {wildcards.block}"
    shell:
        TRAIN


for EXPERIMENT, FILES in ON_GPU.items():

    rule:
        name:
            f"train_{EXPERIMENT}"
        input:
            reused,
            sets=training_sets,
        output:
            weights=update(
                [f"{ROOT}/{{experiment}}/{file}.safetensors" for file in FILES]
            ),
            history=[f"{ROOT}/{{experiment}}/{file}.parquet" for file in FILES],
        log:
            f"{ROOT}/logs/{{experiment}}/train.log",
        benchmark:
            f"{ROOT}/benchmarks/{{experiment}}/train.tsv"
        wildcard_constraints:
            experiment=re.escape(EXPERIMENT),
        priority: train_cost
        group:
            train_group
        resources:
            mem_mb=train_megabytes,
            runtime=train_minutes,
            gpu=1,
        params:
            specification=specifications,
            code=train_codes,
            origins=origins_of,
            planned=planned_code,
        message:
            "train {wildcards.experiment} on the GPU"
        shell:
            TRAIN
