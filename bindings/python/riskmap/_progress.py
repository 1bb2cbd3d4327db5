"""Progress of long calls: a callable, tqdm, or True for a line of one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from ._riskmap import ArgumentError


def callable_of(progress: Any) -> Callable[[float, str], Any] | None:
    """What C calls: progress(fraction, message). None and False are none; a bar of tqdm is filled to its total."""
    if progress is None or progress is False:
        return None
    if progress is True:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            raise ArgumentError("progress=True needs tqdm; install it, or give a callable(fraction, message)") from None
        progress = tqdm
    if isinstance(progress, type) and hasattr(progress, "set_description_str"):
        progress = progress(total=100, unit="%", bar_format="{l_bar}{bar}| {elapsed}", leave=False)
    if hasattr(progress, "update") and hasattr(progress, "set_description_str"):
        return _Bar(progress)
    if not callable(progress):
        raise ArgumentError(f"progress: a callable(fraction, message) or tqdm is needed, not {type(progress).__name__}")
    return cast("Callable[[float, str], Any]", progress)


def part_of(
    progress: Callable[[float, str], Any] | None, begin: float, end: float
) -> Callable[[float, str], Any] | None:
    """For a call that does a part of the work: its fractions, from 0 to 1, become those from `begin` to `end`."""
    if progress is None:
        return None
    whole = progress
    return lambda fraction, message: whole(begin + fraction * (end - begin), message)


class _Bar:
    def __init__(self, bar: Any):
        self.bar = bar
        self.total = bar.total or 100
        bar.total = self.total

    def __call__(self, fraction: float, message: str) -> None:
        if message:
            self.bar.set_description_str(message, refresh=False)
        self.bar.update(fraction * self.total - self.bar.n)
        if fraction >= 1:
            self.bar.close()
