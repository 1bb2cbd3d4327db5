/* The index over an address layer. Addresses of one postcode and number (a group) lie together,
 * groups in the order of a hash of their key, and a directory over the first bits of the hash tells
 * where to begin: three places in memory for a lookup. Buckets of the hash are sorted and filled
 * apart from one another, each by one worker. */
#include "data/address.h"

#include "base/parallel.h"
#include "data/address_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double same_m = 1.0, near_m = 50.0;

enum {
    MOST_PAIRS = 512, /* addresses of which the furthest two are looked for */
    BUCKET = 256,     /* addresses in a bucket, about */
    MOST_BUCKET_BITS = 20
};

typedef struct entry {
    uint64_t suffix;
    double x, y;
} entry;

typedef struct group {
    uint64_t hash;
    uint32_t begin; /* it ends where the next begins */
    float apart_m;  /* its two furthest, rounded up */
} group;

/* One way to look: by postcode, or by street. */
typedef struct road {
    group *groups; /* [count + 1] */
    int64_t count;
    uint32_t *directory; /* [2^bits + 1] first group of each value of the hash's first bits */
    int bits;
    uint32_t *order; /* entries of the groups; NULL: as they stand */
    int64_t size;
} road;

typedef struct named {
    uint64_t street, place;
} named;

struct rm_address_index {
    entry *entries;
    int64_t count;
    road by_postcode, by_street;
    named *streets; /* each street of each place, sorted */
    int64_t street_count;
};

static uint64_t postcode_hash(uint32_t postcode, int32_t number)
{
    return rm_mix((uint64_t)postcode << 20 | (uint32_t)number);
}

static uint64_t street_hash(uint64_t street, uint64_t place, int32_t number)
{
    return rm_mix(rm_mix(street + rm_mix(place)) ^ (uint64_t)number << 20);
}

rm_status rm_address_rows_add(rm_address_rows *rows, const rm_address *address, double x, double y,
                              bool *used, rm_error *err)
{
    bool found = address->postcode || (address->street && address->place);
    bool takes = address->number > 0 && found && isfinite(x) && isfinite(y);
    if (takes) {
        if (rows->count == rows->capacity)
            RM_TRY(RM_GROW(&rows->items, &rows->capacity, rows->count + 4096, err));
        rows->items[rows->count++] =
            (rm_address_row){address->street,   address->place, address->suffix, x, y,
                             address->postcode, address->number};
    }
    if (used)
        *used = takes;
    return RM_OK;
}

void rm_address_rows_clear(rm_address_rows *rows)
{
    rm_release(rows->items);
    *rows = (rm_address_rows){0};
}

/* A row under the key of one road. */
typedef struct item {
    uint64_t hash;
    rm_address_row *row;
} item;

typedef struct building {
    rm_address_index *index;
    rm_address_rows *rows;
    int32_t row_sets;
    int threads;
    /* of the road that is being built */
    road *way;
    int bits; /* 2^bits buckets */
    bool street;
    item *items;
    int64_t *buckets; /* [2^bits + 1] where each begins */
    int64_t *groups;  /* [2^bits + 1] how many are in those before */
} building;

static bool on_road(const building *b, const rm_address_row *row)
{
    return !b->street || (row->street && row->place);
}

/* Those without a postcode lie under 0 on the first road, where nobody looks. */
static uint64_t hash_on_road(const building *b, const rm_address_row *row)
{
    return b->street ? street_hash(row->street, row->place, row->number)
                     : postcode_hash(row->postcode, row->number);
}

static int compare_items(const void *left, const void *right)
{
    const item *a = left, *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    const rm_address_row *p = a->row, *q = b->row;
    if (p->suffix != q->suffix)
        return p->suffix < q->suffix ? -1 : 1;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

static int64_t bucket_of(const building *b, uint64_t hash)
{
    return b->bits ? (int64_t)(hash >> (64 - b->bits)) : 0;
}

/* Puts the rows of the road into their buckets. */
static rm_status scatter(building *b, rm_error *err)
{
    int64_t count = (int64_t)1 << b->bits;
    RM_TRY(RM_NEW_ZERO(&b->buckets, count + 2, err));
    RM_TRY(RM_NEW_ZERO(&b->groups, count + 1, err));
    int64_t *at = b->buckets + 2; /* moves on to the ends, which are the begins one further */
    for (int32_t s = 0; s < b->row_sets; s++)
        for (int64_t i = 0; i < b->rows[s].count; i++)
            if (on_road(b, &b->rows[s].items[i]))
                at[bucket_of(b, hash_on_road(b, &b->rows[s].items[i]))]++;
    for (int64_t k = 1; k < count; k++)
        at[k] += at[k - 1];
    at--;
    for (int32_t s = 0; s < b->row_sets; s++)
        for (int64_t i = 0; i < b->rows[s].count; i++) {
            rm_address_row *row = &b->rows[s].items[i];
            if (!on_road(b, row))
                continue;
            uint64_t hash = hash_on_road(b, row);
            b->items[at[bucket_of(b, hash)]++] = (item){hash, row};
        }
    return RM_OK;
}

static rm_status sort_buckets(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    building *b = context;
    (void)worker;
    (void)err;
    for (int64_t k = begin; k < end; k++) {
        int64_t from = b->buckets[k], to = b->buckets[k + 1];
        if (to - from > 1)
            qsort(b->items + from, (size_t)(to - from), sizeof *b->items, compare_items);
        for (int64_t i = from; i < to; i++)
            b->groups[k + 1] += i == from || b->items[i].hash != b->items[i - 1].hash;
    }
    return RM_OK;
}

static const entry *entry_at(const rm_address_index *index, const road *way, int64_t at)
{
    return &index->entries[way->order ? way->order[at] : at];
}

static double furthest(const rm_address_index *index, const road *way, int64_t begin, int64_t end)
{
    double most = 0, xmin = HUGE_VAL, ymin = HUGE_VAL, xmax = -HUGE_VAL, ymax = -HUGE_VAL;
    if (end - begin > MOST_PAIRS) {
        for (int64_t i = begin; i < end; i++) {
            const entry *e = entry_at(index, way, i);
            xmin = fmin(xmin, e->x);
            xmax = fmax(xmax, e->x);
            ymin = fmin(ymin, e->y);
            ymax = fmax(ymax, e->y);
        }
        return hypot(xmax - xmin, ymax - ymin);
    }
    for (int64_t i = begin; i < end; i++) {
        const entry *a = entry_at(index, way, i);
        for (int64_t j = i + 1; j < end; j++) {
            const entry *c = entry_at(index, way, j);
            double dx = c->x - a->x, dy = c->y - a->y;
            most = fmax(most, dx * dx + dy * dy);
        }
    }
    return sqrt(most);
}

static float rounded_up(double value)
{
    float nearest = (float)value;
    return (double)nearest < value ? nextafterf(nearest, HUGE_VALF) : nearest;
}

static void add_entry(building *b, int64_t at)
{
    rm_address_row *row = b->items[at].row;
    if (b->street) {
        b->way->order[at] = row->postcode;
        return;
    }
    b->index->entries[at] = (entry){row->suffix, row->x, row->y};
    row->postcode = (uint32_t)at; /* where it stands, for the second road */
}

static rm_status fill_buckets(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    building *b = context;
    road *way = b->way;
    (void)worker;
    (void)err;
    int more = way->bits - b->bits; /* bits of the directory beyond those of the bucket */
    for (int64_t k = begin; k < end; k++) {
        int64_t slot = k << more, slots = (k + 1) << more, g = b->groups[k];
        for (int64_t i = b->buckets[k]; i < b->buckets[k + 1]; i++)
            add_entry(b, i);
        for (int64_t i = b->buckets[k], next; i < b->buckets[k + 1]; i = next, g++) {
            uint64_t hash = b->items[i].hash;
            for (next = i + 1; next < b->buckets[k + 1] && b->items[next].hash == hash;)
                next++;
            way->groups[g] =
                (group){hash, (uint32_t)i, rounded_up(furthest(b->index, way, i, next))};
            while (slot <= (int64_t)(hash >> (64 - way->bits)))
                way->directory[slot++] = (uint32_t)g;
        }
        while (slot < slots)
            way->directory[slot++] = (uint32_t)g;
    }
    return RM_OK;
}

static rm_status build_road(building *b, rm_error *err)
{
    enum { CHUNK = 32, DIRECTORY_BITS = 8 };
    road *way = b->way;
    int64_t buckets = (int64_t)1 << b->bits;
    way->bits = b->bits + DIRECTORY_BITS;
    RM_TRY(RM_NEW(&b->items, b->index->count, err));
    RM_TRY(scatter(b, err));
    RM_TRY(rm_parallel(buckets, CHUNK, b->threads, sort_buckets, b, NULL, NULL, err));
    for (int64_t k = 0; k < buckets; k++)
        b->groups[k + 1] += b->groups[k];
    way->size = b->buckets[buckets];
    way->count = b->groups[buckets];
    RM_TRY(RM_NEW(&way->groups, way->count + 1, err));
    RM_TRY(RM_NEW(&way->directory, ((int64_t)1 << way->bits) + 1, err));
    if (b->street)
        RM_TRY(RM_NEW(&way->order, way->size, err));
    RM_TRY(rm_parallel(buckets, CHUNK, b->threads, fill_buckets, b, NULL, NULL, err));
    way->groups[way->count] = (group){0, (uint32_t)way->size, 0};
    way->directory[(int64_t)1 << way->bits] = (uint32_t)way->count;
    return RM_OK;
}

static rm_status make_road(building *b, road *way, bool street, rm_error *err)
{
    b->way = way;
    b->street = street;
    rm_status status = build_road(b, err);
    rm_release(b->items);
    rm_release(b->buckets);
    rm_release(b->groups);
    b->items = NULL;
    b->buckets = b->groups = NULL;
    return status;
}

static int compare_named(const void *left, const void *right)
{
    const named *a = left, *b = right;
    if (a->street != b->street)
        return a->street < b->street ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

/* Rows of one street mostly come together, so few are met twice. */
static rm_status list_streets(building *b, rm_error *err)
{
    rm_address_index *index = b->index;
    int64_t capacity = 0, kept = 0;
    named last = {0, 0};
    for (int32_t s = 0; s < b->row_sets; s++)
        for (int64_t i = 0; i < b->rows[s].count; i++) {
            const rm_address_row *row = &b->rows[s].items[i];
            if (!row->street || !row->place ||
                (row->street == last.street && row->place == last.place))
                continue;
            last = (named){row->street, row->place};
            RM_TRY(RM_GROW(&index->streets, &capacity, index->street_count + 1, err));
            index->streets[index->street_count++] = last;
        }
    if (index->street_count > 0)
        qsort(index->streets, (size_t)index->street_count, sizeof last, compare_named);
    for (int64_t i = 0; i < index->street_count; i++)
        if (i == 0 || compare_named(&index->streets[i], &index->streets[i - 1]) != 0)
            index->streets[kept++] = index->streets[i];
    index->street_count = kept;
    return RM_OK;
}

static rm_status build(building *b, bool streets, rm_error *err)
{
    rm_address_index *index = b->index;
    for (int32_t s = 0; s < b->row_sets; s++)
        index->count += b->rows[s].count;
    if (index->count > INT32_MAX)
        return rm_fail(err, RM_ELIMIT, "more than %d addresses", INT32_MAX);
    while (b->bits < MOST_BUCKET_BITS && index->count >> b->bits > BUCKET)
        b->bits++;
    RM_TRY(RM_NEW(&index->entries, index->count, err));
    RM_TRY(make_road(b, &index->by_postcode, false, err));
    if (!streets)
        return RM_OK;
    RM_TRY(make_road(b, &index->by_street, true, err));
    return list_streets(b, err);
}

rm_status rm_address_index_make(rm_address_index **out, rm_address_rows *rows, int32_t row_sets,
                                bool streets, int threads, rm_error *err)
{
    building b = {.rows = rows, .row_sets = row_sets, .threads = threads};
    rm_status status = RM_NEW_ZERO(&b.index, 1, err);
    if (status == RM_OK)
        status = build(&b, streets, err);
    for (int32_t s = 0; s < row_sets; s++)
        rm_address_rows_clear(&rows[s]);
    if (status == RM_OK)
        *out = b.index;
    else
        rm_address_index_free(b.index);
    return status;
}

static void clear_road(road *way)
{
    rm_release(way->groups);
    rm_release(way->directory);
    rm_release(way->order);
}

void rm_address_index_free(rm_address_index *index)
{
    if (!index)
        return;
    clear_road(&index->by_postcode);
    clear_road(&index->by_street);
    rm_release(index->entries);
    rm_release(index->streets);
    rm_release(index);
}

static int64_t find_group(const road *way, uint64_t hash)
{
    if (way->count == 0)
        return -1;
    uint64_t slot = hash >> (64 - way->bits);
    int64_t end = way->directory[slot + 1];
    for (int64_t g = way->directory[slot]; g < end; g++)
        if (way->groups[g].hash == hash)
            return g;
    return -1;
}

/* The first of begin..end whose suffix is not below this one. */
static int64_t lower_bound(const rm_address_index *index, const road *way, int64_t begin,
                           int64_t end, uint64_t suffix)
{
    while (begin < end) {
        int64_t middle = begin + (end - begin) / 2;
        if (entry_at(index, way, middle)->suffix < suffix)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

static void place_at(rm_address_match *out, const rm_address_index *index, const road *way,
                     int64_t at, rm_address_verdict verdict)
{
    const entry *e = entry_at(index, way, at);
    out->verdict = verdict;
    out->x = e->x;
    out->y = e->y;
}

/* Those of one suffix. True when that settles it. */
static bool judge_suffix(rm_address_match *out, const rm_address_index *index, const road *way,
                         const group *g, uint64_t suffix, bool alone)
{
    enum { FEW = 64 }; /* of which the distances are worked out anew at each lookup */
    int64_t begin = lower_bound(index, way, g->begin, g[1].begin, suffix);
    int64_t end = begin < g[1].begin && entry_at(index, way, begin)->suffix == suffix
                      ? lower_bound(index, way, begin, g[1].begin, suffix + 1)
                      : begin;
    if (begin == end)
        return false;
    out->candidates = end - begin;
    out->apart_m = end - begin <= FEW ? furthest(index, way, begin, end) : (double)g->apart_m;
    if (out->apart_m <= same_m)
        place_at(out, index, way, begin, alone ? RM_ADDRESS_NUMBER : RM_ADDRESS_EXACT);
    else
        out->verdict = RM_ADDRESS_AMBIGUOUS;
    return true;
}

static void judge(rm_address_match *out, const rm_address_index *index, const road *way, int64_t at,
                  const rm_address *address)
{
    const group *g = &way->groups[at];
    bool alone = address->alone;
    if (!alone && judge_suffix(out, index, way, g, address->suffix, false))
        return;
    if ((alone || address->range) && judge_suffix(out, index, way, g, 0, true))
        return;
    out->candidates = g[1].begin - g->begin;
    out->apart_m = (double)g->apart_m;
    if (out->apart_m <= near_m)
        place_at(out, index, way, g->begin, RM_ADDRESS_NUMBER);
    else
        out->verdict = RM_ADDRESS_AMBIGUOUS;
}

/* Without a place: the places that have such a street. */
static void find_anywhere(rm_address_match *out, const rm_address_index *index,
                          const rm_address *address)
{
    const road *way = &index->by_street;
    int64_t from = 0, end = index->street_count, places = 0, group_at = -1;
    double xmin = HUGE_VAL, ymin = HUGE_VAL, xmax = -HUGE_VAL, ymax = -HUGE_VAL;
    while (from < end) {
        int64_t middle = from + (end - from) / 2;
        if (index->streets[middle].street < address->street)
            from = middle + 1;
        else
            end = middle;
    }
    for (; from < index->street_count && index->streets[from].street == address->street; from++) {
        uint64_t hash = street_hash(address->street, index->streets[from].place, address->number);
        int64_t at = find_group(way, hash);
        places++;
        if (at < 0)
            continue;
        const entry *e = entry_at(index, way, way->groups[at].begin);
        xmin = fmin(xmin, e->x);
        xmax = fmax(xmax, e->x);
        ymin = fmin(ymin, e->y);
        ymax = fmax(ymax, e->y);
        group_at = at;
    }
    if (group_at < 0)
        return;
    if (places == 1) {
        judge(out, index, way, group_at, address);
        return;
    }
    out->verdict = RM_ADDRESS_AMBIGUOUS;
    out->candidates = places;
    out->apart_m = hypot(xmax - xmin, ymax - ymin);
}

/* A lookup on its way. */
typedef struct lookup {
    const road *way;
    uint64_t hash;
    int64_t group; /* -1: there is none */
} lookup;

static lookup begin_lookup(rm_address_match *out, const rm_address_index *index,
                           const rm_address *address)
{
    lookup l = {&index->by_postcode, 0, -1};
    bool complete = rm_address_complete(address);
    *out = (rm_address_match){complete ? RM_ADDRESS_UNKNOWN : RM_ADDRESS_NONE, 0, 0, NAN, NAN};
    if (!complete)
        l.way = NULL;
    else if (address->postcode)
        l.hash = postcode_hash(address->postcode, address->number);
    else {
        l.way = &index->by_street;
        l.hash = street_hash(address->street, address->place, address->number);
    }
    return l;
}

static void end_lookup(rm_address_match *out, const rm_address_index *index,
                       const rm_address *address, const lookup *l)
{
    if (!l->way)
        return;
    if (l->group >= 0)
        judge(out, index, l->way, l->group, address);
    else if (!address->postcode && !address->place)
        find_anywhere(out, index, address);
}

static void find_block(rm_address_match *out, const rm_address_index *index,
                       const rm_address *addresses, int count, lookup *lookups)
{
    for (int i = 0; i < count; i++) {
        lookup *l = &lookups[i];
        *l = begin_lookup(&out[i], index, &addresses[i]);
        if (l->way && l->way->count > 0)
            __builtin_prefetch(&l->way->directory[l->hash >> (64 - l->way->bits)]);
    }
    for (int i = 0; i < count; i++) {
        const lookup *l = &lookups[i];
        if (l->way && l->way->count > 0)
            __builtin_prefetch(&l->way->groups[l->way->directory[l->hash >> (64 - l->way->bits)]]);
    }
    for (int i = 0; i < count; i++) {
        lookup *l = &lookups[i];
        if (!l->way)
            continue;
        l->group = find_group(l->way, l->hash);
        if (l->group >= 0)
            __builtin_prefetch(entry_at(index, l->way, l->way->groups[l->group].begin));
    }
    for (int i = 0; i < count; i++)
        end_lookup(&out[i], index, &addresses[i], &lookups[i]);
}

void rm_address_find_all(rm_address_match *out, const rm_address_index *index,
                         const rm_address *addresses, int64_t count)
{
    enum { BLOCK = 64 };
    lookup lookups[BLOCK];
    for (int64_t i = 0; i < count; i += BLOCK)
        find_block(out + i, index, addresses + i, count - i < BLOCK ? (int)(count - i) : BLOCK,
                   lookups);
}
