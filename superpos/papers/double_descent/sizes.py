"""The two sizes of the paper's setting, as the conditions of every section have them.

ASSUME: the paper does not say whether its code sums or averages the loss over the features. Adam takes the
same steps for a mean with eps = 1e-8 as for the sum with n times that eps, so both are run: the experiments
named `text` sum with an eps of 1e-8, and those of the figures have an eps of 1e-4 at n = 10,000.
ASSUME: the paper gives no betas and no eps; we take 0.9, 0.999 and 1e-8.
ASSUME: weight decay also acts on b, as torch's AdamW does.
ASSUME: the initial W is normal with Xavier's variance, 2 / (n + m), and b starts at 0.
ASSUME: the cosine is half a wave, 0.5 (1 + cos(pi t)), which ends at a rate of 0.
ASSUME: empty samples, a share of 4.5e-5, are drawn again, so that every training sample has length 1.
ASSUME: the training sets of one number are nested: T samples are the first T of any longer set.
ASSUME: the paper does not say how many test samples it has; we take 4,000 for each number of active features,
136,000 in all, shared by all models (in M2 and M2_rings 1,000 for each).
ASSUME: the paper does not say how many fresh samples a step has at T = infinity; we take 4,096.
"""

from dataclasses import replace

from superpos.verdicts.paper_experiment import PaperExperiment

UNIT: dict[str, str | bool | int] = {"name": "independent", "unit_norm": True}
FULL = PaperExperiment(n_features=10_000, n_hidden=2, density=0.001, data=UNIT)
"""The paper's size."""
SCALED = replace(FULL, n_features=1000, density=0.01)
"""A tenth of the features, with as many active features in a sample."""
SETS = [0, 1, 2, 3]
"""PAPER: four training sets for each T."""
