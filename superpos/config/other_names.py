"""What other projects call the keys of a config, for the hint in a message."""

OTHER_NAMES = {
    **{"sparsity": "density, which is 1 - sparsity", "S": "density, which is 1 - S"},
    **{
        "feature_probability": "density",
        "n": "n_features",
        "m": "n_hidden",
        "d_hidden": "n_hidden",
    },
    **{"epochs": "steps", "n_steps": "steps", "batch_size": "batch", "n_instances": "replicates"},
    **{"learning_rate": "lr, which is optimizer.lr in a config", "runs": "replicates"},
    **{"lr": "optimizer: {lr: ...}", "weight_decay": "optimizer: {weight_decay: ...}"},
    **{
        "betas": "optimizer: {betas: ...}",
        "n_sets": "data: {sets: ...}",
        "std": "init: {std: ...}",
    },
}
"""What others call the keys of a config."""
