"""What all objects with a handle of C have in common."""

from __future__ import annotations

from typing import NoReturn


class Held:
    """Holds memory of this process, which pickle and copy cannot take along."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            f"a riskmap.{type(self).__name__} cannot be pickled or copied: it is memory of this process; threads can"
            " share it, another process makes its own from the same source"
        )
