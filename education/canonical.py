"""One way to turn data into bytes, so that one thing has one hash on every machine and database."""

import datetime
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any


def canonical(data: Any) -> str:
    """JSON with sorted keys and no insignificant blanks; dates and the like must be strings."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(data: Any) -> str:
    """SHA-256 of the canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def plain_value(value: Any) -> Any:
    """A column's value as JSON holds it: moments in UTC, days in ISO 8601, the rest as it is."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    return value.isoformat() if isinstance(value, datetime.date) else value


def digest_of_rows(rows: Iterable[Sequence[Any]]) -> tuple[int, str]:
    """How many rows there are, and SHA-256 of their canonical JSON, a line each."""
    count, hashed = 0, hashlib.sha256()
    for row in rows:
        hashed.update(canonical([plain_value(value) for value in row]).encode() + b"\n")
        count += 1
    return count, hashed.hexdigest()
