"""Shares in per cent, as the pages print them."""


def percent(share: float) -> str:
    """A share in per cent; 0% and 100% mean none and all, and what is nearly that is "<1%" or ">99%"."""
    said = f"{100 * share:.0f}%"
    if 0 < share < 1 and said in ("0%", "100%"):
        return "<1%" if share < 0.5 else ">99%"
    return said
