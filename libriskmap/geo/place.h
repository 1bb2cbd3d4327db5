/* One point that stands for a feature. */
#ifndef RM_GEO_PLACE_H
#define RM_GEO_PLACE_H

#include "data/geometry.h"

/* A point on the surface: points themselves (of several, the one nearest to their mean), lines the
 * interior vertex nearest to their centroid (an end point when there is no interior vertex),
 * polygons the middle of the widest stretch inside along a horizontal line through the middle of
 * the polygon, between two vertex heights, as GEOSPointOnSurface has it. NaN for RM_KIND_NONE. */
rm_status rm_place_points(const rm_geometry *geometry, double *x, double *y, rm_error *err);
/* Those of the features begin .. end-1 alone, each at its own place in x and y. */
rm_status rm_place_some(const rm_geometry *geometry, int64_t begin, int64_t end, double *x,
                        double *y, rm_error *err);

#endif
