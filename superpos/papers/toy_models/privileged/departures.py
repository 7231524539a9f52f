"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "How far apart the losses of restarts are depends on how long they train",
        "The paper shows the best of a thousand models a density and says nothing of the others.",
        "The range of median over best loss that a prototype gave does not hold for other lengths of"
        " training, and at the dense end the median restart nearly ties with the best.",
        "At density 1 the optimum is linear: v(1) times the importance beyond the fifth feature, which"
        " many arrangements of neurons reach.",
        ("F16.gap.least", "F16.gap.greatest", "F16.loss.p1"),
    ),
    Departure(
        "At some densities two arrangements of neurons tie",
        "At density 0.12 the figure has one neuron of a single feature and seven features, at 0.03 ten"
        " features; along its strip the neurons of a single feature never get more.",
        "At 0.12 no such neuron and eight features lose about as little, at 0.1 as well; at 0.03 nine"
        " features do. Which of the two is the best of many restarts is up to the samples it is judged"
        " by, and so is how many bars of the strip have one such neuron or none.",
        "Least held-out loss of the runs that have the figure's arrangement, beside the least of all.",
        (
            "F16.mono.p0.12",
            "F16.represented.p0.12",
            "F16.tie.p0.12",
            "F16.strip.monotone",
            "F16.strip.mono1",
            "F16.strip.mono0",
            "F16.represented.p0.03",
            "F16.pairs.features",
            "F16.pairs.distinct",
        ),
    ),
)
