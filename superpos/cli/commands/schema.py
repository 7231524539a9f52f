"""Print the JSON schema of config.yaml, which config.schema.json holds.

Editors with a YAML language server complete and check config.yaml by that file.
"""

import argparse
import json

from superpos.config.schema import schema


def arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(given: argparse.Namespace) -> int:
    """Print it."""
    print(json.dumps(schema(), indent=2, ensure_ascii=False))
    return 0
