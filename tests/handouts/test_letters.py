"""What paper can't show is told where it is typed, with its place."""

import re
from unicodedata import category

import pytest
from django.urls import reverse

from education.handouts import letters, typesetting
from education.handouts.letters import DRAWN_IN_TWO, problems_on_paper
from education.handouts.typesetting import typeset
from education.safety.models import EmergencyNote
from education.text.rendering import Draft, render
from tests.factories import (
    make_draft,
    make_editor,
    make_medical_reviewer,
    make_publication,
    make_revision,
    make_revision_in_review,
    make_writer,
)
from tests.handouts.clinics import make_clinic, make_clinic_person
from tests.handouts.paper import make_copy, make_tree, needs_poppler, paragraph, read_text

UNICORN = "\U0001f984"


@pytest.fixture(autouse=True)
def only_our_fonts(monkeypatch):
    """As on a machine without further fonts."""
    ours = typesetting._fonts(system_fonts=False)
    monkeypatch.setattr(typesetting, "_fonts", lambda **_: ours)
    monkeypatch.setattr(letters, "unprintable", typesetting.unprintable.__wrapped__)


def said(**parts):
    return [problem.message.partition(":")[0] for problem in problems_on_paper(make_tree(**parts))]


def drawing(words):
    return {
        "t": "figure",
        "svg": f'<svg viewBox="0 0 9 9"><desc>{UNICORN}</desc><text>{words}</text></svg>',
        "alt": "Nerves",
        "c": [],
    }


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ({"title": f"Brave {UNICORN}"}, "Title"),
        ({"body": [paragraph(f"Brave {UNICORN}")]}, "Text"),
        ({"body": [drawing(UNICORN)]}, "The drawing “Nerves”"),
        ({"unknowns": [paragraph("\u0939\u093f")]}, "What we do not know"),
        ({"what_changed": f"All {UNICORN}."}, "Another part of the text"),
    ],
)
def test_each_place_with_a_letter_without_a_font_is_named(parts, place):
    assert said(**parts) == [place]


@needs_poppler
def test_the_letters_that_a_program_reads_otherwise_are_those_of_the_list():
    """Whoever takes a newer Typst sees here what it mended."""
    common = [chr(code) for code in range(0xC0, 0x17F) if category(chr(code)).startswith("L")]
    candidates = sorted({*common, *DRAWN_IN_TWO})
    lines = [paragraph(f"q{place}x{letter}y") for place, letter in enumerate(candidates)]

    read = read_text(typeset([make_tree(body=lines)], copy=make_copy()))

    found = dict(re.findall(r"q(\d+)x(.)y\b", read))
    otherwise = {
        letter for place, letter in enumerate(candidates) if found.get(str(place)) != letter
    }
    assert otherwise == DRAWN_IN_TWO


def test_letters_that_are_read_otherwise_are_told_with_their_place(client):
    (problem,) = problems_on_paper(make_tree(body=[paragraph("By Nguye\u0302\u0303n and Zoë.")]))

    assert problem.message.startswith("Text: ễ can be read on paper, but")


@pytest.mark.django_db
def test_a_clinic_is_told_before_it_prints_that_its_name_is_read_otherwise(client):
    publication = make_publication()
    address = reverse("clinic-print", args=[publication.slug])
    told = "a program that reads the PDF aloud"

    client.force_login(make_clinic_person(make_clinic(name="Zoë’s ward")))
    assert told not in client.get(address).content.decode()
    client.force_login(make_clinic_person(make_clinic(name="Khoa Nhi Nguyễn")))
    assert (
        f"ễ in your own words can be read on paper, but {told}"
        in client.get(address).content.decode()
    )


def test_what_our_fonts_have_is_no_problem():
    assert said(body=[paragraph("5 ≥ 4, 10⁶, Zoë, “−3”, 2️ µg"), drawing("L1–S2")]) == []


@pytest.mark.django_db
def test_who_writes_or_reviews_reads_it_beside_the_text(client):
    draft = make_draft(unknowns=f"- Is it {UNICORN}?")
    told = f"What we do not know: paper can’t show {UNICORN}."
    revision = make_revision(draft=draft)
    client.force_login(make_writer())

    form = client.get(reverse("admin:education_revision_change", args=[revision.pk]))
    assert told in form.content.decode()

    in_review = make_revision_in_review(draft=draft)
    client.force_login(make_medical_reviewer())
    page = client.get(reverse("admin:education_revision_review", args=[in_review.pk]))
    assert told in page.content.decode()


@pytest.mark.django_db
def test_an_emergency_note_is_refused_where_it_is_typed_and_kept_in_the_form(client, monkeypatch):
    monkeypatch.setattr("education.admin.notes.unprintable", typesetting.unprintable.__wrapped__)
    publication = make_publication()
    client.force_login(make_editor())
    address = reverse("admin:education_emergencynote_add")

    response = client.post(address, {"slug": publication.slug, "text": f"Stop {UNICORN} now."})

    assert f"paper can’t show {UNICORN}" in response.content.decode()
    assert f"Stop {UNICORN} now." in response.content.decode()
    assert not EmergencyNote.objects.exists()


@pytest.mark.parametrize("sign", ["\uf06d", "\ufffd", "\U000f0001"])
@pytest.mark.parametrize("name", ["title", "body", "unknowns"])
def test_a_sign_that_nobody_can_see_keeps_a_text_from_review(name, sign):
    [problem] = [
        problem
        for problem in render(Draft(**{name: f"Give 5 {sign}g."}), {}).problems
        if problem.code == "unshowable"
    ]

    assert problem.blocking
    assert problem.where == name
    assert f"U+{ord(sign):04X}" in problem.message
