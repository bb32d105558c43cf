"""Every page of the desk, opened in a browser: no error under the strict policy, accessible."""

import pytest
from django.contrib import admin
from django.urls import reverse

from education.audit.models import Event
from education.feedback.operations import count_clarity
from education.handouts.models import Clinic
from education.people.models import Role
from education.publishing.models import Publication
from education.safety.operations import record_status
from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_item,
    make_next_publication,
    make_person,
    make_publication,
    make_revision,
    make_revision_in_review,
    make_topic,
)
from tests.feedback.reports import make_report
from tests.journeys.desk import desk_violations, problems_at_all_widths, sign_in
from tests.operating.world import desk_pages, make_world

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def make_desk() -> list[str]:
    """A desk with something of everything; the address of every page of it."""
    item, fallen = make_item("stands2020"), make_item("falls2020")
    make_next_publication(make_publication(draft=make_draft(item.key)))
    published = make_publication(
        article=make_article(slug="rests-on-it"), draft=make_draft(fallen.key)
    )
    draft, reviewed = make_revision(), make_revision_in_review()
    event = record_status(
        item=fallen,
        status="concern",
        occurred_on=published.reviewed_on,
        reason="Questions were asked.",
        by=make_editor(),
    )
    report = make_report(published, kind="safety")
    count_clarity(publication=published, is_clear=True, sender="192.0.2.1")
    steps = ("answer", "dismiss", "blank")
    reports = [reverse(f"admin:education_report_{step}", args=[report.pk]) for step in steps]
    pages = [
        reverse(f"admin:{name}")
        for name in (
            "index",
            "search",
            "status",
            "start",
            "calendar",
            "first-article",
            "password_change",
            "account",
            "education_user_declaration",
            "education_user_profile",
            "education_revision_before",
        )
    ]
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages.append(reverse(f"{name}_changelist"))
        names = {address.name for address in model_admin.get_urls()}
        if f"{name}_add".removeprefix("admin:") not in names:
            continue  # Its list is all there is.
        pages.append(reverse(f"{name}_add"))
        one = model._default_manager.order_by("-pk").first()
        if one is not None:
            pages += [reverse(f"{name}_{page}", args=[one.pk]) for page in ("change", "history")]
    for revision in (draft, reviewed):
        for step in (
            "preview",
            "submit",
            "review",
            "assign",
            "publish",
            "put_aside",
            "word",
            "saves",
        ):
            pages.append(reverse(f"admin:education_revision_{step}", args=[revision.pk]))
        pages.append(reverse("admin:education_revision_change", args=[revision.pk]))
    pages.append(reverse("admin:education_article_change", args=[draft.article_id]))
    shipped = make_publication(article=make_article(slug="before-you-pay"))
    pages.append(reverse("admin:education_article_shipped_texts"))
    pages.append(reverse("admin:education_article_shipped", args=[shipped.revision.article_id]))
    pages.append(reverse("admin:education_evidenceitem_verify", args=[item.pk]))
    pages.append(reverse("admin:education_statusevent_explain", args=[event.pk, draft.pk]))
    current = Publication.objects.current().first()
    for step in ("withdraw", "extend", "cancel", "mask", "recall", "hide"):
        pages.append(reverse(f"admin:education_publication_{step}", args=[current.pk]))
    for step in ("invite", "end_sign_ins"):
        pages.append(
            reverse(f"admin:education_user_{step}", args=[report.publication.published_by_id])
        )
    return list(dict.fromkeys([*pages, *reports]))


def test_every_page_of_the_desk_is_accessible_and_without_errors(page, live_server):
    make_topic("rhizotomy")
    pages = make_desk()
    assert Event.objects.exists()
    Clinic.objects.get_or_create(name="A clinic")
    make_editor(username="editor", is_superuser=True)
    sign_in(page, live_server.url, "editor")

    seen, found = 0, {}
    for address in pages:
        answer = page.goto(f"{live_server.url}{address}")
        assert answer.status < 500, address
        if answer.status != 200:
            continue
        seen += 1
        if problems := desk_violations(page):
            found[address] = problems

    assert found == {}
    assert seen > 30


@pytest.mark.soak
def test_every_page_of_the_desk_fits_and_is_accessible_at_all_widths_light_and_dark(
    page, live_server
):
    pages = desk_pages(make_world())
    make_person(*Role, username="everything", is_superuser=True)
    sign_in(page, live_server.url, "everything")

    seen, problems = 0, []
    for address in pages:
        if not _is_page(page.request.get(f"{live_server.url}{address}", max_redirects=0)):
            continue
        page.goto(f"{live_server.url}{address}")
        seen += 1
        problems += [(address, *problem) for problem in problems_at_all_widths(page)]

    assert not problems, "\n".join(map(str, problems))
    assert seen > 100


def _is_page(answer) -> bool:
    """Whether an address shows something, rather than a file, a step that is only sent or no."""
    return answer.status == 200 and "text/html" in answer.headers["content-type"]
