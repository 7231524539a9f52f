"""Refuse a target that no rule makes, and suggest the nearest one."""

from snakemake.cli import get_argument_parser

from superpos import lookup
from superpos.config import paper_files


def makes(target):
    """Whether a rule, and for a model a planned job, makes the file."""
    name = os.path.splitext(target.removeprefix(f"{ROOT}/"))[0]
    planned = "models" not in target.split("/") or name in JOBS
    return planned and any(rule.is_producer(target) for rule in workflow.rules)


rule_names = {rule.name for rule in workflow.rules}
# Snakemake itself knows the targets only after it has read this file.
for target in get_argument_parser().parse_known_args()[0].targets or ():
    if target not in rule_names and not makes(target):
        forms = ("png", "svg", "pdf")
        files = [f"{ROOT}/figures/{f}.{form}" for f in CONFIG.figures for form in forms]
        reports = [f"{p.results}/report.html" for p in paper_files.papers().values()]
        near = lookup.nearest_name(target, [*every_file(None), *reports, *files])
        hint = f"did you mean {near}? " if near else ""
        if (other := paper_files.paper_of_file(target)) != PAPER:
            hint = f"add --config paper={other.name}; "
        sys.exit(
            f"run: nothing makes {target}; {hint}figures: {', '.join(CONFIG.figures) or 'none'}"
        )
