/* A study area as flat rings, and the shares of it that edge corrections ask for, exact but for
 * rounding, whatever its shape. */
#ifndef RM_STATS_WINDOW_H
#define RM_STATS_WINDOW_H

#include "base/memory.h"
#include "base/progress.h"
#include "riskmap/pattern.h"

/* Read-only once made. */
typedef struct rm_window rm_window;

/* RM_EINVAL for rings that are not there or not in order, a vertex that is not finite (with its
 * row), and rings that enclose nothing. RM_ELIMIT when the strips between its vertices hold more
 * than 2^27 edges. */
rm_status rm_window_new(rm_window **out, const rm_pattern_window *given, rm_progress *progress,
                        rm_error *err);
void rm_window_free(rm_window *window);

double rm_window_area(const rm_window *window);
double rm_window_extent(const rm_window *window);   /* the larger side of its box */
double rm_window_diagonal(const rm_window *window); /* of its box */
double rm_window_perimeter(const rm_window *window);
bool rm_window_holds(const rm_window *window, double x, double y);
double rm_window_border(const rm_window *window, double x, double y); /* distance to the rings */
/* The same, but RM_EINVAL with its row for a point outside by more than a billionth of the extent.
 */
rm_status rm_window_inside(double *border, const rm_window *window, double x, double y, int32_t row,
                           rm_error *err);

/* For a loop over points: how many make a chunk, when each is held against all the sides. */
int64_t rm_window_chunk(const rm_window *window);

/* How many doubles rm_window_arc wants to write on. */
int64_t rm_window_scratch(const rm_window *window);
/* The share of the circle around x, y that lies within the window. */
double rm_window_arc(const rm_window *window, double x, double y, double radius, double *scratch);
/* The area of the window and itself moved by dx, dy. */
double rm_window_overlap(const rm_window *window, double dx, double dy);
/* Place `number` of a stream, uniform over the window. */
void rm_window_draw(double place[2], const rm_window *window, uint64_t seed, uint64_t stream,
                    uint64_t number);

#endif
