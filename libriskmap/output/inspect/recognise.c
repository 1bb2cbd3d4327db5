#include "output/inspect/recognise.h"

/* clang-format off */
/* The Netherlands with some sea. */
static const struct reading {
    const char *name;
    double xmin, ymin, xmax, ymax;
} READINGS[RM_READINGS] = {
    {"EPSG:28992", -10000, 300000, 300000, 640000},
    {"EPSG:4258", 3, 50, 8, 54},
    {"EPSG:3857", 330000, 6500000, 900000, 7200000},
    {"EPSG:28992 with x and y swapped", 300000, -10000, 640000, 300000},
    {"EPSG:4258 with x and y swapped", 50, 3, 54, 8},
};
/* clang-format on */

const char *rm_recognise(const char *layer, const rm_table *columns, bool english)
{
    const rm_profile *profile = rm_profile_match(layer, columns);
    if (!profile)
        return "";
    return english && profile->title_en ? profile->title_en : profile->title;
}

int rm_reading_of(double x, double y)
{
    for (int r = 0; r < RM_READINGS; r++)
        if (x >= READINGS[r].xmin && x <= READINGS[r].xmax && y >= READINGS[r].ymin &&
            y <= READINGS[r].ymax)
            return r;
    return -1;
}

const char *rm_reading_name(int reading)
{
    return READINGS[reading].name;
}
