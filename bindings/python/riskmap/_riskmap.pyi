"""The C library, function by function: see the comments in src/binding.h, and in the public headers what each does."""

import sys
from typing import Any, Callable, Sequence, TypeAlias, final

import numpy as np
from typing_extensions import Buffer

from ._build import BuildInfo

_Handle: TypeAlias = Any  # a capsule; None where it was closed, which is an error
_Dict: TypeAlias = dict[str, Any]  # a struct of C

# ---- errors ----

class Error(Exception):
    row: int | None
    layer: str | None
    code: int | None

class MemoryLimitError(Error, MemoryError): ...
class ArgumentError(Error, ValueError): ...
class FileError(Error, OSError): ...
class FormatError(Error, ValueError): ...
class ModelError(Error, ValueError): ...
class DataError(Error, ValueError): ...
class CrsError(Error, ValueError): ...
class LimitError(Error): ...
class ExistsError(Error, FileExistsError): ...
class NotFound(Error, FileNotFoundError, LookupError): ...
class Cancelled(Error): ...
class UnsupportedError(Error, NotImplementedError): ...

# ---- the module ----

@final
class View(Buffer):
    """Memory of a handle, to read as a buffer."""

    if sys.version_info >= (3, 12):
        def __buffer__(self, flags: int, /) -> memoryview: ...

def version() -> str: ...
def status_name(status: int, /) -> str: ...
def build_info() -> BuildInfo: ...

# ---- model ----

def model_read(path: str, /) -> _Handle: ...
def model_parse(text: str, base: str | None, /) -> _Handle: ...
def model_name(model: _Handle, /) -> str: ...
def model_title(model: _Handle, /) -> str: ...
def model_text(model: _Handle, /) -> str: ...
def model_layer_count(model: _Handle, /) -> int: ...
def model_layer_name(model: _Handle, index: int, /) -> str | None: ...
def model_indicator_count(model: _Handle, /) -> int: ...
def model_min_coverage(model: _Handle, /) -> float: ...

# ---- result ----

def run_options_init() -> _Dict: ...
def run(
    model: _Handle,
    /,
    *,
    threads: int = 0,
    only_best: bool = False,
    as_of: int | None = None,
    override_names: Sequence[str] | None = None,
    override_sources: Sequence[str] | None = None,
    reference: str | None = None,
    command: str | None = None,
    progress: Any = None,
    memory_names: Sequence[str] | None = None,
    memory_layers: Sequence[_Handle] | None = None,
) -> _Handle: ...
def result_table(result: _Handle, table: str, language: str | None, /) -> _Handle: ...
def result_is_shielded(result: _Handle, /) -> bool: ...
def result_area_count(result: _Handle, /) -> int: ...
def result_ranked_count(result: _Handle, /) -> int: ...
def result_area(result: _Handle, index: int, /) -> _Dict: ...
def result_ranked(result: _Handle, position: int, /) -> int: ...
def result_indicator_count(result: _Handle, /) -> int: ...
def result_indicator_at(result: _Handle, index: int, /) -> _Dict: ...
def result_contribution(result: _Handle, area: int, indicator: int, /) -> _Dict: ...
def result_reasons(result: _Handle, area: int, indicators: np.ndarray, /) -> int: ...
def result_reason_text(result: _Handle, area: int, indicator: int, language: str | None, /) -> str: ...
def result_pillar_count(result: _Handle, /) -> int: ...
def result_pillar(result: _Handle, index: int, /) -> str | None: ...
def result_pillar_score(result: _Handle, area: int, pillar: int, /) -> tuple[float, int]: ...
def result_issue_count(result: _Handle, /) -> int: ...
def result_issue_at(result: _Handle, index: int, /) -> _Dict: ...
def result_layer_count(result: _Handle, /) -> int: ...
def result_layer_at(result: _Handle, index: int, /) -> _Dict: ...
def result_disclaimer(result: _Handle, language: str | None, /) -> str: ...
def write_options_init() -> _Dict: ...
def result_write(
    result: _Handle,
    path: str,
    /,
    *,
    overwrite: bool = False,
    language: str | None = None,
    rows: int = 0,
    schema: str | None = None,
    progress: Any = None,
) -> None: ...
def result_write_check(
    path: str,
    /,
    *,
    overwrite: bool = False,
    language: str | None = None,
    rows: int = 0,
    schema: str | None = None,
    progress: Any = None,
) -> None: ...
def result_write_table(
    result: _Handle,
    path: str,
    /,
    *,
    overwrite: bool = False,
    language: str | None = None,
    rows: int = 0,
    schema: str | None = None,
    progress: Any = None,
) -> None: ...

# ---- inspect ----

def inspect_options_init() -> _Dict: ...
def inspect(
    source: str,
    /,
    *,
    threads: int = 0,
    layer: str | None = None,
    crs: str | None = None,
    target_crs: str | None = None,
    duplicates: bool = False,
    progress: Any = None,
) -> _Handle: ...
def inspection_driver(inspection: _Handle, /) -> str: ...
def inspection_layer_count(inspection: _Handle, /) -> int: ...
def inspection_layer(inspection: _Handle, index: int, /) -> _Dict: ...
def inspection_role(inspection: _Handle, layer: int, index: int, /) -> _Dict: ...
def inspection_field(inspection: _Handle, layer: int, field: int, /) -> _Dict: ...
def factsheet_options_init() -> _Dict: ...
def inspection_write_factsheet(
    inspection: _Handle,
    source: str,
    path: str,
    /,
    *,
    open: bool = False,
    overwrite: bool = False,
    today: int | None = None,
    language: str | None = None,
    model: _Handle = None,
) -> None: ...
def check(
    model: _Handle,
    /,
    *,
    threads: int = 0,
    only_best: bool = False,
    as_of: int | None = None,
    override_names: Sequence[str] | None = None,
    override_sources: Sequence[str] | None = None,
    reference: str | None = None,
    command: str | None = None,
    progress: Any = None,
    memory_names: Sequence[str] | None = None,
    memory_layers: Sequence[_Handle] | None = None,
) -> _Handle: ...
def checklist_measure(
    checklist: _Handle,
    model: _Handle,
    complete_from: float,
    /,
    *,
    threads: int = 0,
    only_best: bool = False,
    as_of: int | None = None,
    override_names: Sequence[str] | None = None,
    override_sources: Sequence[str] | None = None,
    reference: str | None = None,
    command: str | None = None,
    progress: Any = None,
    memory_names: Sequence[str] | None = None,
    memory_layers: Sequence[_Handle] | None = None,
) -> None: ...
def checklist_problem_count(checklist: _Handle, /) -> int: ...
def checklist_field_count(checklist: _Handle, /) -> int: ...
def checklist_field(checklist: _Handle, index: int, /) -> _Dict: ...
def checklist_layer_count(checklist: _Handle, /) -> int: ...
def checklist_layer(checklist: _Handle, index: int, /) -> _Dict: ...
def checklist_indicator_count(checklist: _Handle, /) -> int: ...
def checklist_indicator(checklist: _Handle, index: int, /) -> _Dict: ...
def checklist_finding_count(checklist: _Handle, /) -> int: ...
def checklist_finding(checklist: _Handle, index: int, /) -> _Dict: ...
def checklist_effect(checklist: _Handle, /) -> _Dict: ...

# ---- match ----

def match_folder(model: _Handle, folder: str, progress: Any, /) -> _Handle: ...
def match_source_count(match: _Handle, /) -> int: ...
def match_source_at(match: _Handle, index: int, /) -> _Dict: ...
def match_layer_count(match: _Handle, /) -> int: ...
def match_layer(match: _Handle, index: int, /) -> _Dict: ...
def match_fit(match: _Handle, layer: int, index: int, /) -> int: ...
def match_choose(match: _Handle, layer: int, source: int, /) -> None: ...
def match_give(match: _Handle, layer: str, source: str, /) -> None: ...
def match_write(match: _Handle, path: str, overwrite: int, /) -> None: ...

# ---- layer ----

def read_options_init() -> _Dict: ...
def layer_read(
    source: str,
    /,
    *,
    threads: int = 0,
    layer: str | None = None,
    crs: str | None = None,
    target_crs: str | None = None,
    x: str | None = None,
    y: str | None = None,
    where: str | None = None,
    only_best: bool = False,
    shielded: bool = True,
    repair: bool = True,
    columns: Sequence[str] | None = None,
    progress: Any = None,
) -> _Handle: ...
def layer_from_points(x: np.ndarray, y: np.ndarray, crs: str | None, /) -> _Handle: ...
def layer_from_geojson(text: str, crs: str | None, progress: Any, /) -> _Handle: ...
def layer_from_arrow(stream: object, crs: str | None, progress: Any, /) -> _Handle: ...
def layer_from_columns(
    rows: int, columns: tuple[tuple[str, str, Any, Any, Any], ...], crs: str | None, progress: Any, /
) -> _Handle: ...
def layer_to_arrow(layer: _Handle, /) -> object: ...
def layer_feature_count(layer: _Handle, /) -> int: ...
def layer_crs(layer: _Handle, /) -> str: ...
def layer_extent(layer: _Handle, /) -> tuple[float, float, float, float]: ...
def layer_issue_count(layer: _Handle, /) -> int: ...
def layer_issue_at(layer: _Handle, index: int, /) -> _Dict: ...
def layer_field_count(layer: _Handle, /) -> int: ...
def layer_field_name(layer: _Handle, field: int, /) -> str | None: ...
def layer_fids(layer: _Handle, /) -> View: ...
def layer_number(layer: _Handle, feature: int, field: int, /) -> float: ...
def layer_text(layer: _Handle, feature: int, field: int, /) -> str | None: ...
def layer_column(layer: _Handle, field: int, /) -> _Dict: ...
def layer_texts(layer: _Handle, field: int, /) -> list[str | None]: ...
def layer_wkb(layer: _Handle, /) -> list[bytes | None]: ...

# ---- overlay ----

def overlay_options_init() -> _Dict: ...
def count_in_areas(
    counts: np.ndarray, areas: _Handle, evidence: _Handle, /, *, threads: int = 0, progress: Any = None
) -> None: ...
def cover_of_areas(
    m2: np.ndarray,
    areas: _Handle,
    evidence: _Handle,
    sum_overlaps: int,
    /,
    *,
    threads: int = 0,
    progress: Any = None,
) -> None: ...
def nearest_to_areas(
    metres: np.ndarray, areas: _Handle, evidence: _Handle, /, *, threads: int = 0, progress: Any = None
) -> None: ...

# ---- weights ----

def contiguity_options_init() -> _Dict: ...
def neighbour_options_init() -> _Dict: ...
def weights_contiguity(
    areas: _Handle, /, *, kind: int = 0, tolerance_m: float = 0.001, threads: int = 0, progress: Any = None
) -> _Handle: ...
def weights_band(
    x: np.ndarray,
    y: np.ndarray,
    metres: float,
    /,
    *,
    weight: int = 0,
    least_m: float = 0.0,
    most_links: int = 0,
    threads: int = 0,
    progress: Any = None,
) -> _Handle: ...
def weights_nearest(
    x: np.ndarray,
    y: np.ndarray,
    k: int,
    /,
    *,
    weight: int = 0,
    least_m: float = 0.0,
    most_links: int = 0,
    threads: int = 0,
    progress: Any = None,
) -> _Handle: ...
def weights_from_links(
    count: int, from_: np.ndarray, to: np.ndarray, weight: np.ndarray | None, progress: Any, /
) -> _Handle: ...
def layer_places(x: np.ndarray, y: np.ndarray, layer: _Handle, progress: Any, /) -> None: ...
def weights_count(weights: _Handle, /) -> int: ...
def weights_links(weights: _Handle, /) -> int: ...
def weights_of(weights: _Handle, item: int, /) -> tuple[View, View | None]: ...
def weights_islands(weights: _Handle, items: np.ndarray | None, /) -> int: ...
def weights_is_symmetric(weights: _Handle, progress: Any, /) -> bool: ...
def weights_components(component: np.ndarray | None, weights: _Handle, /) -> int: ...
def weights_rows(starts: np.ndarray, to: np.ndarray, weight: np.ndarray, weights: _Handle, /) -> None: ...

# ---- stats ----

def scale_values(
    scaled: np.ndarray,
    values: np.ndarray,
    method: int,
    direction: int,
    lower: float,
    upper: float,
    progress: Any,
    /,
) -> None: ...
def combine(
    score: np.ndarray,
    scaled: Sequence[np.ndarray],
    weight: np.ndarray,
    geometric: int,
    min_coverage: float,
    floor: float,
    /,
) -> None: ...
def ranks(rank: np.ndarray, score: np.ndarray, /) -> None: ...

# ---- rates ----

def rates(rate: np.ndarray, events: np.ndarray, exposure: np.ndarray, min_exposure: float, method: int, /) -> None: ...
def rates_local(
    rate: np.ndarray,
    mean: np.ndarray | None,
    variance: np.ndarray | None,
    events: np.ndarray,
    exposure: np.ndarray,
    weights: object,
    progress: Any,
    /,
) -> None: ...
def rate_deviates(z: np.ndarray, events: np.ndarray, exposure: np.ndarray, /) -> None: ...
def probability_map(
    expected: np.ndarray | None,
    relative_risk: np.ndarray | None,
    at_most: np.ndarray | None,
    at_least: np.ndarray | None,
    events: np.ndarray,
    exposure: np.ndarray,
    progress: Any,
    /,
) -> None: ...
def exact_options_init() -> dict[str, Any]: ...
def rate_intervals(
    rate: np.ndarray | None,
    lower: np.ndarray,
    upper: np.ndarray,
    events: np.ndarray,
    exposure: np.ndarray,
    /,
    *,
    two_sided: int = 0,
    confidence: float = 0.95,
    threads: int = 0,
    progress: Callable[[float, str], object] | None = None,
) -> None: ...
def rate_change(
    change: dict[str, np.ndarray],
    c1: np.ndarray,
    e1: np.ndarray,
    c2: np.ndarray,
    e2: np.ndarray,
    /,
    *,
    two_sided: int = 0,
    confidence: float = 0.95,
    threads: int = 0,
    progress: Callable[[float, str], object] | None = None,
) -> None: ...

# ---- autocorrelation ----

def autocorrelation_options_init() -> dict[str, Any]: ...
def moran(
    weights: object,
    values: np.ndarray,
    /,
    *,
    style: int = 0,
    assumption: int = 0,
    scale: int = 0,
    variance: int = 0,
    draws: int = 0,
    permutations: int = 0,
    threads: int = 0,
    seed: int = 1,
    progress: Callable[[float, str], object] | None = None,
) -> dict[str, Any]: ...
def geary(
    weights: object,
    values: np.ndarray,
    /,
    *,
    style: int = 0,
    assumption: int = 0,
    scale: int = 0,
    variance: int = 0,
    draws: int = 0,
    permutations: int = 0,
    threads: int = 0,
    seed: int = 1,
    progress: Callable[[float, str], object] | None = None,
) -> dict[str, Any]: ...
def general_g(
    weights: object,
    values: np.ndarray,
    /,
    *,
    style: int = 0,
    assumption: int = 0,
    scale: int = 0,
    variance: int = 0,
    draws: int = 0,
    permutations: int = 0,
    threads: int = 0,
    seed: int = 1,
    progress: Callable[[float, str], object] | None = None,
) -> dict[str, Any]: ...
def local_moran(
    out: dict[str, np.ndarray],
    weights: object,
    values: np.ndarray,
    /,
    *,
    style: int = 0,
    assumption: int = 0,
    scale: int = 0,
    variance: int = 0,
    draws: int = 0,
    permutations: int = 0,
    threads: int = 0,
    seed: int = 1,
    progress: Callable[[float, str], object] | None = None,
) -> None: ...
def local_g(
    out: dict[str, np.ndarray],
    weights: object,
    values: np.ndarray,
    star: int,
    /,
    *,
    style: int = 0,
    assumption: int = 0,
    scale: int = 0,
    variance: int = 0,
    draws: int = 0,
    permutations: int = 0,
    threads: int = 0,
    seed: int = 1,
    progress: Callable[[float, str], object] | None = None,
) -> None: ...
def false_discovery(adjusted: np.ndarray, p: np.ndarray, /) -> None: ...
def hotspot_bins(bins: np.ndarray, z: np.ndarray, p: np.ndarray, /) -> None: ...
def lisa_classes(classes: np.ndarray, quadrant: np.ndarray, p: np.ndarray, level: float, /) -> None: ...

# ---- scan ----

def scan_options_init() -> dict[str, Any]: ...
def scan_space(
    x: np.ndarray,
    y: np.ndarray,
    population: np.ndarray,
    cases: np.ndarray,
    /,
    *,
    rates: int = 1,
    max_population_share: float = 0.5,
    max_radius: float = 0.0,
    max_time_share: float = 0.5,
    min_cases: int = 2,
    prospective: bool = False,
    purely_spatial: bool = False,
    ties_together: bool = False,
    replicates: int = 999,
    stop_after: int = 0,
    threads: int = 0,
    secondary: int = 0,
    seed: int = 1,
    progress: Callable[[float, str], object] | None = None,
) -> object: ...
def scan_space_time(
    x: np.ndarray,
    y: np.ndarray,
    population: np.ndarray,
    population_by_step: int,
    cases: np.ndarray,
    steps: int,
    /,
    *,
    rates: int = 1,
    max_population_share: float = 0.5,
    max_radius: float = 0.0,
    max_time_share: float = 0.5,
    min_cases: int = 2,
    prospective: bool = False,
    purely_spatial: bool = False,
    ties_together: bool = False,
    replicates: int = 999,
    stop_after: int = 0,
    threads: int = 0,
    secondary: int = 0,
    seed: int = 1,
    progress: Callable[[float, str], object] | None = None,
) -> object: ...
def scan_space_time_rows(
    x: np.ndarray,
    y: np.ndarray,
    population: np.ndarray,
    population_by_step: int,
    area: np.ndarray,
    step: np.ndarray,
    count: np.ndarray | None,
    steps: int,
    /,
    *,
    rates: int = 1,
    max_population_share: float = 0.5,
    max_radius: float = 0.0,
    max_time_share: float = 0.5,
    min_cases: int = 2,
    prospective: bool = False,
    purely_spatial: bool = False,
    ties_together: bool = False,
    replicates: int = 999,
    stop_after: int = 0,
    threads: int = 0,
    secondary: int = 0,
    seed: int = 1,
    progress: Callable[[float, str], object] | None = None,
) -> object: ...
def scan_about(scan: object, /) -> dict[str, Any]: ...
def scan_cluster_count(scan: object, /) -> int: ...
def scan_cluster_at(scan: object, index: int, /) -> dict[str, Any]: ...
def scan_cluster_members(scan: object, index: int, /) -> Any: ...
def scan_centre_at(scan: object, index: int, /) -> dict[str, Any]: ...
def scan_centre_members(scan: object, index: int, /) -> Any: ...
def scan_maxima(scan: object, /) -> Any: ...

# ---- pattern ----

def knox_options_init() -> dict[str, Any]: ...
def knox(
    observed: np.ndarray,
    expected: np.ndarray | None,
    ratio: np.ndarray | None,
    mean: np.ndarray | None,
    p: np.ndarray | None,
    x: np.ndarray,
    y: np.ndarray,
    day: np.ndarray,
    space: np.ndarray,
    time: np.ndarray,
    /,
    *,
    metric: int = 0,
    permutations: int = 999,
    threads: int = 0,
    seed: int = 1,
    progress: Callable[[float, str], object] | None = None,
) -> None: ...
def knox_label(low: float, high: float, /) -> str: ...
def knox_test(
    x: np.ndarray,
    y: np.ndarray,
    day: np.ndarray,
    metres: float,
    days: float,
    /,
    *,
    metric: int = 0,
    permutations: int = 999,
    threads: int = 0,
    seed: int = 1,
    progress: Callable[[float, str], object] | None = None,
) -> dict[str, Any]: ...
def near_repeats(
    earlier: np.ndarray,
    later: np.ndarray,
    distance: np.ndarray | None,
    x: np.ndarray,
    y: np.ndarray,
    day: np.ndarray,
    space: np.ndarray,
    time: np.ndarray,
    /,
    *,
    metric: int = 0,
    permutations: int = 999,
    threads: int = 0,
    seed: int = 1,
    progress: Callable[[float, str], object] | None = None,
) -> int: ...
def nearest_options_init() -> dict[str, Any]: ...
def nearest_neighbours(
    nearest: np.ndarray | None,
    distance: np.ndarray | None,
    second: np.ndarray | None,
    x: np.ndarray,
    y: np.ndarray,
    /,
    *,
    threads: int = 0,
    cdf_steps: int = 0,
    progress: Callable[[float, str], object] | None = None,
) -> None: ...
def nearest_index(
    x: np.ndarray,
    y: np.ndarray,
    area: float,
    perimeter: float,
    /,
    *,
    threads: int = 0,
    cdf_steps: int = 0,
    progress: Callable[[float, str], object] | None = None,
) -> dict[str, Any]: ...
def nearest_index_within(
    x: np.ndarray,
    y: np.ndarray,
    ring_x: np.ndarray,
    ring_y: np.ndarray,
    ring_starts: np.ndarray,
    /,
    *,
    threads: int = 0,
    cdf_steps: int = 0,
    progress: Callable[[float, str], object] | None = None,
) -> dict[str, Any]: ...
def ripley_options_init() -> dict[str, Any]: ...
def ripley_k(
    k: np.ndarray | None,
    l: np.ndarray | None,
    r: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    ring_x: np.ndarray,
    ring_y: np.ndarray,
    ring_starts: np.ndarray,
    /,
    *,
    correction: int = 3,
    max_weight: float = 100.0,
    simulations: int = 99,
    rank: int = 1,
    threads: int = 0,
    seed: int = 1,
    progress: Callable[[float, str], object] | None = None,
) -> None: ...
def ripley_envelope(
    l: np.ndarray | None,
    low: np.ndarray | None,
    high: np.ndarray | None,
    r: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    ring_x: np.ndarray,
    ring_y: np.ndarray,
    ring_starts: np.ndarray,
    /,
    *,
    correction: int = 3,
    max_weight: float = 100.0,
    simulations: int = 99,
    rank: int = 1,
    threads: int = 0,
    seed: int = 1,
    progress: Callable[[float, str], object] | None = None,
) -> dict[str, Any]: ...

# ---- backtest ----

def backtest_options_init() -> dict[str, Any]: ...
def backtest_curve(
    map: np.ndarray,
    plain: np.ndarray | None,
    predictions: np.ndarray,
    events: np.ndarray,
    before: np.ndarray | None,
    area: np.ndarray | None,
    /,
    *,
    prediction: int = 0,
    ties: int = 0,
    threshold: float = 0.0,
    expected: float = 0.0,
    progress: Callable[[float, str], Any] | None = None,
) -> None: ...
def backtest_shares(
    map: np.ndarray,
    plain: np.ndarray | None,
    share: np.ndarray,
    predictions: np.ndarray,
    events: np.ndarray,
    before: np.ndarray | None,
    area: np.ndarray | None,
    /,
    *,
    prediction: int = 0,
    ties: int = 0,
    threshold: float = 0.0,
    expected: float = 0.0,
    progress: Callable[[float, str], Any] | None = None,
) -> None: ...
def backtest_score(
    predictions: np.ndarray,
    events: np.ndarray,
    before: np.ndarray | None,
    area: np.ndarray | None,
    /,
    *,
    prediction: int = 0,
    ties: int = 0,
    threshold: float = 0.0,
    expected: float = 0.0,
    progress: Callable[[float, str], Any] | None = None,
) -> tuple[dict[str, float], dict[str, float] | None]: ...
def brier_score(probability: np.ndarray, events: np.ndarray, /) -> float: ...

# ---- density ----

def density_options_init() -> _Dict: ...
def density_grid(
    out: np.ndarray,
    grid: tuple[float, float, float, int, int],
    x: np.ndarray,
    y: np.ndarray,
    /,
    *,
    kernel: int = 0,
    threads: int = 0,
    edge: int = 0,
    bandwidth: float = 0.0,
    weights: np.ndarray | None = None,
    bandwidths: np.ndarray | None = None,
    ring_x: np.ndarray | None = None,
    ring_y: np.ndarray | None = None,
    ring_starts: np.ndarray | None = None,
    outside: np.ndarray | None = None,
    progress: Any = None,
) -> None: ...
def density_places(
    out: np.ndarray,
    place_x: np.ndarray,
    place_y: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    /,
    *,
    kernel: int = 0,
    threads: int = 0,
    edge: int = 0,
    bandwidth: float = 0.0,
    weights: np.ndarray | None = None,
    bandwidths: np.ndarray | None = None,
    ring_x: np.ndarray | None = None,
    ring_y: np.ndarray | None = None,
    ring_starts: np.ndarray | None = None,
    outside: np.ndarray | None = None,
    progress: Any = None,
) -> None: ...
def density_ratio(
    out: np.ndarray,
    numerator: np.ndarray,
    denominator: np.ndarray,
    per: float,
    floor: float,
    /,
) -> None: ...
def bandwidth_rule(x: np.ndarray, y: np.ndarray, weights: np.ndarray | None, kernel: int, rule: int, /) -> float: ...
def validation_options_init() -> _Dict: ...
def bandwidth_cross_validate(
    x: np.ndarray,
    y: np.ndarray,
    kernel: int,
    /,
    *,
    criterion: int = 0,
    leave: int = 0,
    threads: int = 0,
    lowest: float = 0.0,
    highest: float = 0.0,
    weights: np.ndarray | None = None,
    progress: Any = None,
) -> _Dict: ...
def adaptive_options_init() -> _Dict: ...
def bandwidth_adaptive(
    bandwidths: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    global_: float,
    /,
    *,
    threads: int = 0,
    pilot: float = 0.0,
    trim: float = 0.0,
    weights: np.ndarray | None = None,
    progress: Any = None,
) -> None: ...
def half_life_weights(weights: np.ndarray, age_days: np.ndarray, half_life: float, /) -> None: ...

# ---- raster ----

def raster_options_init() -> _Dict: ...
def raster_write(
    path: str,
    values: np.ndarray,
    grid: tuple[float, float, float, int, int],
    crs: str | None,
    /,
    *,
    overwrite: bool = False,
    shielded: bool = False,
    threads: int = 0,
    description: str | None = None,
    unit: str | None = None,
    tag_names: Sequence[str] | None = None,
    tag_values: Sequence[str] | None = None,
    progress: Any = None,
) -> None: ...
def contours(
    values: np.ndarray,
    grid: tuple[float, float, float, int, int],
    crs: str | None,
    levels: np.ndarray,
    progress: Any,
    /,
) -> _Handle: ...

# ---- heatmap ----

def heatmap_options_init() -> _Dict: ...
def heatmap_make(
    points: str | None,
    /,
    *,
    threads: int = 0,
    layer: str | None = None,
    crs: str | None = None,
    x: str | None = None,
    y: str | None = None,
    target_crs: str | None = None,
    where: str | None = None,
    time: str | None = None,
    weight: str | None = None,
    locate: str | None = None,
    locate_layer: str | None = None,
    from_: int | None = None,
    until: int | None = None,
    compare_from: int | None = None,
    compare_until: int | None = None,
    as_of: int | None = None,
    half_life_days: float = 0.0,
    leave_out_duplicates: bool = False,
    leave_out_spots: bool = False,
    distinct: int = 0,
    kernel: int = 0,
    bandwidth_by: int = 1,
    bandwidth: float = 0.0,
    adaptive: bool = False,
    edge: int = 0,
    cell: float = 0.0,
    extent: tuple[float, ...] | None = (0.0, 0.0, 0.0, 0.0),
    boundaries: str | None = None,
    boundaries_layer: str | None = None,
    within: str | None = None,
    per: str | None = None,
    per_layer: str | None = None,
    per_where: str | None = None,
    per_units: float = 1000.0,
    per_floor: float = 10.0,
    open: bool = False,
    only_best: bool = False,
    progress: Any = None,
    memory_points: _Handle = None,
    memory_boundaries: _Handle = None,
    memory_per: _Handle = None,
    memory_locate: _Handle = None,
) -> _Handle: ...
def heatmap_facts_of(heatmap: _Handle, /) -> _Dict: ...
def heatmap_period_at(heatmap: _Handle, period: int, /) -> _Dict: ...
def heatmap_values(values: np.ndarray, heatmap: _Handle, period: int, /) -> None: ...
def heatmap_contours(heatmap: _Handle, period: int, progress: Any, /) -> _Handle: ...
def heatmap_write_init() -> _Dict: ...
def heatmap_write_raster(
    heatmap: _Handle,
    period: int,
    path: str,
    /,
    *,
    overwrite: bool = False,
    language: str | None = None,
    classes: int = 5,
    width: int = 1600,
    height: int = 1200,
    title: str | None = None,
    source: str | None = None,
    context_sources: Sequence[str] | None = None,
    context_kinds: np.ndarray | None = None,
    threads: int = 0,
    progress: Any = None,
) -> None: ...
def heatmap_write_classes(
    heatmap: _Handle,
    period: int,
    path: str,
    /,
    *,
    overwrite: bool = False,
    language: str | None = None,
    classes: int = 5,
    width: int = 1600,
    height: int = 1200,
    title: str | None = None,
    source: str | None = None,
    context_sources: Sequence[str] | None = None,
    context_kinds: np.ndarray | None = None,
    threads: int = 0,
    progress: Any = None,
) -> None: ...
def heatmap_write_picture(
    heatmap: _Handle,
    period: int,
    path: str,
    /,
    *,
    overwrite: bool = False,
    language: str | None = None,
    classes: int = 5,
    width: int = 1600,
    height: int = 1200,
    title: str | None = None,
    source: str | None = None,
    context_sources: Sequence[str] | None = None,
    context_kinds: np.ndarray | None = None,
    threads: int = 0,
    progress: Any = None,
) -> None: ...
def heatmap_write_contours(
    heatmap: _Handle,
    period: int,
    path: str,
    /,
    *,
    overwrite: bool = False,
    language: str | None = None,
    classes: int = 5,
    width: int = 1600,
    height: int = 1200,
    title: str | None = None,
    source: str | None = None,
    context_sources: Sequence[str] | None = None,
    context_kinds: np.ndarray | None = None,
    threads: int = 0,
    progress: Any = None,
) -> None: ...

# ---- hotspots ----

def hotspots_options_init() -> _Dict: ...
def hotspots_make(
    areas: str | None,
    /,
    *,
    threads: int = 0,
    layer: str | None = None,
    where: str | None = None,
    id: str | None = None,
    name: str | None = None,
    target_crs: str | None = None,
    field: str | None = None,
    count: str | None = None,
    count_layer: str | None = None,
    count_where: str | None = None,
    per_field: str | None = None,
    per: str | None = None,
    per_layer: str | None = None,
    per_where: str | None = None,
    per_units: float = 1000.0,
    statistic: int = 0,
    neighbours: int = 0,
    tolerance_m: float = 0.001,
    metres: float = 0.0,
    nearest: int = 8,
    p_by: int = 0,
    permutations: int = 0,
    uncorrected: bool = False,
    seed: int = 1,
    open: bool = False,
    only_best: bool = False,
    progress: Any = None,
    memory_areas: _Handle = None,
    memory_count: _Handle = None,
    memory_per: _Handle = None,
) -> _Handle: ...
def hotspots_count(hotspots: _Handle, /) -> int: ...
def hotspots_at(hotspots: _Handle, area: int, /) -> _Dict: ...
def hotspots_facts_of(hotspots: _Handle, /) -> _Dict: ...
def hotspots_class_text(hotspots: _Handle, class_: int, language: str | None, /) -> str: ...
def hotspots_layer(hotspots: _Handle, language: str | None, /) -> _Handle: ...
def hotspots_write(hotspots: _Handle, path: str, overwrite: int, language: str | None, /) -> None: ...

