"""Theory tables, and figures: one job each, from Parquet tables alone."""


rule theory:
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
    message:
        "theory table {wildcards.theory}"
    shell:
        "python workflow/scripts/theory.py --table {params.table} --settings {params.settings:q}"
        " --code {params.code} --result {output:q} > {log:q} 2>&1"


rule figure:
    input:
        tables=figure_tables,
        theory=figure_theory,
    output:
        svg=report(
            update(f"{ROOT}/figures/{{figure}}.svg"),
            caption="../report/figure.rst",
            category=figure_section,
            labels={"figure": "{figure}"},
        ),
        pdf=update(f"{ROOT}/figures/{{figure}}.pdf"),
        png=update(f"{ROOT}/figures/{{figure}}.png"),
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
    message:
        "figure {wildcards.figure}"
    shell:
        "python workflow/scripts/figure.py --draw {params.draw} --options {params.options:q}"
        " --experiments {params.folders:q} --theory {input.theory:q} --code {params.code}"
        " --svg {output.svg:q} --pdf {output.pdf:q} --png {output.png:q} > {log:q} 2>&1"
