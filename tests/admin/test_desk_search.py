"""Search at the desk: drafts, public versions, evidence and remarks, for those who may see them."""

import dataclasses

import pytest
from django.core.management import call_command
from django.db.models import CharField, TextField
from django.urls import reverse

from education.articles.operations import draft_of, save_text
from education.evidence.models import EvidenceItem
from education.people.models import Role
from education.publishing.hiding import confirm_hiding, propose_hiding
from education.publishing.operations import withdraw
from education.review.comments import add_comment
from education.search import desk
from education.search.models import DeskEntry, SearchEntry
from tests.factories import (
    make_drawing,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_person,
    make_publication,
    make_revision,
    make_revision_in_review,
    make_topic,
    make_writer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

SEARCH = "/admin/search/"


def kinds(client, words: str, **filters: str) -> list[tuple[str, str]]:
    hits = client.get(SEARCH, {"q": words, **filters}).context["hits"]
    return [(hit.kind, hit.title) for hit in hits]


def rewrite(revision, words: str):
    by = revision.created_by
    draft = dataclasses.replace(draft_of(revision), unknowns=words)
    return save_text(revision=revision, draft=draft, by=by, expected_version=revision.version)


def test_a_draft_is_found_by_words_of_its_text_and_leads_to_it(client):
    revision = make_revision()
    rewrite(revision, "Nobody followed ambulant toddlers with quokkas.")
    client.force_login(make_editor())

    page = client.get(SEARCH, {"q": "quokka toddler"})

    (hit,) = page.context["hits"]
    assert hit.url == reverse("admin:education_revision_change", args=[revision.pk])
    assert "<mark>quokkas</mark>" in page.content.decode()
    assert kinds(client, "quok*") == [("Draft", revision.title)]
    assert kinds(client, "quokka wombat") == []


def test_a_drawing_is_found_by_what_it_shows_and_belongs_to_no_topic(client):
    drawing = make_drawing("leg-muscles", alternative="The quokka of a leg.")
    client.force_login(make_editor())

    (hit,) = client.get(SEARCH, {"q": "quokka"}).context["hits"]

    assert (hit.kind, hit.about.split(",")[0]) == ("Drawing", drawing.get_state_display())
    assert hit.url == reverse("admin:education_drawing_change", args=[drawing.pk])
    assert kinds(client, "quokka", where="drawing") == [("Drawing", "leg-muscles")]
    assert kinds(client, "quokka", topic=make_topic().slug) == []
    DeskEntry.objects.all().delete()
    call_command("rebuild_search", verbosity=0)
    assert kinds(client, "muscles") == [("Drawing", "leg-muscles")]


def test_words_that_were_taken_out_are_not_found_any_more(client):
    revision = make_revision()
    revision = rewrite(revision, "Quokkas.")
    rewrite(revision, "Wombats.")
    client.force_login(make_editor())

    assert kinds(client, "quokkas") == []
    assert kinds(client, "wombats") == [("Draft", revision.title)]


def test_no_draft_is_in_the_index_of_readers(client):
    rewrite(make_revision(), "Quokkas.")

    assert (
        "quokkas"
        not in client.get("/search/", {"q": "quokkas"}).content.decode().partition("<ol")[2]
    )
    assert not SearchEntry.objects.filter(text__contains="Quokkas").exists()
    assert DeskEntry.objects.filter(text__contains="Quokkas").exists()


def test_works_and_remarks_are_found_and_the_filters_stand_in_the_address(client):
    revision = make_revision_in_review()
    item = make_item(title="Quokkas after rhizotomy")
    comment = add_comment(
        revision=revision, by=make_medical_reviewer(), text="Which quokkas are meant?"
    )
    client.force_login(make_editor())

    # With the word in its title comes first.
    assert [kind for kind, _ in kinds(client, "quokkas")] == ["Evidence", "Comment"]
    assert kinds(client, "quokkas", where="evidenceitem") == [("Evidence", item.title)]
    (hit,) = client.get(SEARCH, {"q": "quokkas", "where": "comment"}).context["hits"]
    assert hit.url.endswith(f"#comment-{comment.pk}")
    assert [kind for kind, _ in kinds(client, "quokkas", topic=revision.article.topic.slug)] == [
        "Comment"
    ]
    assert kinds(client, revision.title, state="draft") == []
    assert kinds(client, revision.title, state="in_review") == [("Draft", revision.title)]


def test_a_work_is_found_by_every_detail_that_is_text(client):
    names = [
        name
        for name in (*EvidenceItem.DETAILS, *EvidenceItem.LATER_DETAILS)
        if name != "findings"
        and isinstance(EvidenceItem._meta.get_field(name), CharField | TextField)
        and name not in {"csl_type", "language", "design", "url", "unusable_reason"}
    ]
    words = {name: f"zz{name.replace('_', '')}qq" for name in names}
    item = make_item(verified=False, **words)
    client.force_login(make_editor())

    missed = [name for name, word in words.items() if not kinds(client, word)]

    assert missed == []
    assert "registration" in words
    assert kinds(client, words["registration"]) == [("Evidence", item.title)]


def test_a_published_text_is_found_once_as_its_public_version_and_hidden_words_not_at_all(client):
    publication, editor = make_publication(), make_editor()
    client.force_login(editor)
    words = publication.summary.split(".")[0]
    assert ("Public version", publication.title) in kinds(client, words)
    assert ("Draft", publication.title) not in kinds(client, words)

    withdraw(publication=publication, by=editor, reason="It is wrong.")
    propose_hiding(publication=publication, by=editor, reason="It does harm.")
    confirm_hiding(publication=publication, by=make_medical_reviewer())

    assert ("Public version", publication.title) not in kinds(client, words)
    for filters in ({}, {"state": "published"}, {"where": "comment"}):
        assert kinds(client, words, **filters) == []


@pytest.mark.parametrize("role", [Role.CLINIC, None])
def test_who_may_read_no_draft_finds_none(client, role):
    rewrite(make_revision(), "Quokkas.")
    client.force_login(make_person(*([role] if role else []), is_staff=True))

    assert client.get(SEARCH, {"q": "quokkas"}).status_code == 403


@pytest.mark.parametrize(
    "typed", ["", "'", '"', "*", "a AND", "title : x", "(", "的", "\x00", "NEAR"]
)
def test_any_words_give_an_answer(client, typed):
    client.force_login(make_writer())

    assert client.get(SEARCH, {"q": typed, "page": "x"}).status_code == 200


def test_signs_without_a_word_are_answered_in_words(client):
    client.force_login(make_writer())
    assert "There is no word in this." in client.get(SEARCH, {"q": "*"}).content.decode()
    assert "There is no word in this." not in client.get(SEARCH).content.decode()


def test_an_index_made_anew_finds_the_same(client):
    rewrite(make_revision(), "Quokkas.")
    desk.empty()
    client.force_login(make_editor())
    assert "rebuild_search" in client.get(SEARCH).content.decode()

    call_command("rebuild_search")

    assert [kind for kind, _ in kinds(client, "quokkas")] == ["Draft"]
