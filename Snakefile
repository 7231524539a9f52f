"""The pipeline: conditions -> data -> train -> metrics -> figures, claims -> report."""


include: "workflow/rules/config.smk"


configfile: PAPER.config


include: "workflow/rules/common.smk"
include: "workflow/rules/progress.smk"
include: "workflow/rules/parameters.smk"
include: "workflow/rules/origins.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/metrics.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        f"{ROOT}/report.html",
        every_file,


include: "workflow/rules/targets.smk"
