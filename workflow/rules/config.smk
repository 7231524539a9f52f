"""Check where Snakemake runs and the text of the config files, and find out which paper is meant."""

import os
import sys
from pathlib import Path
from shlex import quote

PLACE = (
    Path(str(workflow.current_basedir.get_path_or_uri(secret_free=True)))
    .resolve()
    .parents[1]
)
sys.path.insert(0, str(PLACE))

from superpos.config import paper_files, text

if (
    Path.cwd().resolve() != PLACE
    or Path(workflow.main_snakefile).resolve() != PLACE / "Snakefile"
):
    sys.exit(
        f"config: superpos runs only as a whole, in its own folder; cd {quote(str(PLACE))}, then make"
    )
try:
    given = workflow.config_settings
    PAPER = paper_files.named(
        [*map(text.load_config, map(Path, given.configfiles)), given.config]
    )
    text.load_config(Path(PAPER.config))
except (ValueError, OSError) as error:
    sys.exit(f"config: {error}")
