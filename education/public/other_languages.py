"""A line in the reader's own language, where somebody searches in one that our pages don't have."""

from education.search.analysis import is_chinese, words

_LINES = {
    "zh-Hans": "这些页面是英文的。",
    "es": "Estas páginas están en inglés.",
}
# Words of Spanish questions on our subject that are no English words.
_SPANISH = frozenset(
    """
    paralisis celulas rizotomia espasticidad cirugia operacion cuesta cuanto riesgos efectos
    secundarios nino nina hijo hija caminar dolor tratamiento sangre cordon curar curacion ensayo
    ensayos clinico clinicos fisioterapia rehabilitacion funciona puede cual donde porque toxina
    botulinica
    """.split()  # noqa: SIM905 - a list of thirty lines says no more
)


def lines_for(query: str, offered: tuple[str, ...]) -> dict[str, str]:
    """
    What to say first, by language: that the pages are in English.

    ``offered``: the languages in which this site has pages.
    """
    typed = words(query)
    matches = {
        "zh-Hans": any(is_chinese(word) for word in typed),
        "es": not _SPANISH.isdisjoint(typed),
    }
    languages = {language.lower().partition("-")[0] for language in offered}
    return {
        language: line
        for language, line in _LINES.items()
        if matches[language] and language.partition("-")[0] not in languages
    }
