"""Print the JSON schema of config.yaml, the content of config.schema.json.

With that file, editors that have a YAML language server complete and check config.yaml.
"""

import argparse
import json

from superpos.config.schema import schema


def arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(given: argparse.Namespace) -> int:
    """Print the schema."""
    print(json.dumps(schema(), indent=2, ensure_ascii=False))
    return 0
