"""
Web sources: when somebody last saw the page, when it is to be seen again, whether it still stands.

A page of a hospital or a regulator may change or go, and a law is amended. The weekly command asks
for each page and notes what it gets; it changes no evidence. That a page still says what we cite is
for people to confirm.
"""

import datetime
import html
import http.client
import re
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from django.conf import settings
from django.db.models import F, Max
from django.utils import timezone
from django.utils.encoding import iri_to_uri

from education.audit.operations import exclusive_transaction, operation, record
from education.errors import EditorialError, StaleError
from education.evidence.formats.record import line_of_text
from education.evidence.identifiers import normalised_title
from education.evidence.models import (
    WEB_TYPES,
    EvidenceItem,
    Finding,
    SourceCheck,
    Verification,
)
from education.evidence.rules import VERIFYING
from education.evidence.shipped_evidence import TOPIC_OF
from education.evidence.web import SECONDS_FOR_A_STEP, SECONDS_IN_ALL, user_agent
from education.http_client import (
    ClientResponse,
    PrivateAddressError,
    TooLargeError,
    ask,
    is_this_machine,
)
from education.people.models import User
from education.people.rules import conflicts_on

# After this somebody looks at a page again, unless they choose another day: what is law and what
# something costs change more often than the rest.
LAW_AND_PRICE = datetime.timedelta(weeks=26)
OTHERS = datetime.timedelta(weeks=52)
# No day that is chosen lies further ahead.
LONGEST = datetime.timedelta(weeks=104)

# A server that is away when the command asks may be back the week after.
TOLD_AFTER = datetime.timedelta(days=6)
MAX_BYTES = 2 * 1024 * 1024
MAX_REDIRECTS = 5
# Tests ask a server on this machine; nobody else may.
MAY_ASK_THIS_MACHINE = False
_GONE = {404, 410}
_REFUSES_PROGRAMS = {401, 403, 405, 406, 429, 451}
_REDIRECTS = {301, 302, 303, 307, 308}
# Neither part runs on past the next "<": a page of many titles that never end takes no longer.
_TITLE = re.compile(r"<title\b[^<>]*>([^<]*)", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)

Problem = SourceCheck.Problem


class MayNotSayItIsUnchangedError(EditorialError):
    """The person may not say that a source is as it was, or it is no web source."""


# When it was seen, and when it is to be seen again


def last_seen(items: Iterable[EvidenceItem]) -> dict[int, datetime.date]:
    """
    When somebody last saw each web source among the items, by primary key: by verifying the details
    that it has now, or by saying that it is unchanged. Two queries, none without a web source.
    """
    web = [item.pk for item in items if is_web_source(item)]
    if not web:
        return {}
    verified = Verification.objects.filter(
        item__in=web,
        details_hash=F("item__details_hash"),
        details_sequence=F("item__details_sequence"),
    )
    if not settings.DEMO:  # nobody stands behind what these accounts say
        verified = verified.filter(by__made_for_demonstration=False)
    moments = verified.order_by().values_list("item").annotate(Max("at"))
    seen = {pk: timezone.localdate(moment) for pk, moment in moments}
    for check in SourceCheck.objects.filter(item__in=web, address=F("item__url")):
        days = [day for day in (seen.get(check.item_id), check.seen_on) if day]
        if days:
            seen[check.item_id] = max(days)
    return seen


def is_web_source(item: EvidenceItem) -> bool:
    """Whether only an address leads to a work, or it is a law or a page without one."""
    if item.doi or item.pmid or item.pmcid or not item.usable:
        return False
    return bool(item.url) or item.csl_type in WEB_TYPES


def seen_again_after(item: EvidenceItem) -> datetime.timedelta:
    """How long after somebody saw a source it is to be seen again."""
    is_law = item.csl_type == "legislation" or (
        item.topic is not None and item.topic.slug == TOPIC_OF["regulation"]
    )
    tells_price = any(finding.outcome == Finding.Outcome.COST for finding in item.found.all())
    return LAW_AND_PRICE if is_law or tells_price else OTHERS


@dataclass(frozen=True)
class SourceState:
    """What is known of one web source today."""

    item: EvidenceItem
    check: SourceCheck | None
    seen_on: datetime.date | None

    @property
    def due_on(self) -> datetime.date | None:
        """When it is to be seen again; of what nobody has seen yet, verification asks."""
        if self.seen_on is None:
            return None
        if self.check and self.check.seen_on == self.seen_on and self.check.look_again_on:
            return self.check.look_again_on
        return self.seen_on + seen_again_after(self.item)

    @property
    def is_due(self) -> bool:
        """Whether somebody should look at it again by today."""
        return self.due_on is not None and self.due_on <= timezone.localdate()

    @property
    def what_is_wrong(self) -> list[str]:
        """What somebody should look at, as sentences; nothing where all is as it was."""
        return [sentence for sentence in (self._problem, self._title, self._due) if sentence]

    @property
    def _problem(self) -> str:
        check = self.check
        if check is None or not check.problem_since:
            return ""
        if check.problem == Problem.DEAD:
            return f"Dead since {check.problem_since:%Y-%m-%d}: {check.reason}"
        is_told = (check.asked_at or check.problem_since) - check.problem_since >= TOLD_AFTER
        if check.problem == Problem.NO_ANSWER and is_told:
            return f"No answer since {check.problem_since:%Y-%m-%d}: {check.reason}"
        return ""

    @property
    def _title(self) -> str:
        check = self.check
        if check is None or not check.title_now or not check.title_seen:
            return ""
        if normalised_title(check.title_now) == normalised_title(check.title_seen):
            return ""
        return f"Its title changed from “{check.title_seen}” to “{check.title_now}”."

    @property
    def _due(self) -> str:
        if not self.is_due:
            return ""
        return f"Due to be seen again: last seen on {self.seen_on:%Y-%m-%d}."


def source_states(items: Collection[EvidenceItem]) -> list[SourceState]:
    """How each web source among the items stands, in their order."""
    web = [item for item in items if is_web_source(item)]
    seen = last_seen(web)
    checks = {
        check.item_id: check
        for check in SourceCheck.objects.filter(item__in=web, address=F("item__url"))
    }
    return [SourceState(item, checks.get(item.pk), seen.get(item.pk)) for item in web]


def all_source_states() -> list[SourceState]:
    """How every web source stands, by its key."""
    items = EvidenceItem.objects.web_sources().select_related("topic__parent")
    return source_states(items.prefetch_related("found"))


def reasons_against_saying_unchanged(person: User, item: EvidenceItem) -> list[str]:
    """Every reason why this person may not say that a source is as it was, as sentences."""
    reasons = []
    if not is_web_source(item):
        reasons.append(f"{item.key} is no web source.")
    if not person.is_active or not person.roles & VERIFYING:
        reasons.append("Saying that a source is unchanged needs an editorial role.")
    return reasons + (conflicts_on(person, item.topic) if item.topic else [])


@operation
def say_unchanged(
    *, item: EvidenceItem, by: User, look_again_on: datetime.date, state_seen: str
) -> SourceCheck:
    """
    Record that a person saw a web source today and that it says what we cite.

    ``state_seen`` is the ``state_of`` that they had before them. The title that the page has now is
    the one that later ones are compared with. Raises ``MayNotSayItIsUnchangedError`` and
    ``StaleError``.
    """
    item = EvidenceItem.objects.select_related("topic__parent").get(pk=item.pk)
    if reasons := reasons_against_saying_unchanged(by, item):
        raise MayNotSayItIsUnchangedError(" ".join(reasons))
    if state_seen != state_of(item):
        raise StaleError(
            f"What is known of {item.key} changed while you were looking. Nothing was recorded; "
            "please look again."
        )
    check = _check_of(item)
    check.seen_on, check.seen_by = timezone.localdate(), by
    check.look_again_on = look_again_on
    check.title_seen = check.title_now
    check.problem, check.reason, check.problem_since = "", "", None
    check.full_clean()
    check.save()
    record(
        "evidence_item.seen",
        item,
        by=by,
        address=item.url,
        title=check.title_seen,
        look_again_on=look_again_on.isoformat(),
    )
    return check


def state_of(item: EvidenceItem) -> str:
    """Which state of a source a person looked at: its details, and what its page was called."""
    check = SourceCheck.objects.filter(item=item, address=item.url).first()
    return f"{item.details_state} {check.title_now if check else ''}"


# What the weekly command gets


@dataclass(frozen=True)
class PageAnswer:
    """What came of asking for a page: its title, or what was wrong and why."""

    title: str = ""
    problem: str = ""
    reason: str = ""


class PageReader:
    """Asks for pages; reads the robots.txt of each server once."""

    def __init__(self) -> None:
        self._robots: dict[str, RobotFileParser] = {}

    def read(self, address: str) -> PageAnswer:
        """Ask for a page, following redirects; never raises for what a server does."""
        try:
            return self._followed(iri_to_uri(address))
        except TooLargeError:
            return PageAnswer()  # it is there; a title so far down is none
        except PrivateAddressError:
            return PageAnswer(problem=Problem.DEAD, reason="It leads into a private network.")
        except (OSError, http.client.HTTPException, ValueError) as problem:
            reason = "Its server answered nonsense."
            if isinstance(problem, OSError):
                reason = "Its server can’t be reached."
            if isinstance(problem, TimeoutError):
                reason = "It did not answer in time."
            return PageAnswer(problem=Problem.NO_ANSWER, reason=reason)

    def _followed(self, address: str) -> PageAnswer:
        url = address
        for _ in range(MAX_REDIRECTS + 1):
            if reason := _reason_against(url) or self._forbidden(url):
                return PageAnswer(problem=Problem.NOT_READ, reason=reason)
            answer = _get(url)
            if answer.status not in _REDIRECTS:
                return _judged(address, url, answer)
            url = _redirected(url, answer)
        return PageAnswer(problem=Problem.DEAD, reason="It leads in circles.")

    def _forbidden(self, url: str) -> str:
        """Why the robots.txt of its server keeps programs from a page; empty if it does not."""
        target = urlsplit(url)
        origin = f"{target.scheme}://{target.netloc}"
        if origin not in self._robots:
            self._robots[origin] = _robots_of(origin)
        if not self._robots[origin].can_fetch(user_agent(), url):
            return "Its robots.txt asks programs not to read it."
        return ""


def check_pages(pause: float = 0) -> list[SourceState]:
    """
    Ask for the page of every web source that has an address, and keep what came of it.

    What people said of a source stays, and so does the title that theirs is compared with. Returns
    how each source stands afterwards. Never called inside a transaction.
    """
    reader = PageReader()
    answers: dict[tuple[int, str], PageAnswer] = {}
    for item in EvidenceItem.objects.web_sources().exclude(url=""):
        time.sleep(pause if answers else 0)
        answers[item.pk, item.url] = reader.read(item.url)
    now = timezone.now()
    with exclusive_transaction():
        for item in EvidenceItem.objects.filter(pk__in=[pk for pk, _ in answers]):
            if answer := answers.get((item.pk, item.url)):
                _note(_check_of(item), answer, now)
    return all_source_states()


def _note(check: SourceCheck, answer: PageAnswer, now: datetime.datetime) -> None:
    if not answer.problem:
        check.problem_since = None
    elif check.problem != answer.problem:
        check.problem_since = now
    check.asked_at, check.problem, check.reason = now, answer.problem, answer.reason
    if answer.title:
        check.title_now = answer.title
        check.title_seen = check.title_seen or answer.title
    check.save()


def _check_of(item: EvidenceItem) -> SourceCheck:
    """What is known of an item's page; nothing of another address that it had before."""
    check = SourceCheck.objects.filter(item=item).first()
    if check and check.address == item.url:
        return check
    return SourceCheck(pk=check.pk if check else None, item=item, address=item.url)


def _get(url: str) -> ClientResponse:
    return ask(
        url,
        headers={"Accept": "text/html, */*;q=0.5", "User-Agent": user_agent()},
        seconds=float(getattr(settings, "EVIDENCE_FETCH_SECONDS", SECONDS_FOR_A_STEP)),
        seconds_in_all=SECONDS_IN_ALL,
        max_bytes=MAX_BYTES,
        public_only=True,
    )


def _reason_against(url: str) -> str:
    """Why an address is never asked for; empty when it may be."""
    target = urlsplit(url)
    if target.scheme not in {"http", "https"} or not target.hostname:
        return "It leads to no page of the web."
    if is_this_machine(target) and not MAY_ASK_THIS_MACHINE:
        return "It leads to this machine."
    return ""


def _robots_of(origin: str) -> RobotFileParser:
    """
    The rules of a server for programs, as RFC 9309 reads them: none where it has no such file, and
    redirects are followed. Where the server fails, nothing of it may be asked for (2.3.1.4): raises
    ``OSError``.
    """
    robots = RobotFileParser()
    url = f"{origin}/robots.txt"
    for _ in range(MAX_REDIRECTS + 1):
        if _reason_against(url):
            break
        try:
            answer = _get(url)
        except (TooLargeError, PrivateAddressError):
            break
        if answer.status == 200:
            robots.parse(answer.body.decode("utf-8-sig", "replace").splitlines())
            return robots
        if answer.status >= 500:
            raise ConnectionError(f"{url} answered {answer.status}.")
        if answer.status not in _REDIRECTS:
            break
        url = _redirected(url, answer)
    robots.parse([])
    return robots


def _redirected(url: str, answer: ClientResponse) -> str:
    """Where an answer leads. Servers write blanks and UTF-8 there, which is read as Latin-1."""
    location = answer.headers.get("Location", "").encode("latin-1", "replace")
    return urljoin(url, iri_to_uri(location.decode("utf-8", "replace")))


def _judged(address: str, url: str, answer: ClientResponse) -> PageAnswer:
    if answer.status in _GONE:
        return PageAnswer(problem=Problem.DEAD, reason=f"The page is gone ({answer.status}).")
    if answer.status in _REFUSES_PROGRAMS:
        reason = f"It refuses programs ({answer.status})."
        return PageAnswer(problem=Problem.NOT_READ, reason=reason)
    if answer.status != 200:
        return PageAnswer(problem=Problem.NO_ANSWER, reason=f"It answered {answer.status}.")
    asked, came = urlsplit(address), urlsplit(url)
    if came.path in {"", "/"} and not came.query and (asked.path not in {"", "/"} or asked.query):
        reason = "It leads to the front page of the site now."
        return PageAnswer(problem=Problem.DEAD, reason=reason)
    return PageAnswer(title=_title_of(answer))


def _title_of(answer: ClientResponse) -> str:
    """The title of an HTML page on one line; empty where there is none."""
    if answer.headers.get_content_type() not in {"text/html", "application/xhtml+xml"}:
        return ""
    named = _CHARSET.search(answer.body[:4096])
    charset = answer.headers.get_content_charset() or (named[1].decode() if named else "utf-8")
    try:
        page = answer.body.decode(charset, "replace")
    except LookupError:
        page = answer.body.decode("utf-8", "replace")
    match = _TITLE.search(page)
    return line_of_text(html.unescape(match[1]))[:300] if match else ""
