"""
What every list of the desk costs at 1,000 drafts and 10,000 works, for docs/measurements.md.

By hand: ``python3 start.py soak tests/admin/test_lists_at_size.py -s`` prints the table.
"""

import datetime
import time

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from education.articles.models import Article, Citation, Contribution, Revision
from education.evidence.models import EvidenceItem, Verification
from education.people.models import Role
from education.publishing.desk_index import rebuild_desk
from education.publishing.models import Publication
from education.review.models import Assignment, Comment
from tests.factories import make_person, make_writer
from tests.operating.world import make_world

pytestmark = [pytest.mark.django_db, pytest.mark.soak]

DRAFTS, WORKS, COPIES = 1_000, 10_000, 500
WORDS = ("rhizotomy", "walking", "stiffness", "cord", "blood", "hips", "spine", "pain", "speech")


def words(number: int) -> str:
    return " ".join(WORDS[(number * step) % len(WORDS)] for step in (1, 2, 4)) + f" {number}"


def fill() -> None:
    """Rows past the operations, which would take an hour: texts in each state, works, copies."""
    writer, reviewer = make_writer(), make_person(*Role)
    model = Publication.objects.order_by("pk").first()
    topic, now = model.topic, timezone.now()
    works = EvidenceItem.objects.bulk_create(
        EvidenceItem(
            key=f"work{number}", title=f"A trial of {words(number)}", topic=topic,
            authors=[{"family": "Tester", "given": "A"}], container_title="Journal of Tests",
            issued_year=1990 + number % 35, sample_size=number % 400, finding=words(number),
            design=EvidenceItem.Design.COHORT, details_hash="0" * 64,
            url=f"https://example.org/{number}" if number % 20 == 0 else "",
        )
        for number in range(WORKS)
    )  # fmt: skip
    Verification.objects.bulk_create(
        Verification(
            item=work, by=by, as_medical_reviewer=True, level="abstract", at=now,
            details_hash=work.details_hash,
        )
        for work in works[::2]
        for by in (writer, reviewer)
    )  # fmt: skip
    articles = Article.objects.bulk_create(
        Article(slug=f"text-{number}", topic=topic, kind="article", risk_class="ABC"[number % 3])
        for number in range(DRAFTS)
    )
    states = ("draft", "draft", "in_review", "in_review", "changes_requested", "approved")
    texts = Revision.objects.bulk_create(
        Revision(
            article=article, number=1, state=states[number % 6], title=f"Is it {words(number)}?",
            short_answer=f"It may {words(number)}.", body=f"## Found\n\n{words(number)}\n" * 20,
            created_by=writer, submitted_by=writer, submitted_at=now,
        )
        for number, article in enumerate(articles)
    )  # fmt: skip
    Contribution.objects.bulk_create(Contribution(revision=text, person=writer) for text in texts)
    Citation.objects.bulk_create(
        Citation(revision=text, item=works[(number * 7 + place) % WORKS], number=place + 1)
        for number, text in enumerate(texts)
        for place in range(5)
    )
    Assignment.objects.bulk_create(
        Assignment(
            revision=text, reviewer=reviewer, reviewed_as="medical", assigned_by=writer,
            due_on=now.date() + datetime.timedelta(days=number % 30), assigned_at=now,
        )
        for number, text in enumerate(texts)
        if text.state == "in_review"
    )  # fmt: skip
    Comment.objects.bulk_create(
        Comment(revision=text, by=reviewer, at=now, text=words(number))
        for number, text in enumerate(texts)
    )
    fields = [field.attname for field in Publication._meta.concrete_fields]
    values = {name: getattr(model, name) for name in fields}
    Publication.objects.bulk_create(
        Publication(
            **values | {"id": None, "slug": f"copy-{number}", "title": f"Copy {words(number)}"}
        )
        for number in range(COPIES)
    )
    rebuild_desk()


def lists() -> list[str]:
    """Every list, its filters and searches; My work, the calendar, the desk's search."""
    pages = [reverse(f"admin:{name}") for name in ("calendar", "search", "start")]
    search = reverse("admin:search")
    pages += [f"{search}?q=rhizotomy", f"{search}?q=rhizot*&where=evidenceitem"]
    for model, model_admin in admin.site._registry.items():
        page = reverse(f"admin:education_{model._meta.model_name}_changelist")
        pages.append(page)
        if model_admin.search_fields:
            pages.append(f"{page}?q=walking")
    works, texts = (
        reverse(f"admin:education_{name}_changelist") for name in ("evidenceitem", "revision")
    )
    pages += [f"{works}?{query}" for query in ("verified=no", "verified=yes", "web=look", "p=10",
                                               "_facets=True", "o=6")]  # fmt: skip
    pages += [f"{texts}?{query}" for query in ("p=10", "_facets=True", "reading=changes")]
    return [*pages, reverse("admin:index")]


def test_every_list_answers_at_size(client):
    make_world()
    fill()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client.force_login(make_person(*Role, is_superuser=True))
    client.raise_request_exception = False

    for page in lists():
        client.get(page)
        begin = time.process_time()
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(page)
        took = 1000 * (time.process_time() - begin)
        assert answer.status_code in {200, 302}, page
        print(f"| `{page}` | {took:.0f} ms | {len(queries)} |", flush=True)  # noqa: T201 - its purpose
