"""Keeping the index: each call belongs to the step that publishes or changes a text."""

from collections.abc import Sequence
from dataclasses import dataclass

from education.search import engine
from education.search.analysis import stem, stems, words
from education.search.models import SearchEntry, SearchWord
from education.search.ranking import (
    AFTER_HEADING,
    BETWEEN_NAMES,
    BETWEEN_SECTIONS,
    IndexedText,
    padded,
)


@dataclass(frozen=True)
class SearchSection:
    """A section of a page; ``place``: what stands after ``#`` in its address."""

    place: str
    title: str
    text: str


@dataclass(frozen=True)
class SearchPart:
    """A piece of a subject that is found on its own; ``also``: its other names."""

    kind: str
    title: str
    lead: str
    text: str
    slug: str = ""
    also: tuple[str, ...] = ()
    certainty: str = ""
    sections: tuple[SearchSection, ...] = ()

    def indexed(self) -> IndexedText:
        """The stems that search looks at."""
        return IndexedText(
            title=BETWEEN_NAMES.join(padded(stems(name)) for name in (self.title, *self.also)),
            lead=padded(stems(self.lead)),
            terms=BETWEEN_SECTIONS.join(
                [
                    padded(stems(f"{self.lead}\n{self.text}")),
                    *(
                        f"{padded(stems(section.title))}{AFTER_HEADING}{padded(stems(section.text))}"
                        for section in self.sections
                    ),
                ]
            ),
        )

    def words(self) -> set[str]:
        """Every word it holds."""
        headings_and_texts = [
            text for section in self.sections for text in (section.title, section.text)
        ]
        return {
            word
            for text in (self.title, *self.also, self.lead, self.text, *headings_and_texts)
            for word in words(text)
        }


def put(subject: str, subject_id: int, parts: Sequence[SearchPart]) -> None:
    """Make these the parts of a subject that can be found, in place of those before."""
    remove(subject, [subject_id])
    rows, held = [], set[str]()
    for part in parts:
        indexed = part.indexed()
        rows.append(
            SearchEntry(
                subject=subject,
                subject_id=subject_id,
                part=part.slug,
                kind=part.kind,
                title=part.title,
                lead=part.lead,
                text=part.text,
                sections=[
                    [section.place, section.title, section.text] for section in part.sections
                ],
                certainty=part.certainty,
                title_terms=indexed.title,
                lead_terms=indexed.lead,
                terms=indexed.terms,
            )
        )
        held.update(part.words())
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
    engine.erase(entries.only("pk"))
    entries.delete()


def empty() -> None:
    """Forget everything; the caller puts it all back in the same transaction."""
    engine.erase_all()
    SearchEntry.objects.all().delete()
    SearchWord.objects.all().delete()
