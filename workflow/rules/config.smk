"""The config files as text: checked before Snakemake reads config.yaml."""

import sys
from pathlib import Path

from superpos import config_text

try:
    for path in ("config.yaml", *workflow.config_settings.configfiles):
        config_text.check(str(path), Path(path).read_text(encoding="utf-8"))
except (ValueError, OSError) as error:
    sys.exit(f"config: {error}")
