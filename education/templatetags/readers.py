"""What templates for readers need beside Django's own tags."""

import datetime
import json
from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from education import languages
from education.evidence.models import EvidenceItem, StatusEvent
from education.evidence.people_studied import short_name
from education.search.analysis import WORD, is_marked
from education.text.html import certainty_badge, verdict_badge

register = template.Library()

# What could end a script element, as JSON writes it.
_IN_SCRIPT = {ord(char): f"\\u{ord(char):04x}" for char in "<>&"}


@register.simple_tag
def certainty(level: str) -> SafeString:
    """Four dots and the words, for a value of ``Certainty``; anything else is not graded."""
    return mark_safe(certainty_badge(level, languages.current()))  # noqa: S308 - our own words


@register.simple_tag
def verdict(value: str) -> SafeString:
    """A claim check's verdict in words; one whose evidence fell has none."""
    badge = verdict_badge(value, languages.current())
    if badge:
        return mark_safe(badge)  # noqa: S308 - the same
    words = gettext("Being checked again")
    return format_html('<span class="verdict verdict--none">{}</span>', words)


@register.filter
def standing_words(status: str) -> str:
    """What became of a work, in words: a value of ``StatusEvent.Status``."""
    return str(StatusEvent.Status(status).label)


@register.filter
def study_name(item: EvidenceItem) -> str:
    """A work as a short name: Sun 2017."""
    return short_name(item)


@register.filter
def marked(text: str, words: Iterable[str]) -> SafeString:
    """The text, escaped, with every word that is one of ``words`` (see ``is_marked``) as a hit."""
    sought = tuple(words)
    pieces, shown = [], 0
    for word in WORD.finditer(text):
        if is_marked(word[0], sought):
            pieces += [escape(text[shown : word.start()]), f"<mark>{word[0]}</mark>"]
            shown = word.end()
    # Each piece is escaped; a word is letters and digits alone.
    return mark_safe("".join([*pieces, escape(text[shown:])]))  # noqa: S308


@register.simple_tag(takes_context=True)
def other_languages(context: Context) -> list[dict[str, Any]]:
    """
    The page in each language that is offered, its own first marked; empty where there is one only.

    ``spoken_in`` in the context are the languages in which this very page exists; without it, it
    exists in all. In the others, a reader is led to the first page.
    """
    offered = languages.offered_languages()
    request = context.get("request")
    if len(offered) < 2 or request is None:
        return []
    match, here = request.resolver_match, languages.current()
    spoken = context.get("spoken_in") or (offered if match else ())
    entries = []
    for language, name in offered.items():
        with languages.language_override(language):
            exists = language in spoken and match is not None
            path = reverse(match.view_name, args=match.args, kwargs=match.kwargs) if exists else ""
            entries.append(
                {
                    "language": language,
                    "name": name,
                    "url": path or reverse("home"),
                    "exists": exists,
                    "is_here": language == here,
                }
            )
    return entries


@register.simple_tag
def data_block(data: dict[str, Any]) -> SafeString:
    """Facts for machines as JSON-LD. It can't end its element, and no browser runs it."""
    written = json.dumps(data, ensure_ascii=False).translate(_IN_SCRIPT)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(written))  # noqa: S308


@register.simple_tag
def site_date(day: datetime.date | datetime.datetime | str | None) -> SafeString:
    """A day as readers write it, 3 March 2026, inside a ``time`` element; empty for none."""
    if not day:
        return SafeString("")
    if isinstance(day, str):
        day = datetime.date.fromisoformat(day[:10])
    if isinstance(day, datetime.datetime):
        day = timezone.localdate(day)
    words = languages.plain_date(day)
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), words)
