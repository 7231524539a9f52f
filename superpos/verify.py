"""Compare results with the manifest in the repository, or write it from the present results."""

from pathlib import Path

from superpos import manifest, provenance, store
from superpos.manifest import Manifest


def verify(results: Path, kept: Path) -> tuple[bool, str]:
    """Whether results/ is what the manifest `kept` says, and what to tell, stage by stage.

    Raises a ValueError where the manifest is missing or is none.
    """
    try:
        expected = manifest.from_text(store.load_text(kept))
    except store.DamagedFile:
        raise ValueError(f"{kept}: no such manifest; `make manifest` writes it") from None
    except ValueError as error:
        raise ValueError(f"{kept}: {error}") from None
    return manifest.report(expected, present(results))


def write(results: Path, kept: Path) -> str:
    """Write the manifest of the present results; returns what to tell."""
    found = present(results)
    damaged = [path for path, digest in found.digests.items() if not digest]
    if damaged or not found.digests:
        what = f"{results}/{damaged[0]} is damaged" if damaged else f"{results} holds no results"
        raise ValueError(f"{what}; run `make` before its manifest is written")
    store.save_bytes(kept, manifest.to_text(found).encode())
    return f"{kept}: {len(found.digests)} files"


def present(results: Path) -> Manifest:
    """The manifest of the results that are there; a damaged file has the digest ""."""
    paths = sorted(p.relative_to(results).as_posix() for p in store.files(results))
    digests = {path: _digest(results / path) for path in paths if manifest.stage(path)}
    return Manifest(provenance.versions(), digests)


def _digest(path: Path) -> str:
    try:
        match path.suffix:
            case ".safetensors":
                return manifest.arrays_digest(store.load_arrays(path)[0])
            case ".parquet":
                return manifest.table_digest(store.load_table(path))
            case _:
                return store.content_digest(path)
    except store.DamagedFile:
        return ""
