"""The theory tables that the claims of this section are about."""

THEORY = {
    "compression": {"cells": [2, 3, 5, 10], "ramp": {"linear": [0.0, 0.3, 16]}},
}
