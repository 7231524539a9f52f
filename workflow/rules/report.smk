"""Verdicts on the paper's claims, and the pages that show everything."""

from superpos.condition import digest
from superpos.report import choices

PAGES = sorted((HERE / "superpos/pages").glob("*.html"))
TITLES = {name: e.settings.title for name, e in CONFIG.experiments.items()}
FIGURES = {
    name: {"draw": figure.draw, "experiments": figure.experiments}
    for name, figure in CONFIG.figures.items()
}
DRAWINGS = sorted(
    {f"superpos.figures.{figure.draw}" for figure in CONFIG.figures.values()}
)


rule judge:
    input:
        tables=judged_tables,
        theory=judged_theory,
    output:
        update(f"{ROOT}/claims/{{claims}}.parquet"),
    log:
        f"{ROOT}/logs/claims/{{claims}}.log",
    benchmark:
        f"{ROOT}/benchmarks/claims/{{claims}}.tsv"
    params:
        folders=judged_folders,
        settings=as_json({"seed": CONFIG.seed}),
        code=judge_code,
    message:
        "verdicts on the claims of {wildcards.claims}.py"
    shell:
        "python workflow/scripts/judge.py --file {wildcards.claims}"
        " --experiments {params.folders:q} --theory {input.theory:q}"
        " --settings {params.settings:q} --code {params.code} --verdicts {output:q} > {log:q} 2>&1"


rule claims:
    input:
        [f"{ROOT}/claims/{name}.parquet" for name in JUDGED],
    output:
        update(f"{ROOT}/claims.parquet"),
    log:
        f"{ROOT}/logs/claims.log",
    benchmark:
        f"{ROOT}/benchmarks/claims.tsv"
    params:
        settings=as_json({"seed": CONFIG.seed}),
        code=script_code("claims"),
    message:
        "verdicts on the paper's claims"
    shell:
        "python workflow/scripts/claims.py --verdicts {input:q} --settings {params.settings:q}"
        " --code {params.code} --claims {output:q} > {log:q} 2>&1"


rule report:
    input:
        claims=rules.claims.output,
        figures=[f"{ROOT}/figures/{name}.svg" for name in FIGURES],
    output:
        page=update(f"{ROOT}/report.html"),
        departures=update(f"{ROOT}/departures.html"),
    log:
        f"{ROOT}/logs/report.log",
    benchmark:
        f"{ROOT}/benchmarks/report.tsv"
    params:
        # Functions: in a text, Snakemake would take what stands in braces for wildcards.
        figures=lambda wildcards: as_json(FIGURES),
        titles=lambda wildcards: as_json(TITLES),
        benchmarks=f"{ROOT}/benchmarks",
        seed=CONFIG.seed,
        choices=digest(choices()),
        code=script_code("report", *PAGES, *DRAWINGS),
    message:
        "report"
    shell:
        "python workflow/scripts/report.py --claims {input.claims:q} --svgs {input.figures:q}"
        " --figures {params.figures:q} --titles {params.titles:q} --seed {params.seed}"
        " --benchmarks {params.benchmarks:q} --page {output.page:q}"
        " --departures {output.departures:q} > {log:q} 2>&1"
