"""What a map is made of: paths go to C as they are, data as layers in memory."""

from __future__ import annotations

from typing import Any

from ._convert import is_path
from ._convert import path as path_text
from .layer import as_layer


def source_options(data: Any, name: str) -> dict[str, Any]:
    """A path under its name, data as memory_<name>, nothing for None."""
    if data is None:
        return {}
    if is_path(data):
        return {name: path_text(data, name)}
    return {f"memory_{name}": as_layer(data, name)._handle}
