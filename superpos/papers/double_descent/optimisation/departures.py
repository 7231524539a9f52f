"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "Training samples share features long before T = 1,000",
        "Circuits Updates, July 2023: below about 1,000 samples, training samples are orthogonal with high"
        " probability.",
        "Their cosines are small, about 0.07 where two samples share a feature, but their supports are not"
        " disjoint: among 1,000 samples, one sample shares a feature with 9.9 others on average. The mean"
        " reaches 1 at T = 100, where the middle regime of A. Jermyn's comment begins.",
        "Two samples share a feature with probability 1 − (1 − p²)ⁿ = 0.00995. In the plane the active"
        " samples of a feature are one half-plane, so that samples that share a feature must be neighbours"
        " on the ring.",
        ("U1.orthogonal",),
    ),
    Departure(
        "Memorised samples lie in clusters at every T, not the more so at larger T",
        "Circuits Updates, July 2023: from about 1,000 to 500,000 samples, memorised samples form"
        " clusters and triangles of samples that share features. We expected them the more clearly the"
        " more samples there are.",
        "In the memorising run with the lowest training loss, neighbours on the ring share a feature 4.1"
        " times as often as any two samples at T = 300, 3.0 times at 1,000 and 2.7 times at 5,000. So there"
        " are clusters, but this ratio falls as T grows.",
        "The share of such neighbours is 0.39, 0.29 and 0.26. As T grows, the neighbours of a sample on the"
        " ring are chosen from more samples, and more of these share a feature with it, but each sample has"
        " ten features and only two neighbours. The claim's ratio is not made for large clusters; the"
        " picture of the samples shows them.",
        ("U1.clusters.growth",),
    ),
    Departure(
        "A model of 1,000 samples does not help to memorise more of them",
        "Ours: near the T at which drawn weights no longer lead to a memorising solution, we expected"
        " that the solution of a smaller, nested set would lead to one.",
        "From the weights of a model of 1,000 samples, no run memorises a larger set with a training"
        " loss below that of generalising runs. The smallest training losses of those with fewer than"
        " five features are 0.987, 0.995 and 0.997 at T = 2,000, 5,000 and 10,000, and those of"
        " generalising runs are 0.980, 0.983 and 0.985. A bias alone reaches 0.992. Drawn weights do"
        " better: with a rate of 0.03 they end at 0.968 and 0.982 at T = 2,000 and 5,000.",
        "The start does not memorise the larger set: a new sample that shares features with several"
        " stored ones gets a large wrong answer, so the loss begins far above 1, and the first steps at a"
        " large rate undo most of the weights. A smaller gap is easier: the figure also has two runs at T"
        " = 2,000 that go on from models of 1,900 samples.",
        ("U1.continued.T2000", "U1.continued.T5000", "U1.continued.T10000"),
    ),
)
