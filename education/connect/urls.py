"""Addresses for machines; record systems have them in their settings, so they never change."""

from django.urls import path

from education.connect import views

urlpatterns = [
    path("connect/", views.connect, name="connect"),
]
