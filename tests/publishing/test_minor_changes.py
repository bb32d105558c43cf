"""A minor version: proposed, approved as one, held by code; paper stays current, no date moves."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from education.articles.operations import (
    LockedTextError,
    MayNotWriteError,
    content_hash,
    propose_minor,
    render_revision,
)
from education.connect.changes import changes
from education.handouts.codes import format_code
from education.handouts.copy_check import State, check, public_code, verdicts_of
from education.people.models import Role
from education.publishing.minor_changes import change_proposed
from education.publishing.models import Publication
from education.publishing.operations import frozen_hash, publish
from education.review.operations import submit_for_review
from tests.factories import (
    approve_fully,
    make_draft,
    make_editor,
    make_medical_reviewer,
    make_person,
    make_publication,
    make_writer,
)
from tests.handouts.clinics import fall, make_clinic_person, print_for
from tests.public.reading import read
from tests.publishing.minor_versions import (
    SMALL_STEPS,
    approved,
    first_version,
    next_draft,
    next_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def publication():
    return first_version()


def test_paper_of_the_version_before_a_minor_one_stays_current(publication, client):
    person = make_clinic_person()
    copy = print_for(person, publication)
    newest = next_version(publication, "with the care", "with care")
    assert newest.change == "minor"

    (verdict,) = verdicts_of([copy])
    assert verdict.state == State.CURRENT
    assert "not its meaning" in verdict.why
    code = format_code(public_code(publication))
    page = read(client, reverse("check-copy", args=[code]))
    assert "This copy is current" in page.text
    assert "Version 2 says the same in other words" in page.text
    given = read(client, reverse("given-text", args=[code])).text
    assert "its wording has changed, not its meaning" in given
    assert "content with the care" in given
    assert "Save as PDF" not in given

    client.force_login(person)
    assert "Nothing you printed needs to be taken off" in read(client, reverse("clinic-bin")).text


def test_a_minor_version_moves_no_day_of_review(publication):
    due = publication.due_on
    newest = next_version(publication, "with the care", "with care")
    assert (newest.reviewed_on, newest.review_due_on) == (publication.reviewed_on, due)


def test_a_change_of_a_number_is_major_whatever_is_proposed_and_all_are_shown_why(
    publication, client
):
    writer = make_writer()
    revision = next_draft(publication, "12 of 100", "13 of 100", by=writer)
    client.force_login(writer)
    page = client.get(reverse("admin:education_revision_minor", args=[revision.pk]))
    assert "“12”" in page.content.decode()

    submit_for_review(revision=revision, by=writer)
    client.force_login(make_medical_reviewer())
    page = client.get(reverse("admin:education_revision_review", args=[revision.pk]))
    assert "“13”" in page.content.decode()

    newest = publish(revision=approve_fully(revision), by=make_editor())
    assert newest.change == "major"
    assert check(public_code(publication)).state == State.CHANGED


def test_a_version_nobody_proposed_as_minor_is_major(publication):
    assert next_version(publication, "with the care", "with care", minor=False).change == "major"
    assert check(public_code(publication)).state == State.CHANGED


@pytest.mark.slow
def test_many_small_steps_that_add_up_to_a_large_one_outdate_paper(publication):
    code, newest = public_code(publication), publication
    for step in SMALL_STEPS:
        newest = next_version(newest, *step)
        assert newest.change == "minor"
    assert newest.number == 3
    assert check(public_code(Publication.objects.get(slug=newest.slug, number=2))).may_be_used
    assert check(code).state == State.CHANGED


def test_a_major_version_after_a_minor_one_outdates_both(publication):
    minor = next_version(publication, "with the care", "with care")
    next_version(minor, "12 of 100", "13 of 100", minor=False)
    assert check(public_code(publication)).state == State.CHANGED
    assert check(public_code(minor)).state == State.CHANGED


def test_who_publishes_may_make_it_major(publication, client):
    revision = approved(next_draft(publication, "with the care", "with care"))
    editor = make_editor()
    assert publish(revision=revision, by=editor, as_major=True).change == "major"


def test_what_became_of_a_cited_work_makes_the_next_version_major(publication):
    fall(publication.published_citations.get().item, status="corrected")
    revision = next_draft(publication, "with the care", "with care")
    proposal = change_proposed(revision, render_revision(revision).tree)
    assert "What became of a work" in " ".join(proposal.against)


def test_the_first_version_is_never_minor():
    writer = make_writer()
    draft = make_draft()
    first = make_publication(draft=draft)
    revision = first.revision
    assert change_proposed(revision, render_revision(revision).tree).against
    assert first.change == "major"
    with pytest.raises(LockedTextError):
        propose_minor(revision=revision, minor=True, by=writer)


def test_approval_is_of_the_proposal_too(publication):
    revision = next_draft(publication, "with the care", "with care", minor=False)
    as_major = content_hash(revision)
    writer = revision.contributors().first()
    revision = propose_minor(revision=revision, minor=True, by=writer)
    assert content_hash(revision) != as_major
    assert content_hash(propose_minor(revision=revision, minor=False, by=writer)) == as_major


def test_only_a_writer_proposes_and_becomes_one_of_the_writers(publication):
    revision = next_draft(publication, "with the care", "with care", minor=False)
    with pytest.raises(MayNotWriteError):
        propose_minor(revision=revision, minor=True, by=make_person(Role.AUDITOR))
    other = make_writer()
    propose_minor(revision=revision, minor=True, by=other)
    assert other in revision.contributors()


def test_the_record_and_the_hash_of_the_copy_hold_what_it_was(publication):
    newest = next_version(publication, "with the care", "with care")
    assert newest.frozen_hash == frozen_hash(newest)
    newest.change = "major"
    assert newest.frozen_hash != frozen_hash(newest)


def test_the_feed_of_changes_says_which_change_is_minor(publication):
    next_version(publication, "with the care", "with care")
    later = timezone.now() + datetime.timedelta(minutes=1)
    told = {each.version: each.change for each in changes(at=later)}
    assert told == {1: "major", 2: "minor"}
