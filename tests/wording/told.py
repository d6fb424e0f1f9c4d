"""What a reader of a page is told, block by block; what only another choice of its filters shows is left out."""

import re
from html.parser import HTMLParser
from typing import NamedTuple

_BLOCKS = {"p", "li", "figcaption", "td", "th", "h1", "h2", "h3", "summary", "option", "caption"}
_SILENT = {"svg", "script", "style", "nav"}
_VOID = {"meta", "link", "input", "br", "hr", "img"}


class Block(NamedTuple):
    """One block of text and the element that holds it."""

    tag: str
    text: str
    in_table: bool


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Block] = []
        self.open: list[tuple[str, bool]] = []
        self.texts: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        names = dict(attrs)
        is_other_choice = names.get("class") == "variant" and "hidden" in names
        self.open.append((tag, tag in _SILENT or is_other_choice))
        if tag in _BLOCKS:
            self.texts.append((tag, []))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass
        if self.texts and self.texts[-1][0] == tag:
            tag, parts = self.texts.pop()
            text = " ".join("".join(parts).split())
            if text and not any(silent for _, silent in self.open):
                self.found.append(Block(tag, text, any(name == "table" for name, _ in self.open)))

    def handle_data(self, data: str) -> None:
        if self.texts and not any(silent for _, silent in self.open):
            self.texts[-1][1].append(data)


def blocks(html: str) -> list[Block]:
    """The text blocks of a page's main part, in reading order."""
    reader = _Reader()
    reader.feed(html[html.index("<main") : html.index("</main>")])
    return reader.found


def sentences(text: str) -> list[str]:
    """The sentences of a text, without their full stops."""
    return [part.strip(" .") for part in re.split(r"(?<=[.!?])\s+(?=[A-Z“])", text) if part.strip(" .")]


class Told(NamedTuple):
    """A document with its sentences."""

    kind: str
    """page, summary, handout, card or terminal."""
    name: str
    said: list[str]
