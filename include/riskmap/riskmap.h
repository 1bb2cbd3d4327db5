/* riskmap: risk scores for places that explain themselves. The whole public API; C11 and C++.
 *
 * One call:        rm_model_read, rm_run, rm_result_write.
 * Building blocks: rm_layer_*, rm_count_in_areas, rm_cover_of_areas, rm_nearest_to_areas,
 * rm_scale_values...
 *
 * Every fallible function returns an rm_status and takes the caller's rm_error last (NULL allowed).
 * Results come first, belong to the caller and stay untouched on failure. Arrays that are handed in
 * must not change until the function returns, neither in another thread nor in a progress function.
 * A const pointer that is returned is borrowed. Handles may be read by many threads. Lengths are
 * metres, areas square metres, dates days since 1970-01-01, missing numbers NaN. Nothing is printed
 * and nothing is global. */
#ifndef RISKMAP_RISKMAP_H
#define RISKMAP_RISKMAP_H

#include "riskmap/autocorrelation.h"
#include "riskmap/backtest.h"
#include "riskmap/density.h"
#include "riskmap/heatmap.h"
#include "riskmap/hotspots.h"
#include "riskmap/inspect.h"
#include "riskmap/layer.h"
#include "riskmap/match.h"
#include "riskmap/model.h"
#include "riskmap/overlay.h"
#include "riskmap/pattern.h"
#include "riskmap/raster.h"
#include "riskmap/rates.h"
#include "riskmap/result.h"
#include "riskmap/scan.h"
#include "riskmap/stats.h"
#include "riskmap/status.h"
#include "riskmap/weights.h"

#endif
