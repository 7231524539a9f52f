"""Typeset the formulas of a plain text, such as ‖W_i‖² = 1 - b_i, as MathML.

The texts are read in terminals and in Markdown too, so formulas in them are not marked but recognised by
their grammar. A match counts if it has an index, a power, a root, a norm, or an operator beside a letter.

    expression := sum (relation sum)*         sum := ["-"] product (("+" | "-") product)*
    product := factor ([operator] factor)*    factor := base (index | power)*
    base := number | letter | function "(" ... ")" | "(" ... ")" | "‖" ... "‖" | "|" ... "|" | "√" base
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from superpos import lookup

with lookup.extra("pipeline"):
    from markupsafe import Markup, escape

RAISED, LOWERED = "²³⁴ⁿᵀ", "ᵢⱼ"
ENDS = rf"(?![^\W_{RAISED}{LOWERED}])"
"""No letter or digit follows, unless it is a power or an index."""
RELATION = re.compile(r" ?(>>|<<|[=<>≤≥≠≈≫≪]) ?")
SIGN = re.compile(r" - | ?[+−±] ?")
OPERATOR = re.compile(r" ?[·×/] ?| \. ")
NUMBER = re.compile(r"\d+(,\d{3})*(\.\d+)?(e-?\d+)?")
LETTER = re.compile(
    rf"[xyW]'(?!\w)|[^\W\d_]\*(?!\w)|[^\W\d_{RAISED}{LOWERED}]{ENDS}|[WQ](?=[xh]\b)|[α-ω](?=[a-z]\b)"
)
FUNCTION = re.compile(r"(ReLU|min|max|log|exp|cos|sin)(?=\()")
INDEX = re.compile(rf"_(?:\{{([^{{}}]+)\}}|(in|out|[ijk]{{2}}|\d+|[^\W\d_]){ENDS})|([{LOWERED}])")
POWER = re.compile(rf"\^(?:\{{([^{{}}]+)\}}|(-?\d+(?:\.\d+)?|[^\W\d_]){ENDS})|([{RAISED}])")
PLAINLY = {"ᵢ": "i", "ⱼ": "j", "²": "2", "³": "3", "⁴": "4", "ⁿ": "n", "ᵀ": "T", "-": "−", ".": "·"}
SIGNS = {">>": "≫", "<<": "≪"} | PLAINLY
MARKS = {"'": "<mo>′</mo>", "*": "<mtext>*</mtext>"}
STRETCHED = {"(": ")", "‖": "‖", "|": "|"}
"""Brackets that surround an expression, and what closes each."""


@dataclass(frozen=True)
class _Part:
    """A formula that ends at position `end` of the text.

    letters: whether it has a letter; counts: whether it is more than numbers or a single letter; closed:
    whether it ends with a bracket, an index or a power.
    """

    mathml: str
    end: int
    letters: bool = False
    counts: bool = False
    closed: bool = False

    def then(self, sign: str, other: _Part) -> _Part:
        """This part and another with an operator between them."""
        letters = self.letters or other.letters
        between = f"<mo>{escape(sign)}</mo>" if sign else ""
        counts = self.counts or other.counts or (letters and bool(sign))
        return _Part(self.mathml + between + other.mathml, other.end, letters, counts, other.closed)


def typeset(text: str) -> Markup:
    """The text as HTML, with its formulas as MathML."""
    found, start, place = [], 0, 0
    while place < len(text):
        formula = None if _inside_a_word(text, place) else _expression(text, place)
        if formula and formula.counts and not _goes_on(text, formula.end):
            found += [str(escape(text[start:place])), f"<math>{formula.mathml}</math>"]
            start = place = formula.end
        else:
            place += 1
    return Markup("".join([*found, str(escape(text[start:]))]))


def _inside_a_word(text: str, place: int) -> bool:
    return place > 0 and (text[place - 1].isalnum() or text[place - 1] in "_.-/^")


def _goes_on(text: str, place: int) -> bool:
    """Whether a word or a name continues after the end of a formula."""
    return bool(re.match(r"[\w^]|[-.]\w|/\w", text[place:]))


def _chain(
    text: str,
    place: int,
    sign: re.Pattern[str],
    inner: Callable[[str, int, bool], _Part | None],
    deep: bool,
) -> _Part | None:
    """A sequence of parts with signs between them."""
    part = inner(text, place, deep)
    while part and (found := sign.match(text, part.end)):
        other = inner(text, found.end(), deep)
        if other is None:
            break
        written = found[0].strip()
        part = part.then(SIGNS.get(written, written), other)
    return part


def _expression(text: str, place: int, deep: bool = False) -> _Part | None:
    return _chain(text, place, RELATION, _sum, deep)


def _sum(text: str, place: int, deep: bool) -> _Part | None:
    if text[place : place + 1] in ("-", "−"):
        part = _chain(text, place + 1, SIGN, _product, deep)
        return part and replace(part, mathml="<mo>−</mo>" + part.mathml)
    return _chain(text, place, SIGN, _product, deep)


def _product(text: str, place: int, deep: bool) -> _Part | None:
    part = _chain(text, place, OPERATOR, _factor, deep)
    while part and (other := _beside(text, part, deep)):
        part = part.then("", other)
        if sign := OPERATOR.match(text, part.end):
            last = _product(text, sign.end(), deep)
            part = part.then(SIGNS.get(sign[0].strip(), sign[0].strip()), last) if last else part
    return part


def _beside(text: str, part: _Part, deep: bool) -> _Part | None:
    """A factor that follows without an operator; after a space, only if it cannot be a word."""
    blank = text[part.end : part.end + 1] == " "
    place = part.end + blank
    if (
        text[place : place + 1] in ("|", "‖") and deep
    ):  # it closes, unless a bracket was closed before
        return _factor(text, place, deep) if blank and part.closed else None
    other = _factor(text, place, deep)
    if other is None or not blank or deep:
        return other
    vector = len(other.mathml) == 10 and text[place] in "xhy"  # one letter: "W x"
    fits = (part.closed and (other.letters or other.closed)) or (part.letters and vector)
    return other if fits and text[place] != "a" else None


def _factor(text: str, place: int, deep: bool) -> _Part | None:
    part = _base(text, place, deep)
    if part is None:
        return None
    index = power = ""
    end, mathml = part.end, part.mathml
    while True:
        if not index and (found := INDEX.match(text, end)):
            index, end = _script(next(filter(None, found.groups()))), found.end()
        elif not power and (found := POWER.match(text, end)):
            power, end = _script(next(filter(None, found.groups()))), found.end()
        elif (
            not power and text[end : end + 2] in ("^(", "^-") and (raised := _raised(text, end + 1))
        ):
            power, end = _row(raised.mathml), raised.end
        else:
            break
    name = {(True, True): "msubsup", (True, False): "msub", (False, True): "msup"}.get(
        (bool(index), bool(power))
    )
    if name is None:
        return part
    # Without a font for mathematics, a browser raises a power above the whole height of its base.
    base = f'<mpadded height="0.5em">{mathml}</mpadded>' if power else _row(mathml)
    return _Part(f"<{name}>{base}{index}{power}</{name}>", end, True, True, True)


def _row(mathml: str) -> str:
    """A single element as it is, or several in an `mrow`."""
    return mathml if mathml.count("<") == 2 else f"<mrow>{mathml}</mrow>"


def _raised(text: str, place: int) -> _Part | None:
    """A power in brackets, or a negative one."""
    negative = text[place] == "-"
    part = _base(text, place + negative, True)
    return _Part("<mo>−</mo>" * negative + part.mathml, part.end) if part else None


def _script(text: str) -> str:
    """An index or a power: a formula, a word or a sign."""
    text = PLAINLY.get(text, text)
    inner = _expression(text, 0, True)
    if inner and inner.end == len(text):
        return _row(inner.mathml)
    tag = "mi" if text.isalpha() else "mo"
    return f"<{tag}>{escape(text)}</{tag}>"


def _base(text: str, place: int, deep: bool) -> _Part | None:
    if found := FUNCTION.match(text, place):
        inside = _bracketed(text, found.end())
        name = f"<mi>{found[0]}</mi>"
        return _Part(name + inside.mathml, inside.end, True, True, True) if inside else None
    if found := NUMBER.match(text, place):
        return _Part(f"<mn>{found[0]}</mn>", found.end())
    if found := LETTER.match(text, place):
        letter, mark = found[0][0], MARKS.get(found[0][1:], "")
        return _Part(f"<mi>{letter}</mi>{mark}", found.end(), letters=True, counts=bool(mark))
    if text[place : place + 1] == "√":
        under = _base(text, place + 1, deep)
        mathml = f"<msqrt>{under.mathml}</msqrt>" if under else ""
        return _Part(mathml, under.end, True, True, True) if under else None
    return _bracketed(text, place)


def _bracketed(text: str, place: int) -> _Part | None:
    """An expression in brackets, or several with commas between them."""
    opened = text[place : place + 1]
    closes = STRETCHED.get(opened)
    part = _expression(text, place + 1, True) if closes else None
    while part and text.startswith(", ", part.end) and opened == "(":
        other = _expression(text, part.end + 2, True)
        part = other and part.then(",", other)
    if part is None or closes is None or not text.startswith(closes, part.end):
        return None
    left, right = (f'<mo stretchy="false">{sign}</mo>' for sign in (opened, closes))
    counts = part.counts or (opened != "(" and part.letters)
    return _Part(left + part.mathml + right, part.end + 1, part.letters, counts, True)
