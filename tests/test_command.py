"""The scripts' options: also more of them than a command line holds."""

import os
import subprocess
import sys

from project import HERE

SCRIPT = """
from superpos.cli.script_options import options
args = options(weights=["path"], settings="json", page="path")
print(len(args.weights), args.weights[-1], args.settings["text"], args.page)
"""


def printed(*arguments: str, given: str = "") -> str:
    command = [sys.executable, "-c", SCRIPT, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    streams = {"stdout": subprocess.PIPE, "text": True, "check": True}
    return subprocess.run(command, input=given, env=environment, **streams).stdout


def test_options_come_by_standard_input_where_a_command_line_cannot_hold_them():
    paths = " ".join(f"results/F1/models/density={i}/0-64.safetensors" for i in range(50_000))
    limit = os.sysconf("SC_ARG_MAX")
    assert len(paths) > limit
    given = f"""--weights {paths} 'a b/"c".x' --settings '{{"text": "it'"'"'s"}}' --page p.html"""
    assert printed("-", given=given) == """50001 a b/"c".x it's p.html\n"""


def test_options_come_on_the_command_line_as_ever():
    given = ("--weights", "a", "b", "--settings", '{"text": "t"}', "--page", "p.html")
    assert printed(*given) == "2 b t p.html\n"
