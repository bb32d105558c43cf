"""
Random steps, and after each every list and every address of the page that was touched, in each
format: nothing is readable that the page's state forbids. What may be read is said here anew, from
the steps alone.

The site is asked as its web server does, through its cache of readers' pages: what was kept from
before a step must not be given after it. ``CRAWL_STEPS`` and ``CRAWL_SEED`` choose how many steps
the long walk takes, 10,000 unless told, and from which seed on.
"""

import itertools
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory, TestCase
from django.utils import timezone

from education.articles.models import Article
from education.articles.operations import start_revision
from education.errors import EditorialError
from education.handouts.copy_check import public_code
from education.people.models import ProfileProposal, TopicProposal, User
from education.people.operations import declare_interests
from education.people.profile_changes import change_own_profile, decide_profile
from education.people.topic_changes import decide_topic, propose_topic, words_of
from education.public.views.exports import FORMAT_OF
from education.publishing.hiding import confirm_hiding, propose_hiding
from education.publishing.models import MaskedPassage, PublicationEvent
from education.publishing.operations import cancel_schedule, publish, withdraw
from education.publishing.passages import confirm_mask, lift_mask, mask_passage
from education.review.operations import submit_for_review
from education.safety.models import EmergencyNote
from education.safety.notes import approve_note, end_note, write_note
from education.safety.operations import lift_status, record_status
from education.text.masking import maskable_passages
from portal.cache.middleware import PageCache
from portal.cache.version import ContentVersion, ask_database
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
    MARKING,
    QUESTION,
    TEXT,
    TITLE,
    MarkedText,
    Marks,
    marked_text,
    new_word,
)
from tests.promises.surfaces import surface_of
from tests.promises.test_promises import HISTORY, KINDS, paper_as_words

__all__ = ["paper_as_words"]

pytestmark = pytest.mark.django_db

# A walk begins with nothing and is short, so that each step asks of few texts.
MOST_PAGES, MOST_TEXTS, STEPS_OF_A_WALK = 2, 3, 50
SEED, STEPS = int(os.environ.get("CRAWL_SEED", "0")), int(os.environ.get("CRAWL_STEPS", "10000"))
# Pages of their own that tell of a version although it is not live.
GIVEN = "version given to a family"
NAMED = {
    "page", "list of versions", "handout", "embed", "check of a copy", "corrections", "feeds",
    GIVEN, "API, changes", "worksheet",
}  # fmt: skip
# What may name a text, or somebody, and is about no page alone.
LISTS = (
    "/", "/topics/", "/topics/rhizotomy/", "/compare/", "/claims/", "/evidence/", "/outcomes/",
    "/glossary/", "/handouts/", "/people/", "/corrections/", "/feeds/new.xml",
    "/feeds/corrections.xml", "/feeds/recalls.atom", "/sitemap.xml", "/api/v1/articles/",
    "/api/v1/changes/", "/api/v1/claims/", "/api/v1/comparison/", "/api/v1/evidence/",
    "/api/v1/topics/",
)  # fmt: skip


@pytest.fixture
def one_transaction(monkeypatch):
    """The connection stays open from request to request: nothing that a test does is committed."""
    monkeypatch.setattr("portal.cache.version.close_old_connections", lambda: None)
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


class Site:
    """The site as its web server gives it: behind the cache of readers' pages."""

    def __init__(self) -> None:
        version = ContentVersion(ask_database)
        self._served = PageCache(WSGIHandler(), version=version, unavailable=b"")

    def read(self, address: str) -> str:
        """What an address answers, as text; what it leads on to is read in its place."""
        begun: list[object] = []
        environ = RequestFactory().get(address).environ
        answer = self._served(environ, lambda *begins: begun.extend(begins))
        content = b"".join(answer)
        getattr(answer, "close", lambda: None)()
        status, headers, *_ = begun
        assert not str(status).startswith("5"), f"{status} on {address}"
        if str(status).startswith("3"):
            *_, path, query, _ = urlsplit(dict(headers)["Location"])
            return self.read(f"{path}?{query}")
        return content.decode(errors="replace")


@dataclass(eq=False)
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
    notes: list[EmergencyNote] = field(default_factory=list)

    def allowed(self, text: MarkedText, part: str, surface: str) -> bool:
        """Whether a part of one of its texts may be read on a surface now."""
        if part == FINDING:
            return text not in self.retracted
        if part not in {TITLE, TEXT, QUESTION, CHANGED}:
            return True
        if part in {TEXT, QUESTION} and text in self.masked:
            return False
        if (part == TEXT and text in self.retracted) or (part == CHANGED and text in self.hidden):
            return False
        if text is self.live or text not in self.once_live:
            return text is self.live
        named = part in {TITLE, CHANGED} and surface in NAMED
        is_kept = text not in self.hidden and (surface != GIVEN or text not in self.withdrawn)
        in_history = surface in HISTORY and (is_kept or part == TITLE)
        return named or in_history

    @property
    def unpublished(self) -> MarkedText | None:
        """The text that was approved and not published yet."""
        return self.texts[-1] if self.texts and self.texts[-1].copy is None else None


class Walk:
    """
    A desk, its people and its pages, changed by random steps.

    ``rules`` says of each marking word whether it may be read on a surface now.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.log: list[str] = []
        self.pages: list[Page] = []
        self.rules: dict[str, Callable[[str], bool]] = {}
        # Of the writer: what readers would be told by a page that is published now, and what they
        # were told by one; and the words of the topic.
        self.name, self.interests, self.credentials = self._word(self._is_told), "", ""
        self.told: set[str] = set()
        self.summary = ""
        self.profiles: list[tuple[ProfileProposal, str]] = []
        self.topics: list[tuple[TopicProposal, str]] = []
        # What is searched for: it stands beside every word that marks a text.
        self.beside = new_word()
        self.rules[self.beside] = lambda _: True
        self.site = Site()
        self.writer = make_writer(display_name=f"Test person {self.name}")
        self.editors = [make_editor(), make_editor()]
        self.reviewers = [make_medical_reviewer(), make_medical_reviewer("Neurosurgery")]

    @property
    def editor(self) -> User:
        """Any editor-in-chief."""
        return self.random.choice(self.editors)

    def _word(self, rule: Callable[[str], bool]) -> str:
        """A new word that may be read where ``rule`` says of itself that it may."""
        word = new_word()
        self.rules[word] = lambda _: rule(word)
        return word

    def _is_told(self, word: str) -> bool:
        return word in self.told

    def step(self) -> Page:
        """Take a random step with a page, which may be refused, and say with which."""
        if (len(self.pages) < MOST_PAGES and self.random.random() < 0.15) or not self.pages:
            kind = self.random.choice(KINDS)
            self.pages.append(Page(kind, make_article(kind=kind, review_every_months=24)))
        page = self.random.choice(self.pages)
        chosen = self.random.choice(self._steps(page))
        self.log.append(f"{chosen.__name__} {page.article.slug}")
        try:
            # Caches hear of a step once it is committed, which nothing in a test is.
            with TestCase.captureOnCommitCallbacks(execute=True):
                chosen(page)
        except EditorialError as error:
            self.log[-1] += f": refused, {error}"
        return page

    def _steps(self, page: Page) -> list[Callable[[Page], None]]:
        """What may be tried with a page as it is, and what must be refused."""
        may_write = len(page.texts) < MOST_TEXTS and not page.unpublished
        past = [text for text in page.once_live if text is not page.live]
        superseded = [text for text in past if text not in page.withdrawn]
        whether = {
            self.write: may_write,
            self.publish: page.unpublished,
            self.schedule: page.unpublished,
            self.cancel: page.waiting,
            self.withdraw: page.live,
            self.hide: [text for text in past if text not in page.hidden],
            self.mask: page.live and page.live not in page.masked,
            self.lift_mask: page.masked,
            self.retract: len(page.texts) > len(page.retracted),
            self.lift: page.retracted,
            self.write_note: page.live,
            self.approve_note: [note for note in page.notes if not note.approved_at],
            self.end_note: page.notes,
            self.declare: True,
            self.propose_credentials: True,
            self.decide_credentials: self.profiles,
            self.propose_topic: not self.topics,
            self.decide_topic: self.topics,
            self.publish_again: page.once_live,
            self.cancel_what_is_live: page.live,
            self.withdraw_what_is_superseded: superseded,
            self.hide_what_is_live: page.live,
        }
        often = (self.publish, self.withdraw, self.write)
        possible = [step for step, may in whether.items() if may]
        return possible + [step for step in possible if step in often] * 2

    def write(self, page: Page) -> None:
        """A next text, up to its approval."""
        marks = Marks(self.beside)
        text = marked_text(page.kind, next_version=bool(page.texts), marks=marks)
        for part, words in text.marks.words.items():
            self.rules |= dict.fromkeys(words, partial(page.allowed, text, part))
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
        self.told |= {self.name, self.interests, self.credentials}

    def schedule(self, page: Page) -> None:
        """The newest text is to go live after every walk is over."""
        text = page.texts[-1]
        later = timezone.now() + timedelta(days=20)
        text.copy = publish(revision=text.revision, by=self.editor, goes_live_at=later)
        page.waiting = text

    def cancel(self, page: Page) -> None:
        """What waits is taken back before anybody saw it."""
        cancel_schedule(publication=page.waiting.copy, by=self.editor, reason="Not yet.")
        page.waiting.copy = page.waiting = None

    def withdraw(self, page: Page) -> None:
        """What is live is withdrawn, and what waits is cancelled with it."""
        withdraw(publication=page.live.copy, by=self.editor, reason="It was wrong.")
        page.withdrawn.append(page.live)
        page.live = None
        if page.waiting:
            page.waiting.copy = page.waiting = None

    def hide(self, page: Page) -> None:
        """Two people hide a version that is not live."""
        past = [t for t in page.once_live if t is not page.live and t not in page.hidden]
        text = self.random.choice(past)
        propose_hiding(publication=text.copy, by=self.editors[0], reason="It does harm.")
        confirm_hiding(publication=text.copy, by=self.reviewers[0])
        page.hidden.append(text)

    def mask(self, page: Page) -> None:
        """Every passage of what is live is masked."""
        text = page.live
        for _, words in maskable_passages(text.copy.content):
            passage = mask_passage(
                publication=text.copy, words=words, reason="It does harm.", by=self.editors[0]
            )
            confirm_mask(passage=passage, by=self.editors[1])
        page.masked.append(text)

    def lift_mask(self, page: Page) -> None:
        """Every passage of a page is shown again."""
        for passage in MaskedPassage.objects.in_force().filter(slug=page.article.slug):
            lift_mask(passage=passage, by=self.reviewers[0], reason="It is right.")
        page.masked = []

    def retract(self, page: Page) -> None:
        """A study of one of the texts is retracted, which cancels what waits and rests on it."""
        text = self.random.choice([each for each in page.texts if each not in page.retracted])
        record_status(
            item=text.item,
            status="retracted",
            occurred_on=timezone.localdate(),
            reason="Made up.",
            by=self.reviewers[0],
        )
        page.retracted.append(text)
        waiting = page.waiting
        if waiting and waiting.copy.events.filter(kind=PublicationEvent.Kind.CANCELLED).exists():
            page.waiting = waiting.copy = None

    def lift(self, page: Page) -> None:
        """It was no retraction."""
        text = self.random.choice(page.retracted)
        event = text.item.status_events.standing().latest("pk")
        lift_status(event=event, by=self.reviewers[1], reason="It was another work.")
        page.retracted.remove(text)

    def write_note(self, page: Page) -> None:
        """A note for the page, which nobody sees until it is approved."""
        word = new_word()
        note = write_note(slug=page.article.slug, text=f"Ring {word} first.", by=self.editors[0])
        page.notes.append(note)
        # The record of changes for machines says why a page was another one for a while.
        self.rules[word] = lambda surface: bool(
            note.approved_at and (note in page.notes or surface == "API, changes")
        )

    def approve_note(self, page: Page) -> None:
        """A note is shown above the page."""
        note = self.random.choice([each for each in page.notes if not each.approved_at])
        note.approved_at = approve_note(note=note, by=self.reviewers[0]).approved_at

    def end_note(self, page: Page) -> None:
        """A note is shown no more, or never will be."""
        note = self.random.choice(page.notes)
        end_note(note=note, by=self.reviewers[1])
        page.notes.remove(note)

    def declare(self, page: Page) -> None:
        """The writer declares other interests: public with the next page, whose editor read it."""
        interests = self._word(self._is_told)
        declare_interests(by=self.writer, interests=f"A grant of {interests}")
        self.interests = interests

    def propose_credentials(self, page: Page) -> None:
        """The writer wants to be called otherwise."""
        word = self._word(self._is_told)
        proposal = change_own_profile(by=self.writer, details={"credentials": f"MD, {word}"})
        self.profiles.append((proposal, word))

    def decide_credentials(self, page: Page) -> None:
        """An editor agrees to what the writer wants, or does not."""
        proposal, word = self.profiles.pop()
        accepted = self.random.random() < 0.5
        decide_profile(proposal=proposal, by=self.editor, accepted=accepted)
        if accepted:
            self.credentials = word

    def propose_topic(self, page: Page) -> None:
        """An editor words the topic anew."""
        word = self._word(lambda word: word == self.summary)
        after = words_of(page.article.topic) | {"summary": f"About {word}."}
        proposal = propose_topic(slug=page.article.topic.slug, after=after, by=self.editors[0])
        self.topics.append((proposal, word))

    def decide_topic(self, page: Page) -> None:
        """Another editor agrees to the words of the topic, or does not."""
        proposal, word = self.topics.pop()
        accepted = self.random.random() < 0.5
        decide_topic(proposal=proposal, by=self.editors[1], accepted=accepted)
        if accepted:
            self.summary = word

    def publish_again(self, page: Page) -> None:
        """A text that was public already."""
        self._refused(publish, revision=self.random.choice(page.once_live).revision)

    def cancel_what_is_live(self, page: Page) -> None:
        """A schedule whose moment has come."""
        self._refused(cancel_schedule, publication=page.live.copy, reason="Not yet.")

    def withdraw_what_is_superseded(self, page: Page) -> None:
        """A version that doesn't count any more, and was not withdrawn while it did."""
        past = [t for t in page.once_live if t is not page.live and t not in page.withdrawn]
        self._refused(withdraw, publication=self.random.choice(past).copy, reason="It was wrong.")

    def hide_what_is_live(self, page: Page) -> None:
        """The version that counts."""
        self._refused(propose_hiding, publication=page.live.copy, reason="It does harm.")

    def _refused(self, operation: Callable[..., object], **subject: object) -> None:
        """An operation that is not allowed with its subject as it is now."""
        operation(by=self.editor, **subject)
        pytest.fail("\n".join([*self.log, "was not refused"]))

    def addresses(self, page: Page) -> list[str]:
        """Everything about one page, in every format, and the lists that may name it."""
        slug = page.article.slug
        numbers = [text.copy.number for text in page.texts if text.copy]
        codes = [public_code(text.copy) for text in page.texts if text.copy]
        claims = [part["slug"] for text in page.texts for part in text.draft.claims]
        about_page = [
            f"/articles/{slug}/", f"/articles/{slug}/versions/", f"/articles/{slug}/card.png",
            f"/handouts/{slug}/", f"/handouts/{slug}.pdf", f"/handouts/{slug}/?length=short",
            f"/embed/{slug}/", f"/reports/about/{slug}/", f"/api/v1/articles/{slug}/",
            f"/api/v1/articles/{slug}/versions/",
            *(f"/articles/{slug}/references.{ending}" for ending in FORMAT_OF),
            *(f"/articles/{slug}/versions/{number}/" for number in numbers),
            *(f"/api/v1/articles/{slug}/versions/{number}/" for number in numbers),
            *(f"/articles/{slug}/changes/{a}-{b}/" for a, b in itertools.pairwise(numbers)),
            *(f"/v/{code}/" for code in codes), *(f"/check/{code}/" for code in codes),
            *(f"/claims/{claim}/" for claim in claims),
            *(f"/api/v1/claims/{claim}/" for claim in claims),
        ]  # fmt: skip
        if page.kind == Article.Kind.COMPARISON:
            about_page += [f"/articles/{slug}/worksheet/", f"/articles/{slug}/worksheet.pdf"]
        for text in page.texts:
            key = text.item.key
            about_page += [f"/evidence/{key}/", f"/api/v1/evidence/{key}/"]
            about_page += [f"/evidence/{key}.{ending}" for ending in FORMAT_OF]
        by_records = "/connect/?knowledgeResponseType=application/json&mainSearchCriteria.v.dn="
        asked = ("/search/?q=", "/search/suggest/?q=", by_records)
        return [*LISTS, *about_page, *(f"{start}{self.beside}" for start in asked)]

    def meaning_of(self, word: str) -> str:
        """What a word marks, for who reads of a leak."""
        for page in self.pages:
            for number, text in enumerate(page.texts, start=1):
                for part, words in text.marks.words.items():
                    if word in words:
                        return f"{part} of text {number} of {page.article.slug}"
        return f"{word}, of a note, a person or a topic,"

    def leaks(self, page: Page) -> list[str]:
        """What may not be read and was."""
        return [
            f"{self.meaning_of(word)} on {address}"
            for address in self.addresses(page)
            for word in sorted(set(MARKING.findall(self.site.read(address))))
            if not self.rules[word](surface_of(address))
        ]


def walk(seed: int, steps: int) -> Walk:
    """Take steps from a new desk; fail at the first leak with what led to it."""
    desk = Walk(seed)
    for _ in range(steps):
        page = desk.step()
        leaks = desk.leaks(page)
        assert not leaks, "\n".join([f"seed {seed}", *desk.log, *leaks])
    return desk


@pytest.mark.slow
def test_a_short_walk_leaks_nothing(paper_as_words, one_transaction):
    walk(seed=1, steps=10)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(SEED, SEED + STEPS // STEPS_OF_A_WALK))
def test_ten_thousand_steps_leak_nothing(seed, paper_as_words, one_transaction, capsys):
    began = time.process_time()
    desk = walk(seed, STEPS_OF_A_WALK)
    refused = sum("refused" in line for line in desk.log)
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{(seed - SEED + 1) * STEPS_OF_A_WALK} of {STEPS} steps: seed {seed}, "
            f"{refused} refused, {time.process_time() - began:.0f} s of CPU"
        )
