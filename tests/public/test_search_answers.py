"""What a search answers beside its hits: sections, pages of the site, what isn't covered."""

import pytest
from django.urls import reverse

from education.public.site_search import find
from education.search.models import SynonymGroup
from tests.factories import make_draft, make_item, make_publication
from tests.public.reading import read

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

BODY = """## Before it

Nothing is given to eat for some hours.

## How long in hospital?

Most children stay for some days.

## Zebras

Stripes are seen.
"""


@pytest.fixture
def page():
    return make_publication(draft=make_draft(title="What is rhizotomy?", body=BODY))


def answer(client, words):
    return read(client, f"{reverse('search')}?q={words}")


def test_a_hit_leads_to_the_section_that_answers(client, page):
    shown = answer(client, "how+many+days+in+hospital+after+rhizotomy")

    address = reverse("article-detail", args=[page.slug])
    links = [link["href"] for link in shown.all("a")]
    assert address in links
    assert f"{address}#how-long-in-hospital" in links
    assert "Most children stay for some days." in shown.text
    assert "how-long-in-hospital" in client.get(address).content.decode()


def test_a_hit_leads_to_the_section_that_says_what_its_title_does_not(page):
    make_publication(
        draft=make_draft(
            title="What helps a child who does not walk?",
            body="## Hips\n\nThey are checked.\n\n## And cells?\n\nOf cord blood we know little.\n",
        )
    )

    for words in ("cord blood for a child who does not walk", "cord blood wheelchair"):
        hit = find(words).hits[0]
        assert hit.section.title == "And cells?"
        assert "cord blood" in hit.text
    assert find("child in a wheelchair").hits[0].section is None


def test_a_question_never_needs_all_of_its_words(page):
    make_publication(draft=make_draft(title="Of quokkas", body="## Food\n\nLeaves in hospital."))

    first = find("is there anybody who knows how long my daughter must stay in hospital please")

    assert first.hits[0].title == "What is rhizotomy?"


def test_texts_with_fewer_words_follow_where_few_have_all(page):
    make_publication(draft=make_draft(title="Zebras and hospital"))
    make_publication(draft=make_draft(title="Zebras"))

    hits = [hit.title for hit in find("zebras hospital").hits]

    assert set(hits[:2]) == {"Zebras and hospital", "What is rhizotomy?"}
    assert "Zebras" in hits


def test_a_long_text_does_not_win_by_its_length():
    padding = "\n\n".join(f"## Part {n}\n\nOf rhizotomy and hospital." for n in range(12))
    make_publication(draft=make_draft(title="Everything we have", body=padding))
    make_publication(draft=make_draft(title="Rhizotomy: how long in hospital?"))

    assert find("how long in hospital for rhizotomy").hits[0].title.startswith("Rhizotomy:")


@pytest.mark.parametrize(
    ("words", "view"),
    [("privacy", "privacy"), ("how can I contact you", "about"), ("print", "handout-list"),
     ("who pays for this site", "how-we-review"), ("report a mistake", "find-report"),
     ("is my paper still good", "check"), ("print something for my child", "handout-list"),
     ("what do the dots mean", "how-we-review"),
     ("imprint", "imprint"), ("who wrote this", "people"), ("accessibility", "accessibility")],
)  # fmt: skip
def test_pages_of_the_site_are_found(client, page, words, view):
    assert find(words).hits[0].url == reverse(view)
    assert "This site" in answer(client, words.replace(" ", "+")).text


def test_pages_of_the_site_are_not_asked_for_in_one_topic_or_kind(page):
    assert not find("privacy", kind="page").hits
    assert not find("privacy", topic="rhizotomy").hits


def test_what_is_not_covered_is_said(client, page):
    shown = answer(client, "does+acupuncture+help+after+rhizotomy")

    assert "We have nothing on “acupuncture”." in shown.text
    assert "What is rhizotomy?" in shown.text
    assert "We have nothing on" not in answer(client, "rhizotomy+please").text


def test_a_study_alone_does_not_make_a_subject_covered(client, page):
    make_item("needles2020", title="A trial of acupuncture")

    shown = answer(client, "acupuncture")

    assert "We have nothing on “acupuncture”." in shown.text
    assert "A trial of acupuncture" in shown.text


def test_a_study_is_shown_with_what_it_cannot_tell(client):
    make_item("cells2020", title="A trial of quokkas", limitations="Too few took part.")

    shown = answer(client, "quokkas")

    assert "What it can’t tell: Too few took part." in shown.text


@pytest.mark.parametrize(
    ("words", "language", "line"),
    [("脑瘫", "zh-Hans", "这些页面是英文的。"),
     ("parálisis cerebral", "es", "Estas páginas están en inglés.")],
)  # fmt: skip
def test_who_asks_in_another_language_is_told_in_it(client, settings, words, language, line):
    make_publication(draft=make_draft(title="What is cerebral palsy?"))

    shown = client.get(reverse("search"), {"q": words}).content.decode()

    assert f'<p lang="{language}">{line}</p>' in shown
    assert "What is" in shown
    assert line not in client.get(reverse("search"), {"q": "rhizotomy"}).content.decode()
    settings.READER_LANGUAGES = [language.lower()]
    assert line not in client.get(reverse("search"), {"q": words}).content.decode()


@pytest.mark.parametrize("typed", ["rhizotomysurgery", "rizottomy", "rhizotomie surgerry"])
def test_words_run_together_and_two_slips_are_understood(typed):
    make_publication(draft=make_draft(title="What is rhizotomy surgery?"))

    assert [hit.title for hit in find(typed).hits] == ["What is rhizotomy surgery?"]


@pytest.mark.parametrize("typed", ["side efects", "what are side effetcs"])
def test_a_slip_in_a_phrase_leaves_it_a_phrase(typed):
    make_publication(draft=make_draft(title="Harms", body="## One\n\nBad effects."))
    make_publication(draft=make_draft(title="Lying on one side", body="## Two\n\nIn bed."))

    assert [hit.title for hit in find(typed).hits] == ["Harms"]


def test_a_number_of_the_asker_need_not_stand_in_the_text():
    make_publication(draft=make_draft(title="What is the right age for rhizotomy?"))
    make_publication(draft=make_draft(title="Of quokkas", body="## It\n\nSome live 11 years."))

    assert find("rhizotomy for an 11 year old").hits[0].title.startswith("What is the right age")
    assert not find("rhizotomy for an 11 year old").loose


def test_shipped_synonyms_work_beside_those_that_editors_added():
    make_publication(draft=make_draft(title="What is rhizotomy?"))
    SynonymGroup.objects.create(words="quokka -> rhizotomy")

    assert find("SDR").hits
    assert find("quokka").hits
    make_publication(draft=make_draft(title="Of quokkas"))
    assert [hit.title for hit in find("rhizotomy").hits] == ["What is rhizotomy?"]
