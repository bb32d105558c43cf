"""Reports of readers, as tests need them."""

from itertools import count

from education.feedback.models import Report
from education.feedback.operations import take_report
from education.publishing.models import Publication
from tests.factories import make_publication

_numbers = count(1)


def make_report(publication: Publication | None = None, **fields: str) -> Report:
    number = next(_numbers)
    said = {
        "kind": "wrong",
        "words": "The number of children is wrong.",
        "form": f"form-of-test-{number}",
        "sender": f"2001:db8:0:{number:x}::1",
    }
    return take_report(publication=publication or make_publication(), **said | fields)
