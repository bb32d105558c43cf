"""
CSL-JSON, the shape we keep: https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html

A file is a list of records, one record, or an object with ``items``. A list that breaks in the
middle still gives the records before and after the break.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from education.evidence.formats.record import (
    Record,
    decoded,
    failure,
    limited,
    result,
    too_large,
    with_entities,
)

MAX_BREAKS = 20

# NaN and Infinity are not JSON; where a program wrote them, nothing is known.
_decoder = json.JSONDecoder(parse_constant=lambda _name: None)
_SPACE = re.compile(r"[\s,]*")
_NEXT = re.compile(r"\}\s*,\s*(?=\{)")


def parse(data: bytes) -> list[Record]:
    """Read CSL-JSON; never raises."""
    return too_large(data) or limited(_records(decoded(data)))


def write(items: Iterable[Mapping[str, Any]]) -> str:
    """Return records as a CSL-JSON list."""
    return (
        json.dumps(list(map(with_entities, items)), ensure_ascii=False, indent=1, sort_keys=False)
        + "\n"
    )


def _records(text: str) -> Iterator[Record]:
    start = _SPACE.match(text)
    begin = start.end() if start else 0
    if not text[begin : begin + 1]:
        return
    try:
        whole = _decoder.decode(text[begin:])
    except (ValueError, RecursionError):
        yield from _salvaged(text, begin)
        return
    if isinstance(whole, dict) and isinstance(whole.get("items"), list):
        whole = whole["items"]
    if not isinstance(whole, list):
        whole = [whole]
    for position, raw in enumerate(whole, start=1):
        yield result(raw, position=position, line=0)


def _salvaged(text: str, begin: int) -> Iterator[Record]:
    """Yield the records of a broken list, one at a time, saying where it breaks."""
    place = begin + 1 if text[begin] == "[" else begin
    position = breaks = counted = 0
    line = 1
    while True:
        gap = _SPACE.match(text, place)
        place = gap.end() if gap else place
        if text[place : place + 1] in {"", "]"}:
            if not text[place : place + 1]:
                yield failure("The file ends before the list of records does; it may be cut short.")
            return
        position += 1
        line += text.count("\n", counted, place)
        counted = place
        try:
            raw, place = _decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as problem:
            breaks += 1
            yield failure(_reason(problem), position=position, line=line)
            following = _NEXT.search(text, _broken_at(problem, place))
            if following is None:
                return
            if breaks == MAX_BREAKS:
                yield failure("Too many broken records; the rest of the file was not read.")
                return
            place = following.end()
        else:
            yield result(raw, position=position, line=line)


def _reason(problem: Exception) -> str:
    if isinstance(problem, json.JSONDecodeError):
        return f"it is not valid JSON at line {problem.lineno}, column {problem.colno}."
    return "it is nested too deeply or holds a number too large to read."


def _broken_at(problem: Exception, place: int) -> int:
    return problem.pos if isinstance(problem, json.JSONDecodeError) else place
