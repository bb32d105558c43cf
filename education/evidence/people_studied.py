"""In whom a work was studied, in words; and how far that says something of a certain child."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from textwrap import shorten

from django.utils.translation import gettext, ngettext

from education.evidence.models import EvidenceItem

ROMAN = ("I", "II", "III", "IV", "V")
ADULT = 18 * 12


@dataclass(frozen=True)
class AgeBand:
    """Children from one age to another, both in whole years and counted in."""

    youngest: int
    oldest: int

    @property
    def value(self) -> str:
        """How an address names it."""
        return f"{self.youngest}-{self.oldest}"

    @property
    def label(self) -> str:
        """How readers name it."""
        if not self.youngest:
            return gettext("Under 2 years")
        return gettext("{} to {} years").format(self.youngest, self.oldest)


AGE_BANDS = tuple(AgeBand(*years) for years in ((0, 1), (2, 3), (4, 5), (6, 8), (9, 12), (13, 17)))


class Match(StrEnum):
    """How far a study says something of a child."""

    INCLUDED = "included"
    PARTLY = "partly"
    OTHERS = "others"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Fit:
    """How far a study included children like one, and the same in words."""

    match: Match
    words: str


@dataclass(frozen=True)
class Child:
    """The age and the movement level (GMFCS) a reader asks about; either may be left out."""

    age: AgeBand | None = None
    level: int | None = None

    def __bool__(self) -> bool:
        return bool(self.age or self.level)

    @property
    def words(self) -> str:
        """The child in words: 4 to 5 years, GMFCS level II."""
        parts = [self.age.label.lower()] if self.age else []
        parts += [gettext("GMFCS level {}").format(ROMAN[self.level - 1])] if self.level else []
        return ", ".join(parts)

    def fit(self, item: EvidenceItem | None) -> Fit:
        """How far an item's study included such children; none of it is known of no item."""
        parts = self._parts(item)
        matches = {part.match for part in parts}
        if matches == {Match.UNKNOWN}:
            return Fit(Match.UNKNOWN, gettext("Not reported"))
        if matches == {Match.INCLUDED} and len(parts) > 1:
            return Fit(Match.INCLUDED, gettext("Included children like yours"))
        words = "; ".join(part.words for part in parts)
        if Match.OTHERS in matches:
            return Fit(Match.OTHERS, _sentence(words))
        both = matches == {Match.INCLUDED}
        return Fit(Match.INCLUDED if both else Match.PARTLY, _sentence(words))

    def fit_of_all(self, items: Iterable[EvidenceItem | None]) -> Fit | None:
        """
        How far the studies behind one statement did, where that is clear; else nothing.

        It is where one of them included such children, or none of them did. What a study doesn't
        say is no reason to doubt a statement.
        """
        studied = list(items)
        fits = [self.fit(item) for item in studied]
        included = [fit for fit in fits if fit.match == Match.INCLUDED]
        if included:
            if len(included) == len(fits) and len({fit.words for fit in fits}) == 1:
                return included[0]
            words = gettext("{} of {} studies included children like yours")
            return Fit(Match.INCLUDED, words.format(len(included), len(fits)))
        if not fits or any(fit.match != Match.OTHERS for fit in fits):
            return None
        reasons = {self.reason_against(item) for item in studied}
        return Fit(
            Match.OTHERS,
            _sentence(reasons.pop()) if len(reasons) == 1 else gettext("Other children only"),
        )

    def reason_against(self, item: EvidenceItem | None) -> str:
        """In what the people studied were others, without what is not known; empty for none."""
        return "; ".join(part.words for part in self._parts(item) if part.match == Match.OTHERS)

    def _parts(self, item: EvidenceItem | None) -> list[Fit]:
        parts = []
        if self.age:
            parts.append(_by_age(self.age, item))
        if self.level:
            parts.append(_by_level(self.level, item))
        return parts


def band_of(typed: str) -> AgeBand | None:
    """The band an address names, as ``4-5`` or by an age in years; none for anything else."""
    by_value = {band.value: band for band in AGE_BANDS}
    if typed in by_value:
        return by_value[typed]
    if not (typed.isascii() and typed.isdigit() and len(typed) < 4):
        return None
    years = int(typed)
    return next((band for band in AGE_BANDS if band.youngest <= years <= band.oldest), None)


def level_of(typed: str) -> int | None:
    """The GMFCS level an address names, as ``2`` or ``II``; none for anything else."""
    names = {str(level): level for level in range(1, 6)}
    names |= {roman: level for level, roman in enumerate(ROMAN, start=1)}
    return names.get(typed.upper())


def short_name(item: EvidenceItem) -> str:
    """A work as a short name: Sun 2017."""
    first = item.authors[0] if item.authors else {}
    name = shorten(first.get("family") or first.get("literal") or item.key, 30, placeholder="…")
    return f"{name} {item.issued_year}" if item.issued_year else name


def ages_in_words(item: EvidenceItem) -> str:
    """The ages studied as readers write them: 1 to 6 years; empty where they are not reported."""
    words = _range_in_words(item.age_from_months, item.age_to_months)
    return gettext("mostly {}").format(words) if words and item.ages_of_most else words


def levels_in_words(item: EvidenceItem) -> str:
    """The GMFCS levels studied: II, III; empty where they are not reported."""
    words = ", ".join(ROMAN[level - 1] for level in item.gmfcs_levels)
    return gettext("mostly {}").format(words) if words and item.levels_of_most else words


def _range_in_words(youngest: int | None, oldest: int | None) -> str:
    if youngest is None and oldest is None:
        return ""
    if youngest is None:
        return gettext("up to {}").format(_age(oldest or 0))
    if oldest is None:
        return gettext("{} and older").format(_age(youngest))
    if youngest % 12 == oldest % 12 == 0:
        return gettext("{} to {} years").format(youngest // 12, oldest // 12)
    return gettext("{} to {}").format(_age(youngest), _age(oldest))


def _by_age(band: AgeBand, item: EvidenceItem | None) -> Fit:
    """Ages are reported in whole years as a rule: one up to 5 years includes five-year-olds."""
    if item is None or (item.age_from_months is None and item.age_to_months is None):
        return Fit(Match.UNKNOWN, gettext("ages not reported"))
    youngest = item.age_from_months or 0
    oldest = item.age_to_months
    if youngest >= 12 * (band.oldest + 1):
        words = gettext("adults only") if youngest >= ADULT else gettext("older children only")
        return _others(words, gettext("mostly older children"), item.ages_of_most)
    if oldest is not None and oldest < 12 * band.youngest:
        words = gettext("younger children only")
        return _others(words, gettext("mostly younger children"), item.ages_of_most)
    if youngest <= 12 * band.youngest and (oldest is None or oldest >= 12 * band.oldest):
        return Fit(Match.INCLUDED, gettext("included children of this age"))
    return Fit(Match.PARTLY, gettext("included some children of this age"))


def _by_level(level: int, item: EvidenceItem | None) -> Fit:
    if item is None or not item.gmfcs_levels:
        return Fit(Match.UNKNOWN, gettext("movement levels not reported"))
    levels = item.gmfcs_levels
    if level in levels:
        return Fit(Match.INCLUDED, gettext("included children at this movement level"))
    if min(levels) > level:
        words = gettext("only children who move less easily")
        mostly = gettext("mostly children who move less easily")
    elif max(levels) < level:
        words = gettext("only children who move more easily")
        mostly = gettext("mostly children who move more easily")
    else:
        words = gettext("other movement levels only")
        mostly = gettext("mostly other movement levels")
    return _others(words, mostly, item.levels_of_most)


def _others(words: str, mostly: str, is_of_most: bool) -> Fit:
    """Of most people studied it is known that they were others; a few may have been like that."""
    return Fit(Match.PARTLY, mostly) if is_of_most else Fit(Match.OTHERS, words)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _age(months: int) -> str:
    years, rest = divmod(months, 12)
    parts = [ngettext("{} year", "{} years", years).format(years)] if years else []
    parts += [ngettext("{} month", "{} months", rest).format(rest)] if rest else []
    return " ".join(parts) or gettext("birth")
