"""The editors' desk: the stock admin, whose every change goes through an operation."""

from education.admin import (
    absences,
    articles,
    audit,
    clinics,
    evidence,
    importing,
    notes,
    people,
    publishing,
    reports,
    restores,
    safety,
    search,
    sign_in,
    topics,
    watch,
)

__all__ = [
    "absences",
    "articles",
    "audit",
    "clinics",
    "evidence",
    "importing",
    "notes",
    "people",
    "publishing",
    "reports",
    "restores",
    "safety",
    "search",
    "sign_in",
    "topics",
    "watch",
]
