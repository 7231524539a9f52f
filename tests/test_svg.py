"""Drawings inside a page: what Matplotlib draws stays as it is, and nothing else comes along."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest

from superpos.report import svg

BARE = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'


def inline(inner: str) -> str:
    """A drawing with that inside, without its outermost element."""
    text = svg.inline(f"{BARE}{inner}</svg>", "F1")
    return text[text.index(">") + 1 :].removesuffix("</svg>")


def drawn() -> str:
    """A figure with what the paper's figures have: lines, an image, hatches, text, clips, markers."""
    figure, axes = plt.subplots()
    axes.plot([1, 2], [3, 4], "o--")
    axes.imshow(np.eye(3), extent=(1, 2, 3, 4))
    axes.bar([1], [2], hatch="//")
    axes.set_title("a < b & c")
    axes.set_xlabel("$c^2$")
    file = io.StringIO()
    with plt.rc_context({"svg.fonttype": "none"}):
        figure.savefig(file, format="svg")
    plt.close(figure)
    return file.getvalue()


def test_a_drawing_of_matplotlib_keeps_its_shapes_text_and_styles():
    before, after = drawn(), svg.inline(drawn(), "F1")
    for element in ("<path", "<use", "<image", "<text", "<clipPath", "<pattern", "<tspan"):
        assert after.count(element) == before.count(element) > 0, element
    for part in ("stroke-dasharray: ", "clip-path=", "data:image/png;base64,", "fill: url(#F1-"):
        assert part in after, part
    assert "a &lt; b &amp; c" in after
    assert "Matplotlib v" not in after


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<script>alert(1)</script>", ""),
        ('<g onload="alert(1)" onclick="alert(1)"/>', "<g />"),
        ("<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>", ""),
        ("<script xmlns='http://www.w3.org/1999/xhtml'>alert(1)</script>", ""),
        ('<a xlink:href="javascript:alert(1)"><text>x</text></a>', ""),
        ('<use xlink:href="https://a.b/c.svg#d"/><use href="data:image/svg+xml,x"/>', "<use /><use />"),
        ('<use xlink:href="#a"/><g id="a"/>', '<use href="#F1-a" /><g id="F1-a" />'),
        ('<image href="https://a.b/c.png"/><image href="file:///etc/passwd"/>', "<image /><image />"),
        ('<image href="data:image/svg+xml;base64,PHN2Zz4="/>', "<image />"),
        ('<set attributeName="href" to="javascript:alert(1)"/><animate attributeName="x"/>', ""),
        ("<style>@import url(https://a.b/c.css); * {display: none}</style>", ""),
        ('<g style="fill: url(https://a.b/c#d)"/>', "<g />"),
        ('<g style="fill: url(#d)"/>', '<g style="fill: url(#F1-d)" />'),
        ('<g style="fill: u\\72l(https://a.b)"/>', "<g />"),
        ('<g style="position: fixed; inset: 0; fill: red"/>', '<g style="fill: red" />'),
        ('<g style="--x: 1; background: red; content: attr(id)"/>', "<g />"),
        ('<g clip-path="url(https://a.b/c.svg#d)"/>', "<g />"),
        ('<g filter="url(https://a.b#c)" mask="url(#x)" class="hidden" tabindex="0"/>', "<g />"),
        ("<text>&lt;script&gt;1</text>", "<text>&lt;script&gt;1</text>"),
        ("<title><p>x</p></title><desc>x</desc><metadata>x</metadata><iframe/><object/>", ""),
        ("<g>words</g>", "<g />"),
        ('<g id="a&quot; onload=&quot;alert(1)"/>', '<g id="F1-a&quot; onload=&quot;alert(1)" />'),
        ("<svg:g xmlns:svg='http://www.w3.org/2000/svg'/>", "<g />"),
    ],
)  # fmt: skip
def test_what_could_act_is_dropped(given, kept):
    assert inline(given) == kept


@pytest.mark.parametrize(
    "text",
    [
        *("", "<html/>", "<svg", "<svg></g></svg>", "<svg/><script>alert(1)</script>"),
        '<!DOCTYPE svg [<!ENTITY e "<script/>">]><svg>&e;</svg>',
        '<svg><!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;</svg>',
        '<svg xmlns="http://www.w3.org/1999/xhtml"/>',
    ],
)
def test_what_is_not_a_drawing_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match=r"^figures/F1\.svg: not an SVG drawing.*; delete it$"):
        svg.inline(text, "F1")


def test_endless_nesting_is_cut_off():
    assert inline("<g>" * 5000 + "</g>" * 5000).count("<g") == svg.MOST_LEVELS - 1
