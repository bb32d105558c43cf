"""Rows of one table beside a row of another, in one query."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import JSONField, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.db.models.sql.compiler import SQLCompiler


class Gathered(Subquery):
    """
    The rows of another query as a list, in the query's order; empty where there are none.

    ``told`` names what is told of each row: a dictionary, with dates as ISO text.
    """

    output_field = JSONField()
    lists = {
        "sqlite": "(SELECT json_group_array(json(told)) FROM (%(subquery)s) AS gathered)",
        "postgresql": (
            "(SELECT coalesce(jsonb_agg(told), '[]'::jsonb) FROM (%(subquery)s) AS gathered)"
        ),
    }

    def __init__(self, rows: QuerySet[Any], **told: Any) -> None:
        super().__init__(rows.values(told=JSONObject(**told)))

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,
        template: str | None = None,
        **extra_context: Any,
    ) -> Any:
        """The list as the engine in use makes one."""
        template = template or self.lists[connection.vendor]
        return super().as_sql(compiler, connection, template, **extra_context)
