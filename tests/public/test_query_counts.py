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


PAGES = (
    "/",
    "/topics/",
    "/topics/rhizotomy/",
    "/articles/page/",
    "/articles/compared/",
    "/articles/claims/",
    "/articles/words/",
    "/articles/page/?age=4-5&gmfcs=2",
    "/articles/page/card.png",
    "/articles/page/versions/",
    "/articles/page/versions/1/",
    "/articles/page/changes/1-2/",
    "/articles/page/references.bib",
    "/compare/",
    "/claims/",
    "/claims/claim-2/",
    "/glossary/",
    "/evidence/",
    "/evidence/?age=4-5&gmfcs=4",
    "/evidence/cited2020/",
    "/evidence/cited2020.bib",
    "/outcomes/",
    "/outcomes/movement/",
    "/handouts/",
    "/handouts/?q=statement",
    "/handouts/page/",
    "/handouts/compared.pdf",
    "/articles/compared/worksheet/",
    "/articles/compared/worksheet.pdf",
    "/search/",
    "/search/?q=statement",
    "/search/?q=statement&topic=rhizotomy",
    "/search/?q=zebra",
    "/search/suggest/?q=statement",
    "/v/{code}/",
    "/v/{code}/hand-over/",
    "/check/",
    "/check/{code}/",
    "/reports/",
    "/reports/{report}/",
    "/reports/about/page/",
    "/reports/clear/page/",
    "/how-we-review/",
    "/people/",
    "/people/?name={person}",
    "/corrections/",
    "/about/",
    "/privacy/",
    "/imprint/",
    "/disclaimer/",
    "/accessibility/",
    "/feeds/new.xml",
    "/feeds/corrections.xml",
    "/feeds/recalls.atom",
    "/opensearch.xml",
    "/sitemap.xml",
    "/robots.txt",
    "/articles/pag/",
    "/api/v1/",
    "/api/v1/articles/",
    "/api/v1/articles/page/",
    "/api/v1/articles/page/versions/",
    "/api/v1/claims/",
    "/api/v1/comparison/",
    "/api/v1/evidence/",
    "/api/v1/glossary/",
    "/api/v1/topics/",
    "/connect/",
    "/connect/?mainSearchCriteria.v.dn=rhizotomy&knowledgeResponseType=text/xml",
    "/embed/page/",
)


@pytest.mark.slow
def test_every_page_asks_the_same_however_much_there_is(client):
    names = make_small()

    def asked():
        return {page: _asked(client, page.format(**names)) for page in PAGES}

    of_small = asked()
    make_large()
    assert asked() == of_small


def test_every_kind_of_page_is_counted():
    bare = [page.partition("?")[0].format(code="x", report="x") for page in PAGES]
    counted = {resolve(page).func for page in bare}
    elsewhere = {"choose-changes", "check-shelf", "evidence-export"}
    left = {one.name for one in urlpatterns if one.callback not in counted} - elsewhere
    assert left == set()


def _asked(client, address):
    with CaptureQueriesContext(connection) as questions:
        client.get(address)
    return len(questions)
