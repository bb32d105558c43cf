"""“Your first article”: the way of a text and its signs, on one page of the desk."""

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from education.admin.access import EDITORIAL, person_of, roles_of
from education.articles.models import Revision
from education.articles.rules import may_write
from education.people.models import User
from education.review.models import Review
from education.review.rules import REQUIRED, Requirement

# What a writer wants, and how it is written (docs/markdown.md). A test renders each.
SIGNS = (
    ("A heading, a smaller one", "## What was found\n\n### In older children"),
    ("Bold, italic", "**important** and *so called*"),
    ("A list, a numbered one", "- one thing\n- another\n\n1. first\n2. then"),
    ("A citation, with a page", "Stiffness falls at once [@key, p. 3]."),
    ("Two works for one statement", "It lasts for years [@one; @other]."),
    ("A link", "[Our reviewers](/articles/how-we-review/)"),
    ("A warning, a note, a quotation", "::: warning Ask first\nWords of the warning.\n:::"),
    ("A table", "| Age | Children |\n|---|---|\n| 4 to 6 | 12 |"),
    (
        "So many out of so many",
        "```icons\ncount: 7\nof: 100\ntext: 7 out of 100 children [@key].\n```",
    ),
    ("A drawing", '![What it shows](figure:gmfcs-1 "A caption.")'),
    ("Raised and lowered", "10^6^ cells, H~2~O"),
)


def may_need_help(person: User) -> bool:
    """Whether somebody who writes has not submitted a text yet."""
    return may_write(person) and not Revision.objects.filter(submitted_by=person).exists()


def _kind(requirement: Requirement) -> str:
    kind = Review.As(requirement.reviewed_as).label.lower()
    return f"{kind}{'' if requirement.count == 1 else 's, of different specialties'}"


def first_article_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Show the page to everyone with an editorial role."""
    if not (request.user.is_superuser or roles_of(request) & EDITORIAL):
        raise PermissionDenied
    context = {
        **site.each_context(request),
        "title": "Your first article",
        "signs": SIGNS,
        "may_write": may_write(person_of(request)),
        "required": [
            (risk_class, [f"{each.count} {_kind(each)}" for each in requirements])
            for risk_class, requirements in REQUIRED.items()
        ],
    }
    return TemplateResponse(request, "admin/education/first_article.html", context)
