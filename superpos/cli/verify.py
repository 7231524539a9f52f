"""Compare a paper's results with its manifest in the repository, or write the manifest from the results."""

from collections.abc import Iterable
from pathlib import Path

from superpos.cli import stale
from superpos.config.paper_files import FIRST, PaperFiles
from superpos.numerics.digest import arrays_digest
from superpos.storage import manifest, provenance, store
from superpos.storage.manifest import Manifest


def verify(folder: Path, kept: Path, paper: PaperFiles = FIRST) -> tuple[bool, str]:
    """Whether a paper's results in a checkout agree with the manifest `kept`, and a report stage by stage.

    Raises a ValueError if the manifest is missing or unreadable, or if the config has a mistake.
    """
    try:
        expected = manifest.from_text(store.load_text(kept))
    except store.DamagedFile:
        raise ValueError(
            f"{kept}: there is no such manifest; run this in a clone of the repository, where"
            f" `make manifest{paper.choice}` writes it"
        ) from None
    except ValueError as error:
        raise ValueError(f"{kept}: {error}") from None
    planned = {*stale.planned(folder, paper)}
    extra = filter(manifest.stage_of_file, stale.in_checkout(folder, paper))
    found = present(folder / paper.results, [*planned, *extra])
    commands = {"make": paper.command, "manifest": f"make manifest{paper.choice}"}
    return manifest.report(expected, found, planned, {**commands, "config": paper.config})


def write_manifest(folder: Path, kept: Path, paper: PaperFiles = FIRST) -> str:
    """Write the manifest of the files that the paper's config plans, and return a one-line report."""
    planned = {*stale.planned(folder, paper)}
    found = present(folder / paper.results, planned)
    for path in sorted(planned):
        if not found.digests.get(path):
            what = "is damaged" if path in found.digests else "is missing"
            raise ValueError(
                f"{paper.results}/{path} {what}; run `{paper.command}` before you write the manifest"
            )
    store.save_bytes(kept, manifest.to_text(found).encode())
    return f"{kept}: {len(found.digests)} files"


def present(results: Path, paths: Iterable[str]) -> Manifest:
    """The manifest of the results that exist. The digest of a damaged file is empty."""
    there = [path for path in paths if (results / path).exists()]
    return Manifest(provenance.versions(), {path: _digest(results / path) for path in there})


def _digest(path: Path) -> str:
    try:
        match path.suffix:
            case ".safetensors":
                return arrays_digest(store.load_arrays(path)[0])
            case ".parquet":
                return manifest.table_digest(store.load_table(path))
            case _:
                digest = store.content_digest(path)
                return manifest.INTACT if path.name == "report.html" else digest
    except store.DamagedFile:
        return ""
