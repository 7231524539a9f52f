"""This checkout, whose code comes before what is installed: the folder may have been moved."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))
