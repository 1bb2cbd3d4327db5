/* Heat maps from points to files, in one call each. Part of riskmap.h. */
#ifndef RISKMAP_HEATMAP_H
#define RISKMAP_HEATMAP_H

#include "riskmap/density.h"
#include "riskmap/layer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A heat map, or two on one legend. Read-only once made: any number of threads may use it. */
typedef struct rm_heatmap rm_heatmap;

/** How the bandwidth comes about. */
enum {
    RM_BANDWIDTH_GIVEN = 0,
    RM_BANDWIDTH_RULE = 1,            /**< RM_RULE_DISTANCE, ArcGIS's default: for a first look */
    RM_BANDWIDTH_CROSS_VALIDATION = 2 /**< RM_VALIDATE_LIKELIHOOD, places left out */
};

/** Which of the reports at one place count. */
enum { RM_COUNT_ALL = 0, RM_COUNT_ONE_A_WEEK = 1, RM_COUNT_ONE_A_DAY = 2 };

/** Options of rm_heatmap_make. Begin with RM_HEATMAP_OPTIONS_INIT or rm_heatmap_options_init. */
typedef struct rm_heatmap_options {
    uint32_t size;   /**< sizeof(rm_heatmap_options) */
    int32_t threads; /**< 0: as many as there are cores; the map is the same */
    /* the points; NULL: as for rm_layer_read */
    const char *layer, *crs, *x, *y;
    const char *target_crs; /**< of the map, in metres; "EPSG:28992" unless stated */
    const char *where;      /**< riskmap's subset of SQL's WHERE */
    const char *time;       /**< the field with the date; NULL: guessed where dates are needed */
    const char *weight;     /**< the field that says how much a point counts; NULL: 1 */
    const char *locate;     /**< the address layer that gives rows their place, such as a BAG */
    const char *locate_layer;
    /** Days since 1970-01-01, both included; INT32_MIN: no bound. The second pair is another
     * period for a second map on the same legend. */
    int32_t from, until, compare_from, compare_until;
    int32_t as_of;         /**< later dates are rejected, half-lives count back from it;
                                INT32_MIN: today */
    double half_life_days; /**< a report this old counts half; 0: age does not matter */
    int32_t leave_out_duplicates, leave_out_spots; /**< not 0: as in a model's "reports" */
    int32_t distinct;                              /**< RM_COUNT_ALL, ... */
    /* the map */
    int32_t kernel;         /**< RM_KERNEL_QUARTIC, ... */
    int32_t bandwidth_by;   /**< RM_BANDWIDTH_RULE unless stated */
    double bandwidth;       /**< metres, for RM_BANDWIDTH_GIVEN */
    int32_t adaptive;       /**< not 0: wider where points are few (Abramson) */
    int32_t edge;           /**< RM_EDGE_NONE, ...: needs boundaries */
    double cell;            /**< metres; 0: a twentieth of the bandwidth, rounded */
    double extent[4];       /**< xmin, ymin, xmax, ymax; all 0: of the area, or of the points and
                                 what they reach */
    const char *boundaries; /**< polygons: the map is blank outside; NULL: no bounds */
    const char *boundaries_layer;
    const char *within; /**< the name of one of them, as any of its text fields has it; NULL: all */
    /* per what: points of a second layer as the denominator */
    const char *per, *per_layer, *per_where;
    double per_units; /**< reports per this many of them; 1000 */
    double per_floor; /**< blank where there are fewer of them a km2; 10 */
    int32_t open;     /**< not 0: the points are public already, as stated by who makes the map;
                           otherwise the map is shielded as they are */
    int32_t only_best;
    rm_progress_fn progress;
    void *progress_user;
    /** Layers in memory, in place of the points, `boundaries`, `per` and `locate`: the same map, to
     * the bit, as of the files they were read from. They must not change while the call runs, and
     * are not needed afterwards. Their own CRS holds (`crs` is for points that state none); fields
     * are found by their names. What names a part of a file (layer, x, y, boundaries_layer, ...) is
     * refused beside them. Points in memory are shielded, too, unless `open`. */
    const rm_layer *memory_points, *memory_boundaries, *memory_per, *memory_locate;
} rm_heatmap_options;
/* clang-format off */
#define RM_HEATMAP_OPTIONS_INIT {sizeof(rm_heatmap_options), 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, {0, 0, 0, 0}, NULL, NULL, NULL, NULL, NULL, NULL, 1000, 10, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL}
/* clang-format on */
RM_API void rm_heatmap_options_init(rm_heatmap_options *options);

/**
 * Reads the points and computes their density. points: a source as rm_layer_read has it; NULL with
 * memory_points. Units: reports per km2, or per `per_units` of the
 * second layer. Memory: about 70 bytes a point while it is made (723 MB for ten million), and
 * at most 256 MB for the raster, whatever its size.
 * @return RM_ECRS when the target CRS is not in metres (degrees, feet), or a layer in memory states
 *         none; RM_ENOTFOUND (a file, a field, a name), RM_EINVAL (also: a path and a layer in
 *         memory for the same, or neither for the points), RM_ELIMIT (too many cells: says how to
 *         have fewer), RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_heatmap_make(rm_heatmap **out, const char *points,
                                 const rm_heatmap_options *options, rm_error *err);
RM_API void rm_heatmap_free(rm_heatmap *heatmap);

/** What a heat map is made of. Texts are borrowed from it. */
typedef struct rm_heatmap_facts {
    rm_grid grid;
    const char *crs;
    const char *unit, *unit_en; /**< "meldingen per km²" */
    const char *time;           /**< the field that dates were taken from; "": none */
    const char *guessed_crs;    /**< of the points, by what stands in x and y; "": none */
    double bandwidth;           /**< metres */
    double score;               /**< of cross-validation; NaN: not used */
    int32_t at_end;  /**< of cross-validation: -1 or 1 when the narrowest or widest candidate won */
    int32_t by_rule; /**< not 0: the bandwidth comes from the rule */
    const char *method; /**< "scatter", "sweep", "separable" */
    double error;       /**< bound of its error, as a share of one point's peak */
    int32_t shielded;
    int32_t periods; /**< 1, or 2 with a comparison */
    /** total = ended + outside + filtered + left_out + read; read = used + rejected */
    int64_t total, ended, outside, filtered, left_out, read, used, rejected;
    int64_t undated, ahead, unweighted; /**< of those rejected, why */
    int64_t spot;                       /**< points at the fullest spot */
    int32_t spot_known;                 /**< not 0: where lost coordinates come to lie */
    int64_t placed_by_address, not_placed;
    const char *disclaimer, *disclaimer_en; /**< the line that every heat map carries */
} rm_heatmap_facts;
RM_API void rm_heatmap_facts_of(const rm_heatmap *heatmap, rm_heatmap_facts *out);

/** One of its periods. */
typedef struct rm_heatmap_period {
    int32_t from, until; /**< INT32_MIN: no bound */
    int64_t points;      /**< that lie in the period and in the study area */
    double weight;       /**< what they weigh together */
    double highest;      /**< the highest value of the map; NaN when it is blank */
} rm_heatmap_period;
RM_API rm_status rm_heatmap_period_at(const rm_heatmap *heatmap, int32_t period,
                                      rm_heatmap_period *out, rm_error *err);
/** values[rows * columns]: the map, row after row from the north, NaN where it is blank. */
RM_API rm_status rm_heatmap_values(float *values, const rm_heatmap *heatmap, int32_t period,
                                   rm_error *err);

/** What lies around the heat in a picture. */
enum {
    RM_CONTEXT_AUTO = 0,     /**< by its geometry, and its file's name */
    RM_CONTEXT_BOUNDARY = 1, /**< polygons or lines, drawn as a line */
    RM_CONTEXT_ROAD = 2,
    RM_CONTEXT_WATER = 3, /**< polygons filled, lines drawn */
    RM_CONTEXT_NAME = 4,  /**< points or polygons with a text field: their names */
    RM_CONTEXT_BUILT = 5  /**< polygons, light grey */
};

/** Options of writing. Begin with RM_HEATMAP_WRITE_INIT or rm_heatmap_write_init. */
typedef struct rm_heatmap_write_options {
    uint32_t size;
    int32_t overwrite;     /**< not 0: replace existing files */
    const char *language;  /**< "nl" (default) or "en" */
    int32_t classes;       /**< 3 to 9; 5 */
    int32_t width, height; /**< of a picture, in pixels; 1600 x 1200 */
    const char *title;     /**< of a picture; NULL: none */
    const char *source;    /**< who the data are from, at the foot of a picture; NULL */
    const char *const *context_sources; /**< [context_count] "file.gpkg|layername=wegen" */
    const int32_t *context_kinds;       /**< [context_count] RM_CONTEXT_... */
    int32_t context_count;
    int32_t threads;
    rm_progress_fn progress;
    void *progress_user;
} rm_heatmap_write_options;
/* clang-format off */
#define RM_HEATMAP_WRITE_INIT {sizeof(rm_heatmap_write_options), 0, NULL, 5, 1600, 1200, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL}
/* clang-format on */
RM_API void rm_heatmap_write_init(rm_heatmap_write_options *options);

/**
 * Each writes one product of one period (0, or 1 for the comparison), whole or not at all, 0600
 * when shielded. All periods share their classes.
 * raster: a Cloud-Optimized GeoTIFF of the values, and its style for QGIS beside it (.qml).
 * classes: a byte raster of the classes, coloured by its own palette, and a style with their words.
 * picture: a PNG with legend, scale bar, north arrow and context.
 * contours: a GeoPackage with the polygons of the densest 5, 10 and 20 per cent of the area.
 * The name of a raster ends in .tif or .tiff, of a picture in .png, of contours in .gpkg.
 * @return RM_EINVAL (another ending; a folder; a file that the map was read from, which is never
 *         written over), RM_EEXISTS, RM_ENOTFOUND (no such folder), RM_EIO, RM_EUNSUPPORTED (a
 *         picture, in a build without cairo), RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_heatmap_write_raster(const rm_heatmap *heatmap, int32_t period,
                                         const char *path, const rm_heatmap_write_options *options,
                                         rm_error *err);
RM_API rm_status rm_heatmap_write_classes(const rm_heatmap *heatmap, int32_t period,
                                          const char *path, const rm_heatmap_write_options *options,
                                          rm_error *err);
RM_API rm_status rm_heatmap_write_picture(const rm_heatmap *heatmap, int32_t period,
                                          const char *path, const rm_heatmap_write_options *options,
                                          rm_error *err);
RM_API rm_status rm_heatmap_write_contours(const rm_heatmap *heatmap, int32_t period,
                                           const char *path,
                                           const rm_heatmap_write_options *options, rm_error *err);

/**
 * The table that rm_heatmap_write_contours writes, as a layer: polygons of the densest 20, 10 and 5
 * per cent of the area, and the columns top_percent, value (they lie above it), area_km2 and
 * share_percent. It outlives the heat map.
 * @return RM_EINVAL (no such period), RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_heatmap_contours(rm_layer **out, const rm_heatmap *heatmap, int32_t period,
                                     rm_progress_fn progress, void *progress_user, rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
