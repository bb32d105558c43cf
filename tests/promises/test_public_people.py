"""What readers are told of people: limited, read before it is public, and kept as it was."""

import pytest
from django.urls import reverse

from education.people.models import Role, User
from education.people.public_words import problems_of
from education.publishing.models import Publication
from education.publishing.operations import publish
from education.review.models import Review
from tests.factories import (
    make_approved_revision,
    make_decision,
    make_editor,
    make_medical_reviewer,
    make_person,
    make_revision_in_review,
    make_writer,
)

pytestmark = pytest.mark.django_db

ADVERTISEMENT = "None. Call my clinic for cells: +44 20 7946 0958"


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("interests", ADVERTISEMENT),
        ("interests", "Ask me at cells@example.org"),
        ("interests", "See www.example.org"),
        ("interests", "See https://example.test/cells"),
        ("interests", "See best-cells.com"),
        ("interests", "Visit us: 12 Long Acre Road"),
        ("interests", "**Cells!**"),
        ("interests", "<b>Cells</b>"),
        ("interests", "[Cells](x)"),
        ("interests", "Call 02079460958"),
        ("interests", "x" * 1_001),
        ("credentials", "MD, call 020 7946 0958"),
        ("credentials", "MD\nCells"),
        ("display_name", "Anna www.example.org"),
        ("display_name", "x" * 81),
    ],
)
def test_what_may_not_stand_there(field, words):
    assert problems_of(field, words)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("interests", "None"),
        (
            "interests",
            "Grants 2019-2021 from a foundation; since 2019-04-12 on the board of a charity.",
        ),
        ("interests", "Investigator of NCT01832454 (10,000 dollars, paid to the hospital)."),
        ("credentials", "MBBS, M.Sc., Ph.D., GMC 1234567"),
        ("credentials", "MD, NPI 1234567890"),
        ("display_name", "Prof.Dr. María-José O’Neill, Jr."),
    ],
)
def test_what_may_stand_there(field, words):
    assert problems_of(field, words) == []


def declare(client, person, interests):
    client.force_login(person)
    address = reverse("admin:education_user_declaration")
    answer = client.post(address, {"interests": interests}).content.decode()
    client.logout()
    return answer


def publish_page(client, revision, by, **fields):
    client.force_login(by)
    address = reverse("admin:education_revision_publish", args=[revision.pk])
    answer = client.post(address, {"goes_live_at": "", **fields}, follow=True).content.decode()
    client.logout()
    return answer


def test_an_advertisement_is_no_declaration(client):
    writer = make_writer()

    answer = declare(client, writer, ADVERTISEMENT)

    assert "telephone number" in answer
    assert User.objects.get(pk=writer.pk).interests == "None"


def test_an_advertisement_that_is_there_already_is_not_published(client):
    writer = make_writer(interests=ADVERTISEMENT)
    revision = make_approved_revision(by=writer)

    answer = publish_page(client, revision, make_editor())

    assert not Publication.objects.exists()
    assert "telephone number" in answer


def test_who_publishes_reads_these_words_first_and_which_are_new(client):
    revision = make_approved_revision(by=make_writer(interests="Shares in a company."))
    client.force_login(make_editor())

    shown = client.get(reverse("admin:education_revision_publish", args=[revision.pk]))

    assert "Shares in a company." in shown.content.decode()
    assert "New:" in shown.content.decode()


def test_words_that_changed_since_they_were_read_are_not_published(client):
    writer = make_writer()
    revision = make_approved_revision(by=writer)
    editor = make_editor()
    client.force_login(editor)
    page = client.get(reverse("admin:education_revision_publish", args=[revision.pk]))
    seen = page.context["form"]["people_seen"].value()
    declare(client, writer, "Other words.")

    answer = publish_page(client, revision, editor, people_seen=seen)
    assert "changed while you were reading" in answer
    assert not Publication.objects.exists()

    publish_page(client, revision, editor)
    assert Publication.objects.exists()


def test_nobody_publishes_new_words_about_themselves(client):
    both = make_person(Role.MEDICAL_REVIEWER, Role.EDITOR_IN_CHIEF, specialty="Neurosurgery")
    revision = make_revision_in_review()
    # Who asks reviewers, and who is about to decide, is told so before it is too late.
    client.force_login(both)
    for step in ("assign", "review"):
        page = client.get(reverse(f"admin:education_revision_{step}", args=[revision.pk]))
        assert f"another editor-in-chief must publish what {both}" in page.content.decode()
    make_decision(revision, both)

    publish_page(client, revision, both)
    assert not Publication.objects.exists()

    publish_page(client, revision, make_editor())
    assert Publication.objects.exists()


def test_an_approval_keeps_who_gave_it_as_they_were(client):
    reviewer = make_medical_reviewer(display_name="Anna Early", credentials="MD, GMC 1234567")
    revision = make_revision_in_review()
    make_decision(revision, reviewer)
    User.objects.filter(pk=reviewer.pk).update(
        display_name="Cells Clinic", credentials="Best of all", interests="Others"
    )

    publish(revision=revision, by=make_editor())

    page = client.get(f"/articles/{revision.article.slug}/").content.decode()
    assert "Anna Early" in page
    assert "MD, GMC 1234567" in page
    assert "Cells Clinic" not in page
    assert "Best of all" not in page
    assert Review.objects.get().reviewer_name == "Anna Early"


def test_whoever_looks_after_accounts_cant_write_an_advertisement_either(client):
    person = make_medical_reviewer()
    person.display_name = "Call 020 7946 0958"

    with pytest.raises(Exception, match="telephone number"):
        person.full_clean()


def test_words_from_before_stay_until_they_are_changed():
    person = make_writer(interests=ADVERTISEMENT)
    person.specialty = "Rehabilitation"

    person.full_clean()
