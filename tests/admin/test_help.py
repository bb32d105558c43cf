"""Beside every field of the desk stands what to write there."""

import re
from collections.abc import Iterator

import pytest
from lxml import html

from education.people.models import Role
from tests.factories import make_person
from tests.operating.world import desk_pages, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.thorough]

# Fields whose words say all there is to say, by name.
WITHOUT_HELP = {
    r".+-DELETE": "a tick called Delete",
    r"(medical|plain_language)-\w+": "a question of a reviewer's checklist",
    r"confirmed|interests_confirmed|is_blocking|contributing|evidence|enter": (
        "a tick whose label is a sentence, or that stands beside what it takes in"
    ),
    r"from|to": "a column of radio buttons in the table of saves, with its head",
    r"old_password": "the password that the person has",
}
UNSEEN = {"hidden", "submit", "button", "image", "reset"}


def fields(page: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """What a person fills in on a page."""
    for field in page.iter("input", "select", "textarea"):
        if field.get("type") not in UNSEEN:
            yield field


def has_help(field: html.HtmlElement, page: html.HtmlElement) -> bool:
    """Whether words are tied to the field or its group, or stand with it in its part of a form."""
    helps = [
        element
        for group in (field, *field.iterancestors())
        for name in (group.get("aria-describedby") or "").split()
        for element in page.xpath("//*[@id=$name]", name=name)
    ]
    # Django's admin ties no words to a group of ticks; they are the group's neighbour.
    helps += field.xpath("ancestor::div[parent::div]/div[@class='help']")
    return any(element.text_content().strip() for element in helps)


def test_every_field_of_the_desk_has_help(client):
    pages = desk_pages(make_world())
    client.force_login(make_person(*Role, is_superuser=True))
    client.raise_request_exception = False

    seen, missing = 0, set()
    for address in pages:
        answer = client.get(address)
        if answer.status_code != 200 or "text/html" not in answer.headers["Content-Type"]:
            continue
        page = html.document_fromstring(answer.content)
        for field in fields(page):
            seen += 1
            name = field.get("name") or field.get("id") or ""
            if any(re.fullmatch(pattern, name) for pattern in WITHOUT_HELP):
                continue
            if not has_help(field, page):
                missing.add((re.sub(r"\d+", "N", address), re.sub(r"\d+|__prefix__", "N", name)))

    assert not missing, "\n".join(f"{address} {name}" for address, name in sorted(missing))
    assert seen > 500
