"""The statistics behind the maps, on plain arrays.

Arrays have one entry for each area or point, in one order throughout; NaN (and None, pd.NA) is missing. Coordinates are
in metres. Every method states in its C header (include/riskmap/*.h) what it computes, who defines it otherwise, and why
this definition; the docstrings here say how to use it.

    scaling          scale, combine, ranks                                                                   stats.h
    rates            rates, rates_local, rate_deviates, probability_map, rate_intervals, rate_change         rates.h
    neighbours       moran, geary, general_g, local_moran, local_g, false_discovery, hotspot_bins,
                     lisa_classes                                                                  autocorrelation.h
    clusters         scan_space, scan_space_time, scan_space_time_rows                                        scan.h
    points           knox, knox_test, near_repeats, nearest_neighbours, nearest_index, nearest_index_within,
                     ripley_k, ripley_envelope                                                             pattern.h
    back-tests       backtest_curve, backtest_shares, backtest_score, brier_score                         backtest.h
"""

from .area_rates import (
    LocalRates,
    ProbabilityMap,
    RateChange,
    RateIntervals,
    probability_map,
    rate_change,
    rate_deviates,
    rate_intervals,
    rates,
    rates_local,
)
from .autocorrelation import (
    NO_BIN,
    Global,
    Lisa,
    Local,
    false_discovery,
    geary,
    general_g,
    hotspot_bins,
    lisa_classes,
    local_g,
    local_moran,
    moran,
)
from .backtest import (
    SHARE,
    STEP,
    Backtest,
    Scores,
    backtest_curve,
    backtest_score,
    backtest_shares,
    brier_score,
)
from .pattern import (
    Envelope,
    Knox,
    KnoxTest,
    NearestIndex,
    NearestNeighbours,
    NearRepeats,
    Ripley,
    knox,
    knox_test,
    near_repeats,
    nearest_index,
    nearest_index_within,
    nearest_neighbours,
    ripley_envelope,
    ripley_k,
)
from .scaling import combine, ranks, scale
from .scan import Cluster, Scan, scan_space, scan_space_time, scan_space_time_rows

__all__ = [
    "NO_BIN",
    "SHARE",
    "STEP",
    "Backtest",
    "Cluster",
    "Envelope",
    "Global",
    "Knox",
    "KnoxTest",
    "Lisa",
    "Local",
    "LocalRates",
    "NearRepeats",
    "NearestIndex",
    "NearestNeighbours",
    "ProbabilityMap",
    "RateChange",
    "RateIntervals",
    "Ripley",
    "Scan",
    "Scores",
    "backtest_curve",
    "backtest_score",
    "backtest_shares",
    "brier_score",
    "combine",
    "false_discovery",
    "geary",
    "general_g",
    "hotspot_bins",
    "knox",
    "knox_test",
    "lisa_classes",
    "local_g",
    "local_moran",
    "moran",
    "near_repeats",
    "nearest_index",
    "nearest_index_within",
    "nearest_neighbours",
    "probability_map",
    "ranks",
    "rate_change",
    "rate_deviates",
    "rate_intervals",
    "rates",
    "rates_local",
    "ripley_envelope",
    "ripley_k",
    "scale",
    "scan_space",
    "scan_space_time",
    "scan_space_time_rows",
]
