"""Pages about the site itself, as search finds them: they are no publications and have no entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from education.search.operations import SearchPart
from education.search.ranking import IndexedText

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True)
class SitePage:
    """A page by its view: what readers call it, what they find there, what else they may type."""

    view: str
    title: "StrPromise"
    summary: "StrPromise"
    words: str

    @property
    def url(self) -> str:
        """Its address in the language of the moment; empty where this site has no such page."""
        try:
            return reverse(self.view)
        except NoReverseMatch:
            return ""

    def indexed(self) -> IndexedText:
        """What search looks through, in the language of the moment."""
        return SearchPart("site", str(self.title), str(self.summary), self.words).indexed()


_PAGES = (
    SitePage(
        "privacy", _("Privacy"),
        _("What we know about you, which is nearly nothing, and how long we keep what you send."),
        "personal data, data protection, GDPR, cookies, cookie, tracking, track, delete my "
        "data",
    ),
    SitePage(
        "about", _("About and contact"),
        _("Who publishes this site, whom it is for, and how to reach us."),
        "contact you, contact us, email, phone, telephone, write to you, reach you, address, "
        "who are you, who runs this site, publisher, imprint, impressum, website, team "
        "behind, owner, legal notice, complaint, feedback, contacto, 联系",
    ),
    SitePage(
        "imprint", _("Imprint"), _("Who is responsible for this site."),
        "imprint, impressum, legal notice, responsible, publisher, owner",
    ),
    SitePage(
        "disclaimer", _("Disclaimer"), _("What these pages can and can’t do for you."),
        "disclaimer, medical advice, liability, emergency",
    ),
    SitePage(
        "accessibility", _("Accessibility"), _("How this site can be used by everybody."),
        "accessibility, screen reader, large text, contrast, disabled users, keyboard",
    ),
    SitePage(
        "how-we-review", _("How we review"),
        _("How pages are written and checked, and who pays for this site."),
        "who pays for this site, who pays for this website, who funds this site, who funds "
        "you, funding of this site, sponsor, sponsors, sponsored, advertising, advertisement, "
        "ads, money and interests, are you paid, paid by clinics, can I trust this site, "
        "trust you, reliable, checked, sources, fact checked, website, what do the dots mean, "
        "four dots",
    ),
    SitePage(
        "people", _("People and interests"),
        _("Who wrote and reviewed the pages, and what interests they have declared."),
        "authors, author, who wrote this, who wrote this site, written by, writers, "
        "reviewers, doctors, experts, conflicts of interest, conflict of interest, "
        "disclosure, are you paid by clinics",
    ),
    SitePage(
        "corrections", _("Corrections and changes"),
        _("What we got wrong, what changed, and which pages were withdrawn."),
        "correction, corrected, mistakes, errors, changed, updates, news, withdrawn, "
        "retracted pages",
    ),
    SitePage(
        "find-report", _("What became of your report"),
        _("Report a mistake on the page that has it; here you see what became of a report."),
        "report a mistake, report an error, report a problem, report mistake, report error, "
        "problem with a page, wrong information, something is wrong, complain, complaint, my "
        "report, report",
    ),
    SitePage(
        "handout-list", _("Handouts to print"),
        _("Every page as a handout: to print, or to keep as a PDF."),
        "print, printing, print a page, printable, printed version, download, PDF, paper, "
        "leaflet, brochure, flyer, handout, give to, take with us, print for my child, imprimir, "
        "打印",
    ),
    SitePage(
        "check", _("Check a printed copy"),
        _("Type the code on a handout: is it still up to date?"),
        "printed copy, printed leaflet, printed handout, code on paper, QR code, still up to "
        "date, out of date, old copy, valid, current version, check a copy, is my paper still "
        "good, is this paper still good, check a paper",
    ),
    SitePage(
        "glossary", _("Words explained"), _("Medical words in plain language."),
        "glossary, dictionary, medical words, meaning of words, definitions, terms, "
        "vocabulary",
    ),
    SitePage(
        "evidence-list", _("Evidence library"),
        _("Every study that these pages rest on, with its limits."),
        "evidence, research, papers, literature, references, sources, all studies, list of "
        "studies",
    ),
    SitePage(
        "integrators", _("For record systems and other sites"),
        _("How other software asks for our pages."),
        "API, developers, embed, FHIR, HL7, infobutton, electronic health record, integration",
    ),
)  # fmt: skip


def site_pages() -> Sequence[tuple[SitePage, IndexedText]]:
    """The pages about the site itself that this site has."""
    return _in_language(get_language() or "")


@cache
def _in_language(language: str) -> Sequence[tuple[SitePage, IndexedText]]:
    return [(page, page.indexed()) for page in _PAGES if page.url]
