"""What golden files keep of an answer: its words, their order and their links, line by line."""

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse

# Elements that stand in a line; every other one begins a new line.
INLINE = frozenset({
    "a", "abbr", "b", "bdi", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q",
    "s", "small", "span", "strong", "sub", "sup", "time", "u",
})  # fmt: skip
UNREAD = frozenset({"script", "style", "template"})
# Fields that say nothing to people: another each time they are given out, or a hash of the others.
OPAQUE_FIELDS = frozenset({"csrfmiddlewaretoken", "press", "stamp", "version_seen"})
# What counts of the head of a page: in words, and as data for search engines.
HEAD = {"title": "<title>(.*?)</title>", "meta": '<meta name="description" content="(.*?)"'}
DATA = r'<script type="application/ld\+json"[^>]*>(.*?)</script>'
SIGNS = {"del": ("[-", "-]"), "ins": ("[+", "+]")}


class Words(HTMLParser):
    """
    A page as lines: words, ``[words](address)`` for a link, what is chosen in a form, and what only
    a screen reader says in braces.

    Of a whole page the title, its description and its data for search engines come first, then
    what stands in ``main``.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._line: list[str] = []
        self._links: list[str] = []
        self._unread = 0
        whole = "<main" in html
        before, main = html.split("<main", 1) if whole else ("", html)
        if whole:
            self._head(before)
            main = f"<main{main.split('</main>', 1)[0]}"
        self.feed(main)
        self.close()
        self._end_line()

    def _head(self, html: str) -> None:
        for name, pattern in HEAD.items():
            found = re.findall(pattern, html, re.DOTALL)
            self.lines += [f"{name}: {' '.join(said.split())}" for said in found]
        for data in re.findall(DATA, html, re.DOTALL):
            self.lines += as_lines(json.loads(data))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag not in INLINE:
            self._end_line()
        if tag in UNREAD:
            self._unread += 1
        if label := said.get("aria-label"):
            self._line.append(f"{{{label}}}")
        if tag == "a" and "href" in said:
            self._line.append("[")
            self._links.append(said["href"] or "")
        elif tag == "a":
            self._links.append("")
        elif tag == "img":
            self._line.append(f"![{said.get('alt', '')}]({said.get('src', '')})")
        elif tag == "form":
            self.lines.append(f"(form to {said.get('action', 'here')})")
        elif tag == "option":
            self._line.append("(x) " if "selected" in said else "( ) ")
        elif tag == "input":
            self._line.append(field(said))
        self._line.append(SIGNS.get(tag, ("", ""))[0])

    def handle_endtag(self, tag: str) -> None:
        if tag in UNREAD:
            self._unread -= 1
        if tag == "a" and self._links and (address := self._links.pop()):
            self._line.append(f"]({address})")
        self._line.append(SIGNS.get(tag, ("", ""))[1])
        if tag not in INLINE:
            self._end_line()

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._line.append(data)

    def _end_line(self) -> None:
        line = " ".join("".join(self._line).split())
        if line:
            self.lines.append(line)
        self._line = []


def field(said: dict[str, str | None]) -> str:
    """What is chosen or typed in a field of a form."""
    name, kind = said.get("name") or "", said.get("type") or "text"
    if kind in {"checkbox", "radio"}:
        return f"({'x' if 'checked' in said else ' '}) {name}={said.get('value', '')} "
    if name in OPAQUE_FIELDS or not said.get("value"):
        return ""
    return f"({name}={said['value']}) "


def words(html: str) -> list[str]:
    """The lines of a page or a part of one."""
    return Words(html).lines


def without_markup(data: Any, *, is_html: bool = False) -> Any:
    """Parsed JSON with what is HTML in it as lines of words."""
    if isinstance(data, dict):
        as_html = is_html or data.get("type") == "html"
        return {
            name: without_markup(part, is_html=name == "html" or (as_html and name != "type"))
            for name, part in data.items()
        }
    if isinstance(data, list):
        return [without_markup(part, is_html=is_html) for part in data]
    if isinstance(data, str) and is_html:
        return words(data)
    return data


def as_lines(data: Any) -> list[str]:
    """Parsed JSON, one value a line; the order of names doesn't matter."""
    written = json.dumps(without_markup(data), ensure_ascii=False, indent=1, sort_keys=True)
    return written.split("\n")


def as_tree(root: ET.Element, depth: int = 0) -> list[str]:
    """The elements of XML with their attributes and texts, HTML in them as its words."""
    name = root.tag.rpartition("}")[2]
    said = "".join(f" {key}={value}" for key, value in sorted(root.attrib.items()))
    text = (root.text or "").strip()
    lines = [f"{' ' * depth}{name}{said}"]
    of_text = words(text) if root.get("type") == "html" else text.splitlines()
    lines += [f"{' ' * depth} {line}" for line in of_text]
    return lines + [line for child in root for line in as_tree(child, depth + 1)]


def lines_of(response: HttpResponse) -> list[str]:
    """An answer in lines, its status first; an image is only said to be there."""
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    head = " ".join(filter(None, [str(response.status_code), kind, response.get("Location", "")]))
    if kind.startswith("image/") or not response.content:
        return [head]
    text = response.content.decode()
    if kind == "text/html":
        return [head, *words(text)]
    # The compiler was told to hand out what it was given.
    if kind.endswith(("json", "/pdf")):
        return [head, *as_lines(json.loads(text))]
    if kind.endswith("xml"):
        return [head, *as_tree(ET.fromstring(text))]
    return [head, *text.splitlines()]
