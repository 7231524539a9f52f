"""Run the pipeline, also after an interruption: clear a stale lock, but only when no run is alive."""

import os
import subprocess
import sys
from pathlib import Path

import psutil

HERE = Path(__file__).resolve().parents[1]


def other_run() -> psutil.Process | None:
    """Another living Snakemake process that works in this folder."""
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words = process.info["cmdline"] or []
        snakemake = any(Path(word).name == "snakemake" for word in words[:3])
        if snakemake and process.info["cwd"] == str(HERE) and process.pid != os.getpid():
            return process
    return None


def main() -> int:
    """Snakemake's exit code, with this command's arguments handed on to it."""
    snakemake = [str(Path(sys.executable).with_name("snakemake"))]
    if other := other_run():
        print(f"run: process {other.pid} is running the pipeline here; wait for it or end it")
        return 1
    if any(HERE.glob(".snakemake/locks/*")):
        print("run: an earlier run was interrupted; clearing its lock")
        subprocess.run([*snakemake, "--unlock"], cwd=HERE, check=True, capture_output=True)
    os.chdir(HERE)
    paths = [str(HERE / "workflow" / "logger"), str(HERE), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    os.execv(snakemake[0], [*snakemake, "--logger", "superpos", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
