"""Addresses for machines; other systems have them in their settings, so they never change."""

from django.urls import path, re_path

from education.connect import api, views

urlpatterns = [
    path("connect/", views.connect, name="connect"),
    path("embed/<slug:slug>/", views.embed, name="embed"),
    path("api/v1/", api.guide, name="integrators"),
    path("api/v1/openapi.json", api.openapi, name="openapi"),
    path("api/v1/articles/", api.articles, name="api-articles"),
    path("api/v1/articles/<slug:slug>/", api.article, name="api-article"),
    path("api/v1/articles/<slug:slug>/versions/", api.versions, name="api-versions"),
    path("api/v1/articles/<slug:slug>/versions/<int:number>/", api.version, name="api-version"),
    path("api/v1/comparison/", api.comparison, name="api-comparison"),
    path("api/v1/claims/", api.claims, name="api-claims"),
    path("api/v1/claims/<slug:slug>/", api.claim, name="api-claim"),
    path("api/v1/evidence/", api.evidence, name="api-evidence"),
    path("api/v1/evidence/<slug:key>/", api.evidence_item, name="api-evidence-item"),
    path("api/v1/topics/", api.topics, name="api-topics"),
    path("api/v1/glossary/", api.glossary, name="api-glossary"),
    path("api/v1/changes/", api.changes, name="api-changes"),
    re_path(r"^api/v1/[\s\S]+", api.nowhere),  # any character, even a line's end
]
