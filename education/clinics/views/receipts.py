"""Receipts that a clinic's own system sends: what became of paper that was called back."""

import json
import math

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from education.handouts.codes import format_code
from education.handouts.operations import (
    DifferentReceiptError,
    InvalidReceiptError,
    NothingToAnswerError,
    NotYourClinicError,
    Receipt,
    TooManyReceiptsError,
    answer_recall_by_key,
    copy_of_key,
)

# Far more than the fields of a receipt need.
MOST_BYTES = 4096
LONGEST_NAME = 200
FIELDS: dict[str, type] = {"binned": int, "given_out": int, "none_left": bool, "words": str}
TYPES = {int: "a whole number", bool: "true or false", str: "text"}


@csrf_exempt  # The key in the address signs it; no session is read.
@never_cache
@require_POST
@sensitive_variables("key")
def receipt(request: HttpRequest, key: str, code: str) -> JsonResponse:
    """
    Take one receipt as JSON. Its address and answers are part of the OpenAPI document.

    201 where it is new, 200 where it came before, 400 where it can't be taken, 404 for an unknown
    key or code, 409 where there is nothing to answer or the same name came with other numbers, 429
    where more came about this print within a day than people send.
    """
    try:
        copy_of_key(key, code)  # who has no key is told nothing about receipts
        answer, is_new = answer_recall_by_key(key=key, code=code, receipt=_receipt(request))
    except NotYourClinicError as error:
        return _refused(error, 404)
    except InvalidReceiptError as error:
        return _refused(error, 400)
    except (NothingToAnswerError, DifferentReceiptError) as error:
        return _refused(error, 409)
    except TooManyReceiptsError as error:
        response = _refused(error, 429)
        response["Retry-After"] = str(math.ceil(error.wait.total_seconds()))
        return response
    recorded = {
        "code": format_code(answer.copy.code),
        "cause": answer.cause,
        **{name: getattr(answer, name) for name in FIELDS},
        "answered_at": answer.answered_at.isoformat(),
    }
    return JsonResponse(recorded, status=201 if is_new else 200)


def _receipt(request: HttpRequest) -> Receipt:
    """What the request says. Raises ``InvalidReceiptError``: an unknown field is never dropped."""
    name = request.headers.get("Idempotency-Key", "")
    if len(name) > LONGEST_NAME:
        raise InvalidReceiptError(f"Idempotency-Key has at most {LONGEST_NAME} characters.")
    if len(request.body) > MOST_BYTES:
        raise InvalidReceiptError(f"A receipt has at most {MOST_BYTES} bytes.")
    try:
        values = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise InvalidReceiptError("Send a JSON object as UTF-8.") from error
    if not isinstance(values, dict):
        raise InvalidReceiptError("Send a JSON object.")
    for field, value in values.items():
        if field not in FIELDS:
            raise InvalidReceiptError(
                f"A receipt has no field {field[:60]!r}. It has {', '.join(FIELDS)}; nothing "
                "about a patient."
            )
        if type(value) is not FIELDS[field]:
            raise InvalidReceiptError(f"{field} must be {TYPES[FIELDS[field]]}.")
    if not " ".join(values.get("words", "").split()).isprintable():
        raise InvalidReceiptError("words has characters that can't be printed.")
    return Receipt(press=name, **values)


def _refused(error: Exception, status: int) -> JsonResponse:
    return JsonResponse({"error": str(error)}, status=status)
