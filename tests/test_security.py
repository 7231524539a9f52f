"""What a hostile config, file or package could do, and cannot."""

import ast
import itertools
import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest
import yaml
from project import HERE, Project, tiny
from test_departures import verdict

from superpos.config import text as config_text
from superpos.config.messages import ConfigError
from superpos.config.resolving import resolve
from superpos.report import departures
from superpos.report import page as report
from superpos.storage import store

SOURCES = [
    *HERE.glob("superpos/**/*.py"),
    *HERE.glob("workflow/**/*.py"),
    *HERE.glob("benchmarks/*.py"),
]
PICKLING = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "joblib"}
RUNNING = {"eval", "exec", "compile", "__import__"}
LOADING = {
    ("torch", "load"),
    ("np", "load"),
    ("numpy", "load"),
    ("pd", "read_pickle"),
    ("yaml", "load"),
}
HOSTILE = """<script>alert(1)</script>"'`touch pwned` $(touch pwned) ; touch pwned {input} {{x}} \\u202e"""


def uses(path: Path) -> set[str]:
    """What a file imports or calls that could run what it reads."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names if a.name.split(".")[0] in PICKLING}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PICKLING:
            found.add(node.module)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found |= {node.func.id} & RUNNING
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found |= {node.attr} if (node.value.id, node.attr) in LOADING else set()
        elif isinstance(node, ast.keyword) and node.arg in ("allow_pickle", "shell"):
            found.add(node.arg)
    return found


def test_no_pickle_is_read_no_text_is_run_and_yaml_is_loaded_safely():
    assert len(SOURCES) > 100
    assert {str(path.relative_to(HERE)): u for path in SOURCES if (u := uses(path))} == {}
    rules = "\n".join(path.read_text() for path in HERE.glob("workflow/rules/*.smk"))
    assert not re.search(r"pickle|\beval\(|\bexec\(|yaml\.load|torch\.load", rules)


@pytest.mark.parametrize(
    "text",
    [
        *("import pickle", "from joblib import load", "eval('1')", "np.load(f, allow_pickle=True)"),
        *("yaml.load(text)", "torch.load(path)", "subprocess.run('ls', shell=True)"),
    ],
)
def test_that_test_finds_what_it_looks_for(tmp_path, text):
    (tmp_path / "file.py").write_text(text)
    assert uses(tmp_path / "file.py")


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a/b", "a\\b", "..", ".hidden", "a b", "a;b", "$x"]
)
@pytest.mark.parametrize("part", ["experiments", "theory", "figures"])
def test_a_name_that_is_no_word_names_no_file(part, name):
    raw = tiny()
    raw[part][name] = next(iter(raw[part].values()), {"table": "packing_gains"})
    with pytest.raises(ConfigError, match=rf"^{part}\.{re.escape(name)}: "):
        resolve(raw)


@pytest.mark.parametrize(
    ("key", "value"), [("draw", "../../x"), ("draw", "os"), ("from", ["../F1"])]
)
def test_a_figure_is_drawn_by_our_own_files_from_our_own_tables(key, value):
    raw = tiny()
    raw["figures"]["F1"][key] = value
    with pytest.raises(ConfigError, match=rf"^figures\.F1\.{key}: unknown"):
        resolve(raw)


def test_text_of_the_config_is_escaped_in_the_pages():
    table = pd.DataFrame([verdict("F1.x", False)]).assign(text=HOSTILE, source=HOSTILE)
    page = report.page(
        report.Material(
            paper="toy_models",
            claims=table,
            figures={"F1": report.FigureLine("intro", ["F1"], [])},
            svgs={"F1": '<svg xmlns="http://www.w3.org/2000/svg"></svg>'},
            titles={"F1": HOSTILE},
            models={},
            redraw="snakemake {figure}",
            config={"experiments": {"F1": {"title": HOSTILE}}},
            provenance={HOSTILE: HOSTILE},
            times={},
        )
    )
    for text in (page, departures.page(table, "toy_models")):
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


@pytest.mark.slow
def test_a_hostile_title_runs_nothing_and_reaches_the_report_as_text(project):
    config = tiny()
    config["experiments"]["sets"]["title"] = HOSTILE
    project.configure(config)
    assert project.planned() == {"report"}
    project.run()
    page = (project.folder / "results/report.html").read_text()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "$(touch pwned)" in page
    assert not list(project.folder.rglob("pwned"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["../../elsewhere", "/tmp/elsewhere", "a b", "$(touch pwned)"])
def test_a_variations_name_leads_nowhere_else(built, name):
    text = built.run("--dry-run", "--config", "seed=1", f"variation={name}", ok=False)
    assert "is also the name of a folder; use only letters, digits and _" in text


@pytest.mark.slow
@pytest.mark.parametrize("how", [Project.make, Project.run])
@pytest.mark.parametrize("option", ["--configfile", "--configfiles"])
def test_a_config_file_laid_over_is_no_program(project, how, option):
    (project.folder / "mine.yaml").write_text(
        "__use_yte__: true\nseed: ?(__import__('os').system('touch pwned'))\n"
    )
    text = how(project, "--dry-run", option, str(project.folder / "mine.yaml"), ok=False)
    lines = [line for line in text.splitlines() if not line.startswith("Using workflow")]
    assert lines == [
        f"config: {project.folder}/mine.yaml, line 1: key __use_yte__: "
        "a config is not a template; leave the key out"
    ]
    assert not (project.folder / "pwned").exists()


def test_no_file_that_is_no_result_is_read_as_one(tmp_path):
    for kind, load in (("safetensors", store.load_arrays), ("parquet", store.load_table)):
        path = tmp_path / f"file.{kind}"
        path.write_bytes(b"\x80\x04\x95cos\nsystem\n(S'touch pwned'\ntR.")
        with pytest.raises(store.DamagedFile, match="not a readable"):
            load(path)


def test_every_package_is_pinned_with_digests_but_torch():
    locks = [HERE / f"requirements{part}.lock" for part in ("", "-triton", "-dev", "-docs")]
    lock = "\n".join(path.read_text() for path in locks).replace("\\\n", "")
    lines = [line for line in lock.splitlines() if line and not line.startswith("#")]
    names = {re.split(r"[=\s]", line)[0].lower().replace("_", "-") for line in lines}
    pins = {line.split("--hash")[0].strip() for line in lines}
    where = {re.sub(r"==\S+", "", pin) for pin in pins}
    assert len(pins) == len(where), "two files pin different versions of a package"
    assert [
        line
        for line in lines
        if not re.fullmatch(r"\S+==\S+( ;.*?)?(\s+--hash=sha256:[0-9a-f]{64})+", line)
    ] == []
    torch = (HERE / "requirements-torch.lock").read_text().splitlines()
    assert [re.sub(r"==.*", "", line) for line in torch if line[0] != "#"] == ["torch"]
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    wanted = itertools.chain(project["dependencies"], *project["optional-dependencies"].values())
    missing = {re.split(r"[>=<\[;]", w)[0].lower() for w in wanted}
    missing -= names | {"torch", "superpos"}
    assert missing == set()


def test_the_shipped_config_is_plain_yaml():
    text = (HERE / "config.yaml").read_text()
    config_text.parse("config.yaml", text)
    assert yaml.safe_load(text)["seed"] == 0
