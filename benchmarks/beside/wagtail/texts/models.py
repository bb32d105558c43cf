"""A page that has a text."""

from django.db import models
from wagtail.models import Page


class Text(Page):
    """An article; its body is HTML as it stands, which is cheaper than Wagtail's rich text."""

    body = models.TextField(blank=True)
