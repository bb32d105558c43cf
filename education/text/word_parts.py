"""
The parts of a Word file, made ready for ``mammoth``.

``mammoth`` passes over what it has no place for: struck-out words come back as text, signs of an
unknown font and equations vanish. ``prepare`` turns these into what it does read, or takes them out
and tells where they stood. The names of elements are those of ECMA-376 (Office Open XML), part 1.
"""

import base64
import io
import json
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from mammoth.docx.dingbats import dingbats

# Around the number of a list's item, at its beginning: characters that no text may hold.
NUMBER_START, NUMBER_END = "\ufdd0", "\ufdd1"

_NAMESPACES = (
    ("w", "wordprocessingml/2006/main"),
    ("w", "ooxml/wordprocessingml/main"),
    ("m", "officeDocument/2006/math"),
    ("m", "ooxml/officeDocument/math"),
    ("a", "drawingml/2006/main"),
    ("a", "ooxml/drawingml/main"),
    ("mc", "markup-compatibility/2006"),
)
_TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SYMBOL_FONTS = {font for font, _code in dingbats}
# Of Adobe's Symbol encoding; the rest of it is in mammoth's table.
_SHORT = 60
_MOST_LEFT_OUT = 50  # cells of one row


@dataclass
class WordParts:
    """A file ready to be read, its words in order, and what did not come along as it was."""

    file: io.BytesIO
    source: str = ""
    ordered: str = ""
    told: list[str] = field(default_factory=list)
    taken_out: list[str] = field(default_factory=list)
    # The codes of citations of reference managers: CSL-JSON or EndNote's XML.
    citations: list[str] = field(default_factory=list)


def main_part(package: zipfile.ZipFile) -> str:
    """Where the text lies, as the file's own relations say; empty when it is no Word document."""
    names = set(package.namelist())
    for kind, target in _relations(package, ""):
        if kind == "officeDocument" and target in names:
            return target
    return "word/document.xml" if "word/document.xml" in names else ""


def prepare(file: io.BytesIO) -> WordParts:
    """
    The file with nothing in it that ``mammoth`` would lose without a word.

    Raises ``ElementTree.ParseError`` or ``RecursionError`` for a damaged file.
    """
    made = WordParts(io.BytesIO())
    with zipfile.ZipFile(file) as package:
        main = main_part(package)
        parts = {name: package.read(name) for name in dict.fromkeys(package.namelist())}
        relations = _relations(package, main)
    preparer = _Preparer(made, parts, relations)
    sources = []
    for kind in ("", "footnotes", "endnotes"):
        for name in [main] if not kind else [target for one, target in relations if one == kind]:
            if name not in parts:
                continue
            root = ET.fromstring(parts[name])  # noqa: S314 - declarations of entities are refused
            preparer.normalise(root)
            sources.append(_divided(_marked_words(root)))
            preparer.take_out(root)
            if not kind:
                made.ordered = _without_numbers(words_of(root))
            parts[name] = ET.tostring(root, "utf-8", xml_declaration=True)
    for kind, label in (("header", "A page header"), ("footer", "A page footer")):
        for words in dict.fromkeys(
            preparer.words_of_part(target) for one, target in relations if one == kind
        ):
            if words:
                sources.append(words)
                made.told.append(f"{label} did not come along: “{words}”.")
                made.taken_out.append(words)
    sources += preparer.comments.values()
    made.source = "\n".join(sources)
    with zipfile.ZipFile(made.file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    made.file.seek(0)
    return made


def words_of(root: Element) -> str:
    """
    The words in an element, in order; paragraphs, cells, tabs and raised text divide words.

    What lies beside the words (numbers of notes, automatic numbers, codes of fields) is left out.
    """
    return _divided(_marked_words(root).replace(_TAKEN, ""))


def _marked_words(root: Element) -> str:
    words: list[str] = []
    _say(root, words)
    return "".join(words)


def _say(element: Element, words: list[str]) -> None:
    name = _name(element)
    if name in {"w:t", "w:delText", "m:t", "a:t"}:
        words.append(element.text or "")
        return
    if name == "mc:Fallback" or name.endswith("Pr"):
        return
    if name in {"w:tab", "w:br", "w:cr", "w:ptab", "w:tc", "w:p", "a:p"}:
        words.append("\n")
    if name == "w:noBreakHyphen":
        words.append("\u2011")
    apart = _AROUND.get(name, "")
    if name == "w:r":
        apart = _AROUND.get(_child_value(element, "w:rPr", "w:vertAlign"), "")
        if any(_child_value(element, "w:rPr", look) for look in ("w:strike", "w:vanish")):
            apart = f"{_TAKEN}{apart}"
    words.append(apart)
    for child in element:
        _say(child, words)
    words.append(apart[::-1])
    if name in {"w:p", "a:p"}:
        words.append("\n")


# Around words that stand lower, and around those that are taken out, until it is known whether they
# are shown to a person or compared.
_LOWERED, _TAKEN = "\ufdd2", "\ufdd3"
_AROUND = {
    "superscript": "^", "subscript": _LOWERED, "m:sup": "^", "m:sub": _LOWERED, "m:num": "^",
    "m:den": "^", "w:del": _TAKEN, "w:moveFrom": _TAKEN,
}  # fmt: skip


def _divided(marked: str) -> str:
    """Marked words for a comparison: what is taken out joins only what is taken out with it."""
    return marked.replace(_LOWERED, "^").replace(_TAKEN * 2, "").replace(_TAKEN, "\n")


class _Preparer:
    """Goes through the parts of one file, and notes what it takes out."""

    def __init__(
        self, made: WordParts, parts: dict[str, bytes], relations: list[tuple[str, str]]
    ) -> None:
        self.told = made.told
        self.taken_out = made.taken_out
        self.citations = made.citations
        self.parts = parts
        self.relations = relations
        self.styles = self._styles()
        self.numbering = _Numbering(self._root("numbering"))
        self.comments = {
            _value(comment, "id"): " ".join(words_of(comment).split())
            for comment in _all(self._root("comments"), "w:comment")
        }

    def words_of_part(self, name: str) -> str:
        """All words of a part, on one line."""
        if name not in self.parts:
            return ""
        return " ".join(words_of(ET.fromstring(self.parts[name])).split())  # noqa: S314

    def _root(self, kind: str) -> Element:
        for one, target in self.relations:
            if one == kind and target in self.parts:
                return ET.fromstring(self.parts[target])  # noqa: S314 - entities are refused
        usual = self.parts.get(f"word/{kind}.xml")
        return ET.fromstring(usual) if usual else Element("none")  # noqa: S314

    def _styles(self) -> dict[str, tuple[str, dict[str, str], Element | None]]:
        """By id of a style: what it is based on, the run's properties it sets, its list."""
        return {
            _value(style, "styleId"): (
                _child_value(style, "w:basedOn"),
                _set_by(_child(style, "w:rPr")),
                _child(_child(style, "w:pPr"), "w:numPr"),
            )
            for style in _all(self._root("styles"), "w:style")
        }

    # What changes how the words read, before they are counted

    def normalise(self, root: Element) -> None:
        """Resolve alternatives and styles, and write signs as themselves."""
        for parent in list(root.iter()):
            for child in list(parent):
                if _name(child) == "mc:AlternateContent":
                    _replace(parent, child, _chosen(child))
        for paragraph in _all(root, "w:p"):
            inherited = self._of_style(_child_value(paragraph, "w:pPr", "w:pStyle"))
            for run in _all(paragraph, "w:r"):
                self._normalise_run(run, inherited, paragraph)

    def _of_style(self, style: str) -> dict[str, str]:
        properties: dict[str, str] = {}
        for _step in range(20):  # a style may be based on itself in a damaged file
            if style not in self.styles:
                break
            style, own, _number = self.styles[style]
            properties = own | properties
        return properties

    def _normalise_run(self, run: Element, inherited: dict[str, str], paragraph: Element) -> None:
        properties = _child(run, "w:rPr")
        style = self._of_style(_child_value(run, "w:rPr", "w:rStyle"))
        given = inherited | style | _set_by(properties)
        if properties is None:
            properties = Element(f"{{{_TRANSITIONAL}}}rPr")
            run.insert(0, properties)
        for gone in [child for child in properties if _name(child) in _SETTLED]:
            properties.remove(gone)
        is_note = any(_name(child) in _NOTE_MARKS for child in run)
        raised = given.get("w:vertAlign", "")
        if raised not in {"superscript", "subscript"}:
            raised = {"+": "superscript", "-": "subscript"}.get(given.get("w:position", ""), "")
        if raised and not is_note:
            _add(properties, "vertAlign", raised)
        if any(given.get(name) for name in ("w:strike", "w:dstrike")):
            _add(properties, "strike", "1")
        if given.get("w:vanish"):
            _add(properties, "vanish", "1")
        font = given.get("w:rFonts", "")
        for place, child in enumerate(list(run)):
            match _name(child):
                case "w:sym":
                    run[place] = self._sign(child, paragraph)
                case "w:t" | "w:delText" if child.text:
                    child.text = "".join(
                        self._letter(letter, font, paragraph) for letter in child.text
                    )
                case "w:cr" | "w:ptab":
                    run[place] = Element(f"{{{_TRANSITIONAL}}}tab")

    def _sign(self, sign: Element, paragraph: Element) -> Element:
        font, code = _value(sign, "font"), _value(sign, "char")
        number = int(code, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,6}", code) else 0
        text = Element(f"{{{_TRANSITIONAL}}}t")
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        known = _sign_of(font, number)
        if not known:
            self.tell(f"A sign of the font {font or 'of the file'} (code {code})", paragraph)
        text.text = known or "\ufffd"
        return text

    def _letter(self, letter: str, font: str, paragraph: Element) -> str:
        number = ord(letter)
        is_private = 0xE000 <= number <= 0xF8FF
        if not is_private and (font not in _SYMBOL_FONTS or letter.isspace()):
            return letter
        known = _sign_of(font if font in _SYMBOL_FONTS else "Symbol", number)
        if is_private and font not in _SYMBOL_FONTS:
            known = "•" if number == 0xF0B7 else ""
        if not known:
            self.tell(f"A sign of the font {font or 'of the file'} (code {number:04X})", paragraph)
        return known or "\ufffd"

    # What can't stay, or not as it is

    def take_out(self, root: Element) -> None:
        """Take out, or write otherwise, what has no place in our text, and tell each."""
        self._lift_text_boxes(root)
        parents = {child: parent for parent in root.iter() for child in parent}
        for row in [one for one in _all(root, "w:tr") if _deep(one, "w:trPr", "w:del")]:
            self.tell("A deleted row of a table was left out", None, _line(row))
            parents[row].remove(row)
        for row in _all(root, "w:tr"):
            _fill_left_out_cells(row)
        for paragraph in list(_all(root, "w:p")):
            self._equations(paragraph)
            self._changes(paragraph)
            self._runs(paragraph)
            self._fields(paragraph)
            self._number(paragraph)
        for parent in list(root.iter()):
            _unwrap(parent)

    def _lift_text_boxes(self, root: Element) -> None:
        for parent in list(root.iter()):
            for paragraph in [child for child in parent if _name(child) == "w:p"]:
                boxes = list(_outermost(paragraph, "w:txbxContent"))
                place = list(parent).index(paragraph)
                for box in reversed(boxes):
                    for block in reversed([b for b in box if _name(b) in {"w:p", "w:tbl"}]):
                        parent.insert(place + 1, block)
                    self.tell(f"A text box became a paragraph of its own: “{_line(box)}”", None)
                    for child in list(box):
                        box.remove(child)

    def _equations(self, paragraph: Element) -> None:
        for parent in list(paragraph.iter()):
            for child in list(parent):
                if _name(child) not in {"m:oMath", "m:oMathPara"}:
                    continue
                runs = _linear(child)
                words = _line(child)
                if runs is None:
                    self.tell("An equation did not come along", paragraph, words)
                else:
                    self.tell(f"An equation was written on one line: “{words}”", paragraph)
                _replace(parent, child, [_run(text, raised) for text, raised in runs or ()])

    def _changes(self, paragraph: Element) -> None:
        for parent in list(paragraph.iter()):
            for child in list(parent):
                name = _name(child)
                text = _line(child)
                if name in {"w:del", "w:moveFrom"} and len(child):
                    parent.remove(child)
                    if text:
                        what = "Deleted words" if name == "w:del" else "Moved words"
                        self.tell(f"{what} of a tracked change were left out", paragraph, text)
                elif name in {"w:ins", "w:moveTo"} and text:
                    self.tell(
                        f"Words of a tracked change came along as accepted: “{text}”", paragraph
                    )
                elif name == "w:commentReference":
                    words = self.comments.get(_value(child, "id"), "")
                    self.tell("A comment did not come along", paragraph, words)

    def _runs(self, paragraph: Element) -> None:
        gone: Counter[str] = Counter()
        parts: list[tuple[str, str]] = []
        for parent in list(paragraph.iter()):
            for run in [child for child in parent if _name(child) == "w:r"]:
                self._pictures(run, paragraph)
                properties = _child(run, "w:rPr")
                for name, what in (("w:strike", "Struck-out text"), ("w:vanish", "Hidden text")):
                    if _child(properties, name) is not None:
                        words = words_of(run).replace("\n", " ")
                        joins = bool(parts) and parts[-1][0] == what
                        before = parts.pop()[1] if joins else ""
                        parts.append((what, before + words))
                        parent.remove(run)
                        gone[what] += 1
                        break
        for what, words in parts:
            if words.strip():
                self.tell(f"{what} was left out", paragraph, " ".join(words.split()))

    def _pictures(self, run: Element, paragraph: Element) -> None:
        for child in list(run):
            if _name(child) not in {"w:drawing", "w:pict", "w:object"}:
                continue
            inside = {_bare(element) for element in child.iter()}
            is_empty_box = "txbxContent" in inside
            kind = next(
                (
                    said
                    for name, said in (
                        ("chart", "chart"), ("relIds", "diagram"), ("OLEObject", "embedded object"),
                        ("blip", "picture"), ("imagedata", "picture"),
                    )
                    if name in inside
                ),
                "drawing",
            )  # fmt: skip
            described = next(
                (one.get("descr") for one in child.iter() if one.get("descr")), ""
            ) or next((one.get("alt") for one in child.iter() if one.get("alt")), "")
            words = _line(child)
            run.remove(child)
            if is_empty_box and kind == "drawing":
                continue
            about = f", described as “{described}”" if described else ""
            self.tell(f"1 {kind} did not come along{about}", paragraph, words)

    def _fields(self, paragraph: Element) -> None:
        code = "".join(entry.text or "" for entry in _all(paragraph, "w:instrText"))
        code += "".join(_value(entry, "instr") for entry in _all(paragraph, "w:fldSimple"))
        codes = [match[0] for match in _MANAGER.finditer(code)]
        codes += [_value(entry, "val") for entry in _all(paragraph, "w:tag")]
        citations = [citation for entry in codes if (citation := _held(entry))]
        citations += [_decoded(entry.text or "") for entry in _all(paragraph, "w:fldData")]
        citations = [
            citation
            for citation in dict.fromkeys(citations)
            if citation and citation not in self.citations
        ]
        self.citations += citations
        if not citations and not any(map(_MANAGER.match, codes)):
            return
        titles = "; ".join(f"“{title}”" for citation in citations for title in _titles(citation))
        self.tell(
            "A citation of a reference manager came along as words"
            f"{f', of {titles}' if titles else ''}; import the work and cite it",
            paragraph,
        )

    def _number(self, paragraph: Element) -> None:
        properties = _child(paragraph, "w:pPr")
        own = _child(properties, "w:numPr")
        style = _child_value(paragraph, "w:pPr", "w:pStyle")
        by_style = None
        for _step in range(20):
            if style not in self.styles or by_style is not None:
                break
            style, _own, by_style = self.styles[style]
        given = own if own is not None else by_style
        if given is None:
            return
        number, label = self.numbering.next(
            _child_value(given, "w:numId"), _child_value(given, "w:ilvl") or "0"
        )
        if number is None:
            return
        if label != f"{number}." or re.match(
            r"heading", _child_value(paragraph, "w:pPr", "w:pStyle"), re.IGNORECASE
        ):
            self.tell(f"The automatic number “{label}” did not come along as such", paragraph)
        mark = _run(f"{NUMBER_START}{number}{NUMBER_END}", "")
        paragraph.insert(1 if properties is not None else 0, mark)

    def tell(self, what: str, paragraph: Element | None, taken_out: str = "") -> None:
        """Note what became otherwise, the words that were taken out, and where they stood."""
        said = f"{what}: “{taken_out}”" if taken_out else what
        words = _line(paragraph) if paragraph is not None else ""
        if len(words) > _SHORT:
            words = words[:_SHORT].rpartition(" ")[0] + " …"
        self.told.append(f"{said}, in “{words}”." if words else f"{said}.")
        self.taken_out.append(taken_out)


_SETTLED = {"w:vertAlign", "w:position", "w:strike", "w:dstrike", "w:vanish"}
_NOTE_MARKS = {"w:footnoteReference", "w:endnoteReference", "w:footnoteRef", "w:endnoteRef"}
# Zotero, Mendeley, EndNote, Reference Manager, Papers, Citavi, and Word's own citations.
_MANAGER = re.compile(
    r"(?:ADDIN\s+(?:ZOTERO_ITEM|CSL_CITATION|EN\.CITE(?!\.)|REFMGR\.CITE|PAPERS2_CITATIONS|Citavi)"
    r"|(?<!\w)CITATION\s)(?:(?!ADDIN\s).)*",
    re.DOTALL,
)
# Mendeley Cite keeps its citations in the tags of content controls.
_MENDELEY_TAG = "MENDELEY_CITATION_v3_"


def _held(code: str) -> str:
    """The works that the code of a field or the tag of a control holds, as JSON or XML."""
    if code.startswith(_MENDELEY_TAG):
        return _decoded(code.removeprefix(_MENDELEY_TAG))
    for begin, end in (("{", "}"), ("<EndNote", "</EndNote>")):
        start, last = code.find(begin), code.rfind(end)
        if 0 <= start < last:
            return code[start : last + len(end)]
    return ""


def _decoded(data: str) -> str:
    """What a base64 text holds, where that is a citation."""
    try:
        text = base64.b64decode("".join(data.split()) + "==").decode("utf-8", errors="replace")
    except ValueError:
        return ""
    return _held(text) if "<EndNote" in text or "citationItems" in text else ""


def _titles(held: str) -> list[str]:
    """The titles of the works that a citation holds."""
    if held.startswith("<"):
        return [
            " ".join(re.sub(r"<[^<>]*>", "", title).split())
            for title in re.findall(r"<title>(.*?)</title>", held, re.DOTALL)
        ]
    try:
        items = json.loads(held)["citationItems"]
        works = [item.get("itemData") or {} for item in items]
        return [str(work["title"]) for work in works if work.get("title")]
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        return []


class _Numbering:
    """The numbers that Word writes before paragraphs, counted as it does."""

    def __init__(self, root: Element) -> None:
        levels = {
            _value(abstract, "abstractNumId"): {
                _value(level, "ilvl"): level for level in _all(abstract, "w:lvl")
            }
            for abstract in _all(root, "w:abstractNum")
        }
        self.levels: dict[str, tuple[str, dict[str, Element]]] = {}
        self.starts: dict[tuple[str, str], int] = {}
        self.counts: dict[str, dict[int, int]] = {}
        self.begun: set[tuple[str, str]] = set()
        for number in _all(root, "w:num"):
            name, abstract = _value(number, "numId"), _child_value(number, "w:abstractNumId")
            self.levels[name] = (abstract, dict(levels.get(abstract, {})))
            for override in _all(number, "w:lvlOverride"):
                if start := _child_value(override, "w:startOverride"):
                    self.starts[name, _value(override, "ilvl")] = _whole(start, 1)

    def next(self, name: str, level: str) -> tuple[int | None, str]:
        """The number of the next paragraph in a list, and how Word writes it; None for a bullet."""
        abstract, levels = self.levels.get(name, ("", {}))
        if level not in levels:
            return None, ""
        counts = self.counts.setdefault(abstract, {})
        depth = _whole(level, 0)
        start = _whole(_child_value(levels[level], "w:start"), 1)
        override = self.starts.get((name, level))
        if override is not None and (name, level) not in self.begun:
            counts[depth] = override
        else:
            counts[depth] = counts[depth] + 1 if depth in counts else start
        self.begun.add((name, level))
        for deeper in [one for one in counts if one > depth]:
            del counts[deeper]
        form = _child_value(levels[level], "w:numFmt") or "decimal"
        if form in {"bullet", "none"}:
            return None, ""
        written = _child_value(levels[level], "w:lvlText") or f"%{depth + 1}."
        label = re.sub(
            r"%(\d)",
            lambda found: _formed(
                counts.get(int(found[1]) - 1, 1),
                _child_value(levels.get(str(int(found[1]) - 1)), "w:numFmt"),
            ),
            written,
        )
        return counts[depth], label


def _formed(number: int, form: str) -> str:
    if form in {"lowerLetter", "upperLetter"} and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter if form == "lowerLetter" else letter.upper()
    if form in {"lowerRoman", "upperRoman"} and 0 < number < 4000:
        roman = ""
        for value, sign in _ROMAN:
            roman += sign * (number // value)
            number %= value
        return roman.lower() if form == "lowerRoman" else roman
    return str(number)


_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def _linear(element: Element) -> list[tuple[str, str]] | None:
    """An equation as (text, raised) in one line; None where that would change what it says."""
    name = _bare(element)
    if name == "t":
        return [(element.text or "", "")]
    if name in {"oMath", "oMathPara", "r", "e", "num", "den", "sup", "sub"}:
        return _joined([_linear(child) for child in element if not _bare(child).endswith("Pr")])
    own: dict[str, list[tuple[str, str]] | None] = {
        _bare(child): _linear(child) for child in element if not _bare(child).endswith("Pr")
    }
    shapes: dict[str, Callable[[], list[list[tuple[str, str]] | None]]] = {
        "sSup": lambda: [own.get("e"), _raise(own.get("sup"), "superscript")],
        "sSub": lambda: [own.get("e"), _raise(own.get("sub"), "subscript")],
        "sSubSup": lambda: [
            own.get("e"), _raise(own.get("sub"), "subscript"),
            _raise(own.get("sup"), "superscript"),
        ],
        "f": lambda: [
            [("(", "")], own.get("num"), [(")/(", "")], own.get("den"), [(")", "")],
        ],
    }  # fmt: skip
    if name not in shapes or (_child(element, "m:fPr") is not None and _bar_hidden(element)):
        return None
    return _joined(shapes[name]())


def _bar_hidden(fraction: Element) -> bool:
    """A stack without a line is no fraction (a binomial coefficient, say)."""
    return _child_value(fraction, "m:fPr", "m:type") == "noBar"


def _joined(parts: list[list[tuple[str, str]] | None]) -> list[tuple[str, str]] | None:
    joined: list[tuple[str, str]] = []
    for part in parts:
        if part is None:
            return None
        joined += part
    return joined


def _raise(part: list[tuple[str, str]] | None, raised: str) -> list[tuple[str, str]] | None:
    if part is None or any(already for _text, already in part):
        return None
    return [(text, raised) for text, _already in part]


def _sign_of(font: str, number: int) -> str:
    if 0xF000 <= number <= 0xF0FF:
        number -= 0xF000
    code = dingbats.get((font, number))
    return chr(code) if code else ""


def _chosen(alternative: Element) -> list[Element]:
    for name in ("Choice", "Fallback"):
        for child in alternative:
            if _bare(child) == name and len(child):
                return list(child)
    return []


def _run(text: str, raised: str) -> Element:
    run = Element(f"{{{_TRANSITIONAL}}}r")
    if raised:
        _add(ET.SubElement(run, f"{{{_TRANSITIONAL}}}rPr"), "vertAlign", raised)
    words = ET.SubElement(run, f"{{{_TRANSITIONAL}}}t")
    words.text = text
    return run


def _add(properties: Element, name: str, value: str) -> None:
    added = ET.SubElement(properties, f"{{{_TRANSITIONAL}}}{name}")
    added.set(f"{{{_TRANSITIONAL}}}val", value)


def _set_by(properties: Element | None) -> dict[str, str]:
    """What properties set: empty where they switch something off."""
    looks = {}
    for child in properties if properties is not None else ():
        name, value = _name(child), _value(child, "val")
        if name in {"w:strike", "w:dstrike", "w:vanish"}:
            looks[name] = "" if value in {"0", "false", "off"} else "1"
        elif name == "w:position":
            number = _whole(value, 0)
            looks[name] = "+" if number > 0 else "-" if number < 0 else ""
        elif name == "w:vertAlign":
            looks[name] = value
        elif name == "w:rFonts":
            looks[name] = _value(child, "ascii")
    return looks


def _whole(text: str, otherwise: int) -> int:
    return int(text) if re.fullmatch(r"-?\d{1,6}", text, re.ASCII) else otherwise


def _replace(parent: Element, child: Element, others: list[Element]) -> None:
    place = list(parent).index(child)
    parent[place : place + 1] = others


def _fill_left_out_cells(row: Element) -> None:
    """Give a row that begins further to the right the cells that Word leaves out (gridBefore)."""
    skipped = _deep(row, "w:trPr", "w:gridBefore")
    count = _value(skipped, "val") if skipped is not None else ""
    if not count.isdecimal():
        return
    names = [_name(child) for child in row]
    first = next((at for at, name in enumerate(names) if not name.endswith("Pr")), len(names))
    for _ in range(min(int(count), _MOST_LEFT_OUT)):
        cell = Element(f"{{{_TRANSITIONAL}}}tc")
        cell.append(Element(f"{{{_TRANSITIONAL}}}p"))
        row.insert(first, cell)


def _line(element: Element) -> str:
    words = _without_numbers(_marked_words(element)).replace(_LOWERED, "~").replace(_TAKEN, "")
    return " ".join(words.split())


def _without_numbers(words: str) -> str:
    """Words without the automatic numbers that were put among them."""
    return re.sub(f"{NUMBER_START}[^{NUMBER_END}]*{NUMBER_END}", "", words)


def _unwrap(parent: Element) -> None:
    """Put the words of a holder that ``mammoth`` passes over in the holder's place."""
    if any(_name(child) in _HOLDERS for child in parent):
        parent[:] = [inner for child in parent for inner in _inside(child)]


def _inside(element: Element) -> Iterator[Element]:
    if _name(element) not in _HOLDERS:
        yield element
        return
    for child in element:
        if not _bare(child).endswith("Pr"):
            yield from _inside(child)


_HOLDERS = {"w:fldSimple", "w:moveTo", "w:customXml", "w:smartTag", "w:dir", "w:bdo"}


def _outermost(element: Element, name: str) -> Iterator[Element]:
    for child in element:
        if _name(child) == name:
            yield child
        else:
            yield from _outermost(child, name)


def _all(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element.iter() if _name(child) == name)


def _deep(element: Element, *names: str) -> Element | None:
    inner: Element | None = element
    for name in names:
        inner = _child(inner, name)
    return inner


def _child(element: Element | None, name: str) -> Element | None:
    if element is None:
        return None
    return next((child for child in element if _name(child) == name), None)


def _child_value(element: Element | None, *names: str) -> str:
    inner = _deep(element, *names) if element is not None else None
    return _value(inner, "val") if inner is not None else ""


def _value(element: Element, name: str) -> str:
    """An attribute by its local name."""
    for attribute, value in element.attrib.items():
        if attribute.rpartition("}")[2] == name:
            return value
    return ""


def _bare(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _name(element: Element) -> str:
    space, _, bare = element.tag.rpartition("}")
    return next((f"{short}:{bare}" for short, uri in _NAMESPACES if uri in space), bare)


def _relations(package: zipfile.ZipFile, part: str) -> list[tuple[str, str]]:
    """(kind, name of the part) of everything that a part says belongs to it."""
    folder, base = posixpath.split(part)
    name = posixpath.join(folder, "_rels", f"{base}.rels")
    if name not in package.namelist():
        return []
    try:
        root = ET.fromstring(package.read(name))  # noqa: S314 - entities are refused before
    except ET.ParseError:
        return []
    parts = []
    for relation in root:
        target = relation.get("Target", "")
        whole = target if target.startswith("/") else posixpath.join(folder, target)
        parts.append(
            (relation.get("Type", "").rpartition("/")[2], posixpath.normpath(whole).lstrip("/"))
        )
    return parts
