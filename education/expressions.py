"""What our queries say that Django has no words for."""

import datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BooleanField,
    DateTimeField,
    F,
    Func,
    JSONField,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import JSONObject
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

_NO_TIME = datetime.timedelta()


class Now(Value):
    """
    The moment at which a query is run, or one so long before it.

    A query that holds it can be put together once and run at any time.
    """

    def __init__(self, before: datetime.timedelta = _NO_TIME) -> None:
        super().__init__(None, output_field=DateTimeField())
        self.before = before

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """The moment by the clock of this process, as ``timezone.now`` tells it."""
        moment = Value(timezone.now() - self.before, output_field=DateTimeField())
        return moment.as_sql(compiler, connection)


class JSONArraySubquery(Subquery):
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


class HasName(Func):
    """Whether a list of people, as a published copy holds it, has somebody of a name."""

    output_field = BooleanField()

    def __init__(self, people: str, name: str) -> None:
        super().__init__(F(people), Value(name, output_field=TextField()))

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra_context: Any
    ) -> Any:
        """By SQLite's ``json_each``."""
        template = "EXISTS (SELECT 1 FROM json_each(%(expressions)s)"
        joiner = ") WHERE json_extract(value, '$.name') = "
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra_context: Any
    ) -> Any:
        """By PostgreSQL's ``jsonb_array_elements``."""
        template = "EXISTS (SELECT 1 FROM jsonb_array_elements(%(expressions)s)"
        joiner = ") AS one (value) WHERE one.value ->> 'name' = "
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner)
