"""Formulas in plain texts: what is one becomes MathML, and every other word stays as it is."""

import re

import pytest

from superpos.report.formulas import typeset


def read(text: str) -> str:
    """The text with each formula in ⟨⟩, its powers after ^ and its indices after _."""
    html = str(typeset(text))
    for tag, sign in (("msub", "_"), ("msup", "^")):
        html = re.sub(
            rf"<{tag}>(<mrow>.*?</mrow>|<mpadded.*?</mpadded>|<m\w>.*?</m\w>)", rf"\1{sign}", html
        )
    html = html.replace("<math>", "⟨").replace("</math>", "⟩").replace("<msqrt>", "√")
    return re.sub(r"<[^>]+>", "", html)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("has a norm ‖W_i‖ of 1", "has a norm ⟨‖W_i‖⟩ of 1"),
        ("At 1/(1 - S) = 1.26, at least 80%", "At ⟨1/(1−S)=1.26⟩, at least 80%"),
        ("loses 2p²/3, as features do.", "loses ⟨2p^2/3⟩, as features do."),
        ("edges with |W_i · W_j| > 0.1.", "edges with ⟨|W_i·W_j|&gt;0.1⟩."),
        ("|Wᵢ·Wⱼ| and |x|", "⟨|W_i·W_j|⟩ and ⟨|x|⟩"),
        ("x' = ReLU(WᵀWx + b) gives", "⟨x′=ReLU(W^TWx+b)⟩ gives"),
        ("a norm of 1/√2 or √(2/3)", "a norm of ⟨1/√2⟩ or ⟨√(2/3)⟩"),
        ("importances 0.7^i and 10^-(k/49)", "importances ⟨0.7^i⟩ and ⟨10^−(k/49)⟩"),
        ("v(ρp) + 2p²/3 is", "⟨v(ρp)+2p^2/3⟩ is"),
        ("n = 20, m = 5", "⟨n=20⟩, ⟨m=5⟩"),
        ("if n >> m, then n/m", "if ⟨n≫m⟩, then ⟨n/m⟩"),
    ],
)
def test_a_formula_is_typeset(text, shown):
    assert read(text) == shown


def test_a_norm_may_have_a_power_and_an_index():
    brackets = '<mo stretchy="false">‖</mo>'
    norm = f'<mpadded height="0.5em">{brackets}<mi>W</mi>{brackets}</mpadded>'
    power = f"<msubsup>{norm}<mi>F</mi><mn>2</mn></msubsup>"
    assert f"<math>{power}<mo>/</mo><mi>m</mi></math>" in typeset("D* is ‖W‖²_F/m there")


@pytest.mark.parametrize(
    "text",
    [
        "F1_control and F4_recipe.p0.01 of double_descent_full.yaml in runs/F1",
        "The figure's features: a pentagon (n features), and/or 3/4 of 80 % - or 0.05 to 1.2e-5",
        "the |cosine| of a pair, T. McGrath, a - or b, section 2 - 3, i.e. both",
        "‖ W and x^ and |W and √ and _i and (a, b",
    ],
)
def test_words_names_and_numbers_stay_as_they_are(text):
    assert "<math>" not in typeset(text)


def test_text_around_a_formula_is_escaped():
    assert typeset('<b> "W_i" & x²') == (
        "&lt;b&gt; &#34;<math><msub><mi>W</mi><mi>i</mi></msub></math>&#34; &amp; "
        '<math><msup><mpadded height="0.5em"><mi>x</mi></mpadded><mn>2</mn></msup></math>'
    )
