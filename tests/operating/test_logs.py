"""No line of the log holds a code, a report's number, a link to an account or what people typed."""

import logging
import sys

import pytest

from education.errors import EditorialError
from portal.operating.logs import JsonFormatter, PlainFormatter, without_secrets

FORMATTERS = [
    PlainFormatter("{levelname} {message}", style="{"),
    JsonFormatter("{levelname}{message}", style="{"),
]
REFUSED = (
    'duplicate key value violates unique constraint "education_user_username_key"\n'
    "DETAIL:  Key (username)=(typed by somebody) already exists.\n"
)


def line(formatter, message, *args, exc_info=None):
    record = logging.LogRecord("django.request", 40, "x.py", 1, message, args, exc_info)
    return formatter.format(record)


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize(
    ("path", "secret"),
    [
        ("/check/ABCDEFGHJ/", "ABCDEFGHJ"),
        ("/zh-hans/check/ABCDEFGHJ/?printed=2026-11", "ABCDEFGHJ"),
        ("/reports/123456789/", "123456789"),
        ("/admin/password/MQ/abc-def/", "abc-def"),
        ("/clinic/mailbox/abc:def:ghi/", "def"),
        ("/clinic/recalls/0123456789abcdef.atom", "0123456789abcdef"),
        ("/clinic/recalls/answer/abc:def:ghi/", "def"),
    ],
)
def test_no_line_opens_a_copy_a_report_or_an_account(formatter, path, secret):
    written = line(formatter, "%s: %s", "Not Found", path)

    assert secret not in written
    assert "Not Found" in written


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_no_traceback_holds_what_the_database_says_of_a_row(formatter):
    try:
        try:
            raise ValueError(REFUSED)
        except ValueError as error:
            raise EditorialError("It was refused.") from error
    except EditorialError:
        written = line(formatter, "It failed.", exc_info=sys.exc_info())

    assert "typed by somebody" not in written
    assert "violates unique constraint" in written
    assert "It was refused." in written


def test_a_value_that_a_type_refuses_is_not_written():
    said = without_secrets('invalid input syntax for type bigint: "what I typed"')

    assert said == "invalid input syntax for type bigint: …"


def test_the_site_logs_by_these_formatters(settings):
    for formatter in settings.LOGGING["formatters"].values():
        assert formatter["()"].startswith("portal.operating.logs.")
