"""The library of drawings, from the form of the desk to page, paper and record."""

from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from education.articles.drawings import library_drawings, retire_drawing
from education.articles.models import Article, Contribution, Drawing
from education.audit.operations import holds_lock
from education.people.models import Message
from education.publishing.models import Publication
from education.text.figures import SVG
from education.text.rendering import render
from education.text.tree import drawings
from education.text.uploaded_drawings import read_drawing
from tests.factories import (
    make_approved_revision,
    make_article,
    make_draft,
    make_drawing,
    make_editor,
    make_item,
    make_medical_reviewer,
    make_publication,
    make_revision,
    make_writer,
)

pytestmark = pytest.mark.django_db
ADD = "/admin/education/drawing/add/"
LEG = f'<svg xmlns="{SVG}" viewBox="0 0 10 10"><path d="M0 0h5"/></svg>'


def typed(**fields):
    file = SimpleUploadedFile("A leg_2.svg", fields.pop("svg", LEG).encode())
    return {"file": file, "alternative": "A leg.", "source": "Us", "licence": "CC0"} | fields


def page_of(drawing, step="change"):
    return reverse(f"admin:education_drawing_{step}", args=[drawing.pk])


def with_drawing(name="leg", **fields):
    key = make_item().key
    placed = f'![A leg with a muscle.](figure:{name} "A leg [@{key}].")'
    return make_draft(key, body=f"## What was found\n\nSomething [@{key}].\n\n{placed}\n", **fields)


def test_writer_uploads_and_a_second_person_is_asked(client):
    reviewer = make_medical_reviewer(email="reviewer@example.org")
    client.force_login(make_writer())

    page = client.post(ADD, typed(), follow=True).content.decode()

    drawing = Drawing.objects.get()
    assert (drawing.name, drawing.state) == ("a-leg-2", "waiting")
    assert "waits until a second person approves it" in page
    assert "You can’t decide on it" in page
    assert Message.objects.get().to == reviewer


@pytest.mark.parametrize("svg", [LEG, "no drawing"])
def test_an_upload_is_read_once_and_before_the_lock_is_held(client, monkeypatch, svg):
    locked = []

    def read(*args, **kwargs):
        locked.append(holds_lock())
        return read_drawing(*args, **kwargs)

    monkeypatch.setattr("education.admin.drawings.read_drawing", read)
    client.force_login(make_writer())

    client.post(ADD, typed(svg=svg))

    assert locked == [False]
    assert Drawing.objects.exists() == (svg == LEG)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"svg": LEG.replace("<path", "<script/><path")}, "&lt;script&gt;"),
        ({"name": "gmfcs-1"}, "A drawing that ships has this name"),
        ({"name": "leg"}, "already exists"),
        ({"alternative": ""}, "This field is required"),
        ({"file": SimpleUploadedFile("脊柱.svg", LEG.encode())}, "Type a name of Latin letters"),
        ({"name": "a--leg"}, "Type a name of Latin letters"),
    ],
)
def test_refused_upload_says_why_and_keeps_what_was_typed(client, fields, said):
    make_drawing("leg")
    client.force_login(make_writer())

    page = client.post(ADD, typed(source="Drawn at home", **fields)).content.decode()

    assert said in page
    assert "Drawn at home" in page
    assert Drawing.objects.count() == 1


def test_what_was_left_out_of_the_file_is_said(client):
    client.force_login(make_writer())
    svg = LEG.replace("<path", '<path style="mix-blend-mode:multiply"')

    page = client.post(ADD, typed(svg=svg), follow=True).content.decode()

    assert "Left out of the file: mix-blend-mode." in page


def test_drawing_in_the_note_of_an_outcome_is_one_of_the_text(client):
    make_drawing("leg", approved_by=make_medical_reviewer())
    key = make_item().key
    note = '![A leg with a muscle.](figure:leg "A leg.")'
    outcome = {"slug": "walking", "name": "Walking", "note": note}
    draft = replace(make_draft(key), kind=Article.Kind.FINDINGS, outcomes=[outcome])
    draft = replace(draft, options=[{"slug": "cells", "name": "Cells"}])
    article = make_article(kind=Article.Kind.FINDINGS)
    revision = make_revision(article=article, draft=draft)
    client.force_login(make_medical_reviewer())

    page = client.get(page_of(Drawing.objects.get())).content.decode()

    assert reverse("admin:education_revision_change", args=[revision.pk]) in page
    tree = render(draft, {}, drawings=library_drawings(draft)).tree
    assert [figure["name"] for figure in drawings(tree)] == ["leg"]


def test_picture_is_served_so_that_nothing_in_it_runs(client):
    drawing = make_drawing("leg")
    client.force_login(make_writer())

    response = client.get(page_of(drawing, "picture"))

    assert response["Content-Type"] == "image/svg+xml"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_nobody_approves_their_own(client):
    reviewer = make_medical_reviewer()
    drawing = make_drawing("leg", by=reviewer)
    client.force_login(reviewer)

    client.post(page_of(drawing, "decide"), {"decision": "approve"})
    assert Drawing.objects.get().state == "waiting"

    client.force_login(make_editor())
    client.post(page_of(drawing, "decide"), {"decision": "approve"})
    assert Drawing.objects.get().state == "approved"


def test_writer_alone_can_not_approve_and_refusal_says_why(client):
    drawing = make_drawing("leg")
    client.force_login(make_writer())
    client.post(page_of(drawing, "decide"), {"decision": "approve"})
    client.force_login(make_medical_reviewer())
    client.post(page_of(drawing, "decide"), {"decision": "refuse", "reason": ""})
    assert Drawing.objects.get().state == "waiting"

    client.post(page_of(drawing, "decide"), {"decision": "refuse", "reason": "Wrong bone."})

    assert (Drawing.objects.get().state, Drawing.objects.get().reason) == ("refused", "Wrong bone.")


def test_text_shows_a_drawing_from_its_approval_on(client):
    drawing = make_drawing("leg")
    writer = make_writer()
    revision = make_revision(draft=with_drawing(), by=writer)
    client.force_login(writer)
    preview = reverse("admin:education_revision_preview", args=[revision.pk])
    assert "waits until a second person approves it" in client.get(preview).content.decode()

    client.force_login(make_medical_reviewer())
    client.post(page_of(drawing, "decide"), {"decision": "approve"})

    client.force_login(writer)
    assert "waits until" not in client.get(preview).content.decode()
    form = client.get(reverse("admin:education_revision_change", args=[revision.pk]))
    assert "&quot;name&quot;: &quot;leg&quot;, &quot;alt&quot;: &quot;A leg.&quot;" in (
        form.content.decode()
    )


def test_published_page_shows_it_with_its_credit_and_keeps_it(client):
    drawing = make_drawing("leg", approved_by=make_editor())
    publication = make_publication(draft=with_drawing())
    address = f"/articles/{publication.slug}/"
    assert "A muscle" in client.get(address).content.decode()
    assert "Drawn for tests (CC0)" in client.get(address).content.decode()

    retire_drawing(drawing=drawing, by=make_editor(), reason="Wrong bone.")

    assert "A muscle" in client.get(address).content.decode()
    client.force_login(make_writer())
    page = client.get(page_of(drawing)).content.decode()
    assert "public now" in page


def test_approved_text_is_not_published_with_a_drawing_that_was_retired(client):
    drawing = make_drawing("leg", approved_by=make_editor())
    revision = make_approved_revision(draft=with_drawing())
    editor = make_editor()
    client.force_login(editor)
    client.post(page_of(drawing, "retire"), {"reason": "Wrong bone."})

    publish = reverse("admin:education_revision_publish", args=[revision.pk])
    client.post(publish, {"goes_live_at": ""})

    assert not Publication.objects.exists()


def test_who_uploaded_a_drawing_judges_no_text_that_shows_it():
    reviewer = make_medical_reviewer()
    make_drawing("leg", by=reviewer, approved_by=make_editor())

    revision = make_revision(draft=with_drawing())

    assert Contribution.objects.filter(revision=revision, person=reviewer, inherited=True).exists()


def test_alternative_text_is_nobodys_words_in_the_next_text():
    writer, other = make_writer(), make_writer()
    make_drawing("leg", by=writer, approved_by=make_editor())
    make_revision(draft=with_drawing(), by=other)

    again = make_revision(draft=with_drawing(title="Another"), by=writer)

    assert not Contribution.objects.filter(revision=again, person=other).exists()
