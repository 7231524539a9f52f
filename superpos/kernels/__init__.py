"""Compiled kernels of the fused engine: the same bytes on every CPU, for every sum has a fixed order."""

from pathlib import Path

import numba

from superpos import rebuild

# numba stores compiled code and looks only at the file of the stored function when it is used again,
# not at the files of those it calls: each version of the kernels gets a folder of its own.
_FOLDER = Path(numba.config.CACHE_DIR or Path(__file__).parent / "__pycache__")
numba.config.CACHE_DIR = str(_FOLDER / rebuild.code(*rebuild.folder("superpos.kernels")))
