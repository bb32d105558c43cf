"""Everything that the OpenAPI document allows is asked, and every answer is held to it."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings

from education.connect.openapi import document
from tests.examples import examples
from tests.factories import make_article, make_item, make_next_publication, make_publication

pytestmark = pytest.mark.django_db

schema = schemathesis.openapi.from_dict(document())
schema.app = get_wsgi_application()


@pytest.fixture(autouse=True)
def _one_connection():
    """Keep the test's own transaction open between requests, as Django's test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def content():
    """A text of two versions, at names that a generated request may well hit."""
    item = make_item("0")
    first = make_publication(article=make_article(slug="0"))
    make_next_publication(first)
    return item


@schema.parametrize()
@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_every_answer_is_what_the_document_says(case, content):
    case.call_and_validate()
