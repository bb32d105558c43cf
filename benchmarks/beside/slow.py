"""A WSGI application whose answers take as long as the address says, in seconds."""

import time
from typing import Any


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """``/1.5`` is answered after a second and a half."""
    time.sleep(float(environ["PATH_INFO"].strip("/") or 0))
    body = b"done"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
