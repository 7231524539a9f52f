"""The theory tables that the claims of this section are about."""

THEORY = {
    "surfaces": {
        "points": [
            {"density": 0.9, "importance": 0.1},
            {"density": 0.3, "importance": 0.3},
            {"density": 0.9, "importance": 1.0},
        ],
        "weight": {"linear": [-1.5, 1.5, 121]},
    },
    "surface_path": {
        "density": 0.9,
        "importance": {"log": [0.1, 10.0, 81]},
        "weight": {"linear": [-1.25, 1.25, 201]},
    },
}
