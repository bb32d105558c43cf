"""
Whose words stand in a text: computed from what was saved, and by whom.

The first person whose save holds a sentence wrote it; so did whoever wrote one before that is
nearly the same. It does not matter how it came into another text: begun from an earlier revision,
copied from another article or language, taken over from a suggestion.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Q

from education.articles.drawings import drawings_in
from education.articles.models import Article, Contribution, Revision, WrittenSentence
from education.people.models import User
from education.text.copied_words import (
    Sentence,
    nearly_the_same,
    spelt_otherwise,
    written_sentences,
)
from education.text.rendering import Draft, unsourced_tree

# A whole sentence that so many public articles share is a fixed phrase of the site.
SHARED_BY = 3
_AT_ONCE = 200


def sentences_of(draft: Draft) -> list[Sentence]:
    """Every sentence of a text that somebody wrote."""
    return written_sentences(unsourced_tree(draft))


def note_sentences(
    kept: type[WrittenSentence], article_id: int, said: Iterable[Sentence], by_id: int | None
) -> None:
    """
    Keep which sentences of a saved text are new in an article, and whose they are.

    A sentence that somebody wrote before, or that only spells one otherwise, stays theirs.
    ``kept`` is the model, as it is today or as a migration knows it.
    """
    for some in _portions(said):
        earlier = _earlier(kept, article_id, some)
        new = []
        for sentence in some:
            if any(row.article_id == article_id for row in earlier[sentence.words].exact):
                continue
            first = earlier[sentence.words].first(sentence)
            opening, ending = sentence.ends
            new.append(
                kept(
                    article_id=article_id,
                    by_id=first.by_id if first else by_id,
                    words=sentence.words,
                    digest=sentence.digest,
                    opening=opening,
                    ending=ending,
                )
            )
        kept.objects.bulk_create(new, ignore_conflicts=True)


def writers_of(article_id: int, said: Iterable[Sentence]) -> dict[int, list[str]]:
    """
    Whose sentences these are: by number of the person, the sentences as they read.

    A sentence of nobody's, or one that public articles share, counts for nobody.
    """
    found: dict[int, list[str]] = defaultdict(list)
    for some in _portions(said):
        earlier = _earlier(WrittenSentence, article_id, some)
        shared = _shared(some)
        for sentence in some:
            if sentence.digest not in shared:
                for person in earlier[sentence.words].writers():
                    found[person].append(sentence.text)
    return dict(found)


def others_words(draft: Draft, article: Article, by: User | None = None) -> dict[User, list[str]]:
    """What others than ``by`` wrote or drew of a text, as it would stand in an article."""
    return _with_people(_parts_of(article.pk, draft), {by.pk} if by else set())


def inherited(revision: Revision, draft: Draft) -> dict[User, list[str]]:
    """Who wrote sentences of a revision, or drew in it, without being at work on it, and which."""
    at_work = set(revision.at_work().values_list("pk", flat=True))
    return _with_people(_parts_of(revision.article_id, draft), at_work)


def _parts_of(article_id: int, draft: Draft) -> dict[int, list[str]]:
    """Whose sentences and drawings stand in a text: who uploaded a drawing judges no text by it."""
    parts = writers_of(article_id, sentences_of(draft))
    for drawing in drawings_in(draft):
        parts.setdefault(drawing.uploaded_by_id, []).append(f"The drawing {drawing}")
    return parts


def settle_contributions(revision: Revision, draft: Draft) -> None:
    """Make the inherited contributions of a revision those of its text as it is."""
    wanted = {person.pk for person in inherited(revision, draft)}
    rows = Contribution.objects.filter(revision=revision)
    rows.filter(inherited=True).exclude(person__in=wanted).delete()
    there = set(rows.values_list("person", flat=True))
    Contribution.objects.bulk_create(
        Contribution(revision=revision, person_id=person, inherited=True)
        for person in sorted(wanted - there)
    )


def _portions(said: Iterable[Sentence]) -> Iterator[Sequence[Sentence]]:
    listed = list(said)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]


def _with_people(words: dict[int, list[str]], without: set[int]) -> dict[User, list[str]]:
    people = User.objects.filter(pk__in=words.keys() - without).order_by("pk")
    return {person: words[person.pk] for person in people}


class _Earlier:
    """What was kept of one sentence: word for word, and nearly."""

    def __init__(self) -> None:
        self.exact: list[Any] = []
        self.near: list[Any] = []

    def first(self, sentence: Sentence) -> Any:
        """The row of whoever wrote it, or spelt it otherwise, first."""
        same = [row for row in self.near if spelt_otherwise(sentence.words, row.words)]
        return min([*self.exact, *same], key=lambda row: row.pk, default=None)

    def writers(self) -> Iterator[int]:
        """Who wrote it first, and who wrote before that what is nearly the same."""
        first = min(self.exact, key=lambda row: row.pk, default=None)
        rows = [row for row in self.near if first is None or row.pk < first.pk]
        yield from dict.fromkeys(
            row.by_id for row in ([first] if first else []) + rows if row.by_id is not None
        )


def _earlier(
    kept: type[WrittenSentence], article_id: int, said: Iterable[Sentence]
) -> dict[str, _Earlier]:
    by_digest = {sentence.digest: sentence for sentence in said}
    by_end: dict[tuple[str, str], list[Sentence]] = defaultdict(list)
    for sentence in by_digest.values():
        if sentence.is_whole:
            openings, endings = sentence.possible_ends()
            for name, ends in (("opening", openings), ("ending", endings)):
                for end in ends:
                    by_end[name, end].append(sentence)
    openings, endings = (
        [end for each, end in by_end if each == name] for name in ("opening", "ending")
    )
    rows = kept.objects.filter(
        Q(digest__in=by_digest) | Q(opening__in=openings) | Q(ending__in=endings)
    )
    earlier: dict[str, _Earlier] = defaultdict(_Earlier)
    for row in rows.order_by("pk").iterator():
        exact = by_digest.get(row.digest)
        if exact and (exact.is_whole or row.article_id == article_id):
            earlier[exact.words].exact.append(row)
        nearby = by_end.get(("opening", row.opening), []) + by_end.get(("ending", row.ending), [])
        for sentence in dict.fromkeys(nearby):
            if sentence != exact and nearly_the_same(sentence.words, row.words):
                earlier[sentence.words].near.append(row)
    return earlier


def _shared(said: Iterable[Sentence]) -> set[str]:
    digests = [sentence.digest for sentence in said if sentence.is_whole]
    public = Revision.objects.filter(state=Revision.State.PUBLISHED).values("article")
    articles: dict[str, set[int]] = defaultdict(set)
    rows = WrittenSentence.objects.filter(digest__in=digests, article__in=public)
    for digest, article in rows.values_list("digest", "article"):
        articles[digest].add(article)
    return {digest for digest, found in articles.items() if len(found) >= SHARED_BY}
