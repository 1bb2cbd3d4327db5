"""What people read: Dutch or English, with their signs in numbers."""

from __future__ import annotations

import math

from ._riskmap import ArgumentError

LANGUAGES = ("nl", "en")


def language_of(language: str) -> str:
    """The language as it is; ArgumentError for one that riskmap does not speak."""
    if language not in LANGUAGES:
        raise ArgumentError(f'language: "nl" or "en" is needed, not {language!r}')
    return language


def printable(text: str) -> str:
    """What any terminal or file takes: bytes in the name of a file that are not UTF-8 are replaced."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def either(language: str, dutch: str, english: str) -> str:
    return english if language == "en" else dutch


def whole(number: int | None, language: str) -> str:
    """2.035 in Dutch, 2,035 in English; a question mark for what is not known."""
    if number is None:
        return "?"
    return f"{number:,}" if language == "en" else f"{number:,}".replace(",", ".")


def decimal(number: float, decimals: int, language: str) -> str:
    """0,80 in Dutch, 0.80 in English; a dash for NaN."""
    if math.isnan(number):
        return "-"
    text = f"{number:.{decimals}f}"
    return text if language == "en" else text.replace(".", ",")


def plain(number: float, language: str) -> str:
    """As short as it can be, in at most six digits unless it is whole."""
    if number == math.floor(number) and abs(number) < 1e15:
        return f"{number:.0f}"
    return f"{number:.6g}" if language == "en" else f"{number:.6g}".replace(".", ",")
