"""
Telling a clinic's own system of recalls, signed as Standard Webhooks say
(https://www.standardwebhooks.com): ``webhook-id``, the same on each try, ``webhook-timestamp`` and
``webhook-signature``, an HMAC with SHA-256 over id, timestamp and body.

Deliveries are written in the step's transaction, tried when it has committed, and again by
``send_mail_queue``. Only https is asked, only public addresses (that which was checked is the one
connected to), no redirect is followed, and of the answer the status alone counts.
"""

import base64
import datetime
import hashlib
import hmac
import http.client
import json
import secrets
import ssl
import time
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from education.audit.operations import operation, record
from education.errors import EditorialError
from education.evidence.models import StatusEvent
from education.evidence.web import user_agent
from education.handouts.codes import format_code
from education.handouts.models import (
    Clinic,
    PrintedCopy,
    PrintedPart,
    RecallWebhook,
    WebhookDelivery,
)
from education.handouts.recall_lists import RecallCause, causes
from education.handouts.rules import clinic_of
from education.http_client import PrivateAddressError, ask, is_this_machine
from education.people.mail import notify
from education.people.models import User
from education.publishing.minor_changes import only_wording_changed
from education.publishing.models import MaskedPassage, Publication
from education.publishing.status import versions_as_told

Kind = WebhookDelivery.Kind

# After each failure so long; after the last, people are told and it is given up.
WAITS = tuple(datetime.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
SECONDS_TO_ANSWER = 10.0
# What whoever recorded the cause waits for at most, all clinics together; the rest is the timer's.
SECONDS_AFTER_A_STEP = 10.0
# How long the secret before a new one still signs.
SECRETS_OVERLAP = datetime.timedelta(days=2)
# Only tests have a reason to ask this machine.
MAY_ASK_THIS_MACHINE = False


class BadWebhookError(EditorialError):
    """The webhook can't be set like this; the message says why."""


def checked_address(address: str) -> str:
    """
    An address that may be told, as it was typed. Raises ``BadWebhookError``.

    Where its name leads is checked whenever it is asked: names change.
    """
    target = urlsplit(address.strip())
    try:
        valid = bool(target.hostname) and (target.port is None or target.port > 0)
    except ValueError:
        valid = False
    on_this_machine = is_this_machine(target)
    if on_this_machine and MAY_ASK_THIS_MACHINE:
        return address.strip()
    if not valid or target.scheme != "https" or on_this_machine:
        raise BadWebhookError("Give a public address that begins with https://.")
    if target.username or target.password or target.fragment:
        raise BadWebhookError("The address must hold no user name, password or # part.")
    return address.strip()


@operation
def set_webhook(*, clinic: Clinic, by: User, address: str) -> tuple[RecallWebhook, str]:
    """
    Tell a clinic's system of recalls from now on; return the webhook and its new secret.

    The secret is told here and never again. A secret from before still signs for two days. Raises
    ``BadWebhookError``.
    """
    _require_desk(clinic, by)
    address = checked_address(address)
    webhook = RecallWebhook.objects.filter(clinic=clinic).first() or RecallWebhook(clinic=clinic)
    if webhook.secret and webhook.address == address and not webhook.ended_because:
        webhook.previous_secret = webhook.secret
        webhook.previous_until = timezone.now() + SECRETS_OVERLAP
    else:  # another receiver knows no secret of before, and is told of nothing from before
        webhook.previous_secret, webhook.previous_until = "", None
        webhook.made_at = timezone.now()
    webhook.address, webhook.ended_because = address, ""
    webhook.secret = f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"
    webhook.full_clean(exclude=["address"])
    webhook.save()
    record("clinic.webhook_changed", clinic, by=by)
    return webhook, webhook.secret


@operation
def end_webhook(*, clinic: Clinic, by: User) -> None:
    """Tell a clinic's system of nothing any more; what waits for it is dropped."""
    _require_desk(clinic, by)
    if RecallWebhook.objects.filter(clinic=clinic).delete()[0]:
        record("clinic.webhook_ended", clinic, by=by)


def _require_desk(clinic: Clinic, by: User) -> None:
    own = clinic_of(by)
    if own is None or own.pk != clinic.pk:
        raise BadWebhookError(f"{by} does not work at this clinic’s desk.")


def queue_by_the_clock() -> None:
    """Write also what no step wrote: versions that went live at their moment."""
    if RecallWebhook.objects.filter(ended_because="").exists():
        with transaction.atomic():
            queue_deliveries(causes())


def queue_deliveries(of_causes: Sequence[RecallCause]) -> None:
    """
    Write what clinics' systems must be told, once for each print and cause: recalls that are
    open, recalls that were lifted, and new versions that outdate paper. Sent after the commit.
    """
    webhooks = {
        webhook.clinic_id: webhook
        for webhook in RecallWebhook.objects.filter(ended_because="").select_related("clinic")
    }
    if not webhooks:
        return
    wanted = [
        (Kind.OPENED, cause, copy)
        for cause in of_causes
        for copy in cause.copies
        if copy.clinic_id in webhooks and cause.at >= webhooks[copy.clinic_id].made_at
    ]
    wanted += [(Kind.MAJOR, *outdated) for outdated in _outdated(webhooks)]
    written = set(
        WebhookDelivery.objects.filter(webhook__in=webhooks.values()).values_list(
            "webhook", "kind", "cause", "copy"
        )
    )
    new = [
        _delivery(webhooks[copy.clinic_id], kind, cause, copy)
        for kind, cause, copy in wanted
        if (webhooks[copy.clinic_id].pk, kind, cause.name, copy.pk) not in written
    ]
    new += _lifted(webhooks)
    if new:
        # Whatever runs at the same time writes the same: each is there once.
        WebhookDelivery.objects.bulk_create(new, ignore_conflicts=True)
        transaction.on_commit(deliver_after_step, robust=True)


def deliver_after_step() -> None:
    """Try what was just written, for as long as the person who took the step may wait."""
    deliver_due(seconds=SECONDS_AFTER_A_STEP)


def _outdated(webhooks: dict[int, RecallWebhook]) -> list[tuple[RecallCause, PrintedCopy]]:
    """
    Prints of these clinics that a version has outdated since they asked to be told: a major one,
    or a minor one with which many small steps add up to more than other wording.
    """
    since = min(webhook.made_at for webhook in webhooks.values())
    live = Publication.objects.live().defer("content", "search_text").order_by("number")
    outdated = []
    for text in versions_as_told(live.filter(goes_live_at__gte=since, number__gt=1)):
        versions = list(live.filter(slug=text.slug, language=text.language))
        cause = RecallCause(
            f"version-{text.pk}", text.goes_live_at, text.correction or text.what_changed, []
        )
        parts = PrintedPart.objects.filter(
            copy__clinic__in=webhooks,
            copy__do_not_use_after__gte=timezone.localdate(),
            publication__slug=text.slug,
            publication__language=text.language,
            publication__number__lt=text.number,
        )
        outdated += [
            (cause, part.copy)
            for part in parts.select_related("copy__clinic", "publication")
            if cause.at >= webhooks[part.copy.clinic_id].made_at
            and _outdates(text, part.publication, versions)
        ]
    return outdated


def _outdates(text: Publication, printed: Publication, versions: Sequence[Publication]) -> bool:
    """Whether it is this version that makes a print of an earlier one out of date."""
    if text.change == Publication.Change.MAJOR:
        return True
    between = [version for version in versions if printed.number < version.number < text.number]
    return not only_wording_changed(printed, [*between, text]) and (
        not between or only_wording_changed(printed, between)
    )


def _lifted(webhooks: dict[int, RecallWebhook]) -> list[WebhookDelivery]:
    """What is to be told of recalls that a second person has ended since they were told."""
    deliveries = WebhookDelivery.objects.filter(webhook__in=webhooks.values())
    deliveries = deliveries.select_related("copy")
    lifted = set(deliveries.filter(kind=Kind.LIFTED).values_list("webhook", "cause", "copy"))
    opened = [
        delivery
        for delivery in deliveries.filter(kind=Kind.OPENED)
        if (delivery.webhook_id, delivery.cause, delivery.copy_id) not in lifted
    ]
    retracted = _numbers(opened, "retracted")
    standing = StatusEvent.objects.standing().filter(pk__in=retracted).values_list("pk", flat=True)
    masked = MaskedPassage.objects.filter(pk__in=_numbers(opened, "masked"))
    ended = {
        *(f"retracted-{number}" for number in retracted.difference(standing)),
        *(f"masked-{passage.pk}" for passage in masked if passage.lifted_at),
    }
    now = timezone.now()
    return [
        _delivery(
            webhooks[delivery.copy.clinic_id],
            Kind.LIFTED,
            RecallCause(delivery.cause, now, "The recall was lifted: a false alarm.", []),
            delivery.copy,
        )
        for delivery in opened
        if delivery.cause in ended
    ]


def _numbers(deliveries: Sequence[WebhookDelivery], name: str) -> set[int]:
    causes = (delivery.cause.rpartition("-") for delivery in deliveries)
    return {int(number) for of, _, number in causes if of == name}


_INSTRUCTIONS = {Kind.OPENED: "bin", Kind.LIFTED: "keep", Kind.MAJOR: "replace"}


def _delivery(
    webhook: RecallWebhook, kind: Kind, cause: RecallCause, copy: PrintedCopy
) -> WebhookDelivery:
    site = settings.SITE_URL.rstrip("/")
    data: dict[str, Any] = {
        "code": format_code(copy.code),
        "title": copy.title,
        "printed_on": copy.printed_on.isoformat(),
        "copies": copy.copies,
        "do": "keep" if cause.is_drill else _INSTRUCTIONS[kind],
        "why": cause.why,
        "since": timezone.localdate(cause.at).isoformat(),
        "drill": cause.is_drill,
        "check": f"{site}{reverse('check-copy', args=[format_code(copy.code)])}",
        "answer": f"{site}{reverse('clinic-bin-answer', args=[copy.code])}",
    }
    moment = timezone.now()
    payload = {"type": str(kind), "timestamp": moment.isoformat(timespec="seconds"), "data": data}
    return WebhookDelivery(
        webhook=webhook,
        name=f"msg_{uuid.uuid4().hex}",
        kind=kind,
        cause=cause.name,
        copy=copy,
        body=json.dumps(payload, ensure_ascii=False, separators=(",", ":")),
        next_try_at=moment,
    )


def deliver_due(seconds: float | None = None) -> tuple[int, int]:
    """
    Try every delivery whose time has come, for so many seconds at most; how many were taken, and
    how many still wait. A system that doesn't answer is asked once, not once for each delivery.
    """
    began = time.monotonic()
    due = WebhookDelivery.objects.filter(next_try_at__lte=timezone.now())
    unreachable: set[int] = set()
    taken = 0
    for delivery in due.select_related("webhook__clinic"):
        if seconds is not None and time.monotonic() - began >= seconds:
            break
        if delivery.webhook_id in unreachable or delivery.webhook.ended_because:
            continue
        if _try(delivery):
            taken += 1
        else:
            unreachable.add(delivery.webhook_id)
    return taken, WebhookDelivery.objects.exclude(next_try_at=None).count()


def _try(delivery: WebhookDelivery) -> bool:
    """Send one delivery; whether it was taken. A failure is kept with it, with the next time."""
    delivery.attempts += 1
    webhook = delivery.webhook
    try:
        status = _post(webhook, delivery)
    except BadWebhookError as error:
        failure = str(error)
    except PrivateAddressError:
        failure = "The address leads into a private network; it was not asked."
    except ssl.SSLError as error:
        failure = f"No secure connection: {error.reason}."
    except (OSError, http.client.HTTPException, ValueError) as error:
        failure = f"No answer: {type(error).__name__}."
    else:
        failure = "" if 200 <= status < 300 else f"It answered {status}."
        if status == http.client.GONE:
            _switch_off(webhook)
    if failure:
        tries = delivery.attempts - 1
        wait = WAITS[tries] if tries < len(WAITS) and not webhook.ended_because else None
        delivery.next_try_at = timezone.now() + wait if wait else None
        delivery.error = failure[:200]
        if wait is None and not webhook.ended_because:
            _report_failure(webhook, delivery)
    else:
        delivery.sent_at, delivery.next_try_at, delivery.error = timezone.now(), None, ""
    delivery.save(update_fields=["attempts", "next_try_at", "sent_at", "error"])
    return not failure


def _post(webhook: RecallWebhook, delivery: WebhookDelivery) -> int:
    timestamp = int(timezone.now().timestamp())
    signed_by = [webhook.secret]
    if webhook.previous_until and webhook.previous_until > timezone.now():
        signed_by.append(webhook.previous_secret)
    answer = ask(
        checked_address(webhook.address),
        method="POST",
        headers={
            "Content-Type": "application/json",
            "User-Agent": user_agent(),
            "webhook-id": delivery.name,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(
                signature(secret, delivery.name, timestamp, delivery.body) for secret in signed_by
            ),
        },
        body=delivery.body.encode(),
        seconds=SECONDS_TO_ANSWER,
        seconds_in_all=SECONDS_TO_ANSWER,
        max_bytes=64 * 1024,
        public_only=True,
    )
    return answer.status


def signature(secret: str, name: str, timestamp: int, body: str) -> str:
    """What stands in ``webhook-signature`` for one secret."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{name}.{timestamp}.{body}".encode()
    return f"v1,{base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()}"


def _switch_off(webhook: RecallWebhook) -> None:
    """The receiver says for good that nobody is there (410): nothing is sent any more."""
    webhook.ended_because = f"The address answered 410 on {timezone.localdate()}: it is gone."
    webhook.save(update_fields=["ended_because"])
    webhook.deliveries.filter(sent_at=None).update(next_try_at=None)
    _notify_desk(
        webhook, "Your system is told of no recalls any more", webhook.ended_because, "ended"
    )


def _report_failure(webhook: RecallWebhook, delivery: WebhookDelivery) -> None:
    _notify_desk(
        webhook,
        "Your system could not be told of a recall",
        f"It was tried {delivery.attempts} times. {delivery.error} Please look at “What to bin”.",
        delivery.name,
    )


def _notify_desk(webhook: RecallWebhook, subject: str, text: str, about: str) -> None:
    with transaction.atomic():
        notify(
            User.objects.filter(clinic_staff__clinic=webhook.clinic_id).order_by("pk"),
            subject=subject,
            text=text,
            path="/clinic/recalls/",
            about=f"webhook:{webhook.pk}:{about}",
        )
