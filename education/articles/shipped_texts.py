"""
The articles that ship with the project, beside those of the site: what an upgrade does to text.

A text of the site counts as a shipped one when it says the same as some release did, what it tells
readers of its changes apart; ``education/content/released.json`` has the digests of those
(``docs/released_texts.py`` writes it).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from education.articles.files import ArticleFile, read_article
from education.articles.models import Article, Revision, SavedText
from education.articles.operations import draft_of, saved_draft, start_revision
from education.canonical import digest
from education.people.models import User
from education.text.rendering import Draft

CONTENT = Path(__file__).resolve().parents[1] / "content"
ARTICLES = CONTENT / "articles"
RELEASED = CONTENT / "released.json"
# Lists of a row of findings that hold keys of works, bare or with the number of a finding.
NAMING_WORKS = frozenset({"evidence", "findings"})

# What a site tells readers about a version, and how its Markdown is read: no release ships either.
_OF_A_VERSION = ("what_changed", "correction", "dialect")
# A text that an editor marks as not graded says as little as one that leaves the grade out.
_SAYS_NOTHING: tuple[Any, ...] = (None, "", [], {}, False, "not_graded")


class ShippedState(StrEnum):
    """Where the site stands with an article that ships."""

    NEW = "new"  # not on the site yet
    HERE = "here"  # the site has this text, or had it and went on from it
    OLD = "old"  # the last text is one that an earlier release shipped
    OPEN = "open"  # another text is being written or reviewed
    CHANGED = "changed"  # the last text is the site's own


@dataclass(frozen=True)
class ShippedText:
    """
    One article that ships: its text, and what the site has of it.

    ``last`` is the newest revision in its language that was not put aside; ``release`` is the one
    whose text that still is, if any; ``is_last`` says whether it is the shipped text itself.
    """

    file: ArticleFile
    draft: Draft
    state: ShippedState
    article: Article | None = None
    last: Revision | None = None
    release: str = ""
    is_last: bool = False

    @property
    def is_open(self) -> bool:
        """Whether somebody may be at work on the article's last text."""
        return self.last is not None and self.last.state in Revision.OPEN_STATES


def text_digest(draft: Draft) -> str:
    """
    A digest of what a text says; the same however many fields that say nothing a draft has.

    Keys of evidence are part of it. A digest that is kept stays right when drafts get more parts.
    """
    said = {name: value for name, value in asdict(draft).items() if name not in _OF_A_VERSION}
    return digest(_said(said))


def _said(value: Any) -> Any:
    if isinstance(value, Mapping):
        parts = {name: _said(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part not in _SAYS_NOTHING}
    if isinstance(value, list):
        return [_said(part) for part in value]
    return "\n".join(value.split("\r\n")).strip() if isinstance(value, str) else value


@cache
def released() -> dict[str, dict[str, str]]:
    """Of each article's address the digests of the texts that were released, with the release."""
    known: dict[str, dict[str, str]] = json.loads(RELEASED.read_text(encoding="utf-8"))
    return known


def _with_key(reference: Any, keys: Mapping[str, str]) -> Any:
    """A key, or a key with the number of a finding (``key#2``), as it is here."""
    if not isinstance(reference, str):
        return reference
    key, mark, number = reference.partition("#")
    return f"{keys.get(key, key)}{mark}{number}"


def with_keys(draft: Draft, keys: Mapping[str, str]) -> Draft:
    """A text that cites other keys in place of these, as where a work has another key here."""
    if not keys:
        return draft
    # As in citations: no address of a mail and no longer key.
    cited = re.compile(rf"(?<![\w.])@({'|'.join(map(re.escape, keys))})(?![\w-])")

    def changed(value: Any) -> Any:
        if isinstance(value, str):
            return cited.sub(lambda match: f"@{keys[match[1]]}", value)
        if isinstance(value, list):
            return [changed(part) for part in value]
        if isinstance(value, dict):
            return {
                name: [_with_key(key, keys) for key in part]
                if name in NAMING_WORKS and isinstance(part, list)
                else changed(part)
                for name, part in value.items()
            }
        return value

    return replace(
        draft, **{field.name: changed(getattr(draft, field.name)) for field in fields(draft)}
    )


def shipped_text(file: ArticleFile, keys: Mapping[str, str]) -> ShippedText:
    """What the site has of an article that ships; ``keys`` maps keys of works to those here."""
    draft = with_keys(file.draft, keys)
    article = Article.objects.select_related("topic").filter(slug=file.fields["slug"]).first()
    if article is None:
        return ShippedText(file, draft, ShippedState.NEW)
    line = Revision.objects.filter(article=article, language=draft.language).order_by("-number")
    line = line.select_related("article__topic")
    last = line.exclude(state=Revision.State.DISCARDED).first()
    began = SavedText.objects.filter(revision__in=line, version=1)
    texts = [draft_of(last)] if last else []
    shipped = text_digest(draft)
    is_last = any(text_digest(one) == shipped for one in texts)
    if is_last or any(text_digest(saved_draft(one)) == shipped for one in began):
        return ShippedText(file, draft, ShippedState.HERE, article, last, is_last=is_last)
    theirs = {here: key for key, here in keys.items()}
    of_release = released().get(article.slug, {})
    release = next((of_release.get(text_digest(with_keys(one, theirs)), "") for one in texts), "")
    state = ShippedState.OLD if release or not last else ShippedState.CHANGED
    if last and last.state in Revision.OPEN_STATES:
        state = ShippedState.OPEN
    elif article.kind != draft.kind:
        state = ShippedState.CHANGED
    return ShippedText(file, draft, state, article, last, release)


def shipped_texts(keys: Mapping[str, str], slug: str = "") -> list[ShippedText]:
    """What the site has of every article that ships, or of the one with this address."""
    return [
        shipped_text(file, keys)
        for file in _shipped_files()
        if not slug or file.fields["slug"] == slug
    ]


def articles_shipped_stricter() -> list[tuple[Article, str]]:
    """Articles of the site that ship with a stricter risk class by now, each with that class."""
    details = [file.fields for file in _shipped_files()]
    shipped = {str(detail["slug"]): str(detail["risk_class"]) for detail in details}
    here = Article.objects.filter(slug__in=shipped, archived_at=None).order_by("slug")
    # A is the strictest.
    return [
        (article, shipped[article.slug])
        for article in here
        if shipped[article.slug] < article.risk_class
    ]


@cache
def _shipped_files() -> list[ArticleFile]:
    """Every article that ships; read once, since a release comes with a restart."""
    return [read_article(path) for path in sorted(ARTICLES.glob("*.md"))]


def start_shipped(shipped: ShippedText, *, by: User | None) -> Revision:
    """
    Open a draft with the shipped text on an article of the site; it goes the way of every draft.

    Raises ``MayNotWriteError`` where the person may not write, or a revision is open.
    """
    assert shipped.article is not None
    return start_revision(
        article=shipped.article, draft=shipped.draft, by=by, based_on=shipped.last
    )
