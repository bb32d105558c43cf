"""In whom a work was studied, in words; and how far that says something of a certain child."""

from education.evidence.models import EvidenceItem

ROMAN = ("I", "II", "III", "IV", "V")


def ages_in_words(item: EvidenceItem) -> str:
    """The ages studied as readers write them: 1 to 6 years; empty where they are not reported."""
    youngest, oldest = item.age_from_months, item.age_to_months
    if youngest is None and oldest is None:
        return ""
    if youngest is None:
        return f"up to {_age(oldest or 0)}"
    if oldest is None:
        return f"{_age(youngest)} and older"
    if youngest % 12 == oldest % 12 == 0:
        return f"{youngest // 12} to {oldest // 12} years"
    return f"{_age(youngest)} to {_age(oldest)}"


def levels_in_words(item: EvidenceItem) -> str:
    """The GMFCS levels studied: II, III; empty where they are not reported."""
    return ", ".join(ROMAN[level - 1] for level in item.gmfcs_levels)


def _age(months: int) -> str:
    years, rest = divmod(months, 12)
    parts = [
        f"{number} {word}{'' if number == 1 else 's'}"
        for number, word in ((years, "year"), (rest, "month"))
        if number
    ]
    return " ".join(parts) or "birth"
