"""What did not replicate, or only by luck: statements of the paper beside what exact numbers say.

Numbers of the shipped runs are never written here: the page takes them from the verdicts on the
claims that are named.
"""

from dataclasses import dataclass

import pandas as pd

from superpos import pages
from superpos.verdicts import FAILS


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
        " of the restarts (16 in F5, ten in F6) is the printed picture. Both figures draw both, with"
        " the share of runs that end as the best does.",
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
            "F4.represented.p0.01",
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
        " polysemantic. F18 shows runs at the larger rate: at .01 their counts are about the printed"
        " ones; at .003 fewer neurons are monosemantic than printed, and the count differs widely"
        " between restarts.",
        "Held-out losses of both on the same stratified samples.",
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
        " until well past 4: before, a digon is the better of the two.",
        ("F7.fall", "F7.curve.sparse", "F7.gain.pentagon.over.digon", "F7.at.x5"),
    ),
    Departure(
        "Features have the dimensionality of tetrahedra before they form any",
        "At 1/(1 - S) = 1.26 the graph of the features falls apart into tetrahedra.",
        "There our represented features have dimensionalities near 3/4, but hardly any two are as"
        " opposed as the corners of a tetrahedron, and their graph, with edges from |W_i . W_j| = .1"
        " on (the paper states no threshold), has components of many sizes. Groups of four come with"
        " a little more sparsity.",
        "D_i counts the interference with all features, so many small products make the same 3/4 as"
        " three of -1/3. The corners of a tetrahedron have cos = -1/3; where the dense solution ends,"
        " represented features are few and nearly orthogonal.",
        ("F8.graph.x1.26", "F8.tetrahedra"),
    ),
    Departure(
        "Before they are sparse enough, two bases leave a direction for opposing all of the other set",
        "Two correlated sets of ten in ten dimensions are two orthonormal bases.",
        "They are at density .01. At .05 the best runs lose less than two orthonormal bases would:"
        " nine features of a set are nearly antipodal to one of the other set each, and the tenth is"
        " opposed to all of the other set a little, which makes it cheaper to have both sets active.",
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
        " training, and at the dense end the median restart nearly ties with the best.",
        "At density 1 the optimum is linear: v(1) times the importance beyond the fifth feature, which"
        " many arrangements of neurons reach.",
        ("F16.gap.least", "F16.gap.greatest", "F16.loss.p1"),
    ),
    Departure(
        "At some densities two arrangements of neurons tie",
        "At density .12 the figure has one neuron of a single feature and seven features, at .03 ten"
        " features; along its strip the neurons of a single feature never get more.",
        "At .12 no such neuron and eight features lose about as little, at .1 as well; at .03 nine"
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
        "Sparse triples of pairs open wider than the range by a hair",
        "Three correlated pairs in two dimensions have members some 64 degrees apart.",
        "At density .01 the range, .42 to .45 to two decimals, begins where the optimum is: the cosine"
        " of single pairs falls short of it by a few thousandths in some base seeds.",
        "The exact expected loss, minimised over free weights and biases, has cos = .418 there. It"
        " hardly depends on the angle, so that the steps' noise moves it; batches twice as large and"
        " training twice as long leave it so.",
        ("F10.triples.cos.min.p0.01", "F10.triples.cos.max.p0.01"),
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
        "Vulnerability is higher than printed",
        "The printed curve has a plateau a little above 3 and ends near 8.",
        "Ours has its plateau near 4 and ends higher, with no more features per dimension: the same"
        " shape at another scale. The claims on it ask for less than is printed, and hold.",
        "Not found. The text states neither n nor m nor the size of the attack, and vulnerability is"
        " relative to a model without superposition; of the n and m tried, ours come nearest to the"
        " printed features per dimension.",
        ("F15.plateau", "F15.sparse", "F15.flat"),
    ),
    Departure(
        "How often single runs fail is known from a few runs only",
        "The paper shows one failure and gives no rates. Our ranges come from 12 runs of a prototype.",
        "Anticorrelated pairs find their antipodes in about a third of the runs, where that range"
        " begins; three correlated pairs have a collapsed one in a fifth to a third of them, where that"
        " range ends. Which side of it a base seed falls on is luck. So is which count of collapsed"
        " pairs is the commonest where two are about as common.",
        "A share of 32 runs at a rate of .3 has a standard error of .08, one of 160 runs of .036. The"
        " exact interval for the prototype's 1 of 12 is .002 to .385; two standard errors, as our range"
        " has them, are too narrow for so small a count.",
        (
            "F10.anti.hits",
            "F10.triples.failures.p0.01",
            "F12.typical.p0.35",
            "F12.typical.p0.25",
            "F12.typical.p0.2",
            "F12.typical.p0.175",
        ),
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
    others = [row for name, row in rows.items() if row["verdict"] == FAILS and not titles(name)]
    return pages.render(
        "departures.html",
        departures=[(d, found) for d, found in shown if found or not d.claims],
        others=others,
    )
