"""Web sources: when they were seen, what becomes of their pages, and people's word on them."""

import datetime
import time
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from education.admin.dashboard_other import web_sources
from education.articles.operations import content_hash
from education.audit.models import Event
from education.evidence import web_sources as checking
from education.evidence.models import EvidenceItem, SourceCheck, Verification
from education.handouts.printable import Printer
from education.people.models import ConflictOfInterest
from education.text.tree import plain
from tests.factories import (
    make_approved_revision,
    make_draft,
    make_item,
    make_medical_reviewer,
    make_next_publication,
    make_publication,
    make_topic,
    make_writer,
)
from tests.local_server import local_server

pytestmark = pytest.mark.django_db

HTML = {"Content-Type": "text/html; charset=utf-8"}
TODAY = datetime.date(2026, 11, 30)
SEEN = "Seen on 3 March 2026"


class Pages:
    """What stands at which path of a server: a status, headers and a body, or a title."""

    def __init__(self):
        self.answers = {}
        self.asked = []

    def answer(self, request):
        self.asked.append(request.path)
        held = self.answers.get(request.path, 404 if request.path != "/robots.txt" else "")
        if callable(held):
            held = held()
        if isinstance(held, int):
            return held, HTML, b"<title>Error</title>"
        if isinstance(held, str):
            return 200, HTML, f"<html><head><title>{held}</title>".encode()
        return held


@pytest.fixture
def pages(monkeypatch):
    monkeypatch.setattr(checking, "MAY_ASK_THIS_MACHINE", True)
    pages = Pages()
    with local_server(pages.answer) as address:
        pages.address = address
        yield pages


def source(pages=None, path="/sdr", **fields):
    """A page of a hospital that nobody has verified, at a path of the server."""
    url = f"{pages.address}{path}" if pages else "https://hospital.example/sdr"
    fields = {"csl_type": "webpage", "verified": False, "url": url} | fields
    return make_item(**fields)


def verified(item, on):
    for specialty in ("Neurology", "Neurosurgery"):
        Verification.objects.create(
            item=item,
            by=make_medical_reviewer(specialty),
            as_medical_reviewer=True,
            level="full-text",
            details_hash=item.details_hash,
            details_sequence=item.details_sequence,
            at=datetime.datetime(on.year, on.month, on.day, 12, tzinfo=datetime.UTC),
        )
    return item


def weekly():
    """Run the command; what it printed."""
    printed = StringIO()
    call_command("watch_evidence", pause=0, stdout=printed, stderr=printed)
    return printed.getvalue()


def look_at(item):
    return reverse("admin:education_evidenceitem_source", args=[item.pk])


def said_of(item, person=None):
    """What My work says of an item."""
    rows = web_sources(person or make_writer())
    return [row.why for row in rows if row.what.startswith(f"{item.key}:")]


def address_of(publication):
    return reverse("article-detail", args=[publication.slug])


def on_paper(publication):
    """The words of the references of a print."""
    printer = Printer(
        publication.content, size=11, short=False, references="full", black_and_white=False,
        site="https://portal.example", listed_at="",
    )  # fmt: skip
    (listed,) = [block for block in printer.blocks() if block.get("t") == "references"]
    return " ".join(plain(item["c"]) for item in listed["items"])


def press(client, item, **fields):
    again = timezone.localdate() + datetime.timedelta(days=30)
    shown = client.get(look_at(item)).context["form"].initial["state_seen"]
    data = {"state_seen": shown, "look_again_on": str(again)} | fields
    return client.post(look_at(item), data, follow=True)


def test_copies_say_when_a_web_source_was_seen_and_frozen_ones_stay(client):
    item = verified(source(), datetime.date(2026, 3, 3))
    first = make_publication(draft=make_draft(item.key, make_item().key))
    assert client.get(address_of(first)).content.decode().count(SEEN) == 1
    assert f"{SEEN}." in on_paper(first)
    assert f"{SEEN}." in client.get(f"/evidence/{item.key}/").content.decode()

    client.force_login(make_writer())
    press(client, item)
    client.logout()

    frozen = client.get(address_of(first)).content.decode()
    assert frozen.count(SEEN) == 1
    page = client.get(address_of(make_next_publication(first))).content.decode()
    day = timezone.localdate()
    assert f"Seen on {day.day} " in page
    assert SEEN not in page


def test_a_work_with_a_doi_is_no_web_source(client):
    item = make_item(url="https://journal.example/1", doi="10.1000/1", csl_type="webpage")
    page = client.get(address_of(make_publication(draft=make_draft(item.key))))

    assert "Seen on" not in page.content.decode()
    assert not EvidenceItem.objects.web_sources().exists()


def test_saying_that_a_source_is_unchanged_lapses_no_approval(client):
    item = verified(source(), datetime.date(2026, 3, 3))
    revision = make_approved_revision(draft=make_draft(item.key))
    before = content_hash(revision)
    client.force_login(make_writer())
    press(client, item)

    item.refresh_from_db()
    assert item.is_verified()
    assert content_hash(revision) == before


def test_the_button_is_on_record_and_sets_the_day_to_look_again(client, pages):
    item, writer = source(pages), make_writer()
    pages.answers["/sdr"] = "SDR at our hospital"
    weekly()
    client.force_login(writer)
    response = press(client, item, look_again_on="2027-01-05")

    assert "Recorded: seen today, unchanged." in response.content.decode()
    event = Event.objects.get(action="evidence_item.seen")
    assert (event.by, event.subject_id) == (writer, str(item.pk))
    assert event.data["title"] == "SDR at our hospital"
    (state,) = checking.source_states([item])
    assert (state.seen_on, str(state.due_on)) == (timezone.localdate(), "2027-01-05")


@pytest.mark.parametrize("day", ["2001-01-01", "2099-01-01", "soon", ""])
def test_a_day_that_is_none_is_refused_and_nothing_is_recorded(client, day):
    item = source()
    client.force_login(make_writer())
    response = press(client, item, look_again_on=day)

    assert "errorlist" in response.content.decode()
    assert not SourceCheck.objects.exists()


def test_a_title_that_changed_while_somebody_looked_is_not_taken_for_seen(client, pages):
    item = source(pages)
    pages.answers["/sdr"] = "SDR"
    weekly()
    client.force_login(make_writer())
    before = client.get(look_at(item)).context["form"].initial["state_seen"]
    pages.answers["/sdr"] = "Buy shoes"
    weekly()

    response = press(client, item, state_seen=before)
    assert "changed while you were looking" in response.content.decode()
    assert said_of(item) == ["Its title changed from “SDR” to “Buy shoes”."]
    press(client, item)
    assert said_of(item) == []


def test_who_has_a_stake_or_no_editorial_role_does_not_say_that_it_is_unchanged(client):
    topic, person = make_topic(), make_medical_reviewer()
    item = source(topic=topic)
    ConflictOfInterest.objects.create(person=person, topic=topic, description="Shares.")
    client.force_login(person)
    assert "has declared a conflict of interest" in client.get(look_at(item)).content.decode()
    press(client, item)

    assert not SourceCheck.objects.exists()
    assert not Event.objects.filter(action="evidence_item.seen").exists()


@pytest.mark.parametrize(
    ("fields", "months"),
    [
        ({}, 12),
        ({"csl_type": "legislation", "url": ""}, 6),
        ({"findings": [{"outcome": "cost", "option": "cells", "measure": "money",
                        "contrast": "group", "as_reported": "It costs 100."}]}, 6),
    ],
    ids=["page", "law", "price"],
)  # fmt: skip
def test_law_and_prices_are_due_after_half_a_year_the_rest_after_a_year(fields, months):
    weeks = datetime.timedelta(weeks=26 if months == 6 else 52)
    day = timezone.localdate() - weeks
    item = verified(source(**fields), day)
    assert said_of(item) == [f"Due to be seen again: last seen on {day}."]

    Verification.objects.update(at=timezone.now() - weeks + datetime.timedelta(days=2))
    assert said_of(item) == []


def test_a_page_of_a_regulator_is_due_after_half_a_year():
    day = timezone.localdate() - datetime.timedelta(weeks=26)
    assert said_of(verified(source(topic=make_topic("making-a-decision")), day))


def test_what_stands_as_it_was_asks_nobody_for_anything(client, pages):
    item = source(pages)
    pages.answers["/sdr"] = "SDR &amp; more"
    weekly()
    pages.answers["/sdr"] = "\n SDR &#38; more "
    assert weekly() == "Web sources: 1.\n"

    assert said_of(item) == []
    assert pages.asked.count("/sdr") == 2
    assert Event.objects.exclude(action__startswith="evidence_item.entered").count() == 0


def circle(pages, path):
    return 302, {"Location": f"{pages.address}{path}"}, b""


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (404, "The page is gone (404)."),
        (410, "The page is gone (410)."),
        ((302, {"Location": "/sdr"}, b""), "It leads in circles."),
        ((301, {"Location": "/"}, b""), "It leads to the front page of the site now."),
        ((302, {"Location": "http://10.0.0.1/"}, b""), "It leads into a private network."),
    ],
    ids=["gone", "gone-for-good", "circle", "front-page", "private"],
)
def test_a_dead_link_stands_in_my_work_at_once(pages, answer, reason):
    item = source(pages)
    pages.answers |= {"/sdr": answer, "/": "Welcome"}

    assert f"{item.key}: Dead since" in weekly()
    (why,) = said_of(item)
    assert why == f"Dead since {timezone.now():%Y-%m-%d}: {reason}"
    pages.answers["/sdr"] = "It is back"
    weekly()
    assert said_of(item) == []


def slow():
    time.sleep(0.3)
    return "Too late"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (500, "It answered 500."),
        (503, "It answered 503."),
        (slow, "It did not answer in time."),
        ((200, {**HTML, "Content-Length": "1000"}, b"<title>T"), "Its server answered nonsense."),
    ],
    ids=["error", "busy", "slow", "broken-off"],
)
def test_a_server_that_is_away_is_told_of_when_it_is_away_a_week_later(
    pages, settings, answer, reason
):
    item = source(pages)
    pages.answers["/sdr"] = answer
    settings.EVIDENCE_FETCH_SECONDS = 0.1
    weekly()
    assert said_of(item) == []
    check = SourceCheck.objects.get()
    assert (check.problem, check.reason) == ("no-answer", reason)

    week_ago = timezone.now() - datetime.timedelta(days=7)
    SourceCheck.objects.update(problem_since=week_ago)
    weekly()
    assert said_of(item) == [f"No answer since {week_ago:%Y-%m-%d}: {reason}"]


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_site_that_refuses_programs_is_not_called_dead(client, pages, status):
    item = source(pages)
    pages.answers["/sdr"] = status
    weekly()

    assert said_of(item) == []
    client.force_login(make_writer())
    assert f"It refuses programs ({status})." in client.get(look_at(item)).content.decode()


def test_what_robots_txt_forbids_is_not_asked_for(pages):
    rules = b"User-agent: *\nDisallow: /private/\n"
    pages.answers |= {"/robots.txt": (200, {"Content-Type": "text/plain"}, rules), "/open": "Open"}
    source(pages, "/private/1"), source(pages, "/open")
    weekly()

    assert pages.asked.count("/robots.txt") == 1
    assert "/private/1" not in pages.asked
    check = SourceCheck.objects.get(item__url__endswith="/private/1")
    assert (check.problem, check.reason) == (
        "not-read",
        "Its robots.txt asks programs not to read it.",
    )


RULES = b"User-agent: *\nDisallow: /sdr\n"


@pytest.mark.parametrize(
    ("answer", "problem", "is_asked"),
    [
        ((301, {"Location": "/rules.txt"}, b""), "not-read", False),
        ((302, {"Location": "http://10.0.0.1/"}, b""), "", True),
        ((200, {"Content-Type": "text/plain"}, b"\xef\xbb\xbf" + RULES), "not-read", False),
        ((200, HTML, b"#" * (checking.MAX_BYTES + 1)), "", True),
        (404, "", True),
        (503, "no-answer", False),
    ],
    ids=["moved", "private", "byte-order-mark", "large", "none", "fails"],
)
def test_robots_txt_is_read_as_its_standard_says(pages, answer, problem, is_asked):
    rules = (200, {"Content-Type": "text/plain"}, RULES)
    pages.answers |= {"/robots.txt": answer, "/rules.txt": rules, "/sdr": "SDR"}
    source(pages)
    weekly()

    assert SourceCheck.objects.get().problem == problem
    assert ("/sdr" in pages.asked) is is_asked


def test_a_page_on_this_machine_is_not_asked_for(pages, monkeypatch):
    monkeypatch.setattr(checking, "MAY_ASK_THIS_MACHINE", False)
    source(pages)
    weekly()

    assert pages.asked == []
    assert SourceCheck.objects.get().reason == "It leads to this machine."


def test_a_redirect_is_followed_and_the_title_is_that_of_its_end(pages):
    source(pages)
    pages.answers |= {"/sdr": (301, {"Location": "/new/sdr"}, b""), "/new/sdr": "SDR, moved"}
    weekly()

    assert SourceCheck.objects.get().title_now == "SDR, moved"


def test_an_address_with_blanks_and_letters_beside_ascii_is_asked_for(pages):
    source(pages, "/küche")
    pages.answers |= {
        "/k%C3%BCche": (301, {"Location": "/küche neu".encode().decode("latin-1")}, b""),
        "/k%C3%BCche%20neu": "Küche",
    }
    weekly()

    check = SourceCheck.objects.get()
    assert (check.problem, check.title_now) == ("", "Küche")


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        ((200, {"Content-Type": "text/html"},
          "<meta charset='iso-8859-1'><TITLE lang=x>\n Caf\xe9 </TITLE >".encode("latin-1")),
         "Caf\xe9"),
        ((200, {"Content-Type": "text/html; charset=nonsense"}, b"<title>Plain</title>"), "Plain"),
        ((200, {"Content-Type": "text/html; charset=hex"}, b"<title>Plain</title>"), "Plain"),
        ((200, HTML, b"<title>" + b"x" * 5000 + b"</title>"), "x" * 300),
        ((200, HTML, b"<title>A\0B &lt;script&gt;</title>"), "AB <script>"),
        ((200, HTML, b"<p>No title"), ""),
        ((200, HTML, b""), ""),
        ((200, {"Content-Type": "application/pdf"}, b"%PDF <title>No</title>"), ""),
        ((200, HTML, b"<title>First</title><svg><title>Second</title></svg>"), "First"),
        ((200, HTML, b"x" * (checking.MAX_BYTES + 1)), ""),
        # What no database takes, and what a search for the title's end would go through 100 000
        # times.
        ((200, {"Content-Type": "text/html; charset=utf-7"}, b"<title>A+2AA-B</title>"), "AB"),
        ((200, HTML, b"<title " * 100_000), ""),
        ((200, HTML, b"<title>" * 100_000), ""),
    ],
    ids=["latin", "charset", "no-text", "long", "odd", "none", "empty", "pdf", "two", "large",
         "surrogate", "never-named", "never-ended"],
)  # fmt: skip
def test_odd_titles_are_read_or_left_out(pages, answer, title):
    source(pages)
    pages.answers["/sdr"] = answer
    weekly()

    check = SourceCheck.objects.get()
    assert (check.problem, check.title_now) == ("", title)


def test_what_was_known_of_another_address_says_nothing_of_the_new_one(client, pages):
    item = source(pages)
    pages.answers["/sdr"], pages.answers["/new"] = "SDR", "Another title"
    weekly()
    client.force_login(make_writer())
    press(client, item)
    checking.EvidenceItem.objects.filter(pk=item.pk).update(url=f"{pages.address}/new")

    item.refresh_from_db()
    assert checking.last_seen([item]) == {}
    weekly()
    assert said_of(item) == []
    assert SourceCheck.objects.get().title_seen == "Another title"


def test_the_list_shows_web_sources_and_those_to_look_at(client, pages):
    gone, fine = source(pages, "/gone"), source(pages, "/fine")
    make_item("journal2020", verified=False)
    pages.answers["/fine"] = "Fine"
    weekly()
    client.force_login(make_writer())
    address = reverse("admin:education_evidenceitem_changelist")

    shown = client.get(address, {"web": "all"}).content.decode()
    assert (gone.key in shown, fine.key in shown, "journal2020" in shown) == (True, True, False)
    shown = client.get(address, {"web": "look"}).content.decode()
    assert (gone.key in shown, fine.key in shown) == (True, False)
