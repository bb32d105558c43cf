"""
The answer to a health record: an Atom feed, as XML or as JSON.

HL7's service guide lays the answer out as Atom. Its JSON wraps every text as ``{"_value": …}`` and
is what MedlinePlus Connect sends, so that a record system that reads one reads the other.
"""

import datetime
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext_noop

from education import languages
from education.connect.infobutton_request import InfobuttonRequest
from education.connect.matching import MatchedText

ATOM = "http://www.w3.org/2005/Atom"
_XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
# What XML 1.0 can't hold; a record system may send anything.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Tree = dict[str, Any]


def feed(question: InfobuttonRequest, answers: Iterable[MatchedText]) -> Tree:
    """The answer as one tree, in the words of Atom; repeatable parts are lists."""
    matched = list(answers)
    site = settings.SITE_URL.rstrip("/")
    subjects = ", ".join(str(concept) for concept in question.criteria) or "nothing"
    moments = [answer.publication.goes_live_at for answer in matched]
    return {
        "base": f"{site}/",
        "lang": languages.ENGLISH,  # of these words; each entry has its own
        "title": settings.SITE_NAME,
        "subtitle": f"Handouts for families about {subjects}",
        "author": {"name": settings.PUBLISHER_NAME, "uri": f"{site}/"},
        "updated": _moment(max(moments) if moments else timezone.now()),
        "id": f"{site}{reverse('connect')}",
        "category": [{"scheme": name, "term": value} for name, value in question.given],
        "entry": [_entry(answer, site, question) for answer in matched],
    }


def as_xml(tree: Tree) -> bytes:
    """The tree as an Atom feed."""
    ET.register_namespace("", ATOM)
    root = ET.Element(
        f"{{{ATOM}}}feed", {_XML_LANGUAGE: _text(tree["lang"]), _XML_BASE: tree["base"]}
    )
    _child(root, "title", tree["title"], type="text")
    _child(root, "subtitle", tree["subtitle"], type="text")
    author = _child(root, "author")
    _child(author, "name", tree["author"]["name"])
    _child(author, "uri", tree["author"]["uri"])
    _child(root, "updated", tree["updated"])
    _child(root, "id", tree["id"])
    for category in tree["category"]:
        _child(root, "category", **category)
    for entry in tree["entry"]:
        written = _child(root, "entry", **{_XML_LANGUAGE: entry["lang"]})
        _child(written, "title", entry["title"], type="text")
        for link in entry["link"]:
            _child(written, "link", **link)
        _child(written, "id", entry["id"])
        _child(written, "updated", entry["updated"])
        for category in entry["category"]:
            _child(written, "category", **category)
        _child(written, "summary", entry["summary"], type="html")
    written_out: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written_out


def as_json(tree: Tree) -> str:
    """The tree as JSON with every text wrapped; markup can't close a script around it."""
    wrapped = {
        "base": tree["base"],
        "lang": tree["lang"],
        "title": _typed(tree["title"], "text"),
        "subtitle": _typed(tree["subtitle"], "text"),
        "author": [{name: _wrapped(value) for name, value in tree["author"].items()}],
        "updated": _wrapped(tree["updated"]),
        "id": _wrapped(tree["id"]),
        "category": tree["category"],
        "entry": [
            {
                "lang": entry["lang"],
                "title": _typed(entry["title"], "text"),
                "link": entry["link"],
                "id": _wrapped(entry["id"]),
                "updated": _wrapped(entry["updated"]),
                "category": entry["category"],
                "summary": _typed(entry["summary"], "html"),
            }
            for entry in tree["entry"]
        ],
    }
    return safe_json({"feed": wrapped})


def safe_json(data: Mapping[str, Any]) -> str:
    """JSON in which no ``<``, ``>``, ``=`` or escaped ``"`` stands as itself."""
    written = json.dumps(data)
    written = re.sub(r"\\(.)", lambda match: r"\u0022" if match[1] == '"' else match[0], written)
    for sign, code in (("<", r"\u003c"), (">", r"\u003e"), ("=", r"\u003d")):
        written = written.replace(sign, code)
    return written


def _entry(answer: MatchedText, site: str, question: InfobuttonRequest) -> Tree:
    publication = answer.publication
    language = publication.language
    with languages.language_override(language):
        page = f"{site}{reverse('article-detail', args=[publication.slug])}"
    links = [
        {
            "rel": "alternate",
            "type": "text/html",
            "title": "Page",
            "hreflang": language,
            "href": page + question.of_the_child,
        }
    ]
    if answer.standing.may_print:
        paper = f"{site}{reverse('handout-pdf', args=[publication.slug])}"
        links.append(
            {
                "rel": "related",
                "type": "application/pdf",
                "title": "Handout",
                "href": paper + question.of_the_child,
            }
        )
    categories = [{"scheme": "relevanceScore", "term": f"{answer.score:g}"}]
    if answer.certainty:
        # So spelled in the guide.
        categories.append({"scheme": "strengthOfRecommedation", "term": answer.certainty})
    return {
        "lang": language,
        "title": publication.title,
        "link": links,
        # Stable for the address, whatever its version.
        "id": f"tag:{urlsplit(site).hostname},2026:{publication.language}:{publication.slug}",
        "updated": _moment(publication.goes_live_at),
        "category": categories,
        "summary": _fallback(language, question.languages) + _summary(answer),
    }


def _fallback(language: str, languages_asked: Sequence[str]) -> str:
    """A sentence in English and in the language asked for, where a text is in neither of it."""
    if language.partition("-")[0] == languages_asked[-1]:
        return ""
    english = gettext_noop("This is in English: there is no handout in the language you asked for.")
    sentences = [english]
    if (known := languages.supported_language(languages_asked[-1])) != languages.ENGLISH:
        sentences.append(languages.translated_labels(known, {"told": english})["told"])
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)


def _summary(answer: MatchedText) -> str:
    """Notices first, then the answer in one sentence, its key messages, and its dates."""
    publication, content = answer.publication, answer.content
    notices = [note.text for note in answer.notes]
    notices += [notice.text for notice in answer.standing.notices]
    if settings.DEMO:
        notices.insert(0, "Demonstration: this text has not been reviewed by a clinician.")
    paragraphs = [f"<p><strong>{escape(notice)}</strong></p>" for notice in notices]
    paragraphs.append(f"<p>{escape(content['short_answer_text'])}</p>")
    messages = "".join(f"<li>{escape(message['text'])}</li>" for message in content["key_messages"])
    if messages:
        paragraphs.append(f"<ul>{messages}</ul>")
    paragraphs.append(
        f"<p>Last reviewed {publication.reviewed_on.isoformat()}, next review due "
        f"{answer.standing.due_on.isoformat()}, version {publication.number}.</p>"
    )
    return "".join(paragraphs)


def _child(above: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    child = ET.SubElement(
        above, f"{{{ATOM}}}{name}", {key: _text(value) for key, value in attributes.items()}
    )
    child.text = _text(text) or None
    return child


def _text(value: str) -> str:
    return _UNWRITABLE.sub("\ufffd", value)


def _typed(value: str, kind: str) -> Tree:
    return {"type": kind, "_value": value}


def _wrapped(value: str) -> Tree:
    return {"_value": value}


def _moment(at: datetime.datetime) -> str:
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
