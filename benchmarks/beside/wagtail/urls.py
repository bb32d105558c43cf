"""Every address is a page."""

from django.urls import include, path
from wagtail import urls as pages

urlpatterns = [path("", include(pages))]
