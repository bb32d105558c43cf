"""Text to LaTeX and back, as far as bibliographies go: escapes, accents, dashes, quotes."""

import re
import unicodedata

from education.evidence.formats.record import at_height

# What LaTeX would not print as it stands. Braces are written as words, because BibTeX counts every
# brace of a value, escaped or not.
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
_TO_ESCAPE = re.compile(r"[\\{}$&%#_^~]|([-'`])(?=\1)")

_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306",
    ".": "\u0307", '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323",
    "c": "\u0327", "k": "\u0328", "b": "\u0331",
}  # fmt: skip
_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi",
    "psi", "omega",
)  # fmt: skip
_SYMBOLS = {
    "textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^",
    "textasciitilde": "~", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ss": "ß", "ae": "æ",
    "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð",
    "DH": "Ð", "th": "þ", "TH": "Þ", "S": "§", "P": "¶", "textendash": "–", "textemdash": "—",
    "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“",
    "textquotedblright": "”", "ldots": "…", "dots": "…", "textellipsis": "…", "copyright": "©",
    "textregistered": "®", "texttrademark": "™", "textdegree": "°", "degree": "°", "pm": "±",
    "times": "×", "textpm": "±", "texttimes": "×", "leq": "≤", "geq": "≥", "textmu": "µ",
    "le": "≤", "ge": "≥", "leqslant": "≤", "geqslant": "≥", "lt": "<", "gt": ">",
    "textless": "<", "textgreater": ">", "sim": "∼", "approx": "≈", "textasciimacron": "¯",
    "neq": "≠", "ne": "≠", "ll": "≪", "gg": "≫", "mp": "∓", "cdot": "·", "infty": "∞",
    "rightarrow": "→", "to": "→", "leftarrow": "←", "propto": "∝", "equiv": "≡", "prime": "′",
    "circ": "°", "textperthousand": "‰", "textbar": "|", "textminus": "−", "div": "÷",
    "textonehalf": "½", "textonequarter": "¼", "texthreequarters": "¾", "textunderscore": "_",
    "textquotesingle": "'", "textdollar": "$", "euro": "€", "texteuro": "€", "pounds": "£",
    "micro": "µ", "celsius": "°C", "percent": "%", "sqrt": "√", "sum": "∑", "minus": "−",
    "lbrace": "{", "rbrace": "}",
    **{name: unicodedata.lookup(f"GREEK SMALL LETTER {name.replace('lambda', 'lamda')}")
       for name in _GREEK},
    **{name.title(): unicodedata.lookup(f"GREEK CAPITAL LETTER {name.replace('lambda', 'lamda')}")
       for name in _GREEK},
}  # fmt: skip
_LIGATURES = {"---": "—", "--": "–", "''": "”", "``": "“"}
_TOKEN = re.compile(r"\\([A-Za-z]+)[ \t\n]*|\\(.)|---|--|''|``|[{}$~]", re.DOTALL)
_ARGUMENT = re.compile(
    r"\s*(?:\{\s*(?:\\([ij])\s*|([^\W\d_]))\s*\}|\\([ij])(?![A-Za-z])|([^\W\d_]))"
)


_GROUP = re.compile(r"\s*\{([^{}]*)\}")
_FRACTION = re.compile(r"\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_FRACTIONS = frozenset({"frac", "tfrac", "dfrac", "nicefrac", "sfrac"})
# Commands that say how words look, or nothing: without them the words are all there.
_LOOKS = frozenset(
    """
    bf bfseries bibinfo bibnamefont bibfnamefont big Big boldmath boldsymbol displaystyle em emph
    enquote ensuremath foreignlanguage hbox hspace href hyphen it itshape label large Large left
    limits linebreak mathbb mathbf mathcal mathit mathrm mathsf mathtt mbox MakeLowercase
    MakeUppercase NoCaseChange newblock newline noopsort nobreak nocite noindent normalfont
    normalsize operatorname par protect quad qquad relax right rm rmfamily sc scriptsize scshape
    sf sffamily selectlanguage sl slshape small text textbf textit textmd textnormal textrm textsc
    textsf textsl textstyle texttt textup thinspace tiny tt ttfamily underline unskip up upshape url
    urlprefix vspace xspace
    """.split()  # noqa: SIM905 - a list says no more
)


def escaped(text: str) -> str:
    """Return text as LaTeX that prints exactly it; ``plain`` reads it back."""
    return _TO_ESCAPE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    # An empty group keeps two signs from becoming one: a dash, a quotation mark.
    return _ESCAPES.get(match[0]) or f"{match[0]}{{}}"


def unknown_commands(latex: str) -> list[str]:
    """Commands that ``plain`` leaves out although they may say something, as they are written."""
    known = {*_SYMBOLS, *_ACCENTS, *_LOOKS, "textsuperscript", "textsubscript"}
    names = (
        match[1]
        for match in _TOKEN.finditer(latex)
        if match[1] and not (match[1] in _FRACTIONS and _FRACTION.match(latex, match.end()))
    )
    return list(dict.fromkeys(f"\\{name}" for name in names if name not in known))


def plain(latex: str) -> str:
    """
    Return LaTeX as text: accents composed, symbols as letters, braces and unknown commands gone.

    Never raises; what it doesn't know it leaves out, keeping the words around it.
    """
    written: list[str] = []
    place = 0
    while match := _TOKEN.search(latex, place):
        written.append(latex[place : match.start()])
        place = match.end()
        command = match[1] or match[2]
        if command is None:
            sign = match[0]
            written.append(_LIGATURES.get(sign, " " if sign == "~" else ""))
        elif command in _ACCENTS and (argument := _ARGUMENT.match(latex, place)):
            letter = next(group for group in argument.groups() if group)
            written.append(unicodedata.normalize("NFC", letter + _ACCENTS[command]))
            place = argument.end()
        elif command in {"textsuperscript", "textsubscript"} and (
            argument := _GROUP.match(latex, place)
        ):
            is_raised = command == "textsuperscript"
            before = "".join(written)[-1:]
            after = latex[argument.end() : argument.end() + 1]
            written.append(at_height(plain(argument[1]), before, after, is_raised=is_raised))
            place = argument.end()
        elif command in _FRACTIONS and (argument := _FRACTION.match(latex, place)):
            written.append(f"{plain(argument[1])}/{plain(argument[2])}")
            place = argument.end()
        elif command in _SYMBOLS:
            written.append(_SYMBOLS[command])
        elif match[2]:
            written.append(" " if command in " \\\n" else command)
    written.append(latex[place:])
    return "".join(written)
