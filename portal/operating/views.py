"""What monitors ask: is it alive, is it ready, how much of what."""

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from portal.operating.health import is_ready
from portal.operating.metrics import registry


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The process answers; asks nobody else."""
    return HttpResponse("live\n", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Whether requests may be sent here: 200, or 503 with what is wrong."""
    can_serve, findings = is_ready()
    reasons = {finding.name: {"ok": finding.ok, "reason": finding.reason} for finding in findings}
    return JsonResponse({"ready": can_serve, "checks": reasons}, status=200 if can_serve else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """
    Numbers for Prometheus, for whoever holds ``METRICS_TOKEN``.

    Without a token set, or with a wrong one, there is no such page.
    """
    given = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Http404
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
