"""Verdicts on the paper's claims, and the pages that show everything."""

from dataclasses import astuple

from superpos.numerics.digest import digest
from superpos.report.page import choices
from superpos.verdicts import rest

PAGES = sorted((HERE / "superpos/report/templates").glob("*.[hjc]*"))
PAPERS = sorted(
    path
    for part in ("sections", "departures", "withdrawn", "claims_*", "first_screen")
    for path in (HERE / "superpos/papers" / PAPER.name).rglob(f"{part}.py")
)
TITLES = {name: e.settings.title for name, e in CONFIG.experiments.items()}
REST = HERE / "superpos/papers" / PAPER.name / "rest.csv"
MEASURED = rest.read(store.load_text(REST)) if REST.is_file() else None
TRAINED = {
    name: rest.sentence(e, MEASURED)
    for name, e in CONFIG.experiments.items()
    if MEASURED is not None
}
FIGURES = {
    name: {
        "draw": figure.draw,
        "experiments": figure.experiments,
        "theory": figure.theory,
        "title": figure.title,
        "caption": caption_of(figure),
    }
    for name, figure in CONFIG.figures.items()
}
VARIED = VARIATION and {
    "name": VARIATION,
    "experiments": own_experiments(CONFIG, BASE),
    "figures": [name for name in CONFIG.figures if name not in BASE.figures],
}


report: "../report/workflow.rst"


rule judge:
    input:
        tables=judged_tables,
        theory=judged_theory,
    output:
        f"{ROOT}/claims/{{claims}}.parquet",
    log:
        f"{ROOT}/logs/claims/{{claims}}.log",
    benchmark:
        f"{ROOT}/benchmarks/claims/{{claims}}.tsv"
    params:
        folders=judged_folders,
        settings=judge_settings,
        code=judge_code,
        origins=origins_of,
        planned=planned_code,
    message:
        "verdicts on the claims of {wildcards.claims}.py"
    shell:
        script(
            "judge",
            "--file {wildcards.claims} --experiments {params.folders:q} --theory {input.theory:q}"
            " --settings {params.settings:q} --code {params.code} --verdicts {output:q}",
        )


rule claims:
    input:
        reused,
        verdicts=[f"{ROOT}/claims/{name}.parquet" for name in JUDGED],
    output:
        table=f"{ROOT}/claims.parquet",
        text=report(
            f"{ROOT}/claims.csv",
            caption="../report/claims.rst",
            category="Verdicts",
            labels={"what": "all verdicts"},
        ),
    log:
        f"{ROOT}/logs/claims.log",
    benchmark:
        f"{ROOT}/benchmarks/claims.tsv"
    params:
        settings=as_json({"seed": CONFIG.seed}),
        code=script_code("claims"),
        origins=origins_of,
        planned=planned_code,
    message:
        "verdicts on the paper's claims"
    shell:
        script(
            "claims",
            "--verdicts {input.verdicts:q} --settings {params.settings:q} --code {params.code}"
            " --claims {output.table:q} --text {output.text:q}",
        )


rule report:
    input:
        claims=rules.claims.output.table,
        models=[f"{ROOT}/{name}/explorer.safetensors" for name in CONFIG.experiments],
        figures=[f"{ROOT}/figures/{name}.svg" for name in FIGURES],
    output:
        page=f"{ROOT}/report.html",
        departures=report(
            f"{ROOT}/departures.html",
            caption="../report/departures.rst",
            category="Verdicts",
            labels={"what": "what did not replicate"},
        ),
    log:
        f"{ROOT}/logs/report.log",
    benchmark:
        f"{ROOT}/benchmarks/report.tsv"
    params:
        # Functions: in a text, Snakemake would take what stands in braces for wildcards.
        figures=lambda wildcards: as_json(FIGURES),
        titles=lambda wildcards: as_json(TITLES),
        trained=lambda wildcards: as_json(TRAINED),
        left_out=lambda wildcards: as_json(CONFIG.left_out),
        variation=lambda wildcards: as_json(VARIED),
        paper=PAPER.name,
        benchmarks=f"{ROOT}/benchmarks",
        seed=CONFIG.seed,
        redraw=redraw_command,
        config=lambda wildcards: as_json(RAW),
        choices=digest([astuple(choice) for choice in choices(PAPER.name)]),
        code=script_code("report", *PAGES, *PAPERS),
        origins=origins_of,
        planned=planned_code,
    message:
        "report"
    shell:
        script(
            "report",
            "--paper {params.paper} --claims {input.claims:q} --svgs {input.figures:q} --models {input.models:q}"
            " --figures {params.figures:q} --titles {params.titles:q} --trained {params.trained:q} --redraw {params.redraw:q}"
            " --left-out {params.left_out:q} --variation {params.variation:q}"
            " --config {params.config:q} --seed {params.seed} --benchmarks {params.benchmarks:q}"
            " --page {output.page:q} --departures {output.departures:q}",
        )
