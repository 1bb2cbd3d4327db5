#include "model/model.h"

/* In the formulas i runs over the features of `of` that pass `where`, lie within from .. until and
 * meet the area (or come within `within_m` of it; exact distance, the area included). Everything is
 * a double; "empty" is what an area gets that meets no such feature. Unknown is never zero: a
 * measure that cannot be computed there is NaN. A row reads: of needed, of allowed, field needed,
 * field allowed, where needed, per needed, points, polygons, time, half-life, within, decay. */
static const rm_measure_rule rules[RM_MEASURES] = {
    /** The number of features; with half_life_days the sum of 2^(-age in days / half_life_days).
     * Empty: 0. */
    [RM_MEASURE_COUNT] = {"count", true, true, false, false, false, false, true, false, true, true,
                          true, false, "aantal", "number", 1},
    /** count / (area in m2 / 10^6), of the area with within_m around it. Empty: 0. */
    [RM_MEASURE_DENSITY] = {"density", true, true, false, false, false, false, true, false, true,
                            true, true, false, "per km²", "per km²", 1},
    /** The sum of field, each value times its weight when half_life_days is given. A feature
     * without a value adds nothing and is counted as missing. Empty: 0. */
    [RM_MEASURE_SUM] = {"sum", true, true, true, true, false, false, true, false, true, true, true,
                        false, "", "", 1},
    /** The mean of field over the features that have a value. Empty, or no value: NaN. */
    [RM_MEASURE_MEAN] = {"mean", true, true, true, true, false, false, true, false, true, false,
                         true, false, "", "", 1},
    /** The median of field over the features that have a value; the mean of the middle two when
     * their number is even. Empty, or no value: NaN. */
    [RM_MEASURE_MEDIAN] = {"median", true, true, true, true, false, false, true, false, true, false,
                           true, false, "", "", 1},
    /** Features that pass `where` / all features, 0 .. 1. Empty (no feature at all): NaN. */
    [RM_MEASURE_SHARE] = {"share", true, true, false, false, true, false, true, false, true, false,
                          true, false, "aandeel", "share", 3},
    /** Area of (the union of the features, inside the area) / area, 0 .. 1. Empty: 0. */
    [RM_MEASURE_COVER] = {"cover", true, true, false, false, false, false, false, true, false,
                          false, true, false, "aandeel", "share", 3},
    /** The distance in metres from the area's boundary to the nearest feature, 0 when they touch;
     * with decay_m exp(-distance / decay_m), 1 .. 0, without a unit. Empty (the layer has no
     * feature): NaN. */
    [RM_MEASURE_NEAREST] = {"nearest", true, true, false, false, false, false, false, false, false,
                            false, false, true, "m", "m", 0},
    /** per_units * count / exposure, the exposure being the number of features of `per` that meet
     * the area; shrunk by empirical Bayes unless shrink is "none". NaN where the exposure is 0 or
     * below min_per. Empty: 0 of the exposure, so the shrunk rate lies above 0. */
    [RM_MEASURE_RATE] = {"rate", true, true, false, false, false, true, true, false, true, true,
                         true, false, "per eenheid", "per unit", 2},
    /** Whole calendar years from the date (or year) in field to as_of: of the area's own row, or
     * with `of` the mean over the features that have one. Empty, or no date: NaN. */
    [RM_MEASURE_AGE] = {"age", false, true, true, true, false, false, true, false, false, false,
                        true, false, "jaar", "years", 0},
    /** The area's own field as a number, as it stands. No number: NaN. */
    [RM_MEASURE_ATTRIBUTE] = {"attribute", false, false, true, true, false, false, false, false,
                              false, false, false, false, "", "", 1},
};

const rm_measure_rule *rm_measure_rule_of(rm_measure measure)
{
    return &rules[measure];
}
