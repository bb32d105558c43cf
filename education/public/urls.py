"""The reader's addresses; readers print and link them, so they never change."""

from django.urls import path

from education.public.views import (
    articles,
    changes,
    checking,
    exports,
    handouts,
    home,
    library,
    machines,
    search,
    topics,
    trust,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("topics/", topics.topic_list, name="topic-list"),
    path("topics/<slug:slug>/", topics.topic_detail, name="topic-detail"),
    path("compare/", articles.comparison_list, name="comparison-list"),
    path("articles/<slug:slug>/", articles.article_detail, name="article-detail"),
    path("articles/<slug:slug>/versions/", articles.version_list, name="version-list"),
    path(
        "articles/<slug:slug>/versions/<int:number>/",
        articles.version_detail,
        name="version-detail",
    ),
    path("articles/<slug:slug>/changes/", changes.choose_changes, name="choose-changes"),
    path(
        "articles/<slug:slug>/changes/<int:old>-<int:new>/",
        changes.version_changes,
        name="version-changes",
    ),
    path(
        "articles/<slug:slug>/references.<str:ending>",
        exports.references_export,
        name="references-export",
    ),
    path("claims/", library.claim_list, name="claim-list"),
    path("claims/<slug:slug>/", library.claim_detail, name="claim-detail"),
    path("evidence/", library.evidence_list, name="evidence-list"),
    path("evidence/<slug:key>/", library.evidence_detail, name="evidence-detail"),
    path(
        "evidence/<slug:key>.<str:ending>",
        exports.evidence_export,
        name="evidence-export",
    ),
    path("glossary/", library.glossary, name="glossary"),
    path("handouts/", handouts.handout_list, name="handout-list"),
    path("handouts/<slug:slug>/", handouts.handout_detail, name="handout-detail"),
    path("handouts/<slug:slug>.pdf", handouts.handout_pdf, name="handout-pdf"),
    path("check/", checking.check_form, name="check"),
    path("check/shelf/", checking.check_shelf, name="check-shelf"),
    path("check/<str:code>/", checking.check_copy, name="check-copy"),
    path("search/", search.search, name="search"),
    path("how-we-review/", trust.how_we_review, name="how-we-review"),
    path("people/", trust.people, name="people"),
    path("corrections/", trust.corrections, name="corrections"),
    path("about/", trust.about, name="about"),
    path("privacy/", trust.privacy, name="privacy"),
    path("robots.txt", machines.robots, name="robots"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
]
