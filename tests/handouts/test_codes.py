from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from education.handouts.codes import (
    ALPHABET,
    LENGTH,
    CodeError,
    check_character,
    format_code,
    new_code,
    parse_code,
    parse_codes,
)

drawn = st.text(alphabet=ALPHABET, min_size=LENGTH - 1, max_size=LENGTH - 1)
codes = drawn.map(lambda characters: characters + check_character(characters))


def test_new_code_is_a_code_and_never_the_same():
    made = {new_code() for _ in range(1000)}

    assert len(made) == 1000
    assert all(parse_code(code) == code for code in made)


def test_alphabet_has_no_letters_that_look_alike():
    assert len(set(ALPHABET)) == 32
    assert not set(ALPHABET) & set("ILOU")


@given(codes)
def test_parse_code_reads_what_format_code_prints(code):
    assert parse_code(format_code(code)) == code


def _as_full_width(text):
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


@given(codes, st.data())
def test_parse_code_forgives_case_gaps_and_letters_that_look_alike(code, data):
    typed = ""
    for character in code:
        alike = {"0": "0Oo", "1": "1IiLl"}.get(character, character + character.lower())
        typed += data.draw(st.sampled_from(alike))
        typed += data.draw(st.sampled_from(["", " ", "-", "–", ".", "_", "\u00a0", "\u200b", "\n"]))

    assert parse_code(typed) == code
    assert parse_code(_as_full_width(code)) == code


@given(codes)
def test_parse_code_reads_the_address_of_a_check_page(code):
    assert parse_code(f"https://portal.example/check/{format_code(code).lower()}/") == code
    assert parse_code(f"https://portal.example/zh/check/{code}/?from=qr") == code


@given(codes, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_parse_code_finds_any_one_wrong_character(code, place, other):
    wrong = code[:place] + other + code[place + 1 :]
    if wrong == code:
        return

    with pytest.raises(CodeError, match="One character is wrong"):
        parse_code(wrong)


@given(codes)
def test_parse_code_finds_any_two_characters_that_changed_places(code):
    for first, second in combinations(range(LENGTH), 2):
        letters = list(code)
        letters[first], letters[second] = letters[second], letters[first]
        swapped = "".join(letters)
        if swapped != code:
            with pytest.raises(CodeError, match="changed places"):
                parse_code(swapped)


@given(st.text(max_size=300))
def test_parse_code_reads_or_refuses_whatever_is_typed(typed):
    try:
        code = parse_code(typed)
    except CodeError:
        return

    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Type the code"),
        (" - ", "Type the code"),
        ("7F3-K9Q", "has 9 letters and digits; this has 6"),
        ("7F3-K9Q-2MF-1", "this has 10"),
        ("7F3-K9U-2MF", "“U” is not used"),
        ("7F3-K9Q-2Mж", "“Ж” is not used"),
        ("0" * 201, "too long"),
    ],
)
def test_parse_code_says_what_is_wrong(typed, message):
    with pytest.raises(CodeError, match=message):
        parse_code(typed)


def test_parse_codes_reads_a_list_in_order_once_each():
    first, second = new_code(), new_code()
    pasted = f"{format_code(first)}\r\n  {second.lower()} ,{first};\nwhat ever!\n"

    read = parse_codes(pasted)

    assert [line.code for line in read] == [first, second, ""]
    assert read[2].typed == "what ever!"
    assert "this has 8" in read[2].error


def test_check_character_is_the_same_as_when_first_printed():
    # Paper can't be reprinted: these must hold for ever.
    assert check_character("00000000") == "0"
    assert check_character("10000000") == "2"
    assert check_character("7F3K9Q2M") == "F"
    assert check_character("ABCDEFGH") == "2"


def test_parse_codes_reads_several_codes_with_blanks_between_them():
    first, second = new_code(), new_code()

    read = parse_codes(f"{format_code(first)} {format_code(second)}\n{' '.join(first)}")

    assert [line.code for line in read] == [first, second]


@pytest.mark.parametrize("between", [" ", "\t", "\xa0", "  \t", ", ", ";", "\r\n", "\x1d", ""])
@pytest.mark.parametrize(
    "form",
    [
        "https://portal.example/check/{}/",
        "HTTPS://PORTAL.EXAMPLE/CHECK/{}/",
        "https://portal.example/zh-hans/check/{}/?printed=2026-11",
        "]Q1https://portal.example/check/{}",
        "https://portal.example/check/?code={}",
    ],
)
def test_parse_codes_reads_addresses_however_a_scanner_parts_them(form, between):
    codes = [format_code(new_code()) for _ in range(3)]
    # Without a slash nothing says where one ends.
    parted = between or ("" if form.endswith("/") else " ")

    read = parse_codes(parted.join(form.format(code) for code in codes))

    assert [each.code for each in read] == [code.replace("-", "") for code in codes]
    assert not any(each.error for each in read)


@pytest.mark.parametrize(
    "written",
    [
        "Code {}",
        "Code: {}",
        "code{nbsp}{}",
        "编号：{}",
        "Do not use after 29 November 2027 · Code {} · localhost/check · Page 1 of 2",
        "2026-11-29 10:33:05 QR {}",
        "“{}”.",
        "- {}",
        "]C1{}",
        "* {spaced}",
    ],
)
def test_parse_codes_reads_a_code_with_what_stands_around_it_on_paper_and_in_scans(written):
    code = new_code()
    line = written.format(
        format_code(code), nbsp="\xa0", spaced=format_code(code).replace("-", " ")
    )

    assert [each.code for each in parse_codes(line) if each.code] == [code]
    assert parse_code(line) == code


def test_parse_code_takes_no_code_out_of_words_that_hold_two():
    with pytest.raises(CodeError):
        parse_code(f"{format_code(new_code())} {format_code(new_code())}")


@given(st.data())
def test_every_code_of_a_list_is_in_the_answer_once_with_wrong_ones_among_them(data):
    drawn = data.draw(st.lists(st.tuples(codes, st.integers(0, 3), st.booleans()), max_size=12))
    kept, wrong, typed = [], [], ""
    for code, form, is_wrong in drawn:
        written = code
        if is_wrong:
            written = code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 1) % 32]
        (wrong if is_wrong else kept).append(written)
        shown = format_code(written)
        typed += [shown, shown.lower(), f"https://a.example/check/{shown}/", f"Code {shown}"][form]
        typed += data.draw(st.sampled_from(["\n", " ", "\t", ", ", "\n\n"]))

    read = parse_codes(typed)

    assert [each.code for each in read if each.code] == list(dict.fromkeys(kept))
    said = " ".join(each.typed for each in read if each.error).upper()
    assert all(format_code(each) in said for each in wrong)
