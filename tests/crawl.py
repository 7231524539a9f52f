"""Dead links of a folder of HTML pages, what they load from other hosts, and pictures without words."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {"src", "data", "poster"}
"""The attributes whose addresses a browser loads with the page; for <link> it is href."""


class Page(HTMLParser):
    """The ids of a page, the addresses that it links, those that it loads, and what its pictures show."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.shown: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        self.loads += [given[name] for name in LOADS if name in given]
        if tag == "img":
            self.shown[given.get("src", "")] = given.get("alt", "")
        if "href" in given:
            (self.loads if tag == "link" else self.links).append(given["href"])


def faults(folder: Path) -> list[str]:
    """A line for each dead link to a page or a place, for each file that is loaded from elsewhere, and for
    each picture with no words but its file's name."""
    pages = {path.resolve(): Page(path.read_text()) for path in sorted(folder.rglob("*.html"))}
    return [f"{path.name}: {line}" for path in pages for line in _faults(path, pages)]


def _faults(path: Path, pages: dict[Path, Page]) -> Iterator[str]:
    page = pages[path]
    yield from (f"it loads {address}" for address in page.loads if _is_foreign(address))
    for address, words in page.shown.items():
        if len(words.split()) < 2:
            yield f"{address} has no words that say what it shows"
    own = [
        a for a in (*page.links, *page.loads) if not _is_foreign(a) and not a.startswith("data:")
    ]
    for address in own:
        parts = urlsplit(address)
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        target = target / "index.html" if target.is_dir() else target
        if not target.is_file():
            yield f"{address} is not there"
        elif (
            parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids
        ):
            yield f"{address} has no such place"


def _is_foreign(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme in {"http", "https", "mailto"}
