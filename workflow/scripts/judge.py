"""Judge the claims of one file."""

from superpos.cli.script_options import options
from superpos.config.stage_settings import JudgeSettings
from superpos.storage import provenance, store
from superpos.tables import stored
from superpos.tables.lacking import wanted
from superpos.verdicts import judging, outcomes
from superpos.verdicts.scope import Scope

args = options(
    **{"file": "text", "experiments": ["path"], "theory": ["path"], "settings": JudgeSettings},
    **{"code": "text", "verdicts": "path"},
)
with wanted(f"claims_{args.file}.py"):
    scope = Scope(args.settings.untested, args.settings.beyond)
    tables = stored.load_tables(args.experiments, args.theory)
    claims = [c for c in judging.claims(args.file) if c.claim in args.settings.claims]
    table = judging.judged(tables, claims, scope)
store.save_table(args.verdicts, table, provenance.notes(args.code, args.settings.model_dump()))
print(outcomes.summary(table["verdict"]))
