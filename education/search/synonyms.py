"""The synonyms that ship with the project."""

from collections.abc import Iterable
from pathlib import Path

from education.search.models import SynonymGroup

SHIPPED = Path(__file__).resolve().parents[1] / "content" / "synonyms.txt"


def load_synonyms(path: Path = SHIPPED) -> int:
    """Add the groups of a file where editors have none yet; how many were added."""
    if SynonymGroup.objects.exists():
        return 0
    groups = list(read_synonyms(path.read_text(encoding="utf-8").splitlines()))
    return len(SynonymGroup.objects.bulk_create([SynonymGroup(words=words) for words in groups]))


def read_synonyms(lines: Iterable[str]) -> Iterable[str]:
    """The groups of a file: one a line, without comments."""
    return (line.strip() for line in lines if line.strip() and not line.startswith("#"))
