"""How many questions each page for readers asks the database: the same however much there is."""

from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from education.handouts.copy_check import public_code
from education.public.urls import urlpatterns
from tests.factories import (
    make_article,
    make_draft,
    make_item,
    make_next_publication,
    make_publication,
    make_topic,
)
from tests.feedback.reports import make_report
from tests.public.reading import FOUND, make_claims, make_comparison, make_glossary
from tests.safety.test_standing import fall

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def make_small():
    """A page of every kind; one study that pages rest on was retracted."""
    make_topic("rhizotomy")
    make_item("cited2020", findings=FOUND)
    fallen = make_item("fallen2020")
    first = make_publication(
        article=make_article(slug="page"), draft=make_draft("cited2020", "fallen2020")
    )
    article = make_next_publication(first, correction="We said it wrongly.")
    make_comparison("compared", key="cited2020")
    make_claims("claims", key="cited2020")
    make_glossary("words")
    fall(fallen)
    return {
        "code": public_code(article),
        "report": make_report(article).number,
        "person": quote(article.writers[0]["name"]),
    }


def make_large():
    """More of everything, on the same topic and about the same studies."""
    for number in range(4):
        make_topic(f"below-{number}", parent=make_topic("rhizotomy"))
        make_item(findings=FOUND)
        more = make_publication(
            article=make_article(slug=f"more-{number}"),
            draft=make_draft("cited2020", title=f"Statement {number}"),
        )
        make_next_publication(more, correction="It was wrong.")
    fall(make_item("another2020"))


ASKED = {
    "/": 6,
    "/topics/": 1,
    "/topics/rhizotomy/": 4,
    # An article, a comparison, claims and words: all that their pages need comes by one.
    "/articles/page/": 1,
    "/articles/compared/": 1,
    "/articles/claims/": 1,
    "/articles/words/": 1,
    "/articles/page/?age=4-5&gmfcs=2": 2,
    "/articles/page/card.png": 1,
    "/articles/page/versions/": 2,
    "/articles/page/versions/1/": 3,
    "/articles/page/changes/1-2/": 3,
    "/articles/page/references.bib": 4,
    "/compare/": 1,
    "/claims/": 1,
    "/claims/claim-2/": 1,
    "/glossary/": 1,
    "/evidence/": 4,
    "/evidence/?age=4-5&gmfcs=4": 4,
    "/evidence/cited2020/": 4,
    "/evidence/cited2020.bib": 2,
    "/outcomes/": 4,
    "/outcomes/movement/": 3,
    "/handouts/": 3,
    "/handouts/?q=statement": 8,
    "/handouts/page/": 6,
    "/handouts/compared.pdf": 5,
    "/articles/compared/worksheet/": 1,
    "/articles/compared/worksheet.pdf": 5,
    "/search/": 3,
    "/search/?q=statement": 10,
    "/search/?q=statement&topic=rhizotomy": 11,
    "/search/?q=zebra": 12,
    "/search/suggest/?q=statement": 9,
    "/v/{code}/": 7,
    "/v/{code}/hand-over/": 7,
    "/check/": 0,
    "/check/{code}/": 6,
    "/reports/": 0,
    "/reports/{report}/": 3,
    "/reports/about/page/": 1,
    "/reports/clear/page/": 1,
    "/how-we-review/": 1,
    "/people/": 1,
    "/people/?name={person}": 2,
    "/corrections/": 2,
    "/about/": 0,
    "/privacy/": 0,
    "/imprint/": 0,
    "/disclaimer/": 0,
    "/accessibility/": 0,
    "/feeds/new.xml": 2,
    "/feeds/corrections.xml": 2,
    "/feeds/recalls.atom": 7,
    "/opensearch.xml": 0,
    "/sitemap.xml": 4,
    "/robots.txt": 0,
    "/articles/pag/": 6,
    "/api/v1/": 0,
    "/api/v1/articles/": 2,
    "/api/v1/articles/page/": 2,
    "/api/v1/articles/page/versions/": 4,
    "/api/v1/claims/": 2,
    "/api/v1/comparison/": 2,
    "/api/v1/evidence/": 1,
    "/api/v1/glossary/": 2,
    "/api/v1/topics/": 2,
    "/connect/": 2,
    "/connect/?mainSearchCriteria.v.dn=rhizotomy&knowledgeResponseType=text/xml": 6,
    "/embed/page/": 2,
}


def test_every_page_asks_the_same_however_much_there_is(client):
    names = make_small()

    def asked():
        return {page: _asked(client, page.format(**names)) for page in ASKED}

    assert asked() == ASKED
    make_large()
    assert asked() == ASKED


def test_every_kind_of_page_is_counted():
    bare = [page.partition("?")[0].format(code="x", report="x") for page in ASKED]
    counted = {resolve(page).func for page in bare}
    elsewhere = {"choose-changes", "check-shelf", "evidence-export"}
    left = {one.name for one in urlpatterns if one.callback not in counted} - elsewhere
    assert left == set()


def _asked(client, address):
    with CaptureQueriesContext(connection) as questions:
        client.get(address)
    return len(questions)
