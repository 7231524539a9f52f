"""Theory tables, and figures: one job each, from Parquet tables alone."""


rule theory:
    input:
        reused,
    output:
        f"{ROOT}/theory/{{theory}}.parquet",
    log:
        f"{ROOT}/logs/theory/{{theory}}.log",
    benchmark:
        f"{ROOT}/benchmarks/theory/{{theory}}.tsv"
    params:
        table=theory_table,
        settings=theory_settings,
        code=theory_code,
        origins=origins_of,
        planned=planned_code,
    message:
        "theory table {wildcards.theory}"
    shell:
        script(
            "theory",
            "--table {params.table} --settings {params.settings:q} --code {params.code}"
            " --result {output:q}",
        )


rule figure:
    input:
        tables=figure_tables,
        theory=figure_theory,
    output:
        svg=report(
            f"{ROOT}/figures/{{figure}}.svg",
            caption="../report/figure.rst",
            category=figure_section,
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
        folders=figure_folders,
        caption=figure_caption,
        code=figure_code,
        origins=origins_of,
        planned=planned_code,
    message:
        "figure {wildcards.figure}"
    shell:
        script(
            "figure",
            "--draw {params.draw} --options {params.options:q}"
            " --experiments {params.folders:q} --theory {input.theory:q}"
            " --svg {output.svg:q} --pdf {output.pdf:q} --png {output.png:q}",
        )
