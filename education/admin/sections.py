"""The sections of the desk, the same on every page: what a person may open, by subject."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse


@dataclass(frozen=True)
class SectionLink:
    """A page of the desk; ``model`` says who may open it, by that model's own permissions."""

    label: str
    name: str
    model: str
    query: str = ""
    adds: bool = False

    @property
    def url(self) -> str:
        """Its address."""
        return reverse(f"admin:{self.name}") + self.query


@dataclass(frozen=True)
class Section:
    """Pages that belong together; ``is_here`` while one of them, or what it leads to, is open."""

    title: str
    links: tuple[SectionLink, ...]
    is_here: bool = False
    here: str = ""  # the address of the link whose page is open


_ALL = (
    Section(
        "Texts",
        (
            SectionLink("Drafts and reviews", "education_revision_changelist", "revision"),
            SectionLink("Articles", "education_article_changelist", "article"),
            SectionLink("Begin an article", "education_article_add", "article", adds=True),
            SectionLink("Drawings", "education_drawing_changelist", "drawing"),
            SectionLink("Public versions", "education_publication_changelist", "publication"),
            SectionLink("Reports of readers", "education_report_changelist", "report"),
            SectionLink("Emergency notes", "education_emergencynote_changelist", "emergencynote"),
        ),
    ),
    Section(
        "Evidence",
        (
            SectionLink("All evidence", "education_evidenceitem_changelist", "evidenceitem"),
            SectionLink(
                "To verify",
                "education_evidenceitem_changelist",
                "evidenceitem",
                query="?verified=no",
            ),
            SectionLink("Import", "education_evidenceimport_add", "evidenceimport", adds=True),
            SectionLink("Enter by hand", "education_evidenceitem_add", "evidenceitem", adds=True),
            SectionLink(
                "New works to decide on",
                "education_evidencecandidate_changelist",
                "evidencecandidate",
            ),
            SectionLink(
                "What registers are asked",
                "education_watchquestion_changelist",
                "watchquestion",
            ),
            SectionLink("After a retraction", "education_task_changelist", "task"),
        ),
    ),
    Section(
        "People",
        (
            SectionLink("People and roles", "education_user_changelist", "user"),
            SectionLink(
                "Rights to agree to", "education_rightsproposal_changelist", "rightsproposal"
            ),
            SectionLink(
                "Credentials to agree to",
                "education_profileproposal_changelist",
                "profileproposal",
            ),
            SectionLink("Who is away", "education_absence_changelist", "absence"),
            SectionLink("Clinics", "education_clinic_changelist", "clinic"),
        ),
    ),
    Section(
        "Settings",
        (
            SectionLink("Topics", "education_topic_changelist", "topic"),
            SectionLink("Synonyms for search", "education_synonymgroup_changelist", "synonymgroup"),
            SectionLink("Mail", "education_message_changelist", "message"),
            SectionLink("Record of every step", "education_event_changelist", "event"),
        ),
    ),
)  # fmt: skip


def sections_of(app_list: Iterable[dict[str, Any]], path: str) -> list[Section]:
    """
    The sections with the pages that a person may open, each marked where it holds the open page.

    ``app_list`` is what Django's admin offers the person (``AdminSite.get_app_list``).
    """
    models = {
        model["object_name"].lower(): model for app in app_list for model in app.get("models", ())
    }
    offered = []
    for section in _ALL:
        links = tuple(
            link
            for link in section.links
            if link.model in models and (models[link.model].get("add_url") or not link.adds)
        )
        if links:
            offered.append(Section(section.title, links))
    here = _here(offered, path)
    return [
        Section(section.title, section.links, any(link.url == here for link in section.links), here)
        for section in offered
    ]


def _here(sections: Iterable[Section], path: str) -> str:
    """The link that leads to a page or, failing that, to the list it belongs to."""
    urls = [link.url for section in sections for link in section.links]
    return max((url for url in urls if path.startswith(url)), key=len, default="")
