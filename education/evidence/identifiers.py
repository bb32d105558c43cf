"""DOI, PubMed id and title in the form in which two records of one work are equal."""

import re
import unicodedata
from urllib.parse import unquote, urlsplit

# A DOI is a directory indicator "10." plus a registrant code, a slash and any printable suffix
# (DOI Handbook, "Numbering"). Blanks never occur in the ones in use.
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+")
_DOI_PREFIX = re.compile(r"^(?:doi\s*[:=]?\s*)+", re.IGNORECASE)
_DOI_HOSTS = {"doi.org", "www.doi.org", "dx.doi.org"}
# What a copy from a page or a PDF brings along: marks nobody sees, other hyphens, who sent a link.
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe63\uff0d]")
_TRACKING = re.compile(r"[?&](?:utm_\w+|fbclid|gclid|mc_cid|mc_eid)=.*", re.IGNORECASE | re.DOTALL)
_PMID = re.compile(r"(?:PMID|PubMed)?\s*[:=]?\s*0*([1-9]\d{0,8})", re.IGNORECASE)
_PMID_PAGE = re.compile(
    r"(?:https?://)?(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)"
    r"/0*([1-9]\d{0,8})/?(?:[?#].*)?",
    re.IGNORECASE,
)
_PMCID = re.compile(r"(?:PMCID\s*[:=]?\s*)?PMC\s*0*([1-9]\d{0,8})(?:\.\d+)?", re.IGNORECASE)


def clean_doi(value: str) -> str:
    """
    Return the bare DOI of a DOI, a ``doi:`` label or a doi.org address; empty when there is none.

    The case is kept as it came; compare with ``normalise_doi``.
    """
    text = _DASHES.sub("-", _HIDDEN.sub("", value))
    text = _DOI_PREFIX.sub("", text.strip())
    if text.lower().startswith(("http://", "https://")):
        try:
            parts = urlsplit(text)
        except ValueError:
            return ""
        if parts.netloc.lower() not in _DOI_HOSTS:
            return ""
        text = unquote(parts.path + (f"?{parts.query}" if parts.query else "")).lstrip("/")
    text = _TRACKING.sub("", text).rstrip(".,;")
    return text if _DOI.fullmatch(text) else ""


def normalise_doi(value: str) -> str:
    """Return the DOI in small letters (DOIs ignore case), so that one work has one; or empty."""
    return clean_doi(value).lower()


def normalise_pmid(value: str | int) -> str:
    """Return the digits of a PubMed id, however it was written; empty when it is none."""
    text = str(value).strip()
    match = _PMID.fullmatch(text) or _PMID_PAGE.fullmatch(text)
    return match[1] if match else ""


def normalise_pmcid(value: str) -> str:
    """Return a PubMed Central id as ``PMC123``, without version; or empty."""
    match = _PMCID.fullmatch(str(value).strip())
    return f"PMC{match[1]}" if match else ""


def normalised_title(value: str) -> str:
    """
    Return a title reduced to what two spellings of it share: its letters and digits.

    Case, accents, punctuation, blanks and full-width forms do not count, so that
    ``Spasticity in under‐19s.`` and ``Spasticity in under 19s`` are one work.
    """
    plain = unicodedata.normalize("NFKD", value).casefold()
    return "".join(character for character in plain if character.isalnum())
