/* Hot spots among areas, from files to a file. Part of riskmap.h. */
#ifndef RISKMAP_HOTSPOTS_H
#define RISKMAP_HOTSPOTS_H

#include "riskmap/autocorrelation.h"
#include "riskmap/layer.h"
#include "riskmap/weights.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Areas with their local statistic. Read-only once made: any number of threads may use it. */
typedef struct rm_hotspots rm_hotspots;

/** Which statistic. */
enum {
    RM_HOTSPOTS_GI_STAR = 0,    /**< Getis-Ord Gi*: where high or low values lie together */
    RM_HOTSPOTS_LOCAL_MORAN = 1 /**< local Moran: also areas unlike their neighbours */
};

/** Who are neighbours. */
enum {
    RM_NEIGHBOURS_QUEEN = 0,
    RM_NEIGHBOURS_ROOK = 1,
    RM_NEIGHBOURS_BAND = 2,   /**< within `metres`, between points on the surface of the areas */
    RM_NEIGHBOURS_NEAREST = 3 /**< the `nearest` nearest, between the same */
};

/** Where p comes from. */
enum {
    RM_P_SHARED = 0,  /**< a large shared table of permutations: fit for correction, quick */
    RM_P_OWN = 1,     /**< permutations of each area's own, as GeoDa and spdep */
    RM_P_ANALYTIC = 2 /**< the normal distribution, as ArcGIS: too sure of skewed counts */
};

/** Options of rm_hotspots_make. Begin with RM_HOTSPOTS_OPTIONS_INIT or rm_hotspots_options_init.
 * The value of an area is its own field, or how many points of a second layer lie in it; with `per`
 * that number per exposure, shrunk by global empirical Bayes. */
typedef struct rm_hotspots_options {
    uint32_t size;   /**< sizeof(rm_hotspots_options) */
    int32_t threads; /**< 0: as many as there are cores; the outcome is the same */
    const char *layer, *where, *id, *name; /**< of the areas; id and name: fields, or NULL */
    const char *target_crs;                /**< in metres; "EPSG:28992" unless stated */
    const char *field;                     /**< the value, of the areas themselves */
    const char *count, *count_layer, *count_where; /**< or the points to count in them */
    const char *per_field;                         /**< exposure, of the areas themselves */
    const char *per, *per_layer, *per_where;       /**< or the points to count for it */
    double per_units;                              /**< 1000 */
    int32_t statistic;                             /**< RM_HOTSPOTS_... */
    int32_t neighbours;                            /**< RM_NEIGHBOURS_... */
    double tolerance_m;   /**< of contiguity: gaps and overlaps up to this; 0.001 */
    double metres;        /**< of a band */
    int32_t nearest;      /**< how many nearest; 8 */
    int32_t p_by;         /**< RM_P_... */
    int32_t permutations; /**< 0: 99,999 shared (fewer are refused), 999 own */
    int32_t uncorrected;  /**< not 0: classes without the correction for many tests */
    uint64_t seed;
    int32_t open; /**< not 0: what is read is public already, as stated by who makes the map */
    int32_t only_best;
    rm_progress_fn progress;
    void *progress_user;
    /** Layers in memory, in place of the areas, `count` and `per`: the same hot spots, to the bit,
     * as of the files they were read from. They must not change while the call runs, and are not
     * needed afterwards. Their own CRS holds; fields are found by their names; `layer`,
     * `count_layer` and `per_layer` are refused beside them. */
    const rm_layer *memory_areas, *memory_count, *memory_per;
} rm_hotspots_options;
/* clang-format off */
#define RM_HOTSPOTS_OPTIONS_INIT {sizeof(rm_hotspots_options), 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1000, 0, 0, 0.001, 0, 8, 0, 0, 0, 1, 0, 0, NULL, NULL, NULL, NULL, NULL}
/* clang-format on */
RM_API void rm_hotspots_options_init(rm_hotspots_options *options);

/**
 * Reads the areas and what is counted in them, finds neighbours, computes the statistic. areas: a
 * source as rm_layer_read has it; NULL with memory_areas. Areas without a value are left out and
 * get none; areas without neighbours are told.
 * @return RM_ECRS when the target CRS is not in metres, or a layer in memory states none;
 *         RM_ENOTFOUND (a file, a field); RM_EINVAL: neither field nor count, a path and a layer in
 *         memory for the same, one value everywhere, fewer areas than neighbours, ...;
 *         RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_hotspots_make(rm_hotspots **out, const char *areas,
                                  const rm_hotspots_options *options, rm_error *err);
RM_API void rm_hotspots_free(rm_hotspots *hotspots);

/** One area. Texts are borrowed. */
typedef struct rm_hotspot {
    const char *id, *name;
    int64_t feature;
    double value, events, exposure; /**< exposure NaN without per */
    double statistic, z, p, p_corrected;
    /** Gi*: -3 .. 3, cold and hot spots at 99, 95 and 90 per cent. Local Moran: an RM_LISA_...
     * RM_NO_BIN: no class. By p_corrected unless uncorrected. */
    int32_t class_;
    int32_t neighbours;
} rm_hotspot;
RM_API int64_t rm_hotspots_count(const rm_hotspots *hotspots);
RM_API rm_status rm_hotspots_at(const rm_hotspots *hotspots, int64_t area, rm_hotspot *out,
                                rm_error *err);

/** The map as a whole. */
typedef struct rm_hotspots_facts {
    rm_global moran;            /**< global Moran's I of the values, rows standardised */
    int64_t links, islands;     /**< neighbours in all; areas without any */
    int64_t missing;            /**< areas without a value */
    int64_t hot, cold;          /**< areas in a class: hot or high-high; cold or low-low */
    int64_t outliers;           /**< local Moran: unlike their neighbours */
    int64_t uncorrected;        /**< areas with p below 0.05 before correction */
    double expected_by_chance;  /**< how many of those chance alone gives */
    double least_p_corrected;   /**< NaN without a p */
    int32_t permutations;       /**< how many were made; 0: p is analytic */
    int64_t counted, uncounted; /**< points in an area; in none */
    double rate_mean;           /**< of the rates' prior; NaN without per */
    int32_t shielded;
    const char *disclaimer, *disclaimer_en; /**< the line that every output carries */
} rm_hotspots_facts;
RM_API void rm_hotspots_facts_of(const rm_hotspots *hotspots, rm_hotspots_facts *out);

/** The words for a class: "hotspot, 99% zeker". language: "nl" (NULL) or "en". */
RM_API rm_status rm_hotspots_class_text(const rm_hotspots *hotspots, int32_t class_,
                                        const char *language, char *text, size_t size,
                                        rm_error *err);

/**
 * Writes a GeoPackage with the layer `hotspots`, which opens styled in QGIS; 0600 when shielded.
 * Whole or not at all.
 * @return RM_EINVAL (path does not end in .gpkg, is a folder, or is a file that was read, which is
 *         never written over), RM_EEXISTS without overwrite, RM_ENOTFOUND, RM_EIO, RM_ENOMEM
 */
RM_API rm_status rm_hotspots_write(const rm_hotspots *hotspots, const char *path, int32_t overwrite,
                                   const char *language, rm_error *err);

/**
 * The table that rm_hotspots_write writes, as a layer: polygons and the columns id, name, value,
 * events, exposure, class, class_text, statistic, z, p, p_corrected, neighbours. It outlives the
 * hot spots. language: of class_text, "nl" (NULL) or "en".
 * @return RM_EINVAL, RM_ENOMEM
 */
RM_API rm_status rm_hotspots_layer(rm_layer **out, const rm_hotspots *hotspots,
                                   const char *language, rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
