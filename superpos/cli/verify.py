"""Compare the results with the manifest in the repository, or write the manifest from the results."""

from collections.abc import Iterable
from pathlib import Path

from superpos.cli import stale
from superpos.storage import manifest, provenance, store
from superpos.storage.manifest import Manifest


def verify(results: Path, kept: Path) -> tuple[bool, str]:
    """Whether results/ agrees with the manifest `kept`, and a report stage by stage.

    Raises a ValueError if the manifest is missing or unreadable, or if config.yaml has a mistake.
    """
    try:
        expected = manifest.from_text(store.load_text(kept))
    except store.DamagedFile:
        raise ValueError(f"{kept}: there is no such manifest; `make manifest` writes it") from None
    except ValueError as error:
        raise ValueError(f"{kept}: {error}") from None
    planned = _planned(results)
    extra = [
        path
        for path in stale.in_checkout(results.absolute().parent)
        if manifest.stage_of_file(path)
    ]
    return manifest.report(expected, present(results, [*planned, *extra]), planned)


def write_manifest(results: Path, kept: Path) -> str:
    """Write the manifest of the files that config.yaml plans, and return a one-line report."""
    planned = _planned(results)
    found = present(results, planned)
    for path in sorted(planned):
        if not found.digests.get(path):
            what = "is damaged" if path in found.digests else "is missing"
            raise ValueError(f"{results}/{path} {what}; run `make` before you write the manifest")
    store.save_bytes(kept, manifest.to_text(found).encode())
    return f"{kept}: {len(found.digests)} files"


def present(results: Path, paths: Iterable[str]) -> Manifest:
    """The manifest of the results that exist. The digest of a damaged file is empty."""
    there = [path for path in paths if (results / path).exists()]
    return Manifest(provenance.versions(), {path: _digest(results / path) for path in there})


def _planned(results: Path) -> set[str]:
    return {*stale.planned(results.absolute().parent)}


def _digest(path: Path) -> str:
    try:
        match path.suffix:
            case ".safetensors":
                return manifest.arrays_digest(store.load_arrays(path)[0])
            case ".parquet":
                return manifest.table_digest(store.load_table(path))
            case _:
                digest = store.content_digest(path)
                return manifest.INTACT if path.name == "report.html" else digest
    except store.DamagedFile:
        return ""
