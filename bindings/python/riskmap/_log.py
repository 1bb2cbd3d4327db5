"""What a call has to tell, through logging.getLogger("riskmap"): counts and names, never a cell of the data."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

from . import _riskmap

logger = logging.getLogger("riskmap")
logger.addHandler(logging.NullHandler())


def report_run(result: Any) -> None:
    """INFO: what was read, used and rejected of each layer, and how it was placed. WARNING: what was rejected, by code
    (see `Result.issues`), and grids that would place a layer better."""
    if not _heard(logging.WARNING):
        return
    layers = [_riskmap.result_layer_at(result, index) for index in range(_riskmap.result_layer_count(result))]
    codes = _rejected(result) if any(layer["rejected"] for layer in layers) else {}
    for layer in layers:
        if layer["source"]:  # of a layer that nothing names there is none
            logger.info("layer %s: %s", layer["name"], _account(layer))
            _warn(layer, codes.get(layer["name"], Counter()))


def report_layer(layer: Any) -> None:
    """WARNING: how many issues there are in a layer that was made."""
    count = _riskmap.layer_issue_count(layer)
    if count:
        logger.warning(
            "while the layer was made, features were rejected or repaired, or columns left out: %d issues, see"
            " Layer.issues",
            count,
        )


def _account(layer: dict[str, Any]) -> str:
    parts = [f"{layer['read']} read, {layer['used']} used, {layer['rejected']} rejected"]
    parts += [f"{layer[key]} {words}" for key, words in _BEFORE.items() if layer[key]]
    if layer["located"]:
        placed = layer["address_exact"] + layer["address_number"]
        asked = placed + layer["address_ambiguous"] + layer["address_unknown"]
        parts.append(f"{placed} of {asked} placed by address")
    if layer["crs_operation"]:
        parts.append(f"from {layer['crs']}, transformed by: {layer['crs_operation']}")
    elif layer["crs"]:
        parts.append(f"in {layer['crs']}")
    return "; ".join(parts)


_BEFORE = {
    "outside": "outside the areas",
    "filtered": "filtered out",
    "left_out": "left out by the rules for reports",
    "ended": "no longer in force",
}


def _warn(layer: dict[str, Any], codes: Counter[str]) -> None:
    name = layer["name"]
    if layer["read"] == 0:
        logger.warning("layer %s: nothing was read; indicators on this layer say nothing", name)
    if layer["rejected"]:
        why = ", ".join(f"{code} {count}" for code, count in codes.most_common()) or "see Result.issues"
        logger.warning("layer %s: %d of %d rejected: %s", name, layer["rejected"], layer["read"], why)
    if layer["missing_grid"]:
        logger.warning(
            "layer %s: placed to within %.3g m; the grid %s would do better, get it with: projsync --file %s",
            name,
            layer["crs_accuracy_m"],
            layer["missing_grid"],
            layer["missing_grid"],
        )


def _rejected(result: Any) -> dict[str, Counter[str]]:
    """How often each code stands among what was rejected, by layer."""
    table = _riskmap.result_table(result, "issues", "en")
    names = [_riskmap.layer_field_name(table, field) for field in range(_riskmap.layer_field_count(table))]
    columns = (_riskmap.layer_texts(table, names.index(name)) for name in ("severity", "layer", "code"))
    out: dict[str, Counter[str]] = {}
    for (severity, layer, code), count in Counter(zip(*columns)).items():
        if severity == "rejected":
            out.setdefault(layer, Counter())[code] += count
    return out


def _heard(level: int) -> bool:
    """Whether a message of that level would come out somewhere: counting takes time."""
    if not logger.isEnabledFor(level):
        return False
    at: logging.Logger | None = logger
    while at:
        if any(not isinstance(handler, logging.NullHandler) for handler in at.handlers):
            return True
        at = at.parent if at.propagate else None
    return False
