"""Compare results with the manifest in the repository, or write it from the present results."""

from collections.abc import Iterable
from pathlib import Path

from superpos.cli import stale
from superpos.storage import manifest, provenance, store
from superpos.storage.manifest import Manifest


def verify(results: Path, kept: Path) -> tuple[bool, str]:
    """Whether results/ is what the manifest `kept` says, and what to tell, stage by stage.

    Raises a ValueError where the manifest is missing or is none, or config.yaml is not right.
    """
    try:
        expected = manifest.from_text(store.load_text(kept))
    except store.DamagedFile:
        raise ValueError(f"{kept}: no such manifest; `make manifest` writes it") from None
    except ValueError as error:
        raise ValueError(f"{kept}: {error}") from None
    planned = _planned(results)
    extra = [path for path in stale.in_checkout(results.absolute().parent) if manifest.stage(path)]
    return manifest.report(expected, present(results, [*planned, *extra]), planned)


def write(results: Path, kept: Path) -> str:
    """Write the manifest of what config.yaml plans; returns what to tell."""
    planned = _planned(results)
    found = present(results, planned)
    for path in sorted(planned):
        if not found.digests.get(path):
            what = "is damaged" if path in found.digests else "is missing"
            raise ValueError(f"{results}/{path} {what}; run `make` before its manifest is written")
    store.save_bytes(kept, manifest.to_text(found).encode())
    return f"{kept}: {len(found.digests)} files"


def present(results: Path, paths: Iterable[str]) -> Manifest:
    """The manifest of those results that are there; a damaged file has the digest ""."""
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
