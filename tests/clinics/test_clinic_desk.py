"""The clinic's desk: who comes in, what they see, and that it is their own."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from education.handouts import operations, typesetting
from education.handouts.codes import format_code
from education.handouts.models import Clinic, Pack, PrintedCopy
from education.handouts.operations import new_idempotency_key, print_pack, save_pack
from education.people.models import Role
from education.publishing.operations import withdraw
from tests.factories import (
    PASSWORD,
    make_draft,
    make_editor,
    make_item,
    make_next_publication,
    make_person,
    make_publication,
    make_writer,
)
from tests.handouts.clinics import (
    days_after_due,
    fall,
    go_to,
    make_clinic,
    make_clinic_person,
    make_draft_resting_on,
    print_for,
)
from tests.handouts.paper import CODE, LOGO, needs_poppler, read_text
from tests.handouts.test_clinics import pack_of
from tests.public.reading import make_comparison, read

pytestmark = pytest.mark.django_db


def clinic_pages(person):
    """Every page of the desk, with something on each."""
    publication = make_publication()
    pack = pack_of(person, publication)
    copy = print_for(person, publication)
    return [
        *(reverse(f"clinic-{name}") for name in
          ("desk", "details", "people", "packs", "pack-new", "printed", "bin", "counts",
           "recalls")),
        reverse("clinic-print", args=[publication.slug]),
        reverse("clinic-pack", args=[pack.pk]),
        reverse("clinic-pack-print", args=[pack.pk]),
        reverse("clinic-copy", args=[copy.code]),
        reverse("clinic-copy-pdf", args=[copy.code]),
    ]  # fmt: skip


def press(client, publication, **posted):
    values = {"copies": 2, "press": new_idempotency_key(), "paper": "a4", "size": "clear"}
    return client.post(reverse("clinic-print", args=[publication.slug]), values | posted)


# Coming in


def test_every_page_asks_strangers_to_sign_in_and_leads_back(client):
    addresses = clinic_pages(make_clinic_person())
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 302, address
        assert response.url == f"{reverse('clinic-sign-in')}?next={address}"


@pytest.mark.parametrize("roles", [(Role.EDITOR_IN_CHIEF,), (Role.WRITER,), (Role.CLINIC,)])
def test_nobody_without_a_desk_comes_in(client, roles):
    addresses = clinic_pages(make_clinic_person())
    client.force_login(make_person(*roles))
    for address in addresses:
        assert client.get(address).status_code == 403, address


def test_signing_in_opens_the_desk_and_signing_out_closes_it(client):
    person = make_clinic_person(make_clinic("Hillside Clinic"))
    sign_in, desk = reverse("clinic-sign-in"), reverse("clinic-desk")
    typed = {"username": person.username, "password": PASSWORD}

    assert client.post(sign_in, typed).url == desk
    assert "Hillside Clinic" in read(client, desk).text
    assert client.post(reverse("clinic-sign-out")).url == sign_in
    assert client.get(desk).status_code == 302


def test_signing_in_leads_to_the_page_asked_for_and_to_no_other_site(client):
    person = make_clinic_person()
    typed = {"username": person.username, "password": PASSWORD}
    sign_in = reverse("clinic-sign-in")

    assert client.post(sign_in, typed | {"next": reverse("clinic-bin")}).url == reverse(
        "clinic-bin"
    )
    away = typed | {"next": "https://elsewhere.example/"}
    assert Client().post(sign_in, away).url == reverse("clinic-desk")


def test_an_editor_at_the_clinics_door_is_led_to_the_editors_desk(client):
    editor = make_writer()
    typed = {"username": editor.username, "password": PASSWORD}

    assert client.post(reverse("clinic-sign-in"), typed).url == reverse("admin:index")
    assert client.get(reverse("clinic-desk")).status_code == 403


@pytest.mark.parametrize("fields", [{}, {"is_staff": False}])
def test_who_has_no_desk_or_a_wrong_password_is_refused_at_the_clinics_door(client, fields):
    person = make_writer(**fields)
    password = "wrong" if person.is_staff else PASSWORD
    typed = {"username": person.username, "password": password}

    response = client.post(reverse("clinic-sign-in"), typed)

    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    assert client.get(reverse("clinic-desk")).status_code == 302


def test_no_page_of_the_desk_is_kept_or_found_and_every_form_is_guarded(person, client):
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(person)
    for address in clinic_pages(person):
        response = client.get(address)
        assert response.status_code == 200, address
        assert "no-store" in response["Cache-Control"], address
        if address.endswith(".pdf"):
            continue
        page = read(client, address)
        assert len(page.all("h1")) == 1, address
        assert len(page.ids) == len(set(page.ids)), address
        assert {"name": "robots", "content": "noindex"} in page.all("meta"), address
        assert guarded.post(address, {"name": "x"}).status_code in {403, 405}, address


def test_the_desk_says_what_there_is_when_there_is_nothing(person, client):
    assert "Nothing has been printed here yet" in read(client, reverse("clinic-desk")).text
    assert "You have no packs yet" in read(client, reverse("clinic-packs")).text
    assert "Nothing was printed in these months" in read(client, reverse("clinic-counts")).text
    assert "Nothing you printed needs" in read(client, reverse("clinic-bin")).text


# One clinic never sees another


def test_staff_of_one_clinic_never_see_what_is_anothers(client):
    theirs = make_clinic_person(make_clinic("Their Clinic"))
    publication = make_publication()
    pack = pack_of(theirs, publication, name="Their pack")
    copy = print_for(theirs, publication, copies=473)
    withdraw(publication=publication, by=make_editor(), reason="It was wrong.")
    make_publication()
    client.force_login(make_clinic_person(make_clinic("Our Clinic")))

    for name in ("desk", "packs", "printed", "bin", "counts", "details"):
        text = read(client, reverse(f"clinic-{name}")).text
        for secret in ("Their", "473", copy.code, "It was wrong"):
            assert secret not in text, f"{name}: {secret}"
    for address in (
        reverse("clinic-pack", args=[pack.pk]),
        reverse("clinic-pack-print", args=[pack.pk]),
        reverse("clinic-copy", args=[copy.code]),
        reverse("clinic-copy-pdf", args=[copy.code]),
    ):
        assert client.get(address).status_code == 404, address
        assert client.post(address).status_code in {404, 405}, address
    assert Pack.objects.get() == pack
    assert PrintedCopy.objects.get() == copy


def test_a_code_that_is_typed_into_the_search_of_the_desk_leads_to_the_print(
    person, client, monkeypatch
):
    monkeypatch.setattr(operations, "new_code", lambda: CODE)
    theirs = print_for(make_clinic_person(make_clinic("Their Clinic")), make_publication())

    def answer():
        return client.get(reverse("clinic-desk"), {"q": format_code(theirs.code).lower()}).url

    assert answer() == reverse("check-copy", args=[format_code(CODE)])
    client.force_login(make_clinic_person(theirs.clinic))
    assert answer() == reverse("clinic-copy", args=[format_code(CODE)])
    assert client.get(answer()).status_code == 200


# Printing


@needs_poppler
def test_one_press_opens_the_pdf_with_the_clinics_name_and_a_code_of_its_own(person, client):
    publication = make_publication()

    response = press(client, publication, size="large", copies=12)

    copy = PrintedCopy.objects.get()
    assert response.url == reverse("clinic-copy-pdf", args=[copy.code])
    assert (copy.copies, copy.size) == (12, "large")
    pdf = client.get(response.url)
    assert pdf["Content-Type"] == "application/pdf"
    assert "no-store" in pdf["Cache-Control"]
    assert "Hillside Clinic" in read_text(pdf.content)


def test_the_same_press_counts_once_and_with_other_options_again(person, client):
    publication, button = make_publication(), new_idempotency_key()

    for _ in range(3):
        press(client, publication, press=button)
    assert PrintedCopy.objects.count() == 1

    press(client, publication, press=button, size="giant")
    assert PrintedCopy.objects.count() == 2


@pytest.mark.parametrize("copies", ["", "0", "1001", "many"])
def test_a_number_nobody_prints_is_refused_and_what_was_chosen_stays(person, client, copies):
    publication = make_publication()

    response = press(client, publication, copies=copies, size="giant")

    html = response.content.decode()
    assert response.status_code == 400
    assert 'role="alert"' in html
    assert re.search(r'value="giant" checked', html)
    assert not PrintedCopy.objects.exists()


def test_a_get_prints_nothing(person, client):
    publication = make_publication()
    client.get(reverse("clinic-print", args=[publication.slug]), {"copies": 5, "press": "x"})
    assert not PrintedCopy.objects.exists()


def test_an_overdue_text_asks_first(person, client, monkeypatch):
    publication = make_publication()
    go_to(monkeypatch, days_after_due(publication, 30))
    client.force_login(person)

    asked = press(client, publication, copies=7)
    html = asked.content.decode()
    assert "Please confirm that you print it all the same." in html
    assert 'value="7"' in html
    assert not PrintedCopy.objects.exists()

    assert press(client, publication, copies=7, confirm="yes").status_code == 302
    assert PrintedCopy.objects.get().copies == 7


def test_what_may_not_be_printed_says_why_instead_of_a_form(person, client):
    item = make_item("fallen2020")
    publication = make_publication(draft=make_draft_resting_on(item.key))
    fall(item)

    page = read(client, reverse("clinic-print", args=[publication.slug]))
    assert "was retracted" in page.text
    assert not [button for button in page.all("input") if button.get("name") == "copies"]
    assert press(client, publication).status_code == 400
    assert not PrintedCopy.objects.exists()


def test_questions_of_a_comparison_are_chosen_and_kept(person, client):
    comparison = make_comparison()

    press(client, comparison, question=["undone"])

    assert PrintedCopy.objects.get().options["questions"] == ["undone"]


def test_a_clinic_prints_a_comparison_in_short_until_it_asks_for_the_whole(person, client):
    comparison = make_comparison()
    client.force_login(person)

    page = read(client, reverse("clinic-print", args=[comparison.slug]))
    boxes = [box for box in page.all("input") if box.get("name") == "question"]
    press(client, comparison)
    press(client, comparison, length="full")

    assert len(boxes) == 2
    assert not [box for box in boxes if "checked" in box]
    copies = PrintedCopy.objects.order_by("pk")
    assert [copy.options["length"] for copy in copies] == ["short", "full"]


def test_a_print_that_may_not_be_used_is_not_opened_again(person, client):
    publication = make_publication()
    copy = print_for(person, publication)
    make_next_publication(publication)

    response = client.get(reverse("clinic-copy-pdf", args=[copy.code]))

    assert response.status_code == 409
    assert "Version 2 has taken its place" in response.content.decode()
    assert "Open the PDF again" not in read(client, reverse("clinic-copy", args=[copy.code])).text


# Details


def test_details_are_saved_with_the_logo_and_shown(person, client):
    from django.core.files.uploadedfile import SimpleUploadedFile

    address = reverse("clinic-details")
    typed = {"name": "Hillside", "telephone": "01234", "opening_hours": "", "address": ""}
    upload = SimpleUploadedFile("logo.svg", LOGO, "image/svg+xml")

    response = client.post(address, typed | {"logo_file": upload}, follow=True)

    assert "Saved." in response.content.decode()
    clinic = person.clinic_staff.clinic
    clinic.refresh_from_db()
    assert (clinic.name, clinic.telephone) == ("Hillside", "01234")
    page = read(client, address)
    (image,) = page.all("img")
    assert image["src"].startswith("data:image/svg+xml;base64,")

    client.post(address, typed | {"without_logo": "on"})
    assert read(client, address).all("img") == []


def test_a_logo_with_a_script_is_refused_and_what_was_typed_stays(person, client):
    from django.core.files.uploadedfile import SimpleUploadedFile

    bad = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script/></svg>'
    upload = SimpleUploadedFile("logo.svg", bad, "image/svg+xml")

    response = client.post(reverse("clinic-details"), {"name": "Typed name", "logo_file": upload})

    html = response.content.decode()
    assert "&lt;script&gt;" in html
    assert 'value="Typed name"' in html
    person.clinic_staff.clinic.refresh_from_db()
    assert person.clinic_staff.clinic.name == "Hillside Clinic"


# Packs


def test_a_pack_is_put_together_by_buttons_and_nothing_typed_is_lost(person, client):
    first, second = make_publication(), make_publication()
    address = reverse("clinic-pack-new")
    typed = {"name": "First visit", "note": "Welcome <b>all</b>."}

    def handouts(response):
        assert "Welcome &lt;b&gt;all&lt;/b&gt;." in response.content.decode()
        return re.findall(r'name="handout" value="([^"]+)"', response.content.decode())

    added = client.post(address, typed | {"do": "add", "add": [first.slug, second.slug]})
    assert handouts(added) == [first.slug, second.slug]
    posted = typed | {"handout": [first.slug, second.slug]}
    assert handouts(client.post(address, posted | {"do": f"up:{second.slug}"})) == [
        second.slug, first.slug,
    ]  # fmt: skip
    assert handouts(client.post(address, posted | {"do": f"down:{first.slug}"})) == [
        second.slug, first.slug,
    ]  # fmt: skip
    assert handouts(client.post(address, posted | {"do": f"out:{first.slug}"})) == [second.slug]
    assert handouts(client.post(address, posted | {"do": "up:nobody"})) == posted["handout"]
    assert not Pack.objects.exists()

    saved = client.post(address, posted | {"do": "save"})
    assert saved.url == reverse("clinic-packs")
    assert [item.slug for item in Pack.objects.get().items.all()] == posted["handout"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"handout": []}, "Choose at least one handout."),
        ({"handout": ["no-such-page"]}, "There is no handout called no-such-page."),
        ({"note": "x" * 3_001}, "at most 3000 characters"),
    ],
)
def test_a_pack_that_can_not_be_is_refused_and_comes_back(person, client, typed, said):
    values = {"name": "First visit", "note": "Welcome.", "handout": [make_publication().slug]}

    response = client.post(reverse("clinic-pack-new"), values | typed)

    assert said in response.content.decode()
    assert not Pack.objects.exists()


def test_a_pack_says_when_a_part_has_moved_on_and_when_one_is_gone(person, client):
    moves, goes = make_publication(), make_publication(draft=make_draft(title="Gone soon"))
    pack = pack_of(person, moves, goes)
    print_pack(pack=pack, by=person)
    packs = reverse("clinic-packs")
    assert "Newer than" not in read(client, packs).text

    make_next_publication(moves, what_changed="We added a study.")
    withdraw(publication=goes, by=make_editor(), reason="It was wrong.")

    text = read(client, packs).text
    assert "Newer than in your last print. Version 2: We added a study." in text
    assert "Gone soon It is not public any more." in text
    refused = read(client, reverse("clinic-pack-print", args=[pack.pk]))
    assert "Gone soon: It is not public any more." in refused.text


def test_a_pack_is_printed_as_one_and_put_away(person, client):
    pack = pack_of(person, make_publication(), make_publication())
    values = {"copies": 4, "press": new_idempotency_key()}

    client.post(reverse("clinic-pack-print", args=[pack.pk]), values)
    copy = PrintedCopy.objects.get()
    assert (copy.pack, copy.copies, copy.parts.count()) == (pack, 4, 2)

    client.post(reverse("clinic-pack", args=[pack.pk]), {"do": "put_away"})
    assert client.get(reverse("clinic-pack", args=[pack.pk])).status_code == 404
    assert "First visit" in read(client, reverse("clinic-printed")).text


# What was printed, what to bin, how many


def test_what_to_bin_lists_the_worst_first_and_leaves_out_what_is_good(person, client):
    good, old, gone = (
        make_publication(draft=make_draft(title=title)) for title in ("Good", "Old", "Gone")
    )
    for publication in (gone, good, old):
        print_for(person, publication)
    make_next_publication(old, what_changed="We said it better.")
    withdraw(publication=gone, by=make_editor(), reason="It was wrong.")

    text = read(client, reverse("clinic-bin")).text

    assert text.index("Bin: do not use") < text.index("It was wrong.")
    assert text.index("Gone") < text.index("Old")
    assert "Good" not in text
    assert "2 prints to take off the shelf" in read(client, reverse("clinic-desk")).text
    everything = read(client, reverse("clinic-printed")).text
    assert "Keep" in everything
    assert "Bin: newer version" in everything


def test_counts_are_copies_by_month_and_text(person, client):
    publication = make_publication(draft=make_draft(title="Counted"))
    print_for(person, publication, copies=30)
    print_for(person, publication, copies=12)

    page = read(client, reverse("clinic-counts"))

    assert "42 copies in the last twelve months" in page.text
    heights = [int(bar["height"]) for bar in page.all("rect") if "y" in bar]
    assert heights == [0] * 11 + [180]
    assert "Counted en 42" in page.text


def test_pages_of_the_desk_take_as_many_queries_for_much_as_for_little(person, client):
    pages = ["desk", "packs", "printed", "bin", "counts"]

    def queries():
        counted = []
        for name in pages:
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse(f"clinic-{name}"))
            counted.append(len(captured))
        return counted

    def print_some(name):
        publications = [make_publication() for _ in range(2)]
        print_pack(pack=pack_of(person, *publications, name=name), by=person)
        print_for(person, publications[0])

    print_some("First visit")
    few = queries()
    for name in ("Second visit", "Third visit"):
        print_some(name)
    assert queries() == few


def test_the_desk_never_asks_for_a_patient(person, client):
    for address in clinic_pages(person):
        if not address.endswith(".pdf"):
            names = {field.get("name") for field in read(client, address).all("input")}
            assert not names & {"patient", "patient_name", "birthday", "email", "child"}


# Letters that no font has


@pytest.mark.parametrize(
    ("field", "words", "named"),
    [
        ("name", "Kids \U0001f984 clinic", "\U0001f984"),
        ("name", "\u0939\u093f\u0928\u094d\u0926\u0940", "\u0939"),
        ("telephone", "0123 \U0001f984", "\U0001f984"),
        ("telephone", "\uf028 0123", "U+F028 (a sign of one font alone"),
        ("opening_hours", "\uf0b7 Monday", "U+F0B7 (a sign of one font alone"),
        ("name", "Floor 1\ufe0f\u20e3", "\u25cc\u20e3."),
    ],
)
def test_details_that_can_not_be_printed_are_refused_and_the_letters_named(
    client, person, monkeypatch, field, words, named
):
    only_our_fonts(monkeypatch)
    typed = {"name": "Hillside Clinic", field: words}

    response = client.post(reverse("clinic-details"), typed)

    html = response.content.decode()
    said = field.replace("_", " ")
    assert f"of the {said} can’t be printed here: {named}" in html
    assert words in html
    assert Clinic.objects.get().name == "Hillside Clinic"


def test_marks_that_choose_how_a_sign_is_drawn_do_not_count(client, person, monkeypatch):
    only_our_fonts(monkeypatch)
    typed = {"name": "Floor 1\ufe0f", "telephone": "01234 567 890"}

    assert client.post(reverse("clinic-details"), typed).status_code == 302


def test_line_ends_of_notes_count_as_the_browser_counts_them(client, person):
    note = "\r\n".join("x" * 100)  # 199 characters on the page, 298 as they are sent
    publication = make_publication()

    assert press(client, publication, note=f"{note}\r\n{note[:290]}").status_code == 400
    assert press(client, publication, note=note + "y" * 90).status_code == 200


@needs_poppler
@pytest.mark.parametrize(
    "name",
    [
        "\ud558\ub298 Clinic",
        "\u0e42\u0e23\u0e07 Clinic",
        "\U0001f984 Clinic",
        "\u0939\u093f Clinic",
    ],
)
def test_a_clinic_named_so_before_prints_and_reads_what_is_left_out(
    client, person, monkeypatch, name
):
    Clinic.objects.update(name=name, opening_hours="9 to 5 \U0001f984")
    only_our_fonts(monkeypatch)
    publication = make_publication()
    address = reverse("clinic-print", args=[publication.slug])

    page = read(client, address)
    typed = {"copies": 1, "press": new_idempotency_key()}
    response = client.post(address, typed, follow=True)

    assert "can’t be printed here:" in page.text
    assert name[0] in page.text
    assert "[…] Clinic" in read_text(response.content)
    assert "can’t be printed here:" in read(client, reverse("clinic-details")).text


def only_our_fonts(monkeypatch):
    """As on a machine without further fonts."""
    ours = typesetting._fonts(system_fonts=False)
    for cached in (typesetting._compiler, typesetting.unprintable):
        cached.cache_clear()
    monkeypatch.setattr(typesetting, "_fonts", lambda **_: ours)
    monkeypatch.setattr(typesetting, "_compiler", typesetting._compiler.__wrapped__)
    monkeypatch.setattr(typesetting, "unprintable", typesetting.unprintable.__wrapped__)
    monkeypatch.setattr(operations, "unprintable", typesetting.unprintable)


# What can't be printed is not offered


def test_no_print_is_offered_of_what_rests_on_a_retracted_study(client, person):
    item = make_item("fallen2021")
    fallen = make_publication(draft=make_draft_resting_on(item.key))
    good = make_publication(draft=make_draft(title="Still good"))
    pack = pack_of(person, fallen, good)
    copy = print_for(person, fallen)
    fall(item)

    for address in ("clinic-desk", "clinic-packs"):
        links = [link["href"] for link in read(client, reverse(address)).all("a")]
        assert reverse("clinic-print", args=[fallen.slug]) not in links
        assert reverse("clinic-pack-print", args=[pack.pk]) not in links
    desk = read(client, reverse("clinic-desk"))
    assert reverse("clinic-print", args=[good.slug]) in [link["href"] for link in desk.all("a")]
    assert "Can’t be printed now." in desk.text
    handouts = read(client, reverse("handout-list"))
    assert reverse("handout-detail", args=[fallen.slug]) not in [
        link["href"] for link in handouts.all("a")
    ]
    checked = read(client, reverse("check-copy", args=[copy.code]))
    assert "Print version" not in checked.text


def test_a_newer_version_that_can_not_be_printed_is_only_offered_to_read(client, person):
    item = make_item("fallen2022")
    first = make_publication(draft=make_draft_resting_on(item.key))
    copy = print_for(person, first)
    make_next_publication(first)
    assert "Print version 2" in read(client, reverse("check-copy", args=[copy.code])).text
    fall(item)

    page = read(client, reverse("check-copy", args=[copy.code]))

    assert "Print version" not in page.text
    assert "Read it on the site" in page.text


def test_each_row_of_what_to_bin_has_a_box_to_tick(client, person):
    item = make_item("fallen2023")
    publication = make_publication(draft=make_draft_resting_on(item.key))
    for _ in range(3):
        print_for(person, publication)
    fall(item)

    html = client.get(reverse("clinic-bin")).content.decode()

    assert html.count('class="tick-box"') == 3


# A copy for one family


@needs_poppler
def test_a_note_for_a_family_is_printed_with_the_clinics_name_and_kept_nowhere(
    client, person, caplog
):
    publication = make_publication()
    note = "Ring Sister Quillfeather"
    with CaptureQueriesContext(connection) as asked:
        response = press(client, publication, note=note, age="4-5", gmfcs="2")
    words = read_text(response.content)

    assert f"A note for you from Hillside Clinic {note}" in words
    assert "not part of the reviewed text" in words
    assert "Children like yours: 4 to 5 years, GMFCS level II" in words
    assert "no-store" in response["Cache-Control"]
    assert note.encode() not in b"".join(str(value).encode() for value in response.headers.values())
    assert not any("Quillfeather" in query["sql"] or "4-5" in query["sql"] for query in asked)
    assert "Quillfeather" not in caplog.text
    copy = PrintedCopy.objects.get()
    assert "age" not in copy.options
    again = read_text(client.get(reverse("clinic-copy-pdf", args=[copy.code])).content)
    assert "Quillfeather" not in again
    assert "Children like yours" not in again


def test_a_note_that_is_too_long_or_cannot_be_printed_prints_nothing_and_is_not_lost(
    client, person
):
    publication = make_publication()
    for note in ("x" * 301, "Be brave 🦄"):
        response = press(client, publication, note=note)
        assert response.status_code == 400
        assert note in response.content.decode()
    assert not PrintedCopy.objects.exists()


def test_what_the_clinic_usually_chooses_is_chosen_beforehand_and_may_be_changed(client, person):
    publication = make_publication()
    pack = pack_of(person, publication)
    details = {"name": "Hillside Clinic", "paper": "letter", "size": "large", "ink": "black"}
    client.post(reverse("clinic-details"), details)

    pages = [
        reverse("clinic-print", args=[publication.slug]),
        reverse("clinic-pack-print", args=[pack.pk]),
    ]
    for page in pages:
        chosen = re.findall(
            r'name="(\w+)" value="(\w+)" checked', client.get(page).content.decode()
        )
        assert {("paper", "letter"), ("size", "large"), ("ink", "black")} <= set(chosen)
    press(client, publication)
    options = PrintedCopy.objects.latest("pk").options
    assert (options["paper"], options["size"], options["black_and_white"]) == ("a4", "clear", True)

    client.post(reverse("clinic-details"), {"name": "Hillside Clinic", "paper": "poster"})
    assert Clinic.objects.get(pk=person.clinic_staff.clinic_id).paper == "letter"
    client.post(reverse("clinic-details"), {"name": "Hillside Clinic"})  # a form of before
    assert Clinic.objects.get(pk=person.clinic_staff.clinic_id).size == "large"
    assert (
        "checked" in client.get(f"{pages[0]}?paper=a4").content.decode().split('value="a4"')[1][:9]
    )


@needs_poppler
def test_a_handout_of_a_pack_is_printed_as_the_pack_says_and_again_when_the_pack_changed(
    client, person
):
    first, second = make_publication(), make_publication()
    page = reverse("clinic-pack-new")
    chosen = {f"length:{first.slug}": "short", f"references:{second.slug}": "poster"}
    typed = {"name": "First visit", "note": "", "handout": [first.slug, second.slug]} | chosen
    moved = client.post(page, typed | {"do": f"down:{first.slug}"}).content.decode()
    assert moved.count("selected") == 1  # what was chosen moves with the handout
    client.post(page, typed | {"do": "save"})

    pack = Pack.objects.get()
    assert [item.options for item in pack.items.all()] == [{"length": "short"}, {}]
    address = reverse("clinic-pack-print", args=[pack.pk])
    assert f"{first.title}: Short" in read(client, address).text
    form = {"copies": 1, "press": new_idempotency_key(), "length": "full"}
    printed = read_text(client.post(address, form, follow=True).content)
    assert PrintedCopy.objects.get().options["of_parts"] == [{"length": "short"}, {}]
    old_tab = re.search(
        r'name="version_seen" value="([^"]+)"',
        client.get(reverse("clinic-pack", args=[pack.pk])).content.decode(),
    )[1]
    save_pack(
        clinic=pack.clinic, by=person, name=pack.name, note="", pack=pack,
        slugs=[first.slug, second.slug],
    )  # fmt: skip
    copy = reverse("clinic-copy-pdf", args=[PrintedCopy.objects.get().code])
    again = read_text(client.get(copy).content)
    assert again == printed  # the print keeps what it was printed with

    client.post(address, form | {"press": new_idempotency_key()})
    longer = read_text(
        client.get(reverse("clinic-copy-pdf", args=[PrintedCopy.objects.latest("pk").code])).content
    )
    assert len(longer) > len(printed)
    stale = typed | {"do": "save", "version_seen": old_tab}
    answer = client.post(reverse("clinic-pack", args=[pack.pk]), stale).content.decode()
    assert "Somebody changed this while you had it open" in answer
    assert pack.items.first().options == {}


@needs_poppler
def test_each_handout_of_a_pack_has_the_questions_chosen_for_it(client, person):
    rows = {"walking": "Does it help walking?", "undone": "Can it be undone?", "cost": "Who pays?"}
    first = make_comparison(rows=rows)
    second = make_comparison(slug="fspr-or-baclofen", rows=rows)
    slugs = [first.slug, second.slug]
    page = reverse("clinic-pack-new")
    chosen = {
        f"length:{first.slug}": "short",
        f"question:{first.slug}": ["undone", "walking"],
        f"question:{second.slug}": ["cost", "gone-since"],
    }
    typed = {"name": "First visit", "note": "", "handout": slugs} | chosen
    moved = client.post(page, typed | {"do": f"down:{first.slug}"}).content.decode()
    assert moved.count(" checked") == 4  # nothing that was ticked is lost
    assert "“gone-since”, which this version doesn’t have" in moved
    client.post(page, typed | {"do": "save"})

    pack = Pack.objects.get()
    ticked = read(client, reverse("clinic-pack", args=[pack.pk]))
    assert [
        (box["name"], box["value"])
        for box in ticked.all("input")
        if box["name"].startswith("question:") and "checked" in box
    ] == [
        (f"question:{first.slug}", "walking"),
        (f"question:{first.slug}", "undone"),
        (f"question:{second.slug}", "cost"),
        (f"question:{second.slug}", "gone-since"),
    ]
    address = reverse("clinic-pack-print", args=[pack.pk])
    assert "Can it be undone?, Does it help walking?" in read(client, address).text
    printed = read_text(
        client.post(address, {"copies": 1, "press": new_idempotency_key()}, follow=True).content
    )
    # The short one has the two ticked, the other the one that is still there: each question once
    # over its options and once in the answer of each.
    assert [printed.count(question) for question in rows.values()] == [4, 4, 4]
    assert PrintedCopy.objects.get().options["of_parts"] == [
        {"length": "short", "questions": ["undone", "walking"]},
        {"questions": ["cost"]},
    ]
    again = client.get(reverse("clinic-copy-pdf", args=[PrintedCopy.objects.get().code]))
    assert read_text(again.content) == printed

    stale = typed | {"do": "save", "version_seen": "of-an-old-tab"}
    told = client.post(reverse("clinic-pack", args=[pack.pk]), stale).content.decode()
    assert f"Stored with it now: {first.title} (Short" in told  # in words, not by its address
    assert "Can it be undone?, Does it help walking?)" in told

    refused = client.post(page, typed | {"name": "Other", f"question:{first.slug}": "../x"})
    assert "Choose questions of the comparison from the list." in refused.content.decode()
    assert Pack.objects.count() == 1
