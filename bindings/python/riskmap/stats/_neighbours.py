"""What says who is a neighbour of whom, as C takes it."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._riskmap import ArgumentError
from ..weights import Weights


def weights_of(weights: Any) -> Any:
    """The handle of Weights, or of what stands for them: a Graph or W of libpysal, a sparse array of scipy."""
    if isinstance(weights, Weights):
        return weights._handle
    if hasattr(weights, "tocoo") and hasattr(weights, "shape"):
        return _of_sparse(weights)._handle
    if hasattr(weights, "adjacency") or hasattr(weights, "id_order"):
        return Weights.from_libpysal(weights)._handle
    raise ArgumentError(
        "weights: riskmap.Weights, a Graph or W of libpysal, or a sparse array of scipy are needed, not"
        f" {type(weights).__name__}; Weights.queen(areas) makes them"
    )


def _of_sparse(matrix: Any) -> Weights:
    """Row i has the neighbours of item i; what an item has of itself is left out."""
    if len(matrix.shape) != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ArgumentError(f"weights: a square array is needed, not the shape {matrix.shape}")
    links = matrix.tocsr().tocoo()
    links.sum_duplicates()
    others = links.row != links.col
    return Weights.from_links(matrix.shape[0], links.row[others], links.col[others], np.asarray(links.data)[others])
