"""The OpenAPI 3.1 document of the API, and the examples that integrators copy."""

from typing import Any

from django.conf import settings

from education.evidence.models import Finding
from education.handouts.models import MOST_ANSWERED
from education.languages import offered_languages
from education.publisher import licence

Schema = dict[str, Any]

# What may stand in ``after``: names and places have these characters alone.
PLACE = "^[-A-Za-z0-9._]{0,200}$"

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_NUMBER: Schema = {"type": "integer"}
_NUMBER_OR_NULL: Schema = {"type": ["integer", "null"]}
_DAY: Schema = {"type": "string", "format": "date"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_TREE: Schema = {"description": "The tree of blocks that docs/document-tree.md lays down."}
_CERTAINTY: Schema = {
    "type": "string",
    "enum": ["high", "moderate", "low", "very_low", "not_graded", ""],
    "description": "A word of GRADE; empty where the support was retracted.",
}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _many(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list_of(name: str) -> Schema:
    following = {"type": ["string", "null"], "description": "Where the list goes on."}
    return _object(results=_many(_named(name)), next=following)


def _all_of(name: str) -> Schema:
    return _object(results=_many(_named(name)))


_FINDING: Schema = {
    "type": "object",
    "properties": {
        **{name: _NUMBER if name == "number_analysed" else _TEXT for name in Finding.PARTS},
        "pooled": _FLAG,
    },
    "required": ["outcome", "option", "measure", "contrast", "certainty", "as_reported"],
    "description": "One result as data; a part of which nothing is known is left out, and decimals "
    "are text. Of a retracted work there is none.",
}
_NAME = _object(slug=_TEXT, title=_TEXT, url=_TEXT)

_NOTICES = _many(_object(kind=_TEXT, text=_TEXT))
_HEADING = _object(
    slug=_TEXT,
    title=_TEXT,
    url=_TEXT,
    kind=_TEXT,
    topic=_TEXT,
    language=_TEXT,
    version=_NUMBER,
    short_answer=_TEXT,
    published_at=_MOMENT,
    reviewed_on=_DAY,
    review_due_on=_DAY,
    state={
        "type": "string",
        "enum": [
            "current",
            "overdue",
            "ask_before_printing",
            "no_new_prints",
            "notice_only",
            "superseded",
            "withdrawn",
        ],
        "description": "Of this version: another may have taken its place, or it was withdrawn; "
        "else what its review date means today.",
    },
    notices=_NOTICES,
    may_be_printed=_FLAG,
    clinically_reviewed={
        "type": "boolean",
        "description": "False on a demonstration site: no clinician has reviewed the text.",
    },
)

_SCHEMAS: dict[str, Schema] = {
    "Error": _object(error=_TEXT),
    "Heading": _HEADING,
    "Article": {
        "allOf": [
            _named("Heading"),
            _object(
                what_changed=_TEXT,
                correction=_TEXT,
                writers=_many({"type": "object"}),
                reviewers=_many({"type": "object"}),
                publisher=_TEXT,
                key_messages=_many(_object(text=_TEXT, certainty=_CERTAINTY)),
                references=_many(
                    _object(n=_NUMBER, key=_TEXT, text=_TEXT, doi=_TEXT, pmid=_TEXT, url=_TEXT)
                ),
                content=_TREE,
                html={"type": ["string", "null"], "description": "The text as HTML."},
            ),
        ]
    },
    "Comparison": _object(
        slug=_TEXT,
        title=_TEXT,
        url=_TEXT,
        options=_many(_object(slug=_TEXT, name=_TEXT)),
        rows=_many(
            _object(
                slug=_TEXT,
                question=_TEXT,
                cells=_many(
                    _object(option=_TEXT, certainty=_CERTAINTY, not_known=_FLAG, content=_TREE)
                ),
            )
        ),
        notices=_NOTICES,
    ),
    "Claim": _object(
        slug=_TEXT,
        said=_TEXT,
        verdict=_TEXT,
        certainty=_CERTAINTY,
        content=_TREE,
        article=_NAME,
        url=_TEXT,
        notices=_NOTICES,
    ),
    "Word": _object(
        slug=_TEXT,
        term=_TEXT,
        also=_many(_TEXT),
        content=_TREE,
        article=_NAME,
        notices=_NOTICES,
    ),
    "Topic": _object(
        slug=_TEXT,
        title=_TEXT,
        summary=_TEXT,
        parent={"type": ["string", "null"]},
        codes=_many(_object(system=_TEXT, code=_TEXT, display=_TEXT)),
        url=_TEXT,
    ),
    "Evidence": _object(
        key=_TEXT,
        csl={"type": "object", "description": "The reference as CSL-JSON."},
        design=_TEXT,
        topic={"type": ["string", "null"]},
        population=_TEXT,
        age_from_months=_NUMBER_OR_NULL,
        age_to_months=_NUMBER_OR_NULL,
        ages_of_most={**_FLAG, "description": "The ages hold for most, not for all."},
        gmfcs_levels=_many({"type": "integer", "minimum": 1, "maximum": 5}),
        levels_of_most={**_FLAG, "description": "The levels hold for most, not for all."},
        sample_size=_NUMBER_OR_NULL,
        intervention=_TEXT,
        comparator=_TEXT,
        follow_up=_TEXT,
        finding=_TEXT,
        limitations=_TEXT,
        funding_or_conflicts=_TEXT,
        registration={**_TEXT, "description": "In a register of trials."},
        findings=_many(_FINDING),
        status={
            "type": "string",
            "enum": ["current", "corrected", "concern", "retracted", "superseded"],
        },
        url=_TEXT,
    ),
    "Change": _object(
        place={"type": "string", "description": "Ask for what comes after it."},
        at=_MOMENT,
        kind=_TEXT,
        do={
            "type": "string",
            "enum": ["add", "replace", "remove", "fetch_again"],
            "description": "What a copy elsewhere must do.",
        },
        slug=_TEXT,
        language=_TEXT,
        version=_NUMBER,
        reason=_TEXT,
        change={
            "type": "string",
            "enum": ["minor", "major"],
            "description": "Minor: a version that changes wording alone; paper stays current.",
        },
        url=_TEXT,
    ),
}

_COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": MOST_ANSWERED}
_RECEIPT: Schema = {
    "type": "object",
    "properties": {
        "binned": {**_COUNT, "description": "How many were taken off the shelf."},
        "given_out": {**_COUNT, "description": "How many families have; never which."},
        "none_left": {"type": "boolean", "description": "None is left on the shelf."},
        "words": {"type": "string", "maxLength": 200, "description": "Nothing about a patient."},
    },
    "additionalProperties": False,
    "description": "It says how many were binned or given out, or that none is left.",
}
_SCHEMAS["Receipt"] = _RECEIPT
_SCHEMAS["ReceiptTaken"] = _object(
    code=_TEXT, cause=_TEXT, **_RECEIPT["properties"], answered_at=_MOMENT
)

_SLUG = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}
_LIST_PARAMETERS = [
    {
        "name": "after",
        "in": "query",
        "description": "Go on after this one; “next” has it.",
        "schema": {"type": "string", "pattern": PLACE},
    },
    {
        "name": "limit",
        "in": "query",
        "description": "How many at most.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
    },
]

_TOPIC_PARAMETER = {
    "name": "topic",
    "in": "query",
    "description": "The slug of a topic: what is of it, and of those below it.",
    "schema": _TEXT,
}
_CODE_PARAMETER = {
    "name": "code",
    "in": "query",
    "description": "A code of a topic, matched as at /connect/: “G80.1”, or with its system before "
    "a bar, by OID, URI or name: “http://hl7.org/fhir/sid/icd-10|G80.1”.",
    "schema": _TEXT,
}
_LANGUAGE_PARAMETER = {
    "name": "language",
    "in": "query",
    "description": "The language of the texts, as in their field; English unless named.",
    "schema": {"type": "string", "enum": list(offered_languages())},
}


def _in_path(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _get(summary: str, schema: Schema, *parameters: Schema) -> Schema:
    responses = {
        "200": {
            "description": "What is public now.",
            "headers": {"ETag": {"schema": _TEXT}},
            "content": {"application/json": {"schema": schema}},
        },
        "304": {"description": "Nothing changed since the ETag you sent."},
    }
    problem = {"application/json": {"schema": _named("Error")}}
    responses["400"] = {
        "description": "A parameter can't be used, or this address has none of its name.",
        "content": problem,
    }
    if any(each["in"] == "path" or each["name"] == "topic" for each in parameters):
        responses["404"] = {"description": "Nothing public has this name.", "content": problem}
    responses["503"] = {"description": "Ask again after Retry-After.", "content": problem}
    return {"get": {"summary": summary, "parameters": list(parameters), "responses": responses}}


def _post_receipt() -> Schema:
    """The one call that writes: a clinic's system says what became of paper called back."""
    problem = {"application/json": {"schema": _named("Error")}}
    taken = {"application/json": {"schema": _named("ReceiptTaken")}}
    idempotency = {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Names this receipt, so that it counts once however often it is sent. "
        "Without it the same receipt about the same cause counts once.",
        "schema": {"type": "string", "maxLength": 200, "pattern": "^[!-~]*$"},
    }
    return {
        "post": {
            "summary": "A clinic’s receipt of a recall",
            "description": "The clinic makes the key at its desk. Nothing else is to be signed.",
            "parameters": [_in_path("key", _SLUG), _in_path("code", _SLUG), idempotency],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": _named("Receipt")}},
            },
            "responses": {
                "200": {"description": "It came before.", "content": taken},
                "201": {"description": "It counts.", "content": taken},
                "400": {"description": "It says nothing, or can't be read.", "content": problem},
                "404": {"description": "No such key, or no such print.", "content": problem},
                "409": {
                    "description": "The paper may be used, or the Idempotency-Key came before "
                    "with another receipt.",
                    "content": problem,
                },
                "429": {
                    "description": "Too many about one print within a day: ask again after "
                    "Retry-After.",
                    "content": problem,
                },
            },
        }
    }


def document() -> dict[str, Any]:
    """The whole document."""
    slug, key = _in_path("slug", _SLUG), _in_path("key", _SLUG)
    number = _in_path("number", {"type": "integer", "minimum": 1, "maximum": 2_147_483_647})
    everything = _LIST_PARAMETERS
    return {
        "openapi": "3.1.0",
        "info": {
            "title": settings.SITE_NAME,
            "version": "1",
            "summary": "Reviewed articles for families, with their evidence.",
            "description": (
                "Read only, but for a clinic’s receipt of a recall. Fields and parameters may be "
                "added; none is removed or changes its meaning within version 1. A version that "
                "is to end answers with the headers Deprecation (RFC 9745) and Sunset (RFC 8594) "
                "for at least a year before it does, beside the one that replaces it. An unknown "
                "parameter is an error. Show the notices of a text with it, always."
            ),
            **({"license": licence()} if settings.CONTENT_LICENCE else {}),
            **({"contact": {"email": settings.CONTACT_EMAIL}} if settings.CONTACT_EMAIL else {}),
        },
        "servers": [{"url": settings.SITE_URL.rstrip("/")}],
        "paths": {
            "/api/v1/articles/": _get(
                "Every text that is public",
                _list_of("Heading"),
                *everything,
                _CODE_PARAMETER,
                _TOPIC_PARAMETER,
                _LANGUAGE_PARAMETER,
            ),
            "/api/v1/articles/{slug}/": _get(
                "One text, whole", _named("Article"), slug, _LANGUAGE_PARAMETER
            ),
            "/api/v1/articles/{slug}/versions/": _get(
                "Every version that was ever public", _all_of("Heading"), slug, _LANGUAGE_PARAMETER
            ),
            "/api/v1/articles/{slug}/versions/{number}/": _get(
                "One version", _named("Article"), slug, number, _LANGUAGE_PARAMETER
            ),
            "/api/v1/comparison/": _get(
                "The options side by side", _all_of("Comparison"), _LANGUAGE_PARAMETER
            ),
            "/api/v1/claims/": _get(
                "Claims that were checked", _list_of("Claim"), *everything, _LANGUAGE_PARAMETER
            ),
            "/api/v1/claims/{slug}/": _get("One claim", _named("Claim"), slug, _LANGUAGE_PARAMETER),
            "/api/v1/evidence/": _get(
                "Verified works", _list_of("Evidence"), *everything, _TOPIC_PARAMETER
            ),
            "/api/v1/evidence/{key}/": _get("One work", _named("Evidence"), key),
            "/api/v1/topics/": _get("Subjects and their codes", _all_of("Topic")),
            "/api/v1/glossary/": _get("Words explained", _all_of("Word"), _LANGUAGE_PARAMETER),
            "/api/v1/changes/": _get(
                "What changed, and what a copy must do", _list_of("Change"), *everything
            ),
            "/clinic/recalls/{key}/{code}/": _post_receipt(),
        },
        "components": {"schemas": _SCHEMAS},
    }


def addresses() -> list[dict[str, Any]]:
    """The same for people: each address to read, with what it takes and the fields it gives."""
    return [
        {
            "path": path,
            "does": methods["get"]["summary"],
            "takes": [each["name"] for each in methods["get"]["parameters"]],
            "gives": _fields(
                methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            ),
        }
        for path, methods in document()["paths"].items()
        if "get" in methods
    ]


def _fields(schema: Schema) -> list[str]:
    """The names of the fields of one entry, those of a list's entries for a list."""
    if "$ref" in schema:
        return _fields(_SCHEMAS[schema["$ref"].rpartition("/")[2]])
    if "allOf" in schema:
        return [name for part in schema["allOf"] for name in _fields(part)]
    if "results" in schema["properties"]:
        return _fields(schema["properties"]["results"]["items"])
    return list(schema["properties"])


# (what it is for, address); each is asked for in a test.
EXAMPLES = (
    (
        "Handouts for spastic diplegia, by its ICD-10-CM code, as Atom",
        (
            "/connect/?mainSearchCriteria.v.c=G80.1"
            "&mainSearchCriteria.v.cs=2.16.840.1.113883.6.90&knowledgeResponseType=text/xml"
        ),
    ),
    (
        "The same as JSON, for a patient who reads English",
        (
            "/connect/?mainSearchCriteria.v.c=G80.1"
            "&mainSearchCriteria.v.cs=2.16.840.1.113883.6.90"
            "&informationRecipient=PAT&informationRecipient.languageCode.c=en"
            "&knowledgeResponseType=application/json"
        ),
    ),
    (
        "By SNOMED CT, as a page for a person",
        (
            "/connect/?mainSearchCriteria.v.c=128188000"
            "&mainSearchCriteria.v.cs=2.16.840.1.113883.6.96&knowledgeResponseType=text/html"
        ),
    ),
    ("Every text that is public now", "/api/v1/articles/"),
    ("Texts about cerebral palsy, by its code", "/api/v1/articles/?code=G80.1"),
    ("The comparison of options", "/api/v1/comparison/"),
    ("The first ten changes, to keep a copy in step", "/api/v1/changes/?limit=10"),
    ("The OpenAPI document", "/api/v1/openapi.json"),
)
