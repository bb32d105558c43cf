"""
A personal copy: what paper says for one child and one family, and nobody keeps.

It is part of no print option, because those are written down for each print of a clinic.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

from education.evidence.models import EvidenceItem
from education.evidence.people_studied import Child, Match
from education.handouts.labels import paper_labels
from education.handouts.typesetting import LikeYours
from education.languages import language_override

LONGEST_NOTE = 300


@dataclass(frozen=True)
class PersonalDetails:
    """A child's age and movement level, and a note of the clinic; all may be left out."""

    child: Child = field(default_factory=Child)
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.child or self.note)


def like_yours(tree: Mapping[str, Any], child: Child) -> LikeYours | None:
    """
    How far the works that a text cites included children like one, in the text's language.

    By the evidence items as they are now: the text itself stays as it was approved.
    """
    references = tree["references"]
    if not child or not references:
        return None
    keys = [reference["key"] for reference in references]
    items = EvidenceItem.objects.in_bulk(keys, field_name="key")
    language = str(tree["language"])
    with language_override(language):
        fits = {reference["n"]: child.fit(items.get(reference["key"])) for reference in references}
        counts = Counter(fit.match for fit in fits.values())
        sentence = gettext(
            "Works that this text cites: {total}. Children like yours were included by {included}, "
            "in part by {partly}; other children only by {others}; not reported by {unknown}."
        ).format(total=len(fits), **{match.value: counts[match] for match in Match})
        about = gettext(
            "A study of other children may still tell you something: ask your child’s team. These "
            "counts come from our records of the studies; the text itself is as it was reviewed."
        )
        return LikeYours(
            paper_labels(language)["like_yours"].format(child.words),
            (sentence, about),
            {number: fit.words for number, fit in fits.items()},
        )
