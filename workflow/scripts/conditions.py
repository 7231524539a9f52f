"""The table of an experiment's conditions: its sweep, expanded."""

from superpos.cli.script_options import options
from superpos.config.condition_table import to_table
from superpos.config.stage_settings import ConditionSettings
from superpos.storage import provenance, store

args = options(settings=ConditionSettings, code="text", table="path")
notes = provenance.notes(args.code, args.settings.model_dump())
store.save_table(args.table, to_table(args.settings.sweep), notes)
