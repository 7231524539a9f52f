"""Merge the verdicts on the claims of all files into one table."""

from superpos.cli.script_options import options
from superpos.storage import provenance, store
from superpos.verdicts import judging, outcomes

args = options(verdicts=["path"], settings="json", code="text", claims="path", text="path")
table = judging.gathered(store.load_table(path) for path in args.verdicts)
lists = {
    name: table[name].map(lambda values: " ".join(f"{value:g}" for value in values))
    for name in ("best_of", "best_of_holds")
}
text = table.assign(**lists).to_csv(index=False).encode()
notes = provenance.notes(args.code, args.settings, beside=store.beside(args.text, text))
store.save_table(args.claims, table, notes)
store.save_bytes(args.text, text)
statements = judging.statements(table)
of_paper = statements["verdict"][statements["kind"] == "paper"]
print(outcomes.summary(table["verdict"]))
print(outcomes.summary(of_paper, "statements of the paper"))
