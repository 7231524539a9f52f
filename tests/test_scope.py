"""Which claims stay tested under each kind of variation of each shipped experiment; nothing is trained."""

import pytest
from project import SHIPPED
from scope_cases import NO_HARM, OTHERS

from superpos import lookup
from superpos.config import layers
from superpos.config.resolving import changed, resolve
from superpos.verdicts import judging
from superpos.verdicts.scope import experiments_of_papers, theory_of_papers

pytestmark = pytest.mark.slow

FIRST = judging.claims(*judging.files("toy_models"))
"""The claims of the first paper."""
TABLE = """
experiment claims n_features n_hidden model data density shorter importance checkpoints metrics init optimizer
seed       5      0          0        0     0    0       -       0          -           5       5    5
F1         12     0          0        0     0    0       9       0          -           12      12   12
F1_control 3      0          0        0     0    0       -       0          -           3       3    3
F3         39     0          0        8     0    0       22      0          -           29      39   39
F4         26     0          0        5     0    0       17      0          -           25      26   26
F4_recipe  15     0          0        0     0    0       8       0          8           15      0    0
F5         12     0          0        0     0    0       0       -          -           0       12   12
F6         2      0          0        0     0    0       0       -          -           0       2    2
F7         34     0          0        -     -    -       3       0          -           1       34   34
F7_recipe  2      0          0        0     0    0       0       0          -           0       0    0
F7_sizes   2      0          0        -     -    0       0       0          -           0       2    2
F9         36     0          0        -     -    0       26      0          -           18      36   36
F10        62     -          0        0     0    0       35      0          -           62      62   62
F11        15     0          0        0     0    0       8       0          -           11      15   15
F12        12     -          0        0     -    0       4       0          -           12      12   12
F12_recipe 5      -          0        0     0    0       0       0          -           5       0    0
F13        12     0          0        0     0    0       -       0          2           1       12   12
F14        11     0          0        0     0    0       -       0          0           -       11   11
F15        11     0          0        -     -    0       0       -          -           0       11   11
F15_recipe 11     0          0        0     0    0       0       -          -           0       0    0
F16        57     0          0        -     0    3       29      0          -           36      57   57
F16_dense  57     48         48       -     48   48      -       48         -           50      57   57
F17        3      0          0        -     0    0       -       0          -           3       3    3
F18        35     0          0        -     0    0       20      0          -           3       32   35
F18_recipe 35     0          0        -     0    0       19      0          -           3       0    0
F19        2      0          0        -     0    0       -       0          -           0       2    2
"""
"""How many claims about an experiment stay tested; -: the variation is refused, or changes nothing."""

HEAD, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
KINDS = [*OTHERS]
TOTAL = {row[0]: int(row[1]) for row in ROWS}
CASES = [(r[0], kind, left) for r in ROWS for kind, left in zip(KINDS, r[2:], strict=True)]
UNCLAIMED = {"F16_linear"}
"""What no claim is about."""


@pytest.fixture(scope="module")
def shipped():
    return resolve(SHIPPED)


def figures(name):
    """The figures of all experiments that have an ancestor in common with this one: a variation changes
    no others, and the others take long to check."""
    blocks = SHIPPED["experiments"]
    root = layers.chain(name, blocks)[-1]
    return {
        figure: line
        for figure, line in SHIPPED["figures"].items()
        if any(layers.chain(e, blocks)[-1] == root for e in line["from"])
    }


def reasons(name, raw, shipped):
    """The reason why each claim about an experiment is not tested in a variation; "" if it is."""
    few = {**SHIPPED, "figures": figures(name)}
    whole = resolve(layers.merged([few, raw]), few)
    config = judging.completed(changed(whole, shipped), whole, shipped, "toy_models")
    judged = judging.asked("toy_models", config, shipped).values()
    asked = [claim for claims in judged for claim in claims if name in claim.experiments]
    untested = judging.scope(asked, config.experiments, config.theory).untested
    return {claim.claim: untested.get(claim.claim, "") for claim in asked}


def made(name, raw, shipped):
    """The same of a variation that has something to make; a ValueError if it has nothing."""
    found = reasons(name, raw, shipped)
    if not found:
        raise ValueError("the variation changes nothing")
    return found


def test_the_table_has_every_experiment_that_claims_are_about_and_every_kind():
    assert {row[0] for row in ROWS} == {*SHIPPED["experiments"]} - UNCLAIMED
    assert len(HEAD) == len(KINDS) + 2


def said(part):
    """The names in a part of the files `conditions` of the first paper's sections."""
    sections = lookup.of_sections("conditions")
    return {name for one in sections if ".toy_models." in one.__name__
            for name in getattr(one, part, ())}  # fmt: skip


def test_the_shipped_config_leaves_no_claim_untested(shipped):
    found = judging.scope(FIRST, shipped.experiments, shipped.theory)
    assert not found.untested
    assert not found.beyond


def test_the_conditions_of_the_paper_are_those_of_the_shipped_config(shipped):
    about = {name for claim in FIRST for name in claim.experiments}
    paper = experiments_of_papers()
    assert about <= said("EXPERIMENTS") == {*shipped.experiments}
    for name, experiment in shipped.experiments.items():
        one = judging.scope([], {name: experiment}, {})
        assert not one.beyond, name
        if steps := paper[name].checkpoints:
            assert steps == SHIPPED["experiments"][name]["checkpoints"]


def test_the_tables_of_theory_that_claims_read_are_those_of_the_shipped_config(shipped):
    read = {table for claim in FIRST for table in claim.theory}
    assert read == said("THEORY")
    assert all(shipped.theory[name].settings == theory_of_papers()[name] for name in read)


@pytest.mark.parametrize("kind", NO_HARM)
@pytest.mark.parametrize("name", [row[0] for row in ROWS])
def test_training_and_measuring_otherwise_removes_no_claim(name, kind, shipped):
    found = reasons(name, NO_HARM[kind](name), shipped)
    assert len(found) == TOTAL[name]
    of_recipe = kind == "steps" and name.endswith("_recipe")
    assert all(found.values()) if of_recipe else not any(found.values()), found


@pytest.mark.parametrize(("name", "kind", "left"), CASES)
def test_another_kind_of_variation_leaves_these_claims_tested(name, kind, left, shipped):
    if left == "-":
        with pytest.raises(ValueError, match=r"^.{10,500}$"):
            made(name, OTHERS[kind](name), shipped)
        return
    found = reasons(name, OTHERS[kind](name), shipped)
    assert len(found) == TOTAL[name]
    assert [*found.values()].count("") == int(left), found


def judged(raw, shipped):
    """What a variation consists of, and the claims that it judges."""
    whole = resolve(layers.merged([SHIPPED, raw]), SHIPPED)
    config = judging.completed(changed(whole, shipped), whole, shipped, "toy_models")
    files = judging.asked("toy_models", config, shipped).values()
    return config, [claim for claims in files for claim in claims]


def test_a_variation_judges_no_claim_about_what_it_does_not_change(shipped):
    config, claims = judged({"experiments": {"F18_recipe": {"replicates": 2}}}, shipped)
    assert {*config.experiments} == {"F18_recipe", "F18"}
    assert {claim.experiments for claim in claims} == {("F18_recipe",), ("F18", "F18_recipe")}


def test_another_base_seed_judges_every_claim(shipped):
    assert {c.claim for c in judged({"seed": 1}, shipped)[1]} == {c.claim for c in FIRST}


def test_an_edit_of_the_config_itself_is_a_variation_too(shipped):
    raw = layers.merged([SHIPPED, {"experiments": {"F1": {"n_hidden": 3}}}])
    edited = resolve(raw, SHIPPED)
    untested = judging.scope(FIRST, edited.experiments, edited.theory).untested
    assert {name.split(".")[0] for name in untested} == {"F1"}
