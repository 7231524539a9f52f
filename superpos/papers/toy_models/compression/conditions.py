"""The tables of theory that the claims of this section are about, as the paper has them."""

THEORY = {
    "compression": {"cells": [2, 3, 5, 10], "ramp": {"linear": [0.0, 0.3, 16]}},
}
