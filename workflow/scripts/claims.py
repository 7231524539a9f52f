"""The verdicts of all files with claims, one table."""

from superpos import claims, provenance, store, verdicts
from superpos.command import options

args = options(verdicts="paths", settings="json", code="text", claims="path", text="path")
table = claims.gathered(store.load_table(path) for path in args.verdicts)
text = table.to_csv(index=False).encode()
notes = provenance.notes(args.code, args.settings) | {"beside": store.note(args.text, text)}
store.save_table(args.claims, table, notes)
store.save_bytes(args.text, text)
print(verdicts.summary(table["verdict"]))
