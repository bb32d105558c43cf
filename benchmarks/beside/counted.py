"""A WSGI application that tells, when it is asked to, how many queries an answer took."""

from typing import Any


def counted(application: Any, beside: str = "") -> Any:
    """
    ``X-Queries`` in the answer to a request that has ``X-Count-Queries``; else nothing.

    A query with ``beside`` in it is not counted.
    """

    def ask(environ: dict[str, Any], start_response: Any) -> Any:
        if "HTTP_X_COUNT_QUERIES" not in environ:
            return application(environ, start_response)
        from django.db import connection

        seen: list[str] = []

        def note(execute: Any, sql: str, *rest: Any) -> Any:
            if not beside or beside not in sql:
                seen.append(sql)
            return execute(sql, *rest)

        def respond(status: str, headers: Any, *rest: Any) -> Any:
            return start_response(status, [*headers, ("X-Queries", str(len(seen)))], *rest)

        with connection.execute_wrapper(note):
            return application(environ, respond)

    return ask
