"""
From the tree to HTML: one function per kind of node, every text escaped, then sanitised.

The sanitiser is a second lock: its list allows exactly what is printed here, so it changes nothing
(a test holds it to that). Class names are listed in ``docs/content.md`` for the style sheets.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from html import unescape
from string import ascii_lowercase
from typing import Any, TypedDict

import nh3
from django.utils.translation import gettext_noop as _

from education.languages import words_in
from education.text.escaping import attribute, escape
from education.text.figures import ATTRIBUTES as SVG_ATTRIBUTES
from education.text.figures import ELEMENTS as SVG_ELEMENTS
from education.text.figures import icon_array
from education.text.tree import Node, Tree

# The words of the site that a page is printed with, frozen in the language of its text.
LABELS = {
    "high": _("High certainty"),
    "moderate": _("Moderate certainty"),
    "low": _("Low certainty"),
    "very_low": _("Very low certainty"),
    "not_graded": _("Not graded"),
    "supported": _("Supported"),
    "supported_with_qualification": _("Supported, with a qualification"),
    "outdated": _("Out of date"),
    "unsupported": _("Not supported"),
    "overstated": _("Overstated"),
    "cannot_be_verified": _("Cannot be verified"),
    "warning": _("Warning"),
    "note": _("Note"),
    "quote": _("Quotation"),
    "question": _("Question"),
    "grid": _("The options side by side"),
    "not_known": _("Not known"),
    "evidence_says": _("What the evidence says"),
    "unknowns": _("What we do not know"),
    "questions": _("Questions to ask"),
    "references": _("Where this information comes from"),
    "reference": _("Reference {}"),
    "back": _("Back to the text:"),
    "back_to": _("Back to place {1} where reference {0} is cited"),
    "people": _("People studied: {:,}"),
    "follow_up": _("Followed for: {}"),
    "funding": _("Funding and interests: {}"),
    "free": _("Free to read"),
    "free_of": _("Free to read: reference {}"),
    "found": _("What it found"),
    "limits": _("Limits: {}"),
    "also": _("Also called: {}"),
    "open": "“",
    "close": "”",
}
VERDICTS = (
    "supported",
    "supported_with_qualification",
    "outdated",
    "unsupported",
    "overstated",
    "cannot_be_verified",
)
# Each with its filled dots, of four.
CERTAINTIES = {"high": 4, "moderate": 3, "low": 2, "very_low": 1, "not_graded": 0}

_TAGS = {
    "a", "article", "blockquote", "br", "button", "caption", "circle", "code", "dd", "details",
    "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h2", "h3", "h4", "hr", "li", "ol", "p",
    "pre", "section", "span", "strong", "summary", "sup", "table", "tbody", "td", "th", "thead",
    "tr", "ul",
    # In references, as sources are formatted
    "b", "cite", "i", "sub",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"class", "id", "role", "aria-label", "aria-labelledby"},
    "a": {"href"},
    "button": {"type", "popovertarget"},
    "li": {"value"},
    "ol": {"start"},
    "span": {"data-evidence", "popover", "lang"},
    "td": {"data-label"},
    "th": {"scope"},
    "svg": {"focusable", "aria-hidden", "aria-describedby"},
}
_CLEANER = nh3.Cleaner(
    tags=_TAGS | SVG_ELEMENTS,
    attributes={
        **_ATTRIBUTES,
        **{
            tag: _ATTRIBUTES.get(tag, set()) | SVG_ATTRIBUTES - {"class", "id"}
            for tag in SVG_ELEMENTS
        },
    },
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)


class Parts(TypedDict):
    """
    A text as HTML, part by part, each complete in itself; ``article`` is all of them in order.

    ``cells`` are by row and option, ``claim`` and ``term`` by slug: the same pieces as in
    ``comparison``, ``claims`` and ``terms``, for pages that show some of them. A page shows a piece
    once, since ids are in it.
    """

    short_answer: str
    key_messages: str
    body: str
    comparison: str
    cells: dict[str, dict[str, str]]
    claims: str
    claim: dict[str, str]
    terms: str
    term: dict[str, str]
    unknowns: str
    questions: str
    references: str
    article: str


def to_html(tree: Tree) -> Parts:
    """Print a tree; parts that a text does not have are empty."""
    return _Printer(tree).parts()


def certainty_badge(certainty: str, language: str = "en") -> str:
    """Four dots, as many filled as the evidence earns, and the words."""
    labels = words_in(language, LABELS)
    known = certainty if certainty in CERTAINTIES else "not_graded"
    dots = "".join(
        f'<circle cx="{6 + 12 * place}" cy="6" r="4" '
        f'fill="{"currentColor" if place < CERTAINTIES[known] else "none"}" '
        'stroke="currentColor" stroke-width="1.5"></circle>'
        for place in range(4)
    )
    return (
        f'<span class="certainty certainty--{known.replace("_", "-")}">'
        '<svg class="certainty-dots" viewBox="0 0 48 12" width="48" height="12" '
        f'aria-hidden="true" focusable="false">{dots}</svg> {labels[known]}</span>'
    )


def sanitised(html: str) -> str:
    """The second lock: only elements, attributes and addresses that the printer makes."""
    return _CLEANER.clean(html)


class _Printer:
    """Prints the parts of one tree in the order of the page, counting uses of each reference."""

    def __init__(self, tree: Tree) -> None:
        self.tree_ = tree
        self.language = str(tree["language"])
        self.labels = words_in(self.language, LABELS)
        self.uses: Counter[int] = Counter()
        self.drawings = 0
        self.printers: dict[str, Callable[[Node], str]] = {
            "heading": self.heading,
            "paragraph": self.paragraph,
            "list": self.items,
            "callout": self.callout,
            "table": self.table,
            "icons": self.icons,
            "figure": self.figure,
            "rule": lambda _node: "<hr>",
            "text": lambda node: escape(node["text"]),
            "break": lambda _node: "<br>",
            "code": lambda node: f"<code>{escape(node['text'])}</code>",
            "strong": lambda node: f"<strong>{self.nodes(node['c'])}</strong>",
            "emphasis": lambda node: f"<em>{self.nodes(node['c'])}</em>",
            "link": self.link,
            "cite": self.cite,
            "supported": self.supported,
            "term": self.term,
            "masked": lambda node: f'<span class="masked">{escape(node["text"])}</span>',
            "notice": self.notice,
        }

    def parts(self) -> Parts:
        tree = self.tree_
        short_answer = self.wrapped("p", "short-answer", self.nodes(tree["short_answer"]))
        key_messages = self.key_messages(tree["key_messages"])
        body = self.blocks(tree["body"])
        grid = tree["comparison"] or {"options": [], "rows": []}
        cells = [[self.cell(cell) for cell in row["cells"]] for row in grid["rows"]]
        comparison = self.comparison(grid, cells)
        claim = [self.claim(part) for part in tree["claims"]]
        claims = "".join(claim)
        term = [self.definition(part) for part in tree["terms"]]
        terms = self.wrapped("dl", "glossary", "".join(term))
        unknowns = self.blocks(tree["unknowns"])
        questions = self.blocks(tree["questions"])
        references = self.references(tree["references"])
        article = "".join(
            [
                short_answer,
                self.section("key-messages", "evidence_says", key_messages),
                body,
                comparison,
                claims,
                terms,
                self.section("unknowns", "unknowns", unknowns),
                self.section("questions", "questions", questions),
                self.section("references", "references", references),
            ]
        )
        return Parts(
            short_answer=sanitised(short_answer),
            key_messages=sanitised(key_messages),
            body=sanitised(body),
            comparison=sanitised(comparison),
            cells={
                row["slug"]: {
                    cell["option"]: sanitised(html)
                    for cell, html in zip(row["cells"], printed, strict=True)
                }
                for row, printed in zip(grid["rows"], cells, strict=True)
            },
            claims=sanitised(claims),
            claim={
                part["slug"]: sanitised(html)
                for part, html in zip(tree["claims"], claim, strict=True)
            },
            terms=sanitised(terms),
            term={
                part["slug"]: sanitised(self.wrapped("dl", "glossary", html))
                for part, html in zip(tree["terms"], term, strict=True)
            },
            unknowns=sanitised(unknowns),
            questions=sanitised(questions),
            references=sanitised(references),
            article=sanitised(article),
        )

    def nodes(self, nodes: Iterable[Node]) -> str:
        return "".join(self.printers[node["t"]](node) for node in nodes)

    def blocks(self, blocks: Iterable[Node]) -> str:
        return "".join(
            f"<pre>{self.nodes([block])}</pre>" if block["t"] == "code" else self.nodes([block])
            for block in blocks
        )

    @staticmethod
    def wrapped(tag: str, name: str, inside: str) -> str:
        return f'<{tag} class="{name}">{inside}</{tag}>' if inside else ""

    def section(self, name: str, label: str, inside: str) -> str:
        if not inside:
            return ""
        title = escape(self.labels[label])
        return (
            f'<section class="part part--{name}" aria-labelledby="{name}">'
            f'<h2 id="{name}">{title}</h2>{inside}</section>'
        )

    # Blocks

    def heading(self, node: Node) -> str:
        level = int(node["level"])
        return f'<h{level} id="{attribute(node["id"])}">{self.nodes(node["c"])}</h{level}>'

    def paragraph(self, node: Node) -> str:
        return f"<p>{self.nodes(node['c'])}</p>"

    def items(self, node: Node) -> str:
        items = "".join(f"<li>{self.item(item)}</li>" for item in node["items"])
        if not node["ordered"]:
            return f"<ul>{items}</ul>"
        start = f' start="{int(node["start"])}"' if node["start"] != 1 else ""
        return f"<ol{start}>{items}</ol>"

    def item(self, blocks: list[Node]) -> str:
        """A single paragraph in an item needs no paragraph of its own."""
        paragraphs = sum(block["t"] == "paragraph" for block in blocks)
        if paragraphs == 1 and blocks[0]["t"] == "paragraph":
            return self.nodes(blocks[0]["c"]) + self.blocks(blocks[1:])
        return self.blocks(blocks)

    def callout(self, node: Node) -> str:
        kind = node["kind"]
        title = node["title"]
        inside = self.blocks(node["c"])
        heading = f'<p class="callout-title">{escape(title)}</p>' if title else ""
        if kind == "quote":
            return f'<blockquote class="callout callout--quote">{heading}{inside}</blockquote>'
        label = attribute(f"{self.labels[kind]}: {title}" if title else self.labels[kind])
        return (
            f'<div class="callout callout--{kind}" role="note" aria-label="{label}">'
            f"{heading}{inside}</div>"
        )

    def table(self, node: Node) -> str:
        head = "".join(f'<th scope="col">{self.nodes(cell)}</th>' for cell in node["head"])
        rows = "".join(
            f"<tr>{''.join(f'<td>{self.nodes(cell)}</td>' for cell in row)}</tr>"
            for row in node["rows"]
        )
        body = f"<tbody>{rows}</tbody>" if rows else ""
        return f'<div class="table-frame"><table><thead><tr>{head}</tr></thead>{body}</table></div>'

    def icons(self, node: Node) -> str:
        self.drawings += 1
        name = f"icons-{self.drawings}"
        drawing = icon_array(node["count"], node["of"], labelled_by=name)
        return (
            f'<figure class="icons">{drawing}'
            f'<figcaption id="{name}">{self.nodes(node["c"])}</figcaption></figure>'
        )

    def figure(self, node: Node) -> str:
        caption = self.nodes(node["c"])
        below = f"<figcaption>{caption}</figcaption>" if caption else ""
        return f'<figure class="figure">{node["svg"]}{below}</figure>'

    # Words

    def link(self, node: Node) -> str:
        return f'<a href="{attribute(node["href"])}">{self.nodes(node["c"])}</a>'

    def supported(self, node: Node) -> str:
        keys = attribute(" ".join(node["evidence"]))
        return f'<span class="supported" data-evidence="{keys}">{self.nodes(node["c"])}</span>'

    def cite(self, node: Node) -> str:
        links = '<span class="cite-comma">,</span>'.join(map(self.cited, node["items"]))
        return f'<sup class="cite">{links}</sup>'

    def cited(self, item: dict[str, Any]) -> str:
        number = int(item["n"])
        self.uses[number] += 1
        label = attribute(self.labels["reference"].format(number))
        locator = item["locator"]
        place = f'<span class="cite-locator">({escape(locator)})</span>' if locator else ""
        return (
            f'<a href="#ref-{number}" id="cite-{number}-{self.uses[number]}" '
            f'role="doc-biblioref" aria-label="{label}">{number}</a>{place}'
        )

    def term(self, node: Node) -> str:
        name = attribute(f"word-{node['slug']}")
        return (
            f'<button type="button" class="term" popovertarget="{name}">'
            f"{self.nodes(node['c'])}</button>"
            f'<span class="term-definition" id="{name}" popover="">'
            f"{escape(node['definition'])}</span>"
        )

    def notice(self, node: Node) -> str:
        return f' <span class="support-notice">{escape(node["text"])}</span>'

    # The structured parts

    def key_messages(self, messages: list[dict[str, Any]]) -> str:
        items = "".join(
            f'<li class="key-message">{self.nodes(message["c"])}{self.badge(message)}</li>'
            for message in messages
        )
        return self.wrapped("ul", "key-messages", items)

    def badge(self, part: dict[str, Any]) -> str:
        """No certainty for words that were taken away."""
        if part.get("masked"):
            return ""
        return f" {certainty_badge(part['certainty'], self.language)}"

    def cell(self, cell: dict[str, Any]) -> str:
        if cell["unknown"]:
            label = escape(self.labels["not_known"])
            return f'{self.blocks(cell["c"])}<p class="not-known">{label}</p>'
        return f'{self.blocks(cell["c"])}<p class="cell-certainty">{self.badge(cell).strip()}</p>'

    def comparison(self, grid: dict[str, Any], cells: list[list[str]]) -> str:
        """A table that may be shown as a stack: roles and names survive any style sheet."""
        if not grid["options"]:
            return ""
        names = [option["name"] for option in grid["options"]]
        head = "".join(
            f'<th scope="col" role="columnheader">{escape(name)}</th>'
            for name in (self.labels["question"], *names)
        )
        rows = "".join(
            self.row(row, names, printed) for row, printed in zip(grid["rows"], cells, strict=True)
        )
        body = f'<tbody role="rowgroup">{rows}</tbody>' if rows else ""
        return (
            '<table class="grid" role="table">'
            f"<caption>{escape(self.labels['grid'])}</caption>"
            f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>{body}</table>'
        )

    def row(self, row: dict[str, Any], names: list[str], cells: list[str]) -> str:
        printed = "".join(
            f'<td role="cell" data-label="{attribute(name)}">'
            f'<span class="grid-option">{escape(name)}</span>{cell}</td>'
            for name, cell in zip(names, cells, strict=True)
        )
        return (
            f'<tr role="row" id="{attribute("row-" + row["slug"])}">'
            f'<th scope="row" role="rowheader">{escape(row["question"])}</th>{printed}</tr>'
        )

    def claim(self, claim: dict[str, Any]) -> str:
        name = attribute(f"claim-{claim['slug']}")
        said = escape(f"{self.labels['open']}{claim['said']}{self.labels['close']}")
        verdict = ""
        if not claim.get("masked") and claim["verdict"] in VERDICTS:
            kind = claim["verdict"].replace("_", "-")
            words = self.labels[claim["verdict"]]
            verdict = (
                f'<p class="claim-verdict"><span class="verdict verdict--{kind}">{words}</span>'
                f"{self.badge(claim)}</p>"
            )
        return (
            f'<section class="claim" aria-labelledby="{name}">'
            f'<h2 class="claim-said" id="{name}">{said}</h2>'
            f"{verdict}{self.blocks(claim['c'])}</section>"
        )

    def definition(self, term: dict[str, Any]) -> str:
        also = ""
        if term["also"]:
            names = escape(self.labels["also"].format(", ".join(term["also"])))
            also = f' <span class="term-also">{names}</span>'
        return (
            f'<div class="glossary-entry" id="{attribute("term-" + term["slug"])}">'
            f"<dt><dfn>{escape(term['term'])}</dfn>{also}</dt>"
            f"<dd>{self.nodes(term['c'])}</dd></div>"
        )

    def references(self, references: list[dict[str, Any]]) -> str:
        items = "".join(map(self.reference, references))
        if not items:
            return ""
        label = attribute(self.labels["references"])
        return (
            f'<div class="references" role="doc-endnotes" aria-label="{label}">'
            f"<ol>{items}</ol></div>"
        )

    def reference(self, reference: dict[str, Any]) -> str:
        number = int(reference["n"])
        return (
            f'<li id="ref-{number}" value="{number}">'
            f'<p class="reference-text">{reference["html"]}{self.reference_links(reference)}</p>'
            f"{self.facts(reference)}{self.finding(reference)}{self.backlinks(number)}</li>"
        )

    def reference_links(self, reference: dict[str, Any]) -> str:
        """Where to read it, unless the formatted reference says so itself."""
        if "<a " in reference["html"]:
            return ""
        links = []
        if reference["doi"]:
            links.append((f"https://doi.org/{reference['doi']}", f"doi:{reference['doi']}"))
        if reference["pmid"]:
            links.append(
                (
                    f"https://pubmed.ncbi.nlm.nih.gov/{reference['pmid']}/",
                    f"PMID {reference['pmid']}",
                )
            )
        if reference["url"] and not links:
            links.append((reference["url"], reference["url"]))
        return "".join(
            f' <a href="{attribute(href)}">{escape(words)}</a>'
            for href, words in links
            if href.startswith(("https://", "http://"))
        )

    def facts(self, reference: dict[str, Any]) -> str:
        labels = self.labels
        size = reference["sample_size"]
        facts = [
            reference["design"],
            labels["people"].format(size) if size else "",
            labels["follow_up"].format(reference["follow_up"]) if reference["follow_up"] else "",
            labels["funding"].format(reference["funding"]) if reference["funding"] else "",
        ]
        items = "".join(f"<li>{escape(fact)}</li>" for fact in facts if fact)
        return self.wrapped("ul", "reference-facts", items + self.free(reference))

    def free(self, reference: dict[str, Any]) -> str:
        href = free_copy(reference["html"])
        if not href:
            return ""
        said = attribute(self.labels["free_of"].format(reference["n"]))
        words = escape(self.labels["free"])
        return f'<li><a href="{attribute(unescape(href))}" aria-label="{said}">{words}</a></li>'

    def finding(self, reference: dict[str, Any]) -> str:
        if not reference["finding"]:
            return ""
        limits = reference["limitations"]
        below = f"<p>{escape(self.labels['limits'].format(limits))}</p>" if limits else ""
        return (
            f'<details class="reference-finding"><summary>{escape(self.labels["found"])}</summary>'
            f"<p>{escape(reference['finding'])}</p>{below}</details>"
        )

    def backlinks(self, number: int) -> str:
        links = " ".join(
            f'<a href="#cite-{number}-{use}" role="doc-backlink" '
            f'aria-label="{attribute(self.labels["back_to"].format(number, use))}">'
            f"{_letters(use)}</a>"
            for use in range(1, self.uses[number] + 1)
        )
        if not links:
            return ""
        return f'<p class="backlinks">{escape(self.labels["back"])} {links}</p>'


def _letters(number: int) -> str:
    """1 is a, 26 z, 27 aa: as references count their uses."""
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = ascii_lowercase[place] + letters
    return letters


def free_copy(html: str) -> str:
    """Where anybody may read the whole of a work, by its reference as it is printed; or empty."""
    match = re.search(r'href="(https://pmc\.ncbi\.nlm\.nih\.gov/[^"]+)"', html)
    return match[1] if match else ""
