"""Who can still review a text, and what counts although it would not be taken today."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from education.admin.revision_pages import RevisionPages
from education.articles.inheritance import inherited
from education.articles.models import Revision
from education.articles.operations import draft_of
from education.evidence.models import EvidenceItem
from education.evidence.rules import verified_before
from education.people.absences import absences_on
from education.review.pool import given_before, pools, shortages
from education.review.rules import missing_approvals


class ReviewersMixin(RevisionPages):
    """Pages about those who review, of one revision and of all."""

    def reviewer_urls(self) -> list[URLPattern]:
        """The address of every page."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "counted-before/",
                wrap(require_safe(self.before_view)),
                name="education_revision_before",
            ),
            path(
                "<int:pk>/reviewers/",
                wrap(require_safe(self.reviewers_view)),
                name="education_revision_reviewers",
            ),
        ]

    def reviewers_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show who can still review a text, who can't and why, and whose words stand in it."""
        revision = self.revision_of(request, pk)
        candidates = pools(revision)
        absences = {absence.person_id: absence for absence in absences_on(timezone.localdate())}
        return self.page(
            request,
            "reviewers",
            revision,
            title=f"Who can still review {revision}",
            pools=[
                (pool, [(person, absences.get(person.pk)) for person in pool.able])
                for pool in candidates
            ],
            shortages=shortages(revision, candidates),
            words=list(inherited(revision, draft_of(revision)).items()),
        )

    def before_view(self, request: HttpRequest) -> HttpResponse:
        """List what counts by rules of before until it is changed, and what no longer passes."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        waiting = Revision.objects.filter(
            state__in=[Revision.State.IN_REVIEW, Revision.State.APPROVED]
        ).select_related("article__topic")
        context = {
            **self.admin_site.each_context(request),
            "title": "What counts until it is changed",
            "opts": self.opts,
            "approvals": [review for revision in waiting for review in given_before(revision)],
            "lacking": [
                (revision, missing)
                for revision in waiting
                if revision.state == Revision.State.APPROVED
                and (missing := missing_approvals(revision))
            ],
            "verifications": verified_before(
                EvidenceItem.objects.verified().select_related("topic__parent")
            ),
        }
        return TemplateResponse(request, "admin/education/revision/before.html", context)
