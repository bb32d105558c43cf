"""
Random steps, and after each every address of the page that was touched: nothing is readable that
the page's state forbids. What may be read is said here anew, from the steps alone.
"""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from education.articles.models import Article
from education.articles.operations import start_revision
from education.errors import EditorialError
from education.handouts.copy_check import public_code
from education.people.models import User
from education.publishing.hiding import confirm_hiding, propose_hiding
from education.publishing.models import MaskedPassage, PublicationEvent
from education.publishing.operations import cancel_schedule, publish, withdraw
from education.publishing.passages import confirm_mask, lift_mask, mask_passage
from education.review.operations import submit_for_review
from education.safety.operations import lift_status, record_status
from education.text.masking import maskable_passages
from tests.factories import (
    approve_fully,
    make_article,
    make_editor,
    make_medical_reviewer,
    make_revision,
    make_writer,
)
from tests.promises.marked_texts import (
    CHANGED,
    FINDING,
    QUESTION,
    TEXT,
    TITLE,
    MarkedText,
    marked_text,
)
from tests.promises.surfaces import surface_of, words_of
from tests.promises.test_promises import HISTORY, KINDS, paper_as_words

__all__ = ["paper_as_words"]

pytestmark = pytest.mark.django_db

MOST_PAGES = 4
# Pages of their own that tell of a version although it is not live.
GIVEN = "version given to a family"
NAMED = {
    "page", "list of versions", "handout", "embed", "check of a copy", "corrections", "feeds",
    GIVEN, "API, changes",
}  # fmt: skip


@dataclass
class Page:
    """An article with its texts, the newest last, and what was done with each."""

    kind: str
    article: Article
    texts: list[MarkedText] = field(default_factory=list)
    live: MarkedText | None = None
    waiting: MarkedText | None = None
    once_live: list[MarkedText] = field(default_factory=list)
    withdrawn: list[MarkedText] = field(default_factory=list)
    hidden: list[MarkedText] = field(default_factory=list)
    masked: list[MarkedText] = field(default_factory=list)
    retracted: list[MarkedText] = field(default_factory=list)

    def allowed(self, text: MarkedText, part: str, surface: str) -> bool:
        """Whether a part of one of its texts may be read on a surface now."""
        if part == FINDING:
            return text not in self.retracted
        if part not in {TITLE, TEXT, QUESTION, CHANGED}:
            return True
        if part in {TEXT, QUESTION} and text in self.masked:
            return False
        if part == TEXT and text in self.retracted:
            return False
        if text is self.live or text not in self.once_live:
            return text is self.live
        named = part in {TITLE, CHANGED} and surface in NAMED
        is_kept = text not in self.hidden and (surface != GIVEN or text not in self.withdrawn)
        in_history = surface in HISTORY and (is_kept or part == TITLE)
        return named or in_history


class Walk:
    """A desk, its people and its pages, changed by random steps."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.log: list[str] = []
        self.pages: list[Page] = []
        self.writer, self.visitor = make_writer(), Client()
        self.editors = [make_editor(), make_editor()]
        self.reviewers = [make_medical_reviewer(), make_medical_reviewer("Neurosurgery")]

    @property
    def editor(self) -> User:
        """Any editor-in-chief."""
        return self.random.choice(self.editors)

    def step(self) -> Page:
        """Take a random step with a page, which may be refused, and say with which."""
        if (len(self.pages) < MOST_PAGES and self.random.random() < 0.3) or not self.pages:
            kind = self.random.choice(KINDS)
            self.pages.append(Page(kind, make_article(kind=kind, review_every_months=24)))
        page = self.random.choice(self.pages)
        steps: list[Callable[[Page], None]] = [
            self.write, self.publish, self.publish, self.schedule, self.cancel, self.withdraw,
            self.hide, self.mask, self.lift_mask, self.retract, self.lift,
        ]  # fmt: skip
        chosen = self.random.choice(steps)
        self.log.append(f"{chosen.__name__} {page.article.slug}")
        try:
            chosen(page)
        except (EditorialError, IndexError):
            self.log[-1] += ": refused"
        return page

    def write(self, page: Page) -> None:
        """A next text, up to its approval."""
        if page.texts and page.texts[-1].copy is None:
            raise IndexError
        text = marked_text(page.kind, next_version=bool(page.texts))
        if page.texts:
            revision = start_revision(article=page.article, draft=text.draft, by=self.writer)
        else:
            revision = make_revision(article=page.article, draft=text.draft, by=self.writer)
        page.texts.append(text)
        text.revision = approve_fully(submit_for_review(revision=revision, by=self.writer))

    def publish(self, page: Page) -> None:
        """The newest text goes live, the one before it is superseded."""
        text = page.texts[-1]
        text.copy = publish(revision=text.revision, by=self.editor)
        page.live = text
        page.once_live.append(text)

    def schedule(self, page: Page) -> None:
        text = page.texts[-1]
        later = timezone.now() + timedelta(days=20)
        text.copy = publish(revision=text.revision, by=self.editor, goes_live_at=later)
        page.waiting = text

    def cancel(self, page: Page) -> None:
        text = page.texts[-1]
        if text is not page.waiting:
            raise IndexError
        cancel_schedule(publication=text.copy, by=self.editor, reason="Not yet.")
        page.waiting = text.copy = None

    def withdraw(self, page: Page) -> None:
        if not page.live:
            raise IndexError
        withdraw(publication=page.live.copy, by=self.editor, reason="It was wrong.")
        page.withdrawn.append(page.live)
        page.live = None
        if page.waiting:
            page.waiting.copy = None
            page.waiting = None

    def hide(self, page: Page) -> None:
        text = self.random.choice([each for each in page.once_live if each is not page.live])
        propose_hiding(publication=text.copy, by=self.editors[0], reason="It does harm.")
        confirm_hiding(publication=text.copy, by=self.reviewers[0])
        page.hidden.append(text)

    def mask(self, page: Page) -> None:
        if not page.live:
            raise IndexError
        text = page.live
        for _, words in maskable_passages(text.copy.content):
            passage = mask_passage(
                publication=text.copy, words=words, reason="It does harm.", by=self.editors[0]
            )
            confirm_mask(passage=passage, by=self.editors[1])
        page.masked.append(text)

    def lift_mask(self, page: Page) -> None:
        masked = [*page.masked]
        for passage in MaskedPassage.objects.in_force().filter(slug=page.article.slug):
            lift_mask(passage=passage, by=self.reviewers[0], reason="It is right.")
        page.masked = []
        if not masked:
            raise IndexError

    def retract(self, page: Page) -> None:
        text = self.random.choice(page.texts)
        record_status(
            item=text.item,
            status="retracted",
            occurred_on=timezone.localdate(),
            reason="Made up.",
            by=self.reviewers[0],
        )
        if text not in page.retracted:
            page.retracted.append(text)
        self._after_a_cancelled_schedule(page)

    def lift(self, page: Page) -> None:
        text = self.random.choice(page.retracted)
        event = text.item.status_events.standing().latest("pk")
        lift_status(event=event, by=self.reviewers[1], reason="It was another work.")
        page.retracted.remove(text)

    def _after_a_cancelled_schedule(self, page: Page) -> None:
        waiting = page.waiting
        if waiting and waiting.copy.events.filter(kind=PublicationEvent.Kind.CANCELLED).exists():
            page.waiting = waiting.copy = None

    def addresses(self, page: Page) -> list[str]:
        """Everything about one page, and the lists that may name it."""
        slug = page.article.slug
        numbers = [text.copy.number for text in page.texts if text.copy]
        codes = [public_code(text.copy) for text in page.texts if text.copy]
        claims = [part["slug"] for text in page.texts for part in text.draft.claims]
        beside = [text.marks.beside for text in page.texts]
        return [
            "/", "/topics/rhizotomy/", "/claims/", "/corrections/", "/feeds/new.xml",
            "/feeds/corrections.xml", "/handouts/", "/compare/", "/people/", "/sitemap.xml",
            "/api/v1/articles/", "/api/v1/changes/", "/api/v1/claims/", "/api/v1/comparison/",
            f"/articles/{slug}/", f"/articles/{slug}/versions/", f"/articles/{slug}/card.png",
            f"/handouts/{slug}/", f"/handouts/{slug}.pdf", f"/embed/{slug}/",
            f"/articles/{slug}/references.json", f"/reports/about/{slug}/",
            f"/api/v1/articles/{slug}/", f"/api/v1/articles/{slug}/versions/",
            *(f"/articles/{slug}/versions/{number}/" for number in numbers),
            *(f"/api/v1/articles/{slug}/versions/{number}/" for number in numbers),
            *(f"/articles/{slug}/changes/{a}-{b}/" for a, b in itertools.pairwise(numbers)),
            *(f"/v/{code}/" for code in codes), *(f"/check/{code}/" for code in codes),
            *(f"/claims/{claim}/" for claim in claims),
            *(f"/api/v1/claims/{claim}/" for claim in claims),
            *(f"/evidence/{text.item.key}/" for text in page.texts),
            *(f"/evidence/{text.item.key}.json" for text in page.texts),
            *(f"/search/?q={word}" for word in beside),
            *(f"/search/suggest/?q={word}" for word in beside),
        ]  # fmt: skip

    def leaks(self, page: Page) -> list[str]:
        """What may not be read and was."""
        return [
            f"{part} of version {page.texts.index(text) + 1} on {address}"
            for address in self.addresses(page)
            for answer in [words_of(self.visitor, address)]
            for text in page.texts
            for part in text.marks.kinds_in(answer)
            if not page.allowed(text, part, surface_of(address))
        ]


def walk(seed: int, steps: int) -> None:
    """Take steps from a new desk; fail at the first leak with what led to it."""
    desk = Walk(seed)
    for _ in range(steps):
        page = desk.step()
        leaks = desk.leaks(page)
        assert not leaks, "\n".join([f"seed {seed}", *desk.log, *leaks])


def test_a_short_walk_leaks_nothing(paper_as_words):
    walk(seed=1, steps=15)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100))
def test_ten_thousand_steps_leak_nothing(seed, paper_as_words):
    walk(seed, steps=100)
