"""What changed between two published versions of a page, in words."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from education import languages
from education.public.publications import (
    TEXTS,
    PageLink,
    page_of,
    publication_views,
    trail_of,
    versions_of,
)
from education.publishing.status import Due, versions_as_told
from education.text.version_differences import changes_between_versions


@require_safe
def version_changes(request: HttpRequest, slug: str, old: int, new: int) -> HttpResponse:
    """Two versions, the older first, word by word; each as it may be shown now."""
    if old > new:
        return redirect("version-changes", slug, new, old, permanent=True)
    versions = versions_as_told(versions_of(slug).defer(*TEXTS))
    if old == new or not {old, new} <= {version.number for version in versions}:
        raise Http404
    newest = versions[0]
    wanted = versions_of(slug).filter(number__in=[old, new, newest.number])
    shown = {reading.publication.number: reading for reading in publication_views(wanted)}
    before, after, last = shown[old], shown[new], shown[newest.number]
    # What has not been checked for too long, or is hidden, is not shown in this way either.
    hidden = [reading for reading in (before, after) if reading.standing.hidden_because]
    is_open = last.standing.due != Due.NOTICE_ONLY and not hidden
    notices = [*last.standing.notices, *(n for each in hidden for n in each.standing.notices)]
    context = {
        "before": before.publication,
        "after": after.publication,
        "newest": newest,
        "withdrawal": newest.withdrawal,
        "notices": list(dict.fromkeys(notices)),
        "is_open": is_open,
        "between": [version for version in versions if old < version.number <= new],
        "changes": changes_between_versions(before.content, after.content, old) if is_open else [],
        "spoken_in": {languages.current()},
        "trail": [
            *trail_of(newest.topic),
            page_of(newest),
            PageLink(gettext("All versions"), reverse("version-list", args=[slug])),
        ],
    }
    return render(request, "public/version_changes.html", context)


@require_safe
def choose_changes(request: HttpRequest, slug: str) -> HttpResponse:
    """From the two versions chosen in the list to the page that compares them."""
    chosen = [request.GET.get(name, "") for name in ("from", "to")]
    if all(number.isascii() and number.isdigit() and len(number) < 10 for number in chosen):
        old, new = sorted(map(int, chosen))
        if old != new:
            return redirect("version-changes", slug, old, new)
    return redirect(f"{reverse('version-list', args=[slug])}#compare")
