"""Who is away is not asked or reminded; whoever asks is told so, and the substitute is told."""

import datetime
import re

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from education.articles.models import Article
from education.audit.models import Event
from education.people.absences import absence_on, plan_absence, reachable
from education.people.models import Absence, Message, Role, User
from education.review.assignments import candidates
from education.review.models import Assignment
from tests.factories import (
    make_article,
    make_editor,
    make_medical_reviewer,
    make_person,
    make_plain_language_reviewer,
    make_publication,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)


def away(person, days=9, substitute=None, by=None):
    return plan_absence(
        person=person, first_day=TODAY, last_day=TODAY + days * DAY, substitute=substitute,
        by=by or person,
    )  # fmt: skip


def record(client, by, person, last_day, substitute=""):
    client.force_login(by)
    page = reverse("admin:education_absence_add")
    sent = {"person": person.pk, "first_day": TODAY, "last_day": last_day, "substitute": substitute}
    return client.post(page, sent, follow=True).content.decode()


def ask(client, revision, reviewer, due_on):
    client.force_login(make_writer())
    page = reverse("admin:education_revision_assign", args=[revision.pk])
    sent = {"reviewers": [f"medical:{reviewer.pk}"], "due_on": due_on}
    return client.post(page, sent, follow=True).content.decode()


def test_one_records_ones_own_absence_and_ends_it(client):
    reviewer, substitute = make_medical_reviewer(), make_medical_reviewer("Neurosurgery")
    record(client, reviewer, reviewer, TODAY + 9 * DAY, substitute.pk)
    absence = Absence.objects.get()
    assert (absence.person, absence.substitute, absence.recorded_by) == (
        reviewer, substitute, reviewer,
    )  # fmt: skip
    assert Event.objects.get(action="absence.planned").data["substitute"] == str(substitute)

    page = reverse("admin:education_absence_change", args=[absence.pk])
    assert "End this absence" in client.get(page).content.decode()
    end = reverse("admin:education_absence_end", args=[absence.pk])
    client.force_login(make_writer())
    assert "looks after accounts" in client.post(end, follow=True).content.decode()
    client.force_login(make_person())
    refused = client.post(end, follow=True)
    assert refused.status_code == 403
    assert str(reviewer) not in refused.content.decode()
    client.force_login(reviewer)
    client.post(end)
    client.post(end)
    absence.refresh_from_db()
    assert absence.ended_at
    assert Event.objects.filter(action="absence.ended").count() == 1


def test_who_may_record_whose(client):
    reviewer = make_medical_reviewer()
    assert "Select a valid choice" in record(client, make_writer(), reviewer, TODAY)
    assert not Absence.objects.exists()
    record(client, make_editor(), reviewer, TODAY)
    record(client, make_person(is_superuser=True), reviewer, TODAY)
    assert Absence.objects.filter(person=reviewer).count() == 2


def test_what_makes_no_sense_is_refused_beside_its_field(client):
    reviewer = make_medical_reviewer()
    assert "This day has passed." in record(client, reviewer, reviewer, TODAY - DAY)
    refused = record(client, reviewer, reviewer, TODAY, reviewer.pk)
    assert "Nobody stands in for themselves." in refused
    for last_day in (TODAY + 367 * DAY, datetime.date.max):
        assert "lasts a year at most" in record(client, reviewer, reviewer, last_day)
    assert not Absence.objects.exists()


def test_whom_others_record_or_bring_back_is_told_and_so_is_the_substitute(client):
    reviewer = make_medical_reviewer(email="reviewer@example.org")
    substitute = make_medical_reviewer(email="substitute@example.org")
    record(client, make_editor(), reviewer, TODAY + 9 * DAY, substitute.pk)
    told = {mail.to: mail.subject for mail in Message.objects.all()}
    assert set(told) == {reviewer, substitute}
    assert "recorded that you are away" in told[reviewer]
    assert told[substitute] == f"You stand in for {reviewer}"

    Message.objects.all().delete()
    client.force_login(reviewer)
    client.post(reverse("admin:education_absence_end", args=[Absence.objects.get().pk]))
    assert {mail.to for mail in Message.objects.all()} == {substitute}


def test_asking_somebody_who_is_away_says_so_and_names_the_substitute(client):
    revision = make_revision_in_review()
    reviewer, substitute = make_medical_reviewer(), make_medical_reviewer("Neurosurgery")
    away(reviewer, 9, substitute)

    told = ask(client, revision, reviewer, TODAY + 5 * DAY)
    assert told.count(f"{reviewer} is away until") == 2  # in the list, and why it was refused
    assert f"{substitute} stands in." in told
    assert not Assignment.objects.exists()

    # Back before the day: they can be asked.
    ask(client, revision, reviewer, TODAY + 14 * DAY)
    assert Assignment.objects.get().reviewer == reviewer
    client.force_login(make_editor())
    pool = client.get(reverse("admin:education_revision_reviewers", args=[revision.pk]))
    assert f"{reviewer}, Paediatric neurology; away until" in pool.content.decode()


def test_who_leaves_tomorrow_or_is_away_again_is_named_so_where_reviewers_are_asked(client):
    revision = make_revision_in_review()
    leaving, again = make_medical_reviewer(), make_medical_reviewer("Neurosurgery")
    for person, first, last in ((leaving, 1, 30), (again, 0, 6), (again, 7, 40)):
        plan_absence(
            person=person, by=person, first_day=TODAY + first * DAY, last_day=TODAY + last * DAY
        )
    client.force_login(make_editor())
    page = client.get(reverse("admin:education_revision_assign", args=[revision.pk]))
    page = page.content.decode()
    for person in (leaving, again):
        last = person.absences.order_by("last_day").last()
        assert f"{person} is {last.until_when}" in page


def test_the_only_ones_who_can_review_are_ticked_unless_one_of_them_is_away(client):
    revision = make_revision_in_review(article=make_article(risk_class=Article.RiskClass.A))
    plain = make_plain_language_reviewer()
    only = {f"medical:{person.pk}" for person in candidates(revision, "medical")}
    only.add(f"plain_language:{plain.pk}")
    away(make_writer())
    client.force_login(make_editor())

    def ticked():
        page = client.get(reverse("admin:education_revision_assign", args=[revision.pk]))
        return set(re.findall(r'value="(\w+:\d+)"[^>]* checked', page.content.decode()))

    assert len(only) == 3
    assert ticked() == only
    away(plain)
    assert ticked() == set()


def test_who_asked_sees_at_once_that_a_reviewer_went_away(client):
    writer = make_writer()
    revision = make_revision_in_review(by=writer)
    reviewer = make_medical_reviewer()
    ask(client, revision, reviewer, TODAY + 5 * DAY)
    away(reviewer)
    client.force_login(writer)
    assert f"{reviewer} is away until" in client.get(reverse("admin:index")).content.decode()


def late_request(client):
    revision = make_revision_in_review()
    reviewer = make_medical_reviewer(email="reviewer@example.org")
    ask(client, revision, reviewer, TODAY)
    Message.objects.all().delete()
    return reviewer


def test_a_reminder_goes_to_the_substitute_and_who_asked_not_to_who_is_away(client):
    reviewer = late_request(client)
    substitute = make_medical_reviewer("Neurosurgery", email="substitute@example.org")
    away(reviewer, 9, substitute)
    editor = make_editor(email="editor@example.org")

    for _ in range(2):
        call_command("send_reminders", on=TODAY + DAY)

    told = Message.objects.filter(subject__contains="has not answered")
    assert {mail.to for mail in told} == {substitute, editor}
    assert all("is away until" in mail.body for mail in told)
    assert not Message.objects.filter(to=reviewer).exists()


def test_who_is_back_is_reminded_again(client):
    reviewer = late_request(client)
    away(reviewer, 2)
    call_command("send_reminders", on=TODAY + 3 * DAY)
    assert Message.objects.filter(to=reviewer, subject__contains="is late").exists()


def test_escalation_goes_to_the_substitute_of_an_editor_who_is_away(client):
    late_request(client)
    editor = make_editor(email="editor@example.org")
    stands_in = make_editor(email="other@example.org")
    away(editor, 20, stands_in)
    call_command("send_reminders", on=TODAY + 9 * DAY)
    told = Message.objects.filter(subject__contains="has not answered")
    assert {mail.to for mail in told} == {stands_in}


def test_a_page_that_is_due_is_told_to_substitutes_and_to_somebody_in_any_case():
    publication = make_publication()
    editor = make_editor(email="editor@example.org")
    plan_absence(  # with nobody in their place
        person=editor, by=editor,
        first_day=publication.due_on - 9 * DAY, last_day=publication.due_on + 9 * DAY,
    )  # fmt: skip
    call_command("send_reminders", on=publication.due_on)
    assert Message.objects.filter(to=editor, subject__contains="is due").exists()


def test_of_two_absences_that_overlap_the_longer_counts_everywhere():
    reviewer = make_medical_reviewer(email="reviewer@example.org")
    substitute = make_medical_reviewer("Neurosurgery", email="substitute@example.org")
    longer = away(reviewer, 9, substitute)
    away(reviewer, 2)
    assert absence_on(reviewer, TODAY) == longer
    assert reachable([reviewer], TODAY) == [substitute]


def test_who_is_away_for_all_the_time_of_a_review_does_not_count_as_able(client):
    writer, substitute = make_writer(), make_medical_reviewer("Neurosurgery")
    revision = make_revision_in_review(by=writer)
    reviewer, soon_back = make_medical_reviewer(), make_medical_reviewer("Neurology")
    make_plain_language_reviewer()
    away(reviewer, 30, substitute), away(soon_back, 9)

    able, absent = pool_page(client, revision)
    assert f"{soon_back}, Neurology; away until" in able
    assert str(reviewer) not in able
    assert f"{reviewer}, Paediatric neurology: away until" in absent
    assert f"; {substitute} stands in" in absent
    assert "Fewer than three" not in desk(client, writer)

    for person in User.objects.filter(groups__name=Role.MEDICAL_REVIEWER.label):
        away(person, 20)
    work = desk(client, writer)
    assert "It needs 1 medical reviewer; 0 can still review it." in work
    assert f"{soon_back} is away until" in work


@pytest.mark.parametrize(
    ("days", "counts"),
    [
        ([(0, 6), (7, 30)], False),  # one after the other
        ([(7, 30), (2, 5), (0, 6)], False),  # entered in another order, one inside another
        ([(1, 30)], False),  # leaves tomorrow
        ([(0, 6), (8, 30)], True),  # there for a day between
        ([(2, 30)], True),  # a day left
        ([(0, 6), (7, 13)], True),  # back in time
    ],
)
def test_absences_that_follow_one_another_count_as_one(client, days, counts):
    revision, reviewer = make_revision_in_review(), make_medical_reviewer()
    for first, last in days:
        plan_absence(
            person=reviewer, first_day=TODAY + first * DAY, last_day=TODAY + last * DAY, by=reviewer
        )

    able, absent = pool_page(client, revision)
    assert (str(reviewer) in able, str(reviewer) in absent) == (counts, not counts)
    ask(client, revision, reviewer, TODAY + 14 * DAY)
    assert Assignment.objects.exists() == counts


def pool_page(client, revision):
    """Who can still review a text, and who could if they were not away, as the page says it."""
    client.force_login(make_editor())
    page = client.get(reverse("admin:education_revision_reviewers", args=[revision.pk]))
    medical = page.content.decode().split("<h2>Medical reviewer</h2>")[1].split("<h2>")[0]
    able, _, absent = medical.partition("They could, and are away")
    return able, absent


def desk(client, person):
    client.force_login(person)
    return client.get(reverse("admin:index")).content.decode()
