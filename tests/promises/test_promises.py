"""
What of a text can be read where, in each of its states: ``docs/promises.md`` is the whole table.

Every part of every text in this world holds a word of its own, every public address is asked, and
what each surface shows must be what the table says. After a change that is meant, write the table
anew and read what changed in it: ``WRITE_PROMISES=1 pytest tests/promises/test_promises.py``.
"""

import datetime
import os
from collections import defaultdict
from pathlib import Path

import pytest
from django.utils import timezone

from education.articles.models import Article
from education.handouts.operations import print_copy
from education.publishing.hiding import confirm_hiding, propose_hiding
from education.publishing.operations import cancel_schedule, publish, withdraw
from education.publishing.passages import mask_passage
from education.text.masking import maskable_passages
from tests.factories import (
    make_approved_revision,
    make_article,
    make_editor,
    make_medical_reviewer,
)
from tests.handouts.clinics import make_clinic, make_clinic_person
from tests.promises.marked_texts import (
    CHANGED,
    FINDING,
    QUESTION,
    STUDY,
    TEXT,
    TITLE,
    MarkedText,
    Marks,
    marked_item,
    marked_text,
)
from tests.promises.surfaces import NOT_PUBLIC, SURFACES, WITHOUT_TEXTS, answers, names_of_patterns
from tests.promises.worlds import make_explaining_page, record_as

pytestmark = pytest.mark.django_db

TABLE = Path(__file__).resolve().parents[2] / "docs" / "promises.md"
KINDS = (Article.Kind.ARTICLE, Article.Kind.COMPARISON, Article.Kind.CLAIMS)
PARTS = (TITLE, TEXT, QUESTION, CHANGED, STUDY, FINDING)
# What each column of the table means.
STATES = {
    "draft": "approved, but never published",
    "scheduled": "published for a later moment, beside a version that is live",
    "cancelled": "a schedule that was cancelled",
    "live": "the version that counts",
    "concern": "live; the work it cites is under an expression of concern",
    "retracted": "live; the work it rests on was retracted",
    "masked": "live; the words were masked by an editor-in-chief",
    "superseded": "another version took its place",
    "withdrawn": "withdrawn, with no version after it",
    "hidden": "withdrawn, and hidden in its history",
    "overdue": "live, and not shown: its review is 180 days late",
    "unverified": "a work that two people have not verified",
    "glossary withdrawn": "a glossary that was withdrawn after a page explained its words",
}
LETTERS = {TITLE: "T", TEXT: "W", QUESTION: "Q", CHANGED: "C", STUDY: "S", FINDING: "F"}
MEANINGS = {
    TITLE: "its title",
    TEXT: "words of its text",
    QUESTION: "no statement: a question, an option, a claim as it is said, a heading, who paid",
    CHANGED: "what changed",
    STUDY: "the title of the work it cites",
    FINDING: "what that work found",
}
# Where a version that doesn't count any more can still be read.
HISTORY = {"version", "changes", "version given to a family", "API, version", "API, lists"}
# Words that tell a reader how the text before them stands.
NOTICES = {
    "concern": ["expression of concern", "in doubt"],
    "retracted": ["retracted"],
    "masked": ["It does harm", "taken away"],
    "superseded": ["old version", "superseded", "newer version", "replaced"],
    "withdrawn": ["withdrawn", "It was wrong"],
    "hidden": ["It does harm", "withdrawn"],
    "overdue": ["was due on", "overdue"],
}
TEXT_OF_TABLE = """# What can be read where

Every surface of the site beside every state of a text. The table is what a test sees: each part of
each text in its world holds a word of its own, every address is asked, and what is found must be
what stands here (`tests/promises/test_promises.py`, which says how to write it anew).

{letters}.
**·** is nothing. **°** marks a surface of which at least one address does not say by itself how the
text stands; it leads to the page, which does.

{table}

{states}

A study is public by itself once two people verified it, whatever text cites it.

No words of a text are held by these, and the test asks them all the same:

{others}
"""
MONTH = datetime.timedelta(days=30)


def published(text: MarkedText, article: Article | None = None, **when) -> MarkedText:
    """The text, approved and published."""
    kind = text.draft.kind
    article = article or make_article(kind=kind, review_every_months=24)
    text.revision = make_approved_revision(article=article, draft=text.draft)
    text.copy = publish(revision=text.revision, by=make_editor(), **when)
    return text


def two_versions(kind: str, **when) -> tuple[MarkedText, MarkedText]:
    """A text that is live, and its next version."""
    first = published(marked_text(kind))
    assert first.revision
    return first, published(marked_text(kind, next_version=True), first.revision.article, **when)


def in_every_state(kind: str) -> dict[str, MarkedText]:
    """One text of a kind in each of its states."""
    waiting = {"goes_live_at": timezone.now() + MONTH}
    editor, reviewer = make_editor(), make_medical_reviewer()
    _, live = two_versions(kind)
    texts = {"live": live}

    texts["draft"] = marked_text(kind)
    article = make_article(kind=kind)
    texts["draft"].revision = make_approved_revision(article=article, draft=texts["draft"].draft)
    texts["superseded"], _ = two_versions(kind)
    _, texts["scheduled"] = two_versions(kind, **waiting)
    _, texts["cancelled"] = two_versions(kind, **waiting)
    cancel_schedule(publication=texts["cancelled"].copy, by=editor, reason="Not yet.")
    for state in ("withdrawn", "hidden"):
        texts[state] = published(marked_text(kind))
        withdraw(publication=texts[state].copy, by=editor, reason="It was wrong.")
    propose_hiding(publication=texts["hidden"].copy, by=editor, reason="It does harm.")
    confirm_hiding(publication=texts["hidden"].copy, by=reviewer)
    for state in ("concern", "retracted"):
        texts[state] = published(marked_text(kind))
        record_as(texts[state].item, state)
    texts["masked"] = published(marked_text(kind))
    for _, words in maskable_passages(texts["masked"].copy.content):
        mask_passage(
            publication=texts["masked"].copy, words=words, reason="It does harm.", by=editor
        )
    return texts


@pytest.fixture
def paper_as_words(monkeypatch):
    """PDFs and pictures as the words they are made of."""
    monkeypatch.setattr(
        "education.handouts.typesetting._compile", lambda data, *args, **kwargs: data.encode()
    )
    monkeypatch.setattr("education.public.cards._drawn", str.encode)


@pytest.fixture
def whole_lists(monkeypatch):
    """Lists that leave nothing out, so that the table doesn't hang on what is the newest."""
    for limit in ("home.QUESTIONS", "home.NEWS", "topics.TITLES", "feeds.MOST_ENTRIES"):
        monkeypatch.setattr(f"education.public.views.{limit}", 1000)


class Seen:
    """What each surface showed of the texts in each state."""

    def __init__(self) -> None:
        self.parts: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.where: dict[tuple[str, str, str], str] = {}
        self.untold: dict[tuple[str, str], str] = {}

    def read(self, marks: dict[str, list[Marks]], surface: str, address: str, answer: str) -> None:
        """Note the parts of texts that an answer shows, and whether it says how they stand."""
        for state, some in marks.items():
            parts = set().union(*(each.kinds_in(answer) for each in some))
            self.parts[surface, state] |= parts
            for part in parts:
                self.where.setdefault((surface, state, part), address)
            says = any(words in answer for words in NOTICES.get(state, [""]))
            if parts & {TITLE, TEXT, QUESTION} and not says:
                self.untold.setdefault((surface, state), address)

    def cell(self, surface: str, state: str) -> str:
        """What the table says: the letters of the parts, with a mark where a notice is missing."""
        letters = "".join(LETTERS[part] for part in PARTS if part in self.parts[surface, state])
        is_told = state not in NOTICES or (surface, state) not in self.untold
        return letters + ("" if is_told or not set(letters) & set("TWQ") else "°") or "·"


@pytest.fixture
def seen(paper_as_words, whole_lists, monkeypatch):
    """What was seen of a world with texts of every kind in every state."""
    by_state: dict[str, list[MarkedText]] = defaultdict(list)
    now = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: now - 8 * MONTH)
    for kind in KINDS:
        article = make_article(kind=kind, review_every_months=1)
        by_state["overdue"].append(published(marked_text(kind), article))
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    glossary, waiting = two_versions(Article.Kind.GLOSSARY, goes_live_at=now + MONTH)
    by_state["live"].append(glossary)
    by_state["scheduled"].append(waiting)
    make_explaining_page()
    for kind in KINDS:
        for state, text in in_every_state(kind).items():
            by_state[state].append(text)
    clinic = make_clinic()
    person = make_clinic_person(clinic)
    for text in [*by_state["live"], *by_state["masked"]]:
        print_copy(clinic=clinic, by=person, slug=text.copy.slug)
    unverified = Marks()
    marked_item(unverified, verified=False)
    everything = [text for texts in by_state.values() for text in texts]

    marks = {state: [text.marks for text in texts] for state, texts in by_state.items()}
    marks |= {"unverified": [unverified]}
    seen = Seen()
    for surface, address, answer in answers(everything, clinic, person):
        seen.read(marks, surface, address, answer)

    cancel_schedule(publication=waiting.copy, by=make_editor(), reason="Not yet.")
    withdraw(publication=glossary.copy, by=make_editor(), reason="It was wrong.")
    marks = {"glossary withdrawn": [glossary.marks]}
    for surface, address, answer in answers([glossary], clinic, person):
        seen.read(marks, surface, address, answer)
    return seen


def as_table(seen: Seen) -> str:
    """The document: every surface beside every state."""
    surfaces = list(dict.fromkeys(SURFACES.values()))
    head = " | ".join(["surface", *STATES])
    rows = [
        " | ".join([surface, *(seen.cell(surface, state) for state in STATES)])
        for surface in surfaces
        if surface not in WITHOUT_TEXTS
    ]
    lines = [f"| {row} |" for row in (head, " | ".join(["---"] * (len(STATES) + 1)), *rows)]
    meanings = [f"- **{state}**: {meaning}" for state, meaning in STATES.items()]
    letters = [f"**{LETTERS[part]}** {MEANINGS[part]}" for part in PARTS]
    others = [f"- **{surface}** {why}" for surface, why in WITHOUT_TEXTS.items()]
    return TEXT_OF_TABLE.format(
        states="\n".join(meanings),
        letters=",\n".join(letters),
        table="\n".join(lines),
        others="\n".join(others),
    )


def test_every_address_belongs_to_a_surface():
    names = set(names_of_patterns())

    assert names - set(SURFACES) == NOT_PUBLIC
    assert set(SURFACES) <= names


@pytest.mark.thorough
def test_what_each_surface_shows_of_each_state(seen):
    told = [f"{key}: {address}" for key, address in sorted(seen.where.items())]
    table = as_table(seen)
    if os.environ.get("WRITE_PROMISES"):
        TABLE.write_text(table)

    for state in ("draft", "scheduled", "cancelled", "unverified"):
        assert not shown(seen, state, TITLE, TEXT, QUESTION, CHANGED), told
    assert not shown(seen, "unverified", STUDY, FINDING), told
    for state in ("retracted", "masked", "hidden", "overdue"):
        assert not shown(seen, state, TEXT), told
    for state in ("masked", "hidden", "overdue"):
        assert not shown(seen, state, QUESTION), told
    assert not shown(seen, "retracted", FINDING), told
    for state in ("superseded", "withdrawn"):
        assert shown(seen, state, TEXT, QUESTION) <= HISTORY, told
    assert "version given to a family" not in shown(seen, "withdrawn", TEXT, QUESTION), told
    assert TABLE.read_text() == table


def shown(seen: Seen, state: str, *parts: str) -> set[str]:
    """The surfaces that show any of these parts of texts in a state."""
    return {
        surface for (surface, at), kinds in seen.parts.items() if at == state and kinds & {*parts}
    }
