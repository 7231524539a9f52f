"""Figures: one job each, from the Parquet tables alone."""


def tables_of_figure(table):
    def paths(wildcards):
        names = CONFIG.figures[wildcards.figure].experiments
        return [f"{ROOT}/{name}/{table}.parquet" for name in names]

    return paths


def figure_options(wildcards):
    return as_json(CONFIG.figures[wildcards.figure].options)


def figure_draw(wildcards):
    return CONFIG.figures[wildcards.figure].draw


def figure_code(wildcards):
    return script_code("figure", f"superpos.figures.{figure_draw(wildcards)}")


rule figure:
    input:
        runs=tables_of_figure("runs"),
        features=tables_of_figure("features"),
    output:
        svg=report(
            f"{ROOT}/figures/{{figure}}.svg",
            category="Figures",
            labels={"figure": "{figure}"},
        ),
        pdf=f"{ROOT}/figures/{{figure}}.pdf",
        png=f"{ROOT}/figures/{{figure}}.png",
    log:
        f"{ROOT}/logs/figures/{{figure}}.log",
    benchmark:
        f"{ROOT}/benchmarks/figures/{{figure}}.tsv"
    params:
        draw=figure_draw,
        options=figure_options,
        code=figure_code,
    message:
        "figure {wildcards.figure}"
    shell:
        "python workflow/scripts/figure.py --draw {params.draw} --options {params.options:q}"
        " --runs {input.runs:q} --features {input.features:q} --code {params.code}"
        " --svg {output.svg:q} --pdf {output.pdf:q} --png {output.png:q} > {log:q} 2>&1"
