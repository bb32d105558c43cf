"""Atom feeds: what is new or changed, and what was put right or withdrawn."""

import re
from collections.abc import Iterable
from datetime import datetime, time
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext

from education import languages
from education.handouts.codes import format_code
from education.handouts.copy_check import CheckedText, public_code
from education.handouts.recall_lists import public_recalls
from education.languages import plain_date
from education.public.context import DEMONSTRATION_NOTICE
from education.public.corrections import PageChange, PublicChanges
from education.public.publications import ListEntry, entries, for_lists
from education.publishing.models import Publication

# Enough for anybody who looks once a month.
MOST_ENTRIES = 50
# What XML 1.0 can't hold.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _AtomFeed(Feed):  # type: ignore[type-arg]  # generic in the stubs only
    """
    What both feeds share. Addresses are those of ``SITE_URL``, whatever name a reader asked by, and
    an entry keeps its id for good (RFC 4151).
    """

    feed_type = Atom1Feed
    name = ""
    page = ""

    @property
    def language(self) -> str:  # type: ignore[override]  # a plain name in the stubs
        """That of the address."""
        return languages.current()

    def link(self) -> str:
        """The page for people that says the same."""
        return _absolute(reverse(self.page))

    def feed_url(self) -> str:
        """Where the feed itself is."""
        return _absolute(reverse(self.name))

    def feed_guid(self) -> str:
        """The feed's id: its address."""
        return self.feed_url()

    def feed_copyright(self) -> str:
        """The licence of the texts, as Atom's ``rights``."""
        return str(settings.CONTENT_LICENCE)

    def author_name(self) -> str:
        """Who publishes it."""
        return _writable(settings.PUBLISHER_NAME)


class NewFeed(_AtomFeed):
    """Every page that is public now, by its newest version, the newest first."""

    name, page = "feed-new", "home"

    def title(self) -> str:
        """Under what name a feed reader shows it."""
        return _writable(gettext("{}: new and changed pages").format(settings.SITE_NAME))

    def items(self) -> list[ListEntry]:
        """The pages."""
        return entries(for_lists().order_by("-goes_live_at", "-pk")[:MOST_ENTRIES])

    def item_title(self, item: ListEntry) -> str:
        """The page's title."""
        return _writable(item.publication.title)

    def item_description(self, item: ListEntry) -> str:
        """The answer in one sentence as it may be shown now, and what changed, as HTML."""
        publication = item.publication
        return _paragraphs(
            [
                item.summary,
                _led(gettext("What changed"), publication.what_changed),
                _reviewed(publication),
            ]
        )

    def item_link(self, item: ListEntry) -> str:
        """The page, which always shows its newest version."""
        return _absolute(reverse("article-detail", args=[item.publication.slug]))

    def item_guid(self, item: ListEntry) -> str:
        """One id for each version, so that a changed page is news."""
        return _tag(item.publication)

    def item_pubdate(self, item: ListEntry) -> datetime:
        """When the version went live."""
        return item.publication.goes_live_at

    item_updateddate = item_pubdate


class CorrectionsFeed(_AtomFeed):
    """What was wrong and is right now, and what was withdrawn."""

    name, page = "feed-corrections", "corrections"

    def title(self) -> str:
        """Under what name a feed reader shows it."""
        return _writable(gettext("{}: corrections").format(settings.SITE_NAME))

    def items(self) -> list[PageChange]:
        """Corrections and withdrawals, newest first."""
        return PublicChanges(only_corrections=True)[:MOST_ENTRIES]

    def item_title(self, item: PageChange) -> str:
        """What happened, to which page."""
        return _writable(f"{item.said}: {item.title}")

    def item_description(self, item: PageChange) -> str:
        """What was wrong, or why it is gone, as HTML."""
        return _paragraphs([item.words])

    def item_link(self, item: PageChange) -> str:
        """Where to see it: the words that changed, or the list of versions."""
        return _absolute(item.compared_url or item.url)

    def item_guid(self, item: PageChange) -> str:
        """One id for each thing that happened."""
        return f"{_tag(item.publication)}:{item.kind.name.lower()}"

    def item_pubdate(self, item: PageChange) -> datetime:
        """When it happened."""
        return item.at

    item_updateddate = item_pubdate


class RecallsFeed(_AtomFeed):
    """Versions of which no copy that anyone printed may be used any more."""

    name, page = "feed-recalls", "check"

    def title(self) -> str:
        """Under what name a feed reader shows it."""
        return _writable(gettext("{}: paper not to use").format(settings.SITE_NAME))

    def items(self) -> list[CheckedText]:
        """The versions, the latest cause first."""
        return public_recalls()[:MOST_ENTRIES]

    def item_title(self, item: CheckedText) -> str:
        """The text, its version and its code, as they stand on the paper."""
        publication = item.publication
        code = format_code(public_code(publication))
        title = gettext("Do not use: {}, version {}, code {}")
        return _writable(title.format(publication.title, publication.number, code))

    def item_description(self, item: CheckedText) -> str:
        """Why, and what to print instead."""
        instead = item.instead.slug if item.instead and item.instead_prints else ""
        address = _absolute(reverse("handout-detail", args=[instead])) if instead else ""
        return _paragraphs([item.why, _led(gettext("Print instead"), address)])

    def item_link(self, item: CheckedText) -> str:
        """Where the code is checked."""
        code = format_code(public_code(item.publication))
        return _absolute(reverse("check-copy", args=[code]))

    def item_guid(self, item: CheckedText) -> str:
        """One id for each version and day on which it was called back."""
        return f"{_tag(item.publication)}:recall:{item.since}"

    def item_pubdate(self, item: CheckedText) -> datetime:
        """The day from which it must not be used."""
        assert item.since is not None  # by ``public_recalls``
        return timezone.make_aware(datetime.combine(item.since, time()))

    item_updateddate = item_pubdate


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def _tag(publication: Publication) -> str:
    """A name for one version that no other thing has, wherever the page may move on the site."""
    host = urlsplit(settings.SITE_URL).hostname
    return f"tag:{host},2026:{publication.language}:{publication.slug}:{publication.number}"


def _led(lead: str, words: str) -> str:
    return f"{lead}: {words}" if words else ""


def _reviewed(publication: Publication) -> str:
    dates = gettext("Version {}, last reviewed {}.")
    return dates.format(publication.number, plain_date(publication.reviewed_on))


def _paragraphs(sentences: Iterable[str]) -> str:
    """Sentences as HTML, which is what a summary in these feeds holds."""
    paragraphs = [sentence for sentence in sentences if sentence]
    if settings.DEMO:
        paragraphs.insert(0, str(DEMONSTRATION_NOTICE))
    return format_html(
        "{}",
        format_html_join("", "<p>{}</p>", ((_writable(paragraph),) for paragraph in paragraphs)),
    )


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
