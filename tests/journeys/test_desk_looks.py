"""The desk in one look: accessible and never too wide, small and large, light and dark."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories import (
    make_draft,
    make_editor,
    make_item,
    make_publication,
    make_revision,
    make_revision_in_review,
    make_topic,
)
from tests.journeys.desk import problems_at_all_widths, sign_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]

BODY = "## What was found\n\nScores rose by two points [@first2020].\n"


@pytest.fixture
def addresses():
    """The pages on which people spend their day, with something on each."""
    make_topic("rhizotomy")
    item = make_item("first2020")
    reviewed = make_revision_in_review(draft=make_draft(item.key, body=BODY))
    publication = make_publication()
    draft = make_revision(by=make_editor(username="editor", is_superuser=True))
    lists = ("revision", "article", "evidenceitem", "publication", "user", "topic", "event")
    return [
        reverse("admin:index"),
        reverse("admin:app_list", args=["education"]),
        *(reverse(f"admin:education_{name}_changelist") for name in lists),
        reverse("admin:education_article_add"),
        reverse("admin:education_evidenceitem_add"),
        reverse("admin:education_evidenceitem_change", args=[item.pk]),
        reverse("admin:education_evidenceitem_verify", args=[item.pk]),
        reverse("admin:education_publication_change", args=[publication.pk]),
        *(
            reverse(f"admin:education_revision_{step}", args=[reviewed.pk])
            for step in ("review", "preview", "assign")
        ),
        reverse("admin:education_revision_change", args=[draft.pk]),
        reverse("admin:education_revision_submit", args=[draft.pk]),
        reverse("admin:account"),
    ]


def test_the_desk_is_accessible_and_fits_small_and_wide_light_and_dark(
    page, live_server, addresses
):
    sign_in(page, live_server.url, "editor")
    found = []
    for address in addresses:
        page.goto(f"{live_server.url}{address}")
        found += [(address, *problem) for problem in problems_at_all_widths(page)]

    assert not found, "\n".join(map(str, found))

    # On a telephone, which has seen no wide window in its visit, the filters leave room for the
    # list, and open under a finger.
    page.evaluate("sessionStorage.clear()")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}{reverse('admin:education_evidenceitem_changelist')}")
    assert page.locator("#changelist-filter").bounding_box()["height"] < 400
    assert page.get_by_role("link", name="Show counts").bounding_box()["height"] >= 44
    page.get_by_text("By verification").click()
    choice = page.get_by_role("link", name="To verify", exact=True).last
    assert choice.bounding_box()["height"] >= 44
    choice.click()
    expect(page.get_by_role("link", name="To verify", exact=True).last).to_be_visible()
