"""Drawings inside a page: packed as they are, and refused unless they are SVG drawings."""

import base64
import gzip

import pytest

from superpos.report.drawings import Drawing

BARE = '<svg xmlns="http://www.w3.org/2000/svg" width="400.4pt" height="200pt">'


def test_a_drawing_is_packed_whole_without_what_stands_before_it():
    drawing = Drawing.of(f'<?xml version="1.0"?><!DOCTYPE svg>{BARE}<path d="M0 0"/></svg>', "F1")
    unpacked = gzip.decompress(base64.b64decode(drawing.data)).decode()
    assert unpacked == f'{BARE}<path d="M0 0"/></svg>'
    assert (drawing.width, drawing.height) == (400, 200)


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
        Drawing.of(text, "F1")
