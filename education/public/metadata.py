"""What a page says of itself to search engines and reference managers."""

from typing import Any

from django.conf import settings

from education.public.publications import PublicationView


def linked_data(reading: PublicationView, address: str) -> dict[str, Any]:
    """
    A publication as a schema.org ``MedicalWebPage``: when it was reviewed, by whom, on what.

    It names no treatment as possible for a condition: the page weighs that, a label can't.
    """
    publication = reading.publication
    return {
        "@context": "https://schema.org",
        "@type": "MedicalWebPage",
        "url": address,
        "name": publication.title,
        "description": reading.summary,
        "inLanguage": publication.language,
        "version": publication.number,
        "about": {"@type": "MedicalEntity", "name": publication.topic.title},
        "datePublished": publication.goes_live_at.date().isoformat(),
        "dateModified": publication.goes_live_at.date().isoformat(),
        "lastReviewed": publication.reviewed_on.isoformat(),
        "author": [_person(person) for person in publication.writers],
        "reviewedBy": [_person(person) for person in publication.reviewers],
        "publisher": {"@type": "Organization", "name": publication.publisher_name},
        "audience": {"@type": "PeopleAudience", "audienceType": "Families and patients"},
        "isAccessibleForFree": True,
        **({"license": settings.CONTENT_LICENCE} if settings.CONTENT_LICENCE else {}),
        "citation": [reference["text"] for reference in reading.content["references"]],
    }


def _person(person: dict[str, str]) -> dict[str, str]:
    named = {"@type": "Person", "name": person["name"]}
    return named | {"jobTitle": person["specialty"]} if person.get("specialty") else named
