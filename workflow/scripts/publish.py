"""Publish a paper's shipped run: write its verdicts and pictures to docs/ and a section of the README.

The larger runs that the project ships, such as double_descent_full.yaml, are published with it if they
are finished.
"""

import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from superpos.cli.script_options import options
from superpos.config import paper_files
from superpos.config.paper_files import FIRST
from superpos.progress import estimates
from superpos.report import publishing
from superpos.report.site.runs import PublishedRun
from superpos.storage import store
from superpos.verdicts import definitions, judging

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WINDOW = "1180,770"
NOTHING_TO_DO = "Nothing to be done"
PATIENCE = 60_000
"""The browser waits this many milliseconds, by its own clock, before it takes the picture."""


def finished(paper, checkout):
    """The folders of the larger runs that are finished; ends if one of them is not up to date."""
    folders = []
    for name, file in paper.larger(checkout).items():
        folder = checkout / paper.results / "variations" / name
        if not (folder / "claims.parquet").is_file():
            print(f"not published, because it was not run: {name} ({file.name})")
            continue
        command = [sys.executable, "workflow/run.py", "--configfile", file.name]
        said = subprocess.run(
            [*command, "--dry-run"], cwd=checkout, check=True, capture_output=True, text=True
        )
        if NOTHING_TO_DO not in said.stdout + said.stderr:
            run = shlex.join([".venv/bin/python", *command[1:]])
            sys.exit(f"{folder} is not up to date: run `{run}`, or remove this folder")
        folders.append(folder)
    return folders


def picture_of_explorer(report):
    """The explorer of a report as a PNG, or None without a browser."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        page, picture = Path(folder) / "page.html", Path(folder) / "picture.png"
        page.write_text(publishing.explorer_alone(store.load_text(report)), encoding="utf-8")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += [f"--user-data-dir={folder}/profile", f"--window-size={WINDOW}"]
        command += [f"--virtual-time-budget={PATIENCE}", f"--screenshot={picture}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True)
        return picture.read_bytes()


args = options(paper="text", checkout="path")
paper = paper_files.named([{"paper": args.paper}])
results, docs, readme = (args.checkout / name for name in (paper.results, "docs", "README.md"))
run = PublishedRun(paper, docs)
runs = [results, *finished(paper, args.checkout)]
pngs = {
    name: png
    for folder in runs
    for name in run.config.figures
    if (png := folder / f"figures/{name}.png").is_file()
}
files = {
    f"pictures/{name}.png": publishing.picture(store.load_bytes(png)) for name, png in pngs.items()
}
tables = [store.load_table(folder / "claims.parquet") for folder in runs]
times = {
    job: s
    for folder in reversed(runs)
    for job, s in estimates.by_name(store.estimable(folder / "benchmarks")).items()
}
kept = run.folder / "times.tsv"
known = estimates.from_tsv(store.load_text(kept)) if kept.is_file() else {}
files["times.tsv"] = estimates.to_tsv(estimates.shortest(known, times)).encode()
if paper == FIRST:
    files["seeds.parquet"] = store.load_bytes(results / "seeds.parquet")
    files["definitions.json"] = definitions.as_json(judging.claims()).encode()
    if explorer := picture_of_explorer(results / "report.html"):
        files[publishing.EXPLORER] = publishing.picture(explorer)
    elif (docs / publishing.EXPLORER).is_file():
        files[publishing.EXPLORER] = store.load_bytes(docs / publishing.EXPLORER)
        print(
            f"no browser was found ({', '.join(BROWSERS)}), so the picture of the explorer stays as it is"
        )
for path in (run.folder / "pictures").glob("*.png"):
    if path.relative_to(run.folder).as_posix() not in files:
        store.remove(path)
for name, content in files.items():
    store.save_bytes(run.folder / name, content)
store.save_table(run.folder / "claims.parquet", judging.joined_verdicts(tables))

text = publishing.with_generated_part(store.load_text(readme), publishing.part_of(args.checkout))
store.save_bytes(readme, text.encode())
size = sum(map(len, files.values())) / 1e6
print(f"the verdicts and {len(files)} other files, {size:.1f} MB, are in {run.folder}")
