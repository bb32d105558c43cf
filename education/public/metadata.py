"""What a page says of itself to search engines and reference managers."""

from typing import Any

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
        "datePublished": publication.goes_live_at.date().isoformat(),
        "lastReviewed": publication.reviewed_on.isoformat(),
        "reviewedBy": [
            {"@type": "Person", "name": person["name"], "jobTitle": person["specialty"]}
            if person.get("specialty")
            else {"@type": "Person", "name": person["name"]}
            for person in publication.reviewers
        ],
        "publisher": {"@type": "Organization", "name": publication.publisher_name},
        "audience": {"@type": "PeopleAudience", "audienceType": "Families and patients"},
        "isAccessibleForFree": True,
        "citation": [reference["text"] for reference in reading.content["references"]],
    }
