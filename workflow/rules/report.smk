"""Verdicts on the paper's claims, and the page that shows everything."""

EXPERIMENTS = list(CONFIG.experiments)
TITLES = {name: e.settings.title for name, e in CONFIG.experiments.items()}
FIGURES = {
    name: {"draw": figure.draw, "experiments": figure.experiments}
    for name, figure in CONFIG.figures.items()
}
DRAWINGS = sorted(
    {f"superpos.figures.{figure.draw}" for figure in CONFIG.figures.values()}
)


rule claims:
    input:
        tables=[
            f"{ROOT}/{name}/{stage}.parquet"
            for name in EXPERIMENTS
            for stage in STAGES
        ],
        theory=[f"{ROOT}/theory/{name}.parquet" for name in CONFIG.theory],
    output:
        update(f"{ROOT}/claims.parquet"),
    log:
        f"{ROOT}/logs/claims.log",
    benchmark:
        f"{ROOT}/benchmarks/claims.tsv"
    params:
        folders=[f"{ROOT}/{name}" for name in EXPERIMENTS],
        settings=as_json({"seed": CONFIG.seed}),
        code=script_code("claims", *rebuild.folder("superpos.claims")),
    message:
        "verdicts on the paper's claims"
    shell:
        "python workflow/scripts/claims.py --experiments {params.folders:q}"
        " --theory {input.theory:q} --settings {params.settings:q} --code {params.code}"
        " --claims {output:q} > {log:q} 2>&1"


rule report:
    input:
        claims=rules.claims.output,
        figures=[f"{ROOT}/figures/{name}.svg" for name in FIGURES],
    output:
        update(f"{ROOT}/report.html"),
    log:
        f"{ROOT}/logs/report.log",
    benchmark:
        f"{ROOT}/benchmarks/report.tsv"
    params:
        figures=as_json(FIGURES),
        titles=as_json(TITLES),
        seed=CONFIG.seed,
        code=script_code("report", HERE / "superpos/report.html", *DRAWINGS),
    message:
        "report"
    shell:
        "python workflow/scripts/report.py --claims {input.claims:q} --svgs {input.figures:q}"
        " --figures {params.figures:q} --titles {params.titles:q} --seed {params.seed}"
        " --code {params.code} --page {output:q} > {log:q} 2>&1"
