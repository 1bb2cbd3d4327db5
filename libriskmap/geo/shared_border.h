/* What two segments, each of the boundary of another area, have in common within a tolerance. */
#ifndef RM_GEO_SHARED_BORDER_H
#define RM_GEO_SHARED_BORDER_H

#include "data/geometry.h"

typedef struct rm_segment {
    double ax, ay, bx, by;
} rm_segment;

/* Whether the segments come within the tolerance of each other. 0 is decided exactly. */
bool rm_segments_meet(rm_segment s, rm_segment t, double tolerance);
/* The length over which both run along each other within the tolerance: between the ends of either
 * that are that near to the other, and their feet, measured along s or along t, whichever is
 * longer. As the distance to a segment is convex, all that lies between is that near as well. */
double rm_segments_stretch(rm_segment s, rm_segment t, double tolerance);

#endif
