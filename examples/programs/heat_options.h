/* What riskmap-heatmap is asked on its command line. */
#ifndef RISKMAP_PROGRAMS_HEAT_OPTIONS_H
#define RISKMAP_PROGRAMS_HEAT_OPTIONS_H

#include "common.h"

/* As popt leaves it; `map` is complete after read_map_options. */
typedef struct heat_options {
    char *bandwidth, *kernel, *edge, *extent, *from, *until, *compare, *as_of, *distinct;
    char *classification, *size;
    char **context, **leave_out;
    int picture, classes, contours, overwrite, open, adaptive, class_count, only_best;
    char *title, *credit;
    rm_heatmap_options map;
} heat_options;

extern heat_options chosen;
extern struct poptOption heat_table[];

/* What the map is made of; EXIT_USAGE with its message. */
int read_map_options(void);
/* How it is written. sources and kinds have room for the context of the picture. */
int read_write_options(rm_heatmap_write_options *out, const char **sources, int32_t *kinds);

#endif
