"""riskmap: risk scores for places that explain themselves, heat maps, and the statistics behind them.

Three ways in: `run` scores the areas of a model, `heatmap` and `hotspots` make maps of reports, and `riskmap.stats`
has the methods on plain arrays. Layers come as paths, GeoDataFrames, Arrow streams or arrays, and go out as them.

    scores       run, Model, Result; check, match: is there all that a model needs; inspect: what a source holds
    maps         heatmap, hotspots
    areas        count_in_areas, cover_of_areas, nearest_to_areas: an array with one entry for each area
    layers       read, Layer, Raster, Grid, Weights
    densities    density, density_at, density_ratio, bandwidth_rule, bandwidth_cross_validate, bandwidth_adaptive
    statistics   riskmap.stats: scaling, rates, autocorrelation, scans, patterns of points, back-tests
    errors       Error, and one class for each kind: NotFound, CrsError, ArgumentError, ModelError, ...

What a call says of itself is Dutch, or English with language="en"; error messages are English. What was read and
rejected goes to logging.getLogger("riskmap"). An array must stay as it is until the call that it was handed to returns,
also in `progress` and in other threads. Threads may share what is made here; other processes are best started by
"spawn" (multiprocessing), as one forked while a thread is in a call may wait for a lock for ever.
"""

from . import _build

_build.load()

from . import _riskmap
from ._build import build_info
from ._riskmap import (
    ArgumentError,
    Cancelled,
    CrsError,
    DataError,
    Error,
    ExistsError,
    FileError,
    FormatError,
    LimitError,
    MemoryLimitError,
    ModelError,
    NotFound,
    UnsupportedError,
)
from .densities import (
    BandwidthFit,
    bandwidth_adaptive,
    bandwidth_cross_validate,
    bandwidth_rule,
    density,
    density_at,
    density_ratio,
    half_life_weights,
)
from .heatmaps import Heatmap, HeatmapPeriod, heatmap
from .hotspot_maps import Hotspot, Hotspots, hotspots
from .inspection import Checklist, Inspection, Match, check, inspect, match
from .layer import Layer, LayerIssue, as_layer, read
from .model import Model
from .overlay import count_in_areas, cover_of_areas, nearest_to_areas
from .raster import Grid, Raster
from .result import Issue, PillarScore, Place, Reason, Result, check_target, run
from .weights import Weights
from . import stats  # after what it stands on

__version__: str = _riskmap.version()

__all__ = [
    "ArgumentError",
    "BandwidthFit",
    "Cancelled",
    "Checklist",
    "CrsError",
    "DataError",
    "Error",
    "ExistsError",
    "FileError",
    "FormatError",
    "Grid",
    "Heatmap",
    "HeatmapPeriod",
    "Hotspot",
    "Hotspots",
    "Inspection",
    "Issue",
    "Layer",
    "LayerIssue",
    "LimitError",
    "Match",
    "MemoryLimitError",
    "Model",
    "ModelError",
    "NotFound",
    "PillarScore",
    "Place",
    "Raster",
    "Reason",
    "Result",
    "UnsupportedError",
    "Weights",
    "as_layer",
    "bandwidth_adaptive",
    "bandwidth_cross_validate",
    "bandwidth_rule",
    "build_info",
    "check",
    "check_target",
    "count_in_areas",
    "cover_of_areas",
    "density",
    "density_at",
    "density_ratio",
    "half_life_weights",
    "heatmap",
    "hotspots",
    "inspect",
    "match",
    "nearest_to_areas",
    "read",
    "run",
    "stats",
]
