"""Readers report a problem and say whether a page was clear: from our pages alone."""

import time
from datetime import timedelta

import pytest
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from education.feedback.models import Clarity, Report
from education.feedback.operations import answer_report, blank_report
from education.feedback.rules import MOST_REPORTS_OF_ONE
from education.handouts.codes import format_code
from education.public import form_protection
from education.public.form_protection import AGAIN
from education.publishing.operations import withdraw
from tests.factories import make_article, make_draft, make_editor, make_item, make_publication
from tests.feedback.reports import make_report
from tests.public.reading import read

pytestmark = pytest.mark.django_db

FROM_HERE = {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "same-origin"}


def stamped(publication, seconds_ago=60, salt=form_protection.SALT):
    """A stamp as it was given out some time ago."""
    now = time.time
    signer = signing.TimestampSigner(salt=salt)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", lambda: now() - seconds_ago)
        return signer.sign_object([str(publication.pk), f"form-{seconds_ago}"])


@pytest.fixture
def page():
    item = make_item("sun2022")
    draft = make_draft(item.key, body=f"## What was found\n\nIt helped [@{item.key}].\n")
    return make_publication(article=make_article(slug="page"), draft=draft)


def told(page, **changes):
    return {
        "kind": "wrong",
        "words": "The number is wrong.",
        "section": "what-was-found",
        "stamp": stamped(page),
        "website": "",
    } | changes


def send(client, page, headers=FROM_HERE, **changes):
    return client.post(reverse("report-page", args=["page"]), told(page, **changes), **headers)


# The form


def test_a_report_gets_a_number_under_which_the_answer_appears(client, page):
    response = send(client, page)

    report = Report.objects.get()
    assert (report.kind, report.words, report.section_title) == (
        "wrong", "The number is wrong.", "What was found",
    )  # fmt: skip
    address = reverse("report", args=[format_code(report.number)])
    assert response.headers["Location"] == address
    assert "We have your report" in read(client, address).text

    answer_report(report=report, words="We mended it.", by=make_editor(), outcome="changed")
    shown = read(client, address).text
    assert "We changed the page" in shown
    assert "We mended it." in shown


def test_the_form_offers_the_parts_of_the_page_and_begins_where_the_reader_was(client, page):
    address = reverse("report-page", args=["page"])
    form = read(client, f"{address}?section=what-was-found&kind=unclear")

    options = form.all("option")
    assert [each["value"] for each in options][:2] == ["", "what-was-found"]
    assert [each["value"] for each in options if "selected" in each] == ["what-was-found"]
    assert [each["value"] for each in form.all("input") if "checked" in each] == ["unclear"]
    places = read(client, reverse("article-detail", args=["page"])).ids
    assert {each["value"] for each in options} - {""} <= set(places)


def test_no_page_of_reports_sets_a_cookie_or_may_be_kept(client, page):
    report = make_report(page)
    answers = [
        client.get(reverse("report-page", args=["page"])),
        send(client, page),
        client.get(reverse("clear", args=["page"])),
        client.get(reverse("find-report")),
        client.get(reverse("report", args=[format_code(report.number)])),
    ]
    for response in answers:
        assert not response.cookies
        assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_ORIGIN": "https://elsewhere.example"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "same-site"},
        {"HTTP_REFERER": "https://elsewhere.example/testserver/"},
        {"HTTP_ORIGIN": "http://[testserver"},
    ],
)
def test_a_report_from_elsewhere_is_refused_and_its_words_kept(client, page, headers):
    response = send(client, page, headers=headers)

    assert response.status_code == 400
    assert "The number is wrong." in response.content.decode()
    assert not Report.objects.exists()
    clear = client.post(reverse("clear", args=["page"]), {"clear": "yes"}, **headers)
    assert clear.status_code == 400
    assert not Clarity.objects.exists()


def test_an_old_browser_that_names_only_the_page_is_heard(client, page):
    response = send(client, page, headers={"HTTP_REFERER": "http://testserver/articles/page/"})

    assert response.status_code == 302


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"words": "  "}, "Say in a few words"),
        ({"kind": ""}, "Choose what it is about."),
        ({"kind": "nonsense"}, "Select a valid choice"),
        ({"section": "nowhere"}, "Select a valid choice"),
        ({"words": "x" * 4_001}, "at most 4000 characters"),
        ({"website": "https://spam.example"}, "a program had filled it in"),
        ({"stamp": "nonsense"}, "We did not give out this form"),
        ({"stamp": ""}, "We did not give out this form"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_taken(client, page, changes, says):
    response = send(client, page, **changes)

    assert response.status_code == 400
    assert says in response.content.decode()
    assert not Report.objects.exists()


def test_the_form_says_when_an_answer_is_due_and_one_sent_at_once_is_taken(client, page):
    form = client.get(reverse("report-page", args=[page.slug]))
    assert "The answer is due within 14 days." in form.content.decode()

    response = send(client, page, stamp=form.context["form"]["stamp"].value())

    assert response.status_code == 302
    report = Report.objects.get()
    assert report.due_on == timezone.localdate() + timedelta(days=14)


def test_a_form_sent_after_a_day_is_refused_and_its_words_kept(client, page):
    response = send(client, page, stamp=stamped(page, 100_000))

    html = response.content.decode()
    assert response.status_code == 400
    assert "a day" in html
    assert str(AGAIN) in html
    assert "The number is wrong." in html
    assert not Report.objects.exists()


def test_an_old_form_comes_back_with_a_stamp_that_can_be_used(client, page):
    response = send(client, page, stamp=stamped(page, 100_000))

    form = response.context["form"]
    signer = signing.TimestampSigner(salt=form_protection.SALT)
    assert signer.unsign_object(form["stamp"].value(), max_age=60)[0] == str(page.pk)


def test_a_stamp_of_something_else_is_not_taken(client, page):
    other = make_publication()
    assert send(client, page, stamp=stamped(page, salt="other")).status_code == 400
    assert send(client, page, stamp=stamped(other)).status_code == 404
    assert not Report.objects.exists()


def test_the_same_form_sent_twice_is_one_report(client, page):
    first, second = send(client, page), send(client, page)

    assert first.headers["Location"] == second.headers["Location"]
    assert Report.objects.count() == 1


def test_a_flood_is_refused_and_its_words_kept(client, page):
    for number in range(MOST_REPORTS_OF_ONE):
        send(client, page, stamp=stamped(page, 60 + number))
    response = send(client, page, stamp=stamped(page, 500))

    assert response.status_code == 400
    assert "from your connection today" in response.content.decode()
    assert "The number is wrong." in response.content.decode()
    assert Report.objects.count() == MOST_REPORTS_OF_ONE


def test_line_ends_count_as_the_browser_counts_them(client, page):
    words = "\r\n".join(["x" * 39] * 100)  # 3,999 characters on the page; the browser sends CRLF

    send(client, page, words=words)

    assert Report.objects.get().words == words.replace("\r\n", "\n")
    assert "4000" in send(client, page, words="x\r\n" * 2001).content.decode()


def test_a_page_that_is_not_public_takes_no_report(client, page):
    withdraw(publication=page, reason="It is wrong.", by=make_editor())

    assert client.get(reverse("report-page", args=["page"])).status_code == 404
    assert send(client, page).status_code == 404
    assert client.get(reverse("report-page", args=["never"])).status_code == 404


# The answer


def test_a_report_is_found_by_its_number_however_it_is_typed(client, page):
    code = format_code(make_report(page).number)
    for typed in (code, code.lower(), code.replace("-", " ")):
        response = client.get(reverse("find-report"), {"number": typed})
        assert response.headers["Location"] == reverse("report", args=[code])


@pytest.mark.parametrize("typed", ["7F3-K9Q-2MF", "nonsense", "<script>", "7" * 300])
def test_a_number_that_is_none_says_so(client, typed):
    asked = client.get(reverse("find-report"), {"number": typed}, follow=True)

    html = asked.content.decode()
    assert "We have no report with the number" in html
    assert "<script>" not in html.partition("<main")[2].partition("</main")[0]


def test_words_that_were_taken_away_are_shown_to_nobody(client, page):
    report = make_report(page, words="My child Private Name")
    blank_report(report=report, by=make_editor())

    shown = read(client, reverse("report", args=[format_code(report.number)])).text
    assert "Private Name" not in shown
    assert "We no longer keep your words." in shown


# Was this clear?


def test_an_article_asks_whether_it_was_clear_and_counts_once(client, page):
    article = read(client, reverse("article-detail", args=["page"]))
    assert reverse("clear", args=["page"]) in [form.get("action") for form in article.all("form")]

    for answer in ("yes", "no"):
        response = client.post(reverse("clear", args=["page"]), {"clear": answer}, **FROM_HERE)
        assert response.status_code == 302
    clarity = Clarity.objects.get()
    assert (clarity.clear, clarity.unclear) == (1, 0)


def test_who_found_it_unclear_is_asked_what(client, page):
    response = client.post(
        reverse("clear", args=["page"]), {"clear": "no"}, follow=True, **FROM_HERE
    )
    assert f"{reverse('report-page', args=['page'])}?kind=unclear" in response.content.decode()


def test_an_answer_that_is_none_is_not_counted(client, page):
    response = client.post(reverse("clear", args=["page"]), {"clear": "maybe"}, **FROM_HERE)

    assert response.status_code == 400
    assert not Clarity.objects.exists()
