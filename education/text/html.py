"""
From the tree to HTML: one function per kind of node, every text escaped.

HTML is made from the tree for each page; what a page asks for beyond the text is in ``Options``.

The sanitiser (``sanitised``) is a second lock: its list allows exactly what is made here, so it
changes nothing. It takes four fifths of the time, and so it runs where a copy is frozen and where
an editor previews, not again for each reader: the kinds of nodes are a closed list, every text is
escaped in one place (``escaping``), and the two fields of a tree that hold markup, drawings and
formatted references, were sanitised before they came into it. Tests hold all that is made,
hostile texts and every kept release too, to what the sanitiser would leave.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any, NotRequired, TypedDict

import nh3

from education.languages import translated_labels
from education.text.escaping import attribute, escape
from education.text.figures import ATTRIBUTES as SVG_ATTRIBUTES
from education.text.figures import ELEMENTS as SVG_ELEMENTS
from education.text.figures import PIXELS, icon_array
from education.text.findings import (
    direction_label,
    effects,
    reasons,
    shows_certainty,
    studied,
)
from education.text.labels import CERTAINTIES, LABELS, VERDICTS, seen_on_words
from education.text.tree import Node, Tree, plain, walk

# What may follow a citation and still belong to its sentence.
_STOPS = ".,;:!?”’)"
_OPENINGS = ("(", "“", "‘")
_FREE_COPY = re.compile(r"\bPubMed Central PMCID: (PMC\d+)\b")

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
    "th": {"colspan", "scope"},
    "svg": {"focusable", "aria-hidden", "aria-describedby"},
}


_CONTROLS = dict.fromkeys(range(0x21))  # browsers leave them out of addresses


def _without_foreign_pixels(tag: str, name: str, value: str) -> str | None:
    """A picture inside a drawing is held by it; addresses of data lead nowhere else."""
    if name != "href":
        return value
    if tag == "image":
        return value if PIXELS.fullmatch(value) else None
    is_data = value.translate(_CONTROLS).lower().startswith("data:")
    return None if is_data else value


_CLEANER = nh3.Cleaner(
    tags=_TAGS | SVG_ELEMENTS | {"image"},
    attributes={
        **_ATTRIBUTES,
        **{
            tag: _ATTRIBUTES.get(tag, set()) | SVG_ATTRIBUTES - {"class", "id"}
            for tag in SVG_ELEMENTS
        },
        "image": {"href", "width", "height"},
    },
    attribute_filter=_without_foreign_pixels,
    url_schemes={"http", "https", "mailto", "data"},
    link_rel=None,
)


class Parts(TypedDict):
    """
    A text as HTML, part by part, each complete in itself; ``article`` is all of them in order.

    ``findings`` is there for a table of findings alone. ``cells`` are by row and option, ``claim``
    and ``term`` by slug: the same pieces as in ``comparison``, ``claims`` and ``terms``, for pages
    that show some of them. A page shows a piece once, since ids are in it.
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
    findings: NotRequired[str]
    unknowns: str
    questions: str
    references: str
    article: str


@dataclass(frozen=True)
class Options:
    """
    What a page asks for beyond the text. Places keep their names whatever is left out.

    ``whole_at``: the address of the page with all of the text; ways back to places that are not
    shown lead there, and without ``references`` citations do too.
    ``questions``, ``columns``: rows and options of the grid by slug, in the order of the text; all
    of them when empty.
    ``claim``: the answer to this claim alone, without its heading, the questions to ask, and the
    references it cites, numbered from 1; places keep their names.
    ``note``: what to say behind a statement that cites these keys: (kind, words), or nothing.
    ``site``: what addresses inside the site begin with, for what is read elsewhere.
    ``work_page``: the address of a work's own page by its key; the list of references then leads
    there instead of holding what each work found.
    ``backlinks``: whether references have links back to the places that cite them.
    """

    whole_at: str = ""
    references: bool = True
    questions: Collection[str] = ()
    columns: Collection[str] = ()
    claim: str = ""
    note: Callable[[Sequence[str]], tuple[str, str] | None] | None = None
    site: str = ""
    work_page: Callable[[str], str] | None = None
    backlinks: bool = True


def to_html(tree: Tree, options: Options = Options()) -> Parts:
    """Print a tree; parts that a text does not have, or that were not asked for, are empty."""
    return _HTMLWriter(tree, options).parts()


def certainty_badge(certainty: str, language: str = "en") -> str:
    """Four dots, as many filled as the evidence earns, and the words; else "not graded"."""
    known = certainty if certainty in CERTAINTIES else "not_graded"
    return _badge(known, translated_labels(language, {known: LABELS[known]}))


def verdict_badge(verdict: str, language: str = "en") -> str:
    """A verdict in words; empty for what is none."""
    if verdict not in VERDICTS:
        return ""
    return _verdict(verdict, translated_labels(language, {verdict: LABELS[verdict]}))


def sanitised(html: str) -> str:
    """The second lock: only elements, attributes and addresses that the printer makes."""
    return _CLEANER.clean(html)


def all_sanitised(part: Any) -> Any:
    """The parts of a text, each sanitised."""
    if isinstance(part, str):
        return sanitised(part)
    return {name: all_sanitised(below) for name, below in part.items()}


def free_copy(reference: Mapping[str, Any]) -> str:
    """Where anybody may read the whole of a work, by its reference in words; or empty."""
    match = _FREE_COPY.search(reference["text"])
    return f"https://pmc.ncbi.nlm.nih.gov/articles/{match[1]}/" if match else ""


def _badge(certainty: str, labels: Mapping[str, str]) -> str:
    known = certainty if certainty in CERTAINTIES else "not_graded"
    return (
        f'<span class="certainty certainty--{known.replace("_", "-")}">'
        '<svg class="certainty-dots" viewBox="0 0 48 12" width="48" height="12" aria-hidden="true" '
        f'fill="none" stroke="currentColor" stroke-width="1.5">{_DOTS[known]}</svg> '
        f"{labels[known]}</span>"
    )


def _verdict(verdict: str, labels: Mapping[str, str]) -> str:
    if verdict not in VERDICTS:
        return ""
    kind = verdict.replace("_", "-")
    return f'<span class="verdict verdict--{kind}">{escape(labels[verdict])}</span>'


_FILLED = ' fill="currentColor"'
_DOTS = {
    certainty: "".join(
        f'<circle cx="{6 + 12 * place}" cy="6" r="4"{_FILLED if place < filled else ""}></circle>'
        for place in range(4)
    )
    for certainty, filled in CERTAINTIES.items()
}


class _HTMLWriter:
    """
    Makes the parts of one tree in the order of the page, counting uses of each reference.

    All of the text is made, also what the page leaves out, so that places are counted alike on
    every page. ``places`` holds for each use of a reference whether it is on this page.
    """

    def __init__(self, tree: Tree, options: Options) -> None:
        self.tree_ = tree
        self.options = options
        self.labels = translated_labels(str(tree["language"]), LABELS)
        self.places: dict[int, list[bool]] = {}
        self.shown_numbers: dict[int, int] = {}
        self.here = not options.claim
        self.writers: dict[str, Callable[[Node], str]] = {
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
            "superscript": lambda node: f"<sup>{self.nodes(node['c'])}</sup>",
            "subscript": lambda node: f"<sub>{self.nodes(node['c'])}</sub>",
            "link": self.link,
            "cite": self.cite,
            "supported": self.supported,
            "term": self.term,
            "unbroken": self.unbroken,
            "masked": lambda node: f'<span class="masked">{escape(node["text"])}</span>',
            "notice": self.notice,
        }

    def parts(self) -> Parts:
        tree = self.tree_
        short_answer = self.wrapped("p", "short-answer", self.nodes(tree["short_answer"]))
        key_messages = self.key_messages(tree["key_messages"])
        body = self.blocks(tree["body"])
        grid = tree["comparison"] or {"options": [], "rows": []}
        rows = [(row, self.cells(row)) for row in grid["rows"]]
        comparison = self.comparison(grid, rows)
        claim = [(part["slug"], self.claim(part)) for part in tree["claims"]]
        claims = "".join([html for _, html in claim])
        term = [(part["slug"], self.definition(part)) for part in tree["terms"]]
        terms = self.wrapped("dl", "glossary", "".join([html for _, html in term]))
        findings = self.findings(tree.get("findings"))
        unknowns = self.blocks(tree["unknowns"])
        questions = self.blocks(tree["questions"])
        references = self.references(tree["references"])
        if self.options.claim:
            short_answer = key_messages = body = comparison = terms = unknowns = ""
            findings = ""
            claims = dict(claim)[self.options.claim]
        article = "".join(
            [
                short_answer,
                self.section("key-messages", "evidence_says", key_messages),
                body,
                comparison,
                claims,
                terms,
                findings,
                self.section("unknowns", "unknowns", unknowns),
                self.section("questions", "questions", questions),
                self.section("references", "references", references),
            ]
        )
        parts = Parts(
            short_answer=short_answer,
            key_messages=key_messages,
            body=body,
            comparison=comparison,
            cells={row["slug"]: cells for row, cells in rows if cells},
            claims=claims,
            claim=dict(claim),
            terms=terms,
            term={slug: self.wrapped("dl", "glossary", html) for slug, html in term},
            unknowns=unknowns,
            questions=questions,
            references=references,
            article=article,
        )
        if findings:
            parts["findings"] = findings
        return parts

    def nodes(self, nodes: Iterable[Node]) -> str:
        nodes = _with_signs_kept(nodes)
        if self.options.note:
            return "".join(self.noted(nodes))
        return "".join([self.writers[node["t"]](node) for node in nodes])

    def noted(self, nodes: Iterable[Node]) -> Iterable[str]:
        """The same with a note behind each citation, and behind the stop after it."""
        note = ""
        for node in nodes:
            html = self.writers[node["t"]](node)
            if note:
                text = node["text"] if node["t"] == "text" else ""
                stops = len(text) - len(text.lstrip(_STOPS))
                yield text[:stops] + note
                html = escape(text[stops:]) if stops else html
            yield html
            note = self.note(node) if node["t"] == "cite" else ""
        yield note

    def note(self, cite: Node) -> str:
        assert self.options.note
        said = self.options.note([item["key"] for item in cite["items"]])
        if said is None:
            return ""
        kind, words = said
        return f' <span class="fit fit--{attribute(kind)}">{escape(words)}</span>'

    def blocks(self, blocks: Iterable[Node]) -> str:
        return "".join(
            [
                f"<pre>{self.nodes([block])}</pre>" if block["t"] == "code" else self.nodes([block])
                for block in blocks
            ]
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
        # A corner without words heads nothing; a screen reader would read an empty heading.
        head = "".join(
            f'<th scope="col">{self.nodes(cell)}</th>' if cell else "<td></td>"
            for cell in node["head"]
        )
        rows = "".join(
            f"<tr>{''.join(f'<td>{self.nodes(cell)}</td>' for cell in row)}</tr>"
            for row in node["rows"]
        )
        body = f"<tbody>{rows}</tbody>" if rows else ""
        return f'<div class="table-frame"><table><thead><tr>{head}</tr></thead>{body}</table></div>'

    def icons(self, node: Node) -> str:
        label = plain(node["c"], one_line=True)
        drawing = icon_array(node["count"], node["of"], label=label)
        caption = f"<figcaption>{self.nodes(node['c'])}</figcaption>"
        return f'<figure class="icons"{self.figure_name(node)}>{drawing}{caption}</figure>'

    def figure_name(self, node: Node) -> str:
        """The name of a figure whose caption has citations, which would be read in the middle."""
        if not any(part["t"] == "cite" for part in walk(node["c"])):
            return ""
        return f' aria-label="{attribute(plain(node["c"], one_line=True))}"'

    def figure(self, node: Node) -> str:
        caption = self.nodes(node["c"])
        if credit := node.get("credit"):
            caption += f'<span class="figure-credit">{escape(credit)}</span>'
        below = f"<figcaption>{caption}</figcaption>" if caption else ""
        return f'<figure class="figure"{self.figure_name(node)}>{node["svg"]}{below}</figure>'

    # Words

    def link(self, node: Node) -> str:
        href = node["href"]
        if href.startswith("/"):
            href = self.options.site + href
        return f'<a href="{attribute(href)}">{self.nodes(_without_links(node["c"]))}</a>'

    def supported(self, node: Node) -> str:
        keys = attribute(" ".join(node["evidence"]))
        return f'<span class="supported" data-evidence="{keys}">{self.nodes(node["c"])}</span>'

    def cite(self, node: Node) -> str:
        links = '<span class="cite-comma">,</span>'.join(map(self.cited, node["items"]))
        return f'<sup class="cite">{links}</sup>'

    def cited(self, item: dict[str, Any]) -> str:
        number = int(item["n"])
        uses = self.places.setdefault(number, [])
        uses.append(self.here)
        shown = self.shown_number(number)
        label = attribute(self.labels["reference"].format(shown))
        locator = item["locator"]
        place = f'<span class="cite-locator">({escape(locator)})</span>' if locator else ""
        return (
            f'<a href="{self.listed_at}#ref-{number}" id="cite-{number}-{len(uses)}" '
            f'role="doc-biblioref" aria-label="{label}">{shown}</a>{place}'
        )

    def shown_number(self, number: int) -> int:
        """The number of a reference as it is read: on a page of one claim, in the order of use."""
        if not self.options.claim:
            return number
        if self.here:
            self.shown_numbers.setdefault(number, len(self.shown_numbers) + 1)
        return self.shown_numbers.get(number, number)

    def term(self, node: Node) -> str:
        name = attribute(f"word-{node['slug']}")
        words = self.nodes(node["c"])
        all_words = attribute(f"{self.options.site}/glossary/#term-{node['slug']}")
        return (
            f'<button type="button" class="term" popovertarget="{name}">{words}</button>'
            f'<span class="term-definition" id="{name}" popover=""><strong>{words}</strong> '
            f"{escape(node['definition'])} "
            f'<a href="{all_words}">{escape(self.labels["all_words"])}</a></span>'
        )

    def unbroken(self, node: Node) -> str:
        before, after = escape(node["before"]), escape(node["after"])
        return f'<span class="unbroken">{before}{self.term(node["term"])}{after}</span>'

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
        """The certainty of a statement about an effect."""
        return f" {_badge(part['certainty'], self.labels)}" if shows_certainty(part) else ""

    def cells(self, row: dict[str, Any]) -> dict[str, str]:
        """The answers to a question by option: those asked for."""
        cells = {}
        is_chosen = not self.options.questions or row["slug"] in self.options.questions
        for cell in row["cells"]:
            shown = is_chosen and (
                not self.options.columns or cell["option"] in self.options.columns
            )
            self.here = shown and not self.options.claim
            html = self.cell(cell)
            if shown:
                cells[cell["option"]] = html
        self.here = not self.options.claim
        return cells

    def cell(self, cell: dict[str, Any]) -> str:
        if cell["unknown"]:
            label = escape(self.labels["not_known"])
            return f'{self.blocks(cell["c"])}<p class="not-known">{label}</p>'
        certainty = self.wrapped("p", "cell-certainty", self.badge(cell).strip())
        return f"{self.blocks(cell['c'])}{certainty}"

    def comparison(
        self, grid: dict[str, Any], rows: list[tuple[dict[str, Any], dict[str, str]]]
    ) -> str:
        """A table that may be shown as a stack: each answer names its option."""
        names = {
            option["slug"]: option["name"]
            for option in grid["options"]
            if not self.options.columns or option["slug"] in self.options.columns
        }
        if not names:
            return ""
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names.values())
        shown = "".join([self.row(row, names, cells) for row, cells in rows if cells])
        return (
            '<table class="option-grid">'
            f"<caption>{escape(self.labels['grid'])}</caption>"
            f"<thead><tr>{head}</tr></thead>{shown}</table>"
        )

    def row(self, row: dict[str, Any], names: dict[str, str], cells: dict[str, str]) -> str:
        """A question above its answers, as on the site's own pages."""
        row_cells = "".join(
            f'<td><p class="cell-option">{escape(names[option])}</p>{cell}</td>'
            for option, cell in cells.items()
        )
        return (
            "<tbody><tr>"
            f'<th class="question" scope="rowgroup" colspan="{len(names)}" '
            f'id="{attribute("row-" + row["slug"])}">{escape(row["question"])}</th></tr>'
            f'<tr class="answers">{row_cells}</tr></tbody>'
        )

    def claim(self, claim: dict[str, Any]) -> str:
        alone = claim["slug"] == self.options.claim
        self.here = alone or not self.options.claim
        verdict = "" if claim.get("masked") else _verdict(claim["verdict"], self.labels)
        if verdict:
            verdict = f'<p class="claim-verdict">{verdict}</p>'
        answer = f"{verdict}{self.claim_certainty(claim)}{self.blocks(claim['c'])}"
        self.here = not self.options.claim
        if alone:
            return answer
        name = attribute(f"claim-{claim['slug']}")
        said = escape(f"{self.labels['open']}{claim['said']}{self.labels['close']}")
        return (
            f'<section class="claim" aria-labelledby="{name}">'
            f'<h2 class="claim-said" id="{name}">{said}</h2>{answer}</section>'
        )

    def claim_certainty(self, claim: dict[str, Any]) -> str:
        """In words alone, so that a claim has one badge: its verdict."""
        if claim.get("masked") or not shows_certainty(claim):
            return ""
        words = f"{self.labels['how_sure']}: {self.labels[claim['certainty']]}"
        return f'<p class="claim-certainty">{words}</p>'

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

    # The table of findings

    def findings(self, table: dict[str, Any] | None) -> str:
        """A table for each outcome, that may be shown as a stack: each cell has a name."""
        if not table:
            return ""
        names = {option["slug"]: option["name"] for option in table["options"]}
        return "".join([self.outcome(outcome, names) for outcome in table["outcomes"]])

    def outcome(self, outcome: dict[str, Any], names: Mapping[str, str]) -> str:
        place = attribute(f"outcome-{outcome['slug']}")
        studied = [row for row in outcome["rows"] if row["evidence"] or row.get("masked")]
        heads = ("option", "what_it_does", "how_sure", "effect", "who_was_studied")
        head = "".join(f'<th scope="col">{escape(self.labels[name])}</th>' for name in heads)
        rows = "".join([self.findings_row(row, names) for row in studied])
        table = (
            f'<table class="findings-table" aria-labelledby="{place}">'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
            if rows
            else ""
        )
        unstudied = "".join(
            f"<li>{escape(self.named(row, names))}</li>"
            for row in outcome["rows"]
            if row not in studied
        )
        none = f"<p>{escape(self.labels['nothing_checked'])}</p><ul>{unstudied}</ul>"
        return (
            '<section class="findings-outcome">'
            f'<h2 id="{place}">{escape(outcome["name"])}</h2>{self.blocks(outcome["note"])}{table}'
            f"{self.wrapped('div', 'findings-none', none if unstudied else '')}</section>"
        )

    @staticmethod
    def named(row: dict[str, Any], names: Mapping[str, str]) -> str:
        return ": ".join(part for part in (names.get(row["option"], ""), row["about"]) if part)

    def findings_row(self, row: dict[str, Any], names: Mapping[str, str]) -> str:
        labels = self.labels
        direction = self.wrapped("p", "direction", escape(direction_label(row, labels)))
        why = self.lines(reasons(row, labels))
        if why:
            why = f"<details><summary>{escape(labels['why_so_sure'])}</summary>{why}</details>"
        # The whole row is what its works support: no extent is marked inside.
        words = "".join(
            self.nodes(node["c"] if node["t"] == "supported" else [node]) for node in row["c"]
        )
        cells = {
            "what_it_does": f"<p>{words}</p>{direction}",
            "how_sure": f"<p>{_badge(row['certainty'], labels)}</p>{why}"
            if row["certainty"]
            else "",
            "effect": self.lines(effects(row, labels)),
            "who_was_studied": self.lines(studied(row, labels)),
        }
        row_cells = "".join(
            f'<td><p class="cell-name">{escape(labels[name])}</p>{cell}</td>'
            if cell
            else "<td></td>"
            for name, cell in cells.items()
        )
        return (
            f'<tr id="{attribute("finding-" + row["slug"])}">'
            f'<th scope="row">{escape(self.named(row, names))}</th>{row_cells}</tr>'
        )

    @staticmethod
    def lines(lines: Iterable[str]) -> str:
        return "".join(f"<p>{escape(line)}</p>" for line in lines)

    def references(self, references: list[dict[str, Any]]) -> str:
        if not self.options.references:
            return ""
        if self.options.claim:
            cited = {int(reference["n"]): reference for reference in references}
            references = [cited[number] for number in self.shown_numbers if number in cited]
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
            f'<li id="ref-{number}" value="{self.shown_number(number)}">'
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
            seen_on_words(reference.get("seen_on"), str(self.tree_["language"])),
        ]
        items = "".join(f"<li>{escape(fact)}</li>" for fact in facts if fact)
        return self.wrapped("ul", "reference-facts", items + self.free(reference))

    def free(self, reference: dict[str, Any]) -> str:
        href = free_copy(reference)
        if not href:
            return ""
        said = attribute(self.labels["free_of"].format(self.shown_number(int(reference["n"]))))
        words = escape(self.labels["free"])
        return f'<li><a href="{attribute(href)}" aria-label="{said}">{words}</a></li>'

    def finding(self, reference: dict[str, Any]) -> str:
        if not reference["finding"]:
            return ""
        if self.options.work_page:
            href = attribute(self.options.work_page(reference["key"]))
            label = escape(self.labels["found"])
            return f'<p class="reference-finding"><a href="{href}">{label}</a></p>'
        limits = reference["limitations"]
        below = f"<p>{escape(self.labels['limits'].format(limits))}</p>" if limits else ""
        return (
            f'<details class="reference-finding"><summary>{escape(self.labels["found"])}</summary>'
            f"<p>{escape(reference['finding'])}</p>{below}</details>"
        )

    def backlinks(self, number: int) -> str:
        """Ways back to each place that cites a reference; a page of one claim knows its own."""
        places = enumerate(self.places.get(number, ()), start=1)
        label = self.labels["back_to"]
        uses = [(use, here) for use, here in places if here or not self.options.claim]
        links = [
            f'<a href="{"" if here else attribute(self.options.whole_at)}#cite-{number}-{use}" '
            'role="doc-backlink" '
            f'aria-label="{attribute(label.format(place))}">'
            f"{_letters(place)}</a>"
            for place, (use, here) in enumerate(uses, start=1)
        ]
        if not links or not self.options.backlinks:
            return ""
        return f'<p class="backlinks">{escape(self.labels["back"])} {" ".join(links)}</p>'

    @property
    def listed_at(self) -> str:
        """The page with the references; empty for this one."""
        return "" if self.options.references else attribute(self.options.whole_at)


def _without_links(nodes: Iterable[Node]) -> Iterator[Node]:
    """The same nodes, of links inside them the words alone: HTML has no link in a link."""
    for node in nodes:
        if node["t"] == "link":
            yield from _without_links(node["c"])
        else:
            yield node | {"c": list(_without_links(node["c"]))} if "c" in node else node


def _with_signs_kept(nodes: Iterable[Node]) -> list[Node]:
    """The same nodes; a bracket or stop stays in the line of an explained word, a button."""
    kept: list[Node] = []
    for node in nodes:
        last: Node = kept[-1] if kept else {"t": ""}
        if node["t"] == "term" and last["t"] == "text" and last["text"].endswith(_OPENINGS):
            rest = last["text"].rstrip("".join(_OPENINGS))
            opening = last["text"][len(rest) :]
            kept[-1] = {"t": "text", "text": rest}
            kept.append({"t": "unbroken", "before": opening, "term": node, "after": ""})
        elif node["t"] == "text" and last["t"] in {"term", "unbroken"}:
            rest = node["text"].lstrip(_STOPS)
            if stops := node["text"][: len(node["text"]) - len(rest)]:
                alone = {"t": "unbroken", "before": "", "term": last}
                kept[-1] = {**(last if last["t"] == "unbroken" else alone), "after": stops}
            kept.append({"t": "text", "text": rest})
        else:
            kept.append(node)
    return kept


def _letters(number: int) -> str:
    """1 is a, 26 z, 27 aa: as references count their uses."""
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = ascii_lowercase[place] + letters
    return letters
