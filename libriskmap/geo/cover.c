#include "geo/overlap.h"
#include "geo/overlay.h"
#include "geo/runs.h"

/* Areas with more than SINGLE pieces are cut into tiles of about PER_TILE, since a slab costs as
 * much as the edges it meets from side to side; from SHARED tiles on all threads share one area. */
enum {
    SINGLE = 1024,
    PER_TILE = 256,
    SHARED = 64,
    CHUNK = 16,
    TILE_CHUNK = 8,
    AT_A_TIME = 256,
    AREA_CHUNK = 64
};

/* What one feature does in the box of one area. */
typedef struct entry {
    int32_t area;
    int32_t pieces;
    int64_t first; /* piece of its block */
    rm_box box;    /* of the feature, cut to the area's box, with the corner as origin */
    bool base;     /* holds the corner of the area's box */
} entry;

/* What a few features left. */
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

/* One call of rm_cover_add. */
typedef struct adding {
    rm_cover *cover;
    rm_bands evidence;
    const uint8_t *skip;
    int32_t *order;      /* features near one another meet the same areas */
    rm_overlap *workers; /* [threads] */
    int32_t giant;       /* the feature at hand, with its areas */
    rm_box giant_box;
    const rm_candidate *candidates;
    rm_progress *progress;
} adding;

static rm_status add_pair(const adding *a, block *b, int worker, rm_candidate candidate,
                          int64_t feature, rm_box box, rm_error *err)
{
    rm_overlap *scratch = &a->workers[worker];
    const rm_join *join = a->cover->join;
    double m2;

    if (worker == 0)
        RM_TRY(rm_progress_tick(a->progress, "cover", err));
    if (candidate.holds)
        m2 = rm_geometry_area(a->evidence.geometry, feature);
    else
        RM_TRY(rm_overlap_m2(scratch, join, candidate.area, &a->evidence, feature, box, &m2, err));
    return m2 > 0.0 ? keep(b, scratch, join, candidate.area, &a->evidence, feature, box, err)
                    : RM_OK;
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

/* Takes the block over. */
static rm_status keep_block(rm_cover *cover, block *b, rm_status status)
{
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

static rm_status add_features(const adding *a, block *b, int64_t begin, int64_t end, int worker,
                              rm_error *err)
{
    const rm_geometry *evidence = a->evidence.geometry;
    rm_overlap *scratch = &a->workers[worker];
    rm_box boxes[AT_A_TIME];

    /* on their own, so that the processor waits for many boxes at once */
    for (int64_t i = begin; i < end; i++)
        boxes[i - begin] = rm_geometry_box(evidence, a->order[i]);
    for (int64_t i = begin; i < end; i++) {
        int64_t f = a->order[i];
        rm_box box = boxes[i - begin];

        if (evidence->kind[f] != RM_KIND_POLYGON || (a->skip && a->skip[f]) ||
            rm_is_giant(&a->evidence, f))
            continue;
        RM_TRY(rm_overlap_candidates(scratch, a->cover->join, box, err));
        for (int64_t k = 0; k < scratch->count; k++)
            RM_TRY(add_pair(a, b, worker, scratch->candidates[k], f, box, err));
    }
    return RM_OK;
}

static rm_status add_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const adding *a = context;
    block *b;

    RM_TRY(RM_NEW_ZERO(&b, 1, err));
    return keep_block(a->cover, b, add_features(a, b, begin, end, worker, err));
}

static rm_status add_giant_areas(void *context, int64_t begin, int64_t end, int worker,
                                 rm_error *err)
{
    const adding *a = context;
    rm_status status = RM_OK;
    block *b;

    RM_TRY(RM_NEW_ZERO(&b, 1, err));
    for (int64_t i = begin; i < end && status == RM_OK; i++)
        status = add_pair(a, b, worker, a->candidates[i], a->giant, a->giant_box, err);
    return keep_block(a->cover, b, status);
}

static rm_status add_giants(adding *a, int threads, rm_stage stage, double done, rm_error *err)
{
    rm_overlap list = {0};
    rm_status status = RM_OK;

    for (int64_t f = 0; f < a->evidence.geometry->features && status == RM_OK; f++) {
        if (!rm_is_giant(&a->evidence, f) || (a->skip && a->skip[f]))
            continue;
        double share = (double)rm_feature_points(a->evidence.geometry, f) /
                       (double)a->evidence.geometry->points;

        rm_progress_part(a->progress, stage, done, rm_min(done + share, 1.0));
        done = rm_min(done + share, 1.0);
        a->giant = (int32_t)f;
        a->giant_box = rm_geometry_box(a->evidence.geometry, f);
        status = rm_overlap_candidates(&list, a->cover->join, a->giant_box, err);
        a->candidates = list.candidates;
        if (status == RM_OK)
            status = rm_parallel(list.count, AREA_CHUNK, threads, add_giant_areas, a, a->progress,
                                 "cover", err);
    }
    rm_overlap_clear(&list);
    return status;
}

rm_status rm_cover_add(rm_cover *cover, const rm_geometry *evidence, const uint8_t *skip,
                       int threads, rm_progress *progress, rm_error *err)
{
    adding a = {.cover = cover, .skip = skip, .progress = progress};
    rm_stage stage = rm_progress_present(progress);

    threads = rm_threads(threads);
    rm_status status = RM_NEW_ZERO(&a.workers, threads, err);
    if (status == RM_OK)
        status = rm_bands_build(&a.evidence, evidence, progress, err);
    if (status == RM_OK)
        status = rm_order_nearby(&a.order, evidence, threads, progress, err);
    double others = status == RM_OK ? rm_share_of_others(&a.evidence) : 0.0;
    rm_progress_part(progress, stage, 0.0, others);
    if (status == RM_OK)
        status = rm_parallel(evidence->features, AT_A_TIME, threads, add_chunk, &a, progress,
                             "cover", err);
    if (status == RM_OK && a.evidence.head_of)
        status = add_giants(&a, threads, stage, others, err);
    for (int t = 0; a.workers && t < threads; t++)
        rm_overlap_clear(&a.workers[t]);
    rm_release(a.workers);
    rm_release(a.order);
    rm_bands_clear(&a.evidence);
    return status;
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
    rm_progress *progress;
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

    for (int64_t tile = begin; tile < end; tile++) {
        if (worker == 0)
            RM_TRY(rm_progress_tick(t->finish->progress, "cover", err));
        RM_TRY(cover_tile(t, &t->finish->slabs[worker], tile, err));
    }
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

/* By one worker, or shared by all. */
static rm_status cover_large_area(finish *f, int64_t area, int worker, bool shared, rm_error *err)
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
        status = shared ? rm_parallel(tiles, TILE_CHUNK, f->threads, cover_tiles, &t, f->progress,
                                      "cover", err)
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

static bool is_shared(int64_t pieces)
{
    return pieces > (int64_t)SHARED * PER_TILE;
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

        if (is_shared(pieces))
            continue;
        if (worker == 0)
            RM_TRY(rm_progress_tick(f->progress, "cover", err));
        RM_TRY(pieces > SINGLE ? cover_large_area(f, area, worker, false, err)
                               : cover_small_area(f, area, worker, err));
    }
    return RM_OK;
}

/* Pieces of the areas that must be cut, in all and in those that are shared. */
static rm_status weigh_areas(const finish *f, double *all, double *shared, rm_error *err)
{
    *all = *shared = 0.0;
    for (int64_t area = 0; area < f->join->areas->features; area++) {
        if (is_plain(f, area))
            continue;
        int64_t pieces = count_pieces(f, area);

        RM_TRY(rm_progress_tick(f->progress, "cover", err));
        *all += (double)pieces;
        *shared += is_shared(pieces) ? (double)pieces : 0.0;
    }
    return RM_OK;
}

static rm_status cover_shared_areas(finish *f, rm_stage stage, double done, double all,
                                    rm_error *err)
{
    for (int64_t area = 0; area < f->join->areas->features; area++) {
        int64_t pieces = is_plain(f, area) ? 0 : count_pieces(f, area);

        if (!is_shared(pieces))
            continue;
        double next = rm_min(done + (double)pieces / all, 1.0);

        rm_progress_part(f->progress, stage, done, next);
        RM_TRY(cover_large_area(f, area, 0, true, err));
        done = next;
    }
    return RM_OK;
}

/* Puts the entries of all blocks in order of areas. */
/* Counts the entries of all blocks in their areas (parts == NULL), or enters them there. */
static rm_status enter_blocks(finish *f, const block *blocks, part *parts, rm_error *err)
{
    for (const block *b = blocks; b; b = b->next) {
        RM_TRY(rm_progress_tick(f->progress, "cover", err));
        for (int64_t i = 0; i < b->entry_count; i++) {
            int64_t *place = &f->area_start[b->entries[i].area];

            if (parts)
                parts[*place] = (part){&b->entries[i], b->pieces + b->entries[i].first};
            ++*place;
        }
    }
    return RM_OK;
}

static rm_status gather(finish *f, const block *blocks, int64_t *features, rm_error *err)
{
    int64_t areas = f->join->areas->features, total = 0;

    RM_TRY(RM_NEW_ZERO(&f->area_start, areas + 1, err));
    RM_TRY(enter_blocks(f, blocks, NULL, err));
    for (int64_t a = 0; a <= areas; a++) {
        int64_t here = f->area_start[a];

        if (a < areas)
            features[a] = here;
        f->area_start[a] = total;
        total += here;
    }
    RM_TRY(RM_NEW(&f->parts, total, err));
    RM_TRY(enter_blocks(f, blocks, f->parts, err));
    for (int64_t a = areas; a > 0; a--)
        f->area_start[a] = f->area_start[a - 1];
    f->area_start[0] = 0;
    return RM_OK;
}

rm_status rm_cover_finish(rm_cover *cover, double *m2, int64_t *features, int threads,
                          rm_progress *progress, rm_error *err)
{
    finish f = {
        .join = cover->join, .m2 = m2, .threads = rm_threads(threads), .progress = progress};
    rm_stage stage = rm_progress_present(progress);
    double all = 0.0, shared = 0.0;
    rm_status status = RM_NEW_ZERO(&f.slabs, f.threads, err);

    if (status == RM_OK)
        status = gather(&f, cover->blocks, features, err);
    if (status == RM_OK)
        status = weigh_areas(&f, &all, &shared, err);
    if (status == RM_OK) {
        rm_progress_part(progress, stage, 0.0, shared > 0.0 ? 1.0 - shared / all : 1.0);
        status = rm_parallel(cover->join->areas->features, CHUNK, f.threads, cover_areas, &f,
                             progress, "cover", err);
    }
    if (status == RM_OK && shared > 0.0)
        status = cover_shared_areas(&f, stage, 1.0 - shared / all, all, err);
    for (int i = 0; f.slabs && i < f.threads; i++)
        rm_slab_clear(&f.slabs[i]);
    rm_release(f.slabs);
    rm_release(f.area_start);
    rm_release(f.parts);
    return status;
}
