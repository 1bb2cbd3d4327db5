/* The likelihood ratio of a scan, and how many cases a cylinder needs to beat one: the thresholds
 * that keep logarithms out of the inner loops. */
#ifndef RM_STATS_SCAN_BOUNDS_H
#define RM_STATS_SCAN_BOUNDS_H

#include "stats/scan/zones.h"

/* Lanes are lengths of a cylinder (1 .. longest steps, then the whole period where it is asked),
 * padded to a multiple of LANES so that a block of them fits a vector. Levels are likelihood ratios
 * a quarter apart. Circles whose shares of the population lie close together share a bucket. */
enum { RM_SCAN_LANES = 16, RM_SCAN_LEVELS = 81, RM_SCAN_NO_CIRCLE = 0xFFFF };

/* More cases than there can be, for lanes that pad: above the most cases of a scan with counts of
 * 16 (32) bits, and low enough that a count less it does not run over. */
enum { RM_SCAN_NEVER_16 = 16500, RM_SCAN_NEVER_32 = 1100000000 };
enum { RM_SCAN_MOST_16 = 16000, RM_SCAN_MOST_32 = 1000000000 };

/* Clusters of high rates, or of low ones. For low ones the sweep runs over negative counts, so in
 * both cases a cylinder is of interest when its count reaches the threshold. */
typedef struct rm_scan_side {
    bool low;
    int32_t buckets;
    double *shape;   /* [lanes]: the least (low: the most) that a length expects, as a share of C */
    void *threshold; /* [levels][buckets][stride] of int16_t or, when wide, int32_t */
} rm_scan_side;

typedef struct rm_scan_model {
    const rm_scan_zones *zones;
    int32_t areas, steps;
    int32_t longest; /* steps of the longest cylinder, the whole period apart */
    int32_t lanes;   /* longest, plus one when whole */
    int32_t stride;  /* lanes rounded up to whole blocks */
    bool whole, prospective;
    bool wide;         /* counts take 32 bits */
    int32_t cases;     /* C */
    int32_t min_cases; /* of a cluster of high rates */
    double *expected; /* NULL: the same in every step; else [areas][steps + 1], summed up to each */
    int sides;
    rm_scan_side side[2];
} rm_scan_model;

/* The LLR of c cases where `expected` are expected, of C; 0 when the rate is not on that side. */
double rm_scan_llr(const rm_scan_model *model, bool low, int32_t c, double expected);

/* What a cylinder of this lane on a circle of this population expects, when it is the same in
 * every step. */
double rm_scan_expected(const rm_scan_model *model, double population, int32_t lane);

static inline int32_t rm_scan_length(const rm_scan_model *model, int32_t lane)
{
    return lane < model->longest ? lane + 1 : model->steps;
}

static inline int32_t rm_scan_level(double llr)
{
    return llr >= (RM_SCAN_LEVELS - 1) / 4.0 ? RM_SCAN_LEVELS - 1 : (int32_t)(llr * 4.0);
}

/* Fills the buckets of the circles and the thresholds of model->side[0 .. sides-1], whose `low` is
 * set. */
rm_status rm_scan_bounds_make(rm_scan_model *model, rm_scan_centre *centres, int threads,
                              rm_progress *progress, rm_error *err);
void rm_scan_bounds_clear(rm_scan_model *model);

#endif
