"""The page "Your first article": offered where it helps, and true to what is rendered."""

import pytest

from education.admin.first_article import SIGNS
from education.text.rendering import Draft, Source, render
from education.text.tree import walk
from tests.factories import make_person, make_revision, make_revision_in_review, make_writer

ADDRESS = "/admin/first-article/"
SOURCES = {key: Source(key=key, text=key) for key in ("key", "one", "other")}


@pytest.mark.parametrize(("wanted", "written"), SIGNS)
def test_every_sign_is_read_as_the_page_says(wanted, written):
    rendered = render(Draft(title="T", body=f"## A part\n\n{written}\n"), SOURCES)

    assert [str(one) for one in rendered.problems if one.blocking] == []
    marked = [
        node for node in walk(rendered.tree["body"]) if node["t"] not in {"text", "paragraph"}
    ]
    assert len(marked) > 1  # more than the heading


@pytest.mark.django_db
def test_who_never_submitted_is_led_to_it_and_who_did_is_not(client):
    newcomer = make_writer()
    client.force_login(newcomer)
    assert "New here?" in client.get("/admin/").content.decode()
    assert "Submit it for review" in client.get(ADDRESS).content.decode()

    make_revision_in_review(by=newcomer)

    assert "New here?" not in client.get("/admin/").content.decode()


@pytest.mark.django_db
def test_form_of_a_draft_leads_to_it(client):
    writer = make_writer()
    revision = make_revision(by=writer)
    client.force_login(writer)

    page = client.get(f"/admin/education/revision/{revision.pk}/change/").content.decode()

    assert ADDRESS in page


@pytest.mark.django_db
def test_nobody_without_a_role_reads_it(client):
    client.force_login(make_person())

    assert client.get(ADDRESS).status_code == 403
