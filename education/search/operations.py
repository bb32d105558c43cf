"""Keeping the index: each call belongs to the step that publishes or changes a text."""

from collections.abc import Sequence
from dataclasses import dataclass

from education.search import engine
from education.search.analysis import stem, stems, words
from education.search.models import SearchEntry, SearchWord
from education.search.ranking import WordPositions, padded


@dataclass(frozen=True)
class SearchPart:
    """A piece of a subject that is found on its own; ``also``: other words for its title."""

    kind: str
    title: str
    lead: str
    text: str
    slug: str = ""
    also: str = ""
    certainty: str = ""

    def ranked(self) -> WordPositions:
        """The stems that search looks at."""
        title = stems(f"{self.title} {self.also}")
        lead = stems(self.lead)
        return WordPositions(
            padded(title), padded(lead), padded([*title, *lead, *stems(self.text)])
        )


def put(subject: str, subject_id: int, parts: Sequence[SearchPart]) -> None:
    """Make these the parts of a subject that can be found, in place of those before."""
    remove(subject, [subject_id])
    rows, held = [], set[str]()
    for part in parts:
        ranked = part.ranked()
        rows.append(
            SearchEntry(
                subject=subject,
                subject_id=subject_id,
                part=part.slug,
                kind=part.kind,
                title=part.title,
                lead=part.lead,
                text=part.text,
                certainty=part.certainty,
                title_terms=ranked.title,
                lead_terms=ranked.lead,
                terms=ranked.terms,
            )
        )
        held.update(words(f"{part.title} {part.also} {part.lead} {part.text}"))
    made = SearchEntry.objects.bulk_create(rows)
    engine.write(made)
    SearchWord.objects.bulk_create(
        [SearchWord(word=word, stem=stem(word)) for word in sorted(held) if len(word) > 1],
        ignore_conflicts=True,
        batch_size=500,
    )


def remove(subject: str, numbers: Sequence[int]) -> None:
    """Let these subjects be found no more."""
    entries = SearchEntry.objects.filter(subject=subject, subject_id__in=numbers)
    engine.erase(entries.only("kind", "title_terms"))
    entries.delete()


def empty() -> None:
    """Forget everything; the caller puts it all back in the same transaction."""
    engine.erase_all()
    SearchEntry.objects.all().delete()
    SearchWord.objects.all().delete()
