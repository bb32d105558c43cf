"""What a record that comes in says became of a work: by its title, or by its registry's update."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from education.evidence.identifiers import normalise_doi
from education.evidence.models import StatusEvent

Status = StatusEvent.Status

# What publishers and databases write before the title of a work that fell (COPE, Retraction
# Guidelines; the titles of PubMed and of the large publishers).
_BEFORE = re.compile(
    r"\s*[\[(]?\s*(?P<kind>retracted|withdrawn|(?:temporary )?removal|removed|"
    r"expression of concern)(?: article| paper)?\s*(?:[:\])]|\s[-–—]\s)[\])\s:–—-]*(?P<title>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
# A notice is a work of its own, about another.
_NOTICE = re.compile(
    r"\s*[\[(]?\s*(?P<kind>(?:partial )?retraction|withdrawal|expression of concern)"
    r"(?:\s+(?:notice|note|statement))?\s*(?:(?:to|of|for|on|in)\s*:?|:)\s*[“”\"'‘«[]*"
    r"(?P<title>\S.*?)[“”\"'’»\].]*\s*",
    re.IGNORECASE | re.DOTALL,
)


class News(NamedTuple):
    """What is said of a work: its new status, in whose words, and the notice that says so."""

    status: str
    kind: str
    notice_doi: str = ""


def bare_title(title: str) -> str:
    """A title without what was written before it when the work fell."""
    match = _BEFORE.fullmatch(title)
    return match["title"] if match else title


def said_by_title(title: str) -> News | None:
    """What the title of a work says of it."""
    match = _BEFORE.fullmatch(title)
    return _news(match["kind"]) if match and not notice_about(title) else None


def notice_about(title: str) -> str:
    """The title of the work that a notice takes back; empty when it is no notice."""
    match = _NOTICE.fullmatch(title)
    is_quoted = bool(re.search(r"[“\"‘«]", title))
    if not match or (match["kind"].lower() == "expression of concern" and not is_quoted):
        return ""
    return match["title"]


def said_by_notice(title: str) -> News | None:
    """What a notice says of the work that it is about."""
    match = _NOTICE.fullmatch(title)
    return _news(match["kind"]) if match else None


def said_by_registry(updates: Any) -> list[News]:
    """What Crossref's ``updated-by`` says: retractions and concerns, with their notices."""
    notices = []
    for entry in updates if isinstance(updates, list) else []:
        if not isinstance(entry, Mapping):
            continue
        kind = re.sub(r"[-_\s]+", " ", str(entry.get("type") or "")).strip().lower()
        if re.fullmatch(r"(?:partial )?retraction|withdrawal|removal|expression of concern", kind):
            notices.append(
                _news(kind)._replace(notice_doi=normalise_doi(str(entry.get("DOI") or "")))
            )
    return notices


def _news(kind: str) -> News:
    kind = " ".join(kind.lower().split())
    status = Status.CONCERN if "concern" in kind else Status.RETRACTED
    return News(status.value, kind)
