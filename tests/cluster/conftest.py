"""A real Slurm for the tests of the cluster's profile; they are skipped if it is not installed."""

import pytest
from slurm import Cluster, NoSlurm, refuse


@pytest.fixture
def slurm(tmp_path):
    """A running Slurm of two nodes."""
    try:
        refuse()
    except NoSlurm as reason:
        pytest.skip(f"no Slurm here: {reason}")
    cluster = Cluster(tmp_path / "slurm")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
