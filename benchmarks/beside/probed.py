"""A WSGI application to try servers with."""

import time
from typing import Any


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """``/1.5`` is answered after 1.5 seconds, with the header ``X-Probe`` if there is one."""
    time.sleep(float(environ["PATH_INFO"].strip("/") or 0))
    body = environ.get("HTTP_X_PROBE", "done").encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
