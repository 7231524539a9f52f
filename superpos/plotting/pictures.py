"""Several figures by name, which a notebook shows with their captions."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from superpos.plotting import render

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Pictures(dict[str, "Figure"]):
    """Figures by name; `captions` says what each one shows."""

    def __init__(self, figures: Mapping[str, Figure], captions: Mapping[str, str]) -> None:
        super().__init__(figures)
        self.captions = dict(captions)

    def __repr__(self) -> str:
        return f"Pictures: {', '.join(self) or 'none'}"

    def _repr_html_(self) -> str:
        """Every picture with its caption, for a notebook."""
        return "".join(
            f'<figure><img style="max-width: 100%" alt="{escape(self.captions[name])}"'
            f' src="data:image/png;base64,{base64.b64encode(render(figure, "png")).decode()}">'
            f"<figcaption><b>{escape(name)}</b>. {escape(self.captions[name])}</figcaption></figure>"
            for name, figure in self.items()
        )
