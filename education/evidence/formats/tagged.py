"""What the tagged formats share: records of tagged lines, names, dates, and what is left out."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from education.evidence.formats.record import MAX_TEXT, left_out, web_address

Tags = list[tuple[str, str]]

_LINE_END = re.compile(r"\r\n|\r|\n")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# CSL 1.0.2 counts seasons from 21.
_SEASONS = {"spr": 21, "sum": 22, "fal": 23, "aut": 23, "win": 24}
_RANK = re.compile(r"(.+?)[ ,]+((?:Jr|Sr|I{2,3}|IV|2nd|3rd|4th)\.?)")
_DATE_PART = re.compile(r"(?P<year>\d{4})|(?P<word>[A-Za-z]{3,})\.?|(?P<day>\d{1,2})(?!\d)")


class TaggedRecord(NamedTuple):
    """The tags of one record in order, which record of the file it is, and where it begins."""

    position: int
    line: int
    tags: Tags
    is_ended: bool


def tagged_records(
    text: str, line_pattern: re.Pattern[str], *, begins: str, ends: str = ""
) -> Iterator[TaggedRecord]:
    """
    Yield the records of a file of tagged lines.

    ``line_pattern`` matches a line with a tag and its value; any other line goes on with the value
    above it, behind a line end. A record begins at the tag ``begins`` and ends at the tag ``ends``;
    without ``ends`` it ends where the next begins. What stands before the first record is skipped.
    """
    tags: Tags = []
    position = begin = 0
    for number, line in enumerate(_LINE_END.split(text), start=1):
        match = line_pattern.fullmatch(line)
        if match and match[1] == begins:
            if tags:
                yield TaggedRecord(position, begin, tags, is_ended=not ends)
            position, begin, tags = position + 1, number, [(begins, (match[2] or "").strip())]
        elif match and match[1] == ends and tags:
            yield TaggedRecord(position, begin, tags, is_ended=True)
            tags = []
        elif match and tags:
            tags.append((match[1], (match[2] or "").strip()))
        elif tags and line.strip() and len(tags[-1][1]) < MAX_TEXT:
            tags[-1] = (tags[-1][0], f"{tags[-1][1]}\n{line.strip()}")
    if tags:
        yield TaggedRecord(position, begin, tags, is_ended=not ends)


def first_of_each(tags: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The first value of each tag that has one."""
    first: dict[str, str] = {}
    for tag, value in tags:
        if value:
            first.setdefault(tag, value)
    return first


def first_address(values: Iterable[str]) -> str:
    """The first of some values that is an address on the web; empty when none is."""
    return next(filter(None, map(web_address, values)), "")


def person(written: str) -> dict[str, str]:
    """``Family, Given``, with a rank behind either; without a comma it is a name as it stands."""
    family, comma, given = (part.strip() for part in written.partition(","))
    if not comma or not given:
        return {"literal": family}
    suffix = ""
    if ranked := _RANK.fullmatch(given):
        given, suffix = ranked[1], ranked[2]
    elif "," in given:  # Family, Jr., Given
        suffix, _, given = (part.strip() for part in given.partition(","))
    return {"family": family, "given": given, "suffix": suffix}


def date_of(written: str) -> Any:
    """
    A date as databases write it: ``2017 Dec 5``, ``2017 Nov-Dec``, ``2000 Dec-2001 Jan``.

    A span has two ends and a season its number. What has no year comes back as words.
    """
    written = " ".join(written.split())
    if not written:
        return None
    dates: list[list[int]] = []
    ends = re.split(r"\s*[-\u2013/]\s*", written)
    if re.fullmatch(r"\d{4}(?:[-/]\d{1,2}){1,2}/?", written):
        ends = [re.sub(r"[-/]", " ", written)]
    for end in ends[:2]:
        parts = [match.groupdict() for match in _DATE_PART.finditer(end)]
        years = [int(part["year"]) for part in parts if part["year"]]
        words = [part["word"][:3].lower() for part in parts if part["word"]]
        numbers = [int(part["day"]) for part in parts if part["day"]]
        months = [_MONTHS.index(word) + 1 for word in words if word in _MONTHS]
        months += [_SEASONS[word] for word in words if word in _SEASONS]
        if not words and len(numbers) in {1, 2} and years:  # 2017 12 5
            months, numbers = numbers[:1], numbers[1:]
        if years or (dates and (months or numbers)):
            year = years[:1] or dates[0][:1]
            months = months or (dates[0][1:2] if dates and not years else [])
            day = numbers[:1] if months and months[0] <= len(_MONTHS) else []
            dates.append([*year, *months[:1], *day])
        elif months and len(ends) == 2:  # "Nov-Dec 2017": the year stands behind
            later = re.search(r"\d{4}", ends[1])
            if later:
                dates.append([int(later[0]), months[0]])
    return {"date-parts": dates} if dates else {"literal": written}


def not_taken_over(
    tags: Iterable[tuple[str, str]], used: Container[str], names: Mapping[str, str]
) -> str:
    """
    What of a record its reference has no place for, in words; empty when everything has.

    ``names`` says what a tag is called; one with an empty name tells of the database's own work,
    not of the publication, and goes unsaid. A tag that we don't know is given as it is written.
    """
    return left_out(names.get(tag, tag) for tag, value in tags if value and tag not in used)
