"""Whose address counts, where a proxy of ours stands before the site."""

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.test import RequestFactory

from portal.proxy import sender_behind_proxy


def sender(told, settings, behind=True):
    settings.BEHIND_PROXY = behind
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=told, REMOTE_ADDR="127.0.0.1")
    return sender_behind_proxy(lambda request: request.META["REMOTE_ADDR"])(request)


def test_the_last_address_is_the_one_our_proxy_wrote(settings):
    assert sender("198.51.100.7", settings) == "198.51.100.7"
    assert sender("203.0.113.9, 198.51.100.7", settings) == "198.51.100.7"
    assert sender("", settings) == "127.0.0.1"


def test_without_a_proxy_nobody_can_name_another_sender(settings):
    with pytest.raises(MiddlewareNotUsed):
        sender("198.51.100.7", settings, behind=False)
