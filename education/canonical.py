"""One way to turn data into bytes, so that one thing has one hash on every machine and database."""

import hashlib
import json
from typing import Any


def canonical(data: Any) -> str:
    """JSON with sorted keys and no insignificant blanks; dates and the like must be strings."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(data: Any) -> str:
    """SHA-256 of the canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()
