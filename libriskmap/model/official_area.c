#include "model/official_area.h"

#include <math.h>
#include <string.h>

/* One per cent, and at least 5 m2. The Kadaster publishes no tolerance: it says that the register
 * counts and that the map only shows how parcels lie towards each other. So this is a rule of ours,
 * wide enough for whole square metres and for the drawing of the map, and narrow enough to show a
 * parcel that was measured long ago or is not the one that the register means. */
static const double share = 0.01, least_m2 = 5.0;

const char *rm_official_area_field(const rm_provenance *provenance)
{
    bool parcels = provenance->profile && strcmp(provenance->profile, "brk.perceel") == 0;
    return parcels ? "brk.perceel.grootte" : NULL;
}

rm_status rm_official_area_check(rm_rows *rows, int32_t column, const double *area_m2,
                                 rm_error *err)
{
    const rm_column *cells = &rows->table.columns[column];
    for (int64_t a = 0; a < rows->table.rows; a++) {
        double official = rm_column_number(cells, a, NULL);
        double difference = fabs(area_m2[a] - official); /* NaN where either is missing */
        if (official > 0 && difference > fmax(share * official, least_m2))
            RM_TRY(rm_issues_add(&rows->issues, RM_ISSUE_OFFICIAL_AREA, rows->ids[a], area_m2[a],
                                 official, NULL, err));
    }
    return RM_OK;
}
