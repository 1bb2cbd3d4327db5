#include "geo/overlap.h"
#include "geo/overlay.h"
#include "geo/runs.h"

/* Areas with more than SINGLE pieces are cut into tiles of about PER_TILE, since a slab costs as
 * much as the edges it meets from side to side; from SHARED tiles on all threads share one area. */
enum { SINGLE = 1024, PER_TILE = 256, SHARED = 64, CHUNK = 16, TILE_CHUNK = 8, AT_A_TIME = 256 };

/* What one feature does in the box of one area. */
typedef struct entry {
    int32_t area;
    int32_t pieces;
    int64_t first; /* piece of its block */
    rm_box box;    /* of the feature, cut to the area's box, with the corner as origin */
    bool base;     /* holds the corner of the area's box */
} entry;

/* What one call of rm_cover_add left. */
typedef struct block {
    entry *entries;
    rm_piece *pieces;
    int64_t entry_count, piece_count, entries_capacity, pieces_capacity;
    struct block *next;
} block;

struct rm_cover {
    const rm_join *join;
    rm_mutex *mutex;
    block *blocks;
};

static void block_free(block *b)
{
    rm_release(b->entries);
    rm_release(b->pieces);
    rm_release(b);
}

rm_status rm_cover_new(rm_cover **out, const rm_join *join, rm_error *err)
{
    rm_cover *cover;

    RM_TRY(RM_NEW_ZERO(&cover, 1, err));
    cover->join = join;
    rm_status status = rm_mutex_new(&cover->mutex, err);
    if (status != RM_OK) {
        rm_release(cover);
        return status;
    }
    *out = cover;
    return RM_OK;
}

void rm_cover_free(rm_cover *cover)
{
    if (!cover)
        return;
    while (cover->blocks) {
        block *next = cover->blocks->next;

        block_free(cover->blocks);
        cover->blocks = next;
    }
    rm_mutex_free(cover->mutex);
    rm_release(cover);
}

static rm_box relative_box(rm_box box, rm_box area)
{
    rm_box cut = rm_box_common(box, area);

    return (rm_box){cut.xmin - area.xmin, cut.ymin - area.ymin, cut.xmax - area.xmin,
                    cut.ymax - area.ymin};
}

/* Keeps what a feature does in an area's box. */
static rm_status keep(block *b, rm_overlap *scratch, const rm_join *join, int32_t area,
                      const rm_bands *evidence, int64_t feature, rm_box box, rm_error *err)
{
    rm_slab *slab = &scratch->slab;

    slab->keep_levels = true;
    rm_slab_open(slab, join->boxes[area]);
    rm_status status = rm_bands_feed(evidence, feature, slab, err);
    slab->keep_levels = false;
    RM_TRY(status);
    int64_t pieces = rm_slab_take(slab, NULL);
    RM_TRY(RM_GROW(&b->entries, &b->entries_capacity, b->entry_count + 1, err));
    RM_TRY(RM_GROW(&b->pieces, &b->pieces_capacity, b->piece_count + pieces, err));
    rm_slab_take(slab, b->pieces + b->piece_count);
    b->entries[b->entry_count++] =
        (entry){area, (int32_t)pieces, b->piece_count, relative_box(box, join->boxes[area]),
                slab->base[0] != 0};
    b->piece_count += pieces;
    return RM_OK;
}

static rm_status add_feature(block *b, rm_overlap *scratch, const rm_join *join,
                             const rm_bands *evidence, int64_t feature, rm_box box, rm_error *err)
{
    RM_TRY(rm_overlap_candidates(scratch, join, box, err));
    for (int64_t i = 0; i < scratch->count; i++) {
        rm_candidate candidate = scratch->candidates[i];
        double m2;

        if (candidate.holds)
            m2 = rm_geometry_area(evidence->geometry, feature);
        else
            RM_TRY(rm_overlap_m2(scratch, join, candidate.area, evidence, feature, box, &m2, err));
        if (m2 > 0.0)
            RM_TRY(keep(b, scratch, join, candidate.area, evidence, feature, box, err));
    }
    return RM_OK;
}

static rm_status add_features(block *b, const rm_join *join, const rm_geometry *evidence,
                              const uint8_t *skip, rm_error *err)
{
    rm_overlap scratch = {0};
    rm_bands bands = {0};
    int32_t *order = NULL; /* features near one another meet the same areas */
    rm_status status = rm_bands_build(&bands, evidence, err);

    if (status == RM_OK)
        status = rm_order_nearby(&order, evidence, 1, err);
    for (int64_t begin = 0; begin < evidence->features && status == RM_OK; begin += AT_A_TIME) {
        int64_t left = evidence->features - begin, count = left < AT_A_TIME ? left : AT_A_TIME;
        rm_box boxes[AT_A_TIME];

        /* on their own, so that the processor waits for many boxes at once */
        for (int64_t i = 0; i < count; i++)
            boxes[i] = rm_geometry_box(evidence, order[begin + i]);
        for (int64_t i = 0; i < count && status == RM_OK; i++) {
            int64_t f = order[begin + i];

            if (evidence->kind[f] == RM_KIND_POLYGON && !(skip && skip[f]))
                status = add_feature(b, &scratch, join, &bands, f, boxes[i], err);
        }
    }
    rm_release(order);
    rm_bands_clear(&bands);
    rm_overlap_clear(&scratch);
    return status;
}

/* What is kept stays for long: no room to grow is left over. */
static void trim(block *b)
{
    entry *entries = rm_resize(b->entries, (size_t)b->entry_count * sizeof *entries);
    rm_piece *pieces;

    b->entries = entries ? entries : b->entries;
    if (b->piece_count == 0)
        return;
    pieces = rm_resize(b->pieces, (size_t)b->piece_count * sizeof *pieces);
    b->pieces = pieces ? pieces : b->pieces;
}

rm_status rm_cover_add(rm_cover *cover, const rm_geometry *evidence, const uint8_t *skip,
                       rm_error *err)
{
    block *b;

    RM_TRY(RM_NEW_ZERO(&b, 1, err));
    rm_status status = add_features(b, cover->join, evidence, skip, err);
    if (status != RM_OK || b->entry_count == 0) {
        block_free(b);
        return status;
    }
    trim(b);
    rm_mutex_lock(cover->mutex);
    b->next = cover->blocks;
    cover->blocks = b;
    rm_mutex_unlock(cover->mutex);
    return RM_OK;
}

/* An entry with its block's pieces. */
typedef struct part {
    const entry *entry;
    const rm_piece *pieces;
} part;

/* The tiles of an area and what lies in each. */
typedef struct tiling {
    rm_box window; /* of the area, its corner as origin */
    int32_t columns, rows;
    const part *parts;
    rm_piece *own; /* the area's edges; nothing of it lies left of its box */
    int64_t own_count;
    int64_t *tile_start; /* [tiles + 1] into tile_parts */
    int32_t *tile_parts;
    double *m2; /* [tiles] */
    struct finish *finish;
} tiling;

typedef struct finish {
    const rm_join *join;
    int64_t *area_start; /* [areas + 1] into parts */
    part *parts;
    double *m2;
    rm_slab *slabs; /* [threads] */
    int threads;
} finish;

static rm_status feed_pieces(rm_slab *slab, const rm_piece *pieces, int64_t count, bool base,
                             double height, rm_error *err)
{
    RM_TRY(rm_slab_owner(slab, count + 1, err));
    for (int64_t i = 0; i < count; i++)
        rm_slab_edge_add(slab, pieces[i].xa, pieces[i].ya, pieces[i].xb, pieces[i].yb);
    if (base)
        rm_slab_edge_add(slab, 0.0, 0.0, 0.0, height);
    return RM_OK;
}

static double tile_side(double length, int32_t number, int32_t count)
{
    return length * number / count;
}

static rm_status cover_tile(const tiling *t, rm_slab *slab, int64_t tile, rm_error *err)
{
    int32_t row = (int32_t)(tile / t->columns), column = (int32_t)(tile % t->columns);
    double height = t->window.ymax;
    rm_box window = {tile_side(t->window.xmax, column, t->columns), tile_side(height, row, t->rows),
                     tile_side(t->window.xmax, column + 1, t->columns),
                     tile_side(height, row + 1, t->rows)};

    t->m2[tile] = 0.0;
    if (t->tile_start[tile] == t->tile_start[tile + 1])
        return RM_OK;
    rm_slab_open(slab, window);
    RM_TRY(feed_pieces(slab, t->own, t->own_count, false, height, err));
    if (rm_slab_owner_is_absent(slab, 0))
        return RM_OK;
    for (int64_t i = t->tile_start[tile]; i < t->tile_start[tile + 1]; i++) {
        const part *p = &t->parts[t->tile_parts[i]];

        RM_TRY(feed_pieces(slab, p->pieces, p->entry->pieces, p->entry->base, height, err));
    }
    return rm_slab_area(slab, &t->m2[tile], err);
}

static rm_status cover_tiles(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const tiling *t = context;

    for (int64_t tile = begin; tile < end; tile++)
        RM_TRY(cover_tile(t, &t->finish->slabs[worker], tile, err));
    return RM_OK;
}

static int32_t tile_of(double offset, double length, int32_t count)
{
    double tile = offset / length * count;

    return tile >= count ? count - 1 : tile > 0.0 ? (int32_t)tile : 0;
}

/* Counts each part in the tiles its box touches (parts == NULL), or enters it there. */
static void enter_parts(tiling *t, int64_t count, int32_t *parts)
{
    for (int64_t i = 0; i < count; i++) {
        rm_box box = t->parts[i].entry->box;
        int32_t left = tile_of(box.xmin, t->window.xmax, t->columns);
        int32_t right = tile_of(box.xmax, t->window.xmax, t->columns);
        int32_t high = tile_of(box.ymax, t->window.ymax, t->rows);

        for (int32_t r = tile_of(box.ymin, t->window.ymax, t->rows); r <= high; r++) {
            for (int32_t c = left; c <= right; c++) {
                int64_t *place = &t->tile_start[(int64_t)r * t->columns + c];

                if (parts)
                    parts[*place] = (int32_t)i;
                ++*place;
            }
        }
    }
}

static rm_status sort_into_tiles(tiling *t, int64_t count, rm_error *err)
{
    int64_t tiles = (int64_t)t->columns * t->rows, total = 0;

    RM_TRY(RM_NEW_ZERO(&t->tile_start, tiles + 1, err));
    RM_TRY(RM_NEW(&t->m2, tiles, err));
    enter_parts(t, count, NULL);
    for (int64_t i = 0; i <= tiles; i++) {
        int64_t here = t->tile_start[i];

        t->tile_start[i] = total;
        total += here;
    }
    RM_TRY(RM_NEW(&t->tile_parts, total, err));
    enter_parts(t, count, t->tile_parts);
    for (int64_t i = tiles; i > 0; i--)
        t->tile_start[i] = t->tile_start[i - 1];
    t->tile_start[0] = 0;
    return RM_OK;
}

/* Takes the area's own edges out of the slab, which has just been fed with them. */
static rm_status take_own(tiling *t, const rm_slab *slab, rm_error *err)
{
    t->own_count = rm_slab_take(slab, NULL);
    RM_TRY(RM_NEW(&t->own, t->own_count, err));
    rm_slab_take(slab, t->own);
    return RM_OK;
}

static void size_tiles(tiling *t, int64_t pieces)
{
    double tiles = (double)pieces / PER_TILE, ratio = t->window.xmax / t->window.ymax;
    double columns = 1.0;

    while (columns * columns < tiles * ratio && columns < tiles)
        columns += 1.0;
    t->columns = (int32_t)columns;
    t->rows = (int32_t)(tiles / columns) + 1;
}

/* Edges in play, the area's own included. */
static int64_t count_pieces(const finish *f, int64_t area)
{
    int64_t pieces = rm_feature_points(f->join->areas, area);

    for (int64_t i = f->area_start[area]; i < f->area_start[area + 1]; i++)
        pieces += f->parts[i].entry->pieces;
    return pieces;
}

static rm_status cover_large_area(finish *f, int64_t area, int worker, int threads, rm_error *err)
{
    int64_t count = f->area_start[area + 1] - f->area_start[area];
    rm_box box = f->join->boxes[area];
    tiling t = {.window = {0.0, 0.0, box.xmax - box.xmin, box.ymax - box.ymin},
                .parts = f->parts + f->area_start[area],
                .finish = f};
    rm_slab *slab = &f->slabs[worker];
    rm_status status;

    slab->keep_levels = true;
    rm_slab_open(slab, box);
    status = rm_overlap_feed_area(slab, f->join, (int32_t)area, err);
    slab->keep_levels = false;
    if (status == RM_OK)
        status = take_own(&t, slab, err);
    size_tiles(&t, count_pieces(f, area));
    if (status == RM_OK)
        status = sort_into_tiles(&t, count, err);
    int64_t tiles = (int64_t)t.columns * t.rows;
    if (status == RM_OK)
        status = threads > 1
                     ? rm_parallel(tiles, TILE_CHUNK, threads, cover_tiles, &t, NULL, NULL, err)
                     : cover_tiles(&t, 0, tiles, worker, err);
    f->m2[area] = 0.0;
    for (int64_t i = 0; i < tiles && status == RM_OK; i++)
        f->m2[area] += t.m2[i];
    rm_release(t.own);
    rm_release(t.tile_start);
    rm_release(t.tile_parts);
    rm_release(t.m2);
    return status;
}

static rm_status cover_small_area(finish *f, int64_t area, int worker, rm_error *err)
{
    rm_slab *slab = &f->slabs[worker];

    rm_slab_open(slab, f->join->boxes[area]);
    RM_TRY(rm_overlap_feed_area(slab, f->join, (int32_t)area, err));
    for (int64_t i = f->area_start[area]; i < f->area_start[area + 1]; i++) {
        const part *p = &f->parts[i];

        RM_TRY(rm_slab_owner(slab, p->entry->pieces, err));
        slab->base[slab->owners - 1] = p->entry->base;
        for (int32_t k = 0; k < p->entry->pieces; k++)
            rm_slab_piece_add(slab, p->pieces[k]);
    }
    return rm_slab_area(slab, &f->m2[area], err);
}

static bool has_holder(const finish *f, int64_t area)
{
    for (int64_t i = f->area_start[area]; i < f->area_start[area + 1]; i++)
        if (f->parts[i].entry->pieces == 0 && f->parts[i].entry->base)
            return true;
    return false;
}

/* Whether nothing needs to be cut: no evidence, or a feature that holds all of the area's box. */
static bool is_plain(const finish *f, int64_t area)
{
    return f->area_start[area] == f->area_start[area + 1] || has_holder(f, area);
}

static bool is_shared(const finish *f, int64_t pieces)
{
    return f->threads > 1 && pieces > (int64_t)SHARED * PER_TILE;
}

static rm_status cover_areas(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    finish *f = context;

    for (int64_t area = begin; area < end; area++) {
        if (is_plain(f, area)) {
            f->m2[area] = has_holder(f, area) ? rm_geometry_area(f->join->areas, area) : 0.0;
            continue;
        }
        int64_t pieces = count_pieces(f, area);

        if (is_shared(f, pieces))
            continue;
        RM_TRY(pieces > SINGLE ? cover_large_area(f, area, worker, 1, err)
                               : cover_small_area(f, area, worker, err));
    }
    return RM_OK;
}

static rm_status cover_shared_areas(finish *f, rm_progress *progress, rm_error *err)
{
    for (int64_t area = 0; area < f->join->areas->features; area++) {
        if (is_plain(f, area) || !is_shared(f, count_pieces(f, area)))
            continue;
        RM_TRY(cover_large_area(f, area, 0, f->threads, err));
        RM_TRY(rm_progress_report(progress, 1.0, "cover", err));
    }
    return RM_OK;
}

/* Puts the entries of all blocks in order of areas. */
static rm_status gather(finish *f, const block *blocks, int64_t *features, rm_error *err)
{
    int64_t areas = f->join->areas->features, total = 0;

    RM_TRY(RM_NEW_ZERO(&f->area_start, areas + 1, err));
    for (const block *b = blocks; b; b = b->next)
        for (int64_t i = 0; i < b->entry_count; i++)
            f->area_start[b->entries[i].area]++;
    for (int64_t a = 0; a <= areas; a++) {
        int64_t here = f->area_start[a];

        if (a < areas)
            features[a] = here;
        f->area_start[a] = total;
        total += here;
    }
    RM_TRY(RM_NEW(&f->parts, total, err));
    for (const block *b = blocks; b; b = b->next)
        for (int64_t i = 0; i < b->entry_count; i++)
            f->parts[f->area_start[b->entries[i].area]++] =
                (part){&b->entries[i], b->pieces + b->entries[i].first};
    for (int64_t a = areas; a > 0; a--)
        f->area_start[a] = f->area_start[a - 1];
    f->area_start[0] = 0;
    return RM_OK;
}

rm_status rm_cover_finish(rm_cover *cover, double *m2, int64_t *features, int threads,
                          rm_progress *progress, rm_error *err)
{
    finish f = {.join = cover->join, .m2 = m2, .threads = rm_threads(threads)};
    rm_status status = RM_NEW_ZERO(&f.slabs, f.threads, err);

    if (status == RM_OK)
        status = gather(&f, cover->blocks, features, err);
    if (status == RM_OK)
        status = rm_parallel(cover->join->areas->features, CHUNK, f.threads, cover_areas, &f,
                             progress, "cover", err);
    if (status == RM_OK && f.threads > 1)
        status = cover_shared_areas(&f, progress, err);
    for (int i = 0; f.slabs && i < f.threads; i++)
        rm_slab_clear(&f.slabs[i]);
    rm_release(f.slabs);
    rm_release(f.area_start);
    rm_release(f.parts);
    return status;
}
