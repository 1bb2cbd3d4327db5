"""What all objects with a handle of C have in common."""

from __future__ import annotations

from typing import NoReturn

from ._words import language_of


class Held:
    """Holds memory of this process, which pickle and copy cannot take along."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            f"a riskmap.{type(self).__name__} cannot be pickled or copied: it is memory of this process; threads can"
            " share it, another process makes its own from the same source"
        )


class Speaking(Held):
    """And says something, in Dutch or in English."""

    _language: str

    @property
    def language(self) -> str:
        """"nl" or "en": of what it says and shows. May be changed."""
        return self._language

    @language.setter
    def language(self, language: str) -> None:
        self._language = language_of(language)
