"""Training: one job a block of replicates of a slice."""


rule train:
    input:
        training_sets,
    output:
        weights=f"{ROOT}/{{experiment}}/models/{{slice}}/{{block}}.safetensors",
        history=f"{ROOT}/{{experiment}}/models/{{slice}}/{{block}}.parquet",
    log:
        f"{ROOT}/logs/{{experiment}}/train/{{slice}}/{{block}}.log",
    benchmark:
        f"{ROOT}/benchmarks/{{experiment}}/train/{{slice}}/{{block}}.tsv"
    priority: lambda wildcards: plan.cost(CONFIG, job_of(wildcards))
    resources:
        mem_mb=1000,
    params:
        specification=specification,
        code=train_code,
    message:
        "train {wildcards.experiment}: {wildcards.slice}, replicates {wildcards.block}"
    shell:
        "python workflow/scripts/train.py --specification {params.specification:q}"
        " --code {params.code} --threads {threads} --training-sets {input:q}"
        " --weights {output.weights:q} --history {output.history:q} > {log:q} 2>&1"
