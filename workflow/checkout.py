"""Find this checkout and import its code before installed code: the folder may have been moved."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))
