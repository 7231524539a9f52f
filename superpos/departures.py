"""What did not replicate, or only by luck: statements of the paper beside what exact numbers say.

Numbers of the shipped runs are never written here: the page takes them from the verdicts on the
claims that are named.
"""

from dataclasses import dataclass

import pandas as pd

from superpos import pages


@dataclass(frozen=True)
class Departure:
    """One statement: what the paper has, what we find, why it is so, and the claims that show it."""

    title: str
    paper: str
    found: str
    proof: str
    claims: tuple[str, ...] = ()


DEPARTURES = (
    Departure(
        "Pentagon and digons cross at a sparser feature than the text says",
        "The text puts the crossing where one feature is about 2.5 times sparser than the others.",
        "The losses cross where it is nearly four times sparser; at 2.5 times the pentagon is better"
        " by a sixth.",
        "Digons with the varied feature dropped lose v(rho p) + 2 p^2/3, in closed form. The"
        " pentagon's loss is measured over all restarts on common held-out samples, and on the"
        " expected loss in closed form. The two curves cross once.",
        ("F9.crossing", "F9.crossing.text", "F9.pentagon.at.text", "F9.digons.theory"),
    ),
    Departure(
        "The pentagon's norm is not 1 / (1 - b)",
        "The text gives ||W_i|| = 1 / (1 - b_i) for the pentagon.",
        "||W_i||^2 + b_i is near 1, and 1 / (1 - b_i) is below 1 where the norm is above it.",
        "With x' = ReLU(W^T W x + b) and one active feature, the output is ||W_i||^2 x_i + b_i:"
        " at x_i = 1 it answers 1 where ||W_i||^2 = 1 - b_i. The printed form has the other sign of"
        " b and no square.",
        ("F9.regular.text", "F9.regular.sum", "F9.regular.norm.max", "F9.regular.bias.min"),
    ),
    Departure(
        "Two sets, not three, are collapsed at densities .25 to .5",
        "The text has all three correlated sets collapsed at densities of .25 to .5. Its ranges leave"
        " .2 to .25 to none.",
        "Best runs at .25 and .35 have two collapsed sets; three end near .4. Single runs do end in"
        " three more often at .35, which is what a run without restarts shows.",
        "The expected loss of the trained weights, exact by integration, is lower with two than with"
        " three.",
        ("F12.text.three", "F12.margin.p0.35", "F12.margin.p0.25", "F12.typical.p0.35"),
    ),
    Departure(
        "Six independent features in two dimensions do form a hexagon",
        "Without correlation six features become a pentagon with one feature dropped.",
        "At density .05 the runs of least loss are regular hexagons. Few restarts find one, so a"
        " handful of runs does not show it.",
        "Per dimension, the best regular hexagon saves more of the exact expected loss than the best"
        " regular pentagon, and k features in d dimensions lose (k - d gain) v(p): with six features"
        " in two dimensions, the higher gain loses less.",
        ("F10.hexagon", "F10.control", "F10.control.every", "F10.control.directions"),
    ),
    Departure(
        "The phase diagram is the best of ten, not the mean of nine",
        "Each point of the printed diagram is the mean of ten models without the worst.",
        "Single runs miss the antipodal pair so often that such a mean is a speckled wedge; the best"
        " of the restarts is the printed picture. Both are drawn in F5 and F6, with the share of runs"
        " that end as the best does.",
        "From a random start, W_1 and W_2 have the same sign half of the time, and a same-sign local"
        " minimum lies there. All of ten fail with a probability of about one half to the tenth: the"
        " few specks of the printed diagram.",
        ("F5.agreement", "F5.sparse", "F6.agreement"),
    ),
    Departure(
        "At equal importance, superposition ends above density 4/7",
        "The theory with fixed unit weights ends superposition at density 4/7.",
        "With free weights and biases the symmetric pair shrinks and stays best to about .71.",
        "Least expected loss over W_1, W_2, b_1, b_2 by quadrature, from many starts.",
        ("F5.triple", "F5.triple.exact", "F5.slope"),
    ),
    Departure(
        "So does superposition with a feature of much more or less importance",
        "The printed diagram and the closed forms leave it at a density of .16 to .17.",
        "The best runs leave it at a somewhat higher density, as the exact optimum does.",
        "Least expected loss by quadrature, as above: near the edge the weaker feature's weight is"
        " well below 1, so the pair loses less than the closed form with unit weights says.",
        ("F5.edge.r0.1", "F5.edge.r10", "F5.edge.exact.r0.1", "F5.edge.exact.r10"),
    ),
    Departure(
        "The sparsest columns of the stacks show models not at rest",
        "With 80 features at density .001, 57 have a norm above a half, and 23 more are on the way.",
        "Trained on, more of the 80 are represented, at a lower loss. A start near zero and the"
        " notebook's rate give the printed count, with a loss many times the one reached here.",
        "Held-out loss of both, on the same stratified samples.",
        (
            "F4.represented.p0.001",
            "F4.represented.p0.003",
            "F4.represented.p0.03",
            "F4.early.represented",
            "F4.early.loss",
        ),
    ),
    Departure(
        "In the sparse strips of |x|, important features stay alone only in models not at rest",
        "At densities .01 and .003, 14 and 24 of 40 neurons have a single feature, and 15 and 14 are"
        " polysemantic.",
        "A lower rate and a lower eps of Adam lose several times less, with nearly all neurons"
        " polysemantic. F18 shows runs at the larger rate, whose counts are about the printed ones.",
        "Held-out losses of both on the same stratified samples. At densities of .03 and more the same"
        " change does not lower the loss by much, and leaves the counts in their ranges.",
        (
            "F18.rested.loss.p0.01",
            "F18.rested.poly.p0.01",
            "F18.rested.loss.p0.003",
            "F18.rested.poly.p0.003",
            "F18.mono.p0.01",
            "F18.rank.p0.003",
        ),
    ),
    Departure(
        "The plateau at 1/2 ends later than it is printed",
        "The printed line leaves 1/2 soon after 1/(1 - S) = 3.5 and is below .46 by 4.",
        "Trained with annealed steps, models keep more of their digons there, and D* is nearer to"
        " 1/2; from 5 on it is the printed line again.",
        "Per dimension, the best digon gains more of the exact expected loss than the best pentagon"
        " until well past 4: before, what lies below 1/2 is not the least loss.",
        ("F7.fall", "F7.curve.sparse", "F7.gain.pentagon.over.digon", "F7.at.x5"),
    ),
    Departure(
        "Tetrahedra are not quite orthogonal to one another",
        "At 1/(1 - S) = 1.26 the graph of the features falls apart into tetrahedra.",
        "Dimensionalities are those of tetrahedra, 3/4. But with edges drawn from |W_i . W_j| = .1 on,"
        " a threshold that the paper does not state, some edges between tetrahedra are left, and a"
        " few join them all.",
        "Components are as large as one edge too many makes them; dimensionalities sum over all.",
        ("F8.graph.x1.26", "F8.tetrahedra"),
    ),
    Departure(
        "Almost-orthogonal bases shrink before they are sparse enough",
        "Two correlated sets of ten in ten dimensions are two orthonormal bases.",
        "They are at density .01. At .05 the best runs have shorter, tilted weights, and lose less"
        " than two orthonormal bases would.",
        "Orthonormal bases, the one the negative of the other, lose 10 p^2/3 and no more: with one set"
        " active the other's outputs are at rest, with both, a pair loses 2 E min(x, y)^2 = 1/3.",
        (
            "F11.loss.p0.05",
            "F11.diagonal.min.p0.05",
            "F11.dimensionality.min.p0.05",
            "F11.across.max.p0.05",
            "F11.loss.p0.01",
            "F11.diagonal.min.p0.01",
        ),
    ),
    Departure(
        "Jumps between energy levels are luck of the seed, but common luck",
        "One run is shown, which jumps twice late in training.",
        "Late jumps of one pair, at once, with the drop of loss that a pair saves, are found in most"
        " seeds; when they come differs widely.",
        "A pair more saves v(p) - p^2/3 of the loss summed over features, in closed form.",
        ("F13.jump", "F13.drop", "F13.levels"),
    ),
    Departure(
        "How far restarts of neurons are apart depends on how long they train",
        "The paper shows the best of a thousand models a density and says nothing of the others.",
        "The range of median over best loss that a prototype gave does not hold for other lengths of"
        " training, and at the dense end all restarts nearly tie.",
        "At density 1 the optimum is linear: v(1) times the importance beyond the fifth feature, which"
        " many arrangements of neurons reach.",
        ("F16.gap.least", "F16.gap.greatest", "F16.loss.p1"),
    ),
    Departure(
        "At density .12 two arrangements of neurons tie",
        "The figure has one neuron of a single feature there, and seven features; along its strip"
        " that number never rises.",
        "No neuron of a single feature and eight features lose about as little: which of the two is"
        " the best of many restarts is up to the samples it is judged by.",
        "Least held-out loss of the runs that have the figure's arrangement, beside the least of all.",
        ("F16.mono.p0.12", "F16.represented.p0.12", "F16.tie.p0.12", "F16.strip.monotone"),
    ),
    Departure(
        "A feature that is hardly represented has a smaller bias than its mean",
        "A feature that is not represented is best answered by its mean: b = p/2. We count as not"
        " represented a norm of up to a half.",
        "Features without weight have that bias. But at density .03 the best runs give one or more"
        " features a small weight, and those have a smaller bias.",
        "Where W_i = 0 the loss in b_i is E (x_i - b_i)^2, least at p/2. Where it is not, the output"
        " answers interference as well: with W as trained, the bias of least loss is below p/2 too."
        " Without small weights, five antipodal pairs lose more in any of their 945 pairings than the"
        " best of many runs: least loss of each pair by quadrature, beside losses on common samples.",
        ("F3.bias.p0.03", "F3.bias.p0.1", "F3.bias.p0.3"),
    ),
    Departure(
        "In a pair, a much less important feature has a shorter weight",
        "At density .1 inner products of different features are 0 or -1 in the heat map.",
        "A pair's product is farther from -1, the less important the weaker feature is beside the"
        " stronger. Which features pair up is up to the restart, since most pairings nearly tie.",
        "Least expected loss of each pair by quadrature, summed over all 945 ways to make four pairs"
        " of nine features: the least has the second feature with the ninth, whose product is -.896."
        " 30 lose at most half a percent more than the least; 15 of them have that pair.",
        ("F3.antipodal.p0.1", "F3.antipodal.p0.3"),
    ),
    Departure(
        "In the sparsest columns, neighbouring counts of features nearly tie",
        "From each density to the next sparser one, the number of represented features never falls.",
        "At densities .003 and .001 runs with 12, 13 and 14 features lose within a few percent of"
        " each other, while restarts differ by more. So the count of the best of a few may fall by one.",
        "Losses of all restarts on common held-out samples. Several features of each run have a norm"
        " near a half, where the count begins. Training three times longer does not settle it; more"
        " restarts find lower losses, with counts that do not fall.",
        ("F3.represented.monotone", "F3.represented.p0.003", "F3.represented.p0.001"),
    ),
    Departure(
        "Just before a pair comes apart, it is open by a few degrees",
        "A collapsed pair is its principal component, one direction.",
        "So it is, but for the last density at which two pairs are collapsed, .15: there one of the"
        " two is open by nine degrees.",
        "The exact expected loss, minimised from the best run's weights, keeps the angle: cos = .987."
        " With the members of each pair made equal, the least loss is higher. At .175 and .2 the"
        " minimum has equal members, but the loss hardly depends on the angle: runs end at other ones.",
        ("F12.cosine", "F12.collapsed.p0.2", "F12.text.two"),
    ),
    Departure(
        "Along the plateau of pairs, vulnerability falls",
        "In the scatter plot, vulnerability and features per dimension rise together.",
        "They do before and after the plateau of antipodal pairs. Along it features per dimension"
        " hardly rise and vulnerability falls a little, so that its conditions rank in reverse. Single"
        " runs, which miss some of the pairs, rank better than the best runs.",
        "Ten exact pairs of unit weights without bias, attacked alike, lose vulnerability along the"
        " plateau too. Where both of a pair are on, an attack of size e costs 2 e^2 + 2 sqrt 2 e"
        " min(x, y), and that is ever rarer. Eight of 30 conditions in reverse take"
        " 6 x 168 / (30 x 899) = .037 from Spearman's correlation.",
        ("F15.rank", "F15.plateau", "F15.flat"),
    ),
    Departure(
        "From one sparse condition to the next, vulnerability may fall",
        "From 1/(1 - S) = 3.6 on, vulnerability rises.",
        "It rises from 4 to 11. But from one of our conditions to the next it often rises by less than"
        " runs of nearly the same loss differ, and at the sparse end it is nearly flat.",
        "Restarts that lose the same within a tenth of a percent can differ more in vulnerability than"
        " neighbouring conditions do. Longer training and a larger rate leave it so.",
        ("F15.rise", "F15.sparse"),
    ),
    Departure(
        "How often single runs fail is known from a few runs only",
        "The paper shows one failure and gives no rates. Our ranges come from 12 runs of a prototype.",
        "Over hundreds of runs, anticorrelated pairs find their antipodes in .38 of them, inside"
        " the range but near its end; three correlated pairs have a collapsed one in .29, beyond it.",
        "At a rate of .38, a share of 160 runs has a standard error of .038, and one in nine is below"
        " 1/3. At a rate of .29, one failure or none in 12 has a probability of one tenth: two standard"
        " errors are too narrow for so small a count. The exact interval for 1 of 12 ends at .385.",
        ("F10.anti.hits", "F10.triples.failures.p0.01"),
    ),
    Departure(
        "Where the curve is steep, runs of nearly the same loss differ in D*",
        "From 1/(1 - S) = 1.4 to 2 the printed curve falls from .91 to .54.",
        "Ours falls a little later. At the steepest, one run a density is not enough: two base seeds"
        " differ there by as much as the tolerance leaves.",
        "Losses of both base seeds on common samples differ by a fraction of a percent, and the run"
        " with the lower D* mostly loses less.",
        ("F7.curve.steep",),
    ),
    Departure(
        "Slips of the pen",
        "“We vary the sparsity of all features from 1.0 to .01”; ReLU(W^T W x - b) in the section on"
        " phases; “6 x 3/5” for the triangular bipyramid; (1, 1, 1, ...) as the regular n-simplex;"
        " the axis of W_2 in the figure on |x|.",
        "It is the density that goes from 1.0 to .01; elsewhere b is added; a triangular bipyramid has"
        " five vertices, of dimensionality 2/3 three times and 1/2 twice; n points form a simplex of"
        " n - 1 dimensions; W_2 leads from neurons to outputs.",
        "Dimensionalities of a tight frame sum to its dimensions: 3 x 2/3 + 2 x 1/2 = 3.",
    ),
)


def titles(claim: str) -> list[str]:
    """The titles of the departures that a claim belongs to."""
    return [departure.title for departure in DEPARTURES if claim in departure.claims]


def page(verdicts: pd.DataFrame) -> str:
    """The page as HTML: each departure with its claims, then claims that fail without one."""
    rows = {row["claim"]: row for row in verdicts.to_dict("records")}
    shown = [(d, [rows[c] for c in d.claims if c in rows]) for d in DEPARTURES]
    others = [row for name, row in rows.items() if not row["holds"] and not titles(name)]
    return pages.render(
        "departures.html",
        departures=[(d, found) for d, found in shown if found or not d.claims],
        others=others,
    )
