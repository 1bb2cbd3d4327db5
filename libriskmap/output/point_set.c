#include "output/point_set.h"

#include "base/date.h"
#include "base/text.h"
#include "geo/place.h"
#include "geo/valid.h"
#include "io/open.h"
#include "io/reader.h"
#include "output/inspect/guesses.h"
#include "output/number_field.h"
#include "output/whole_layer.h"
#include "stats/order.h"

#include <math.h>
#include <string.h>

static const char USE_OF_WEIGHT[] = "a weight";

/* What one worker has read. */
typedef struct rm_set_worker {
    rm_rows rows;
    uint8_t *mask;
    double *place_x, *place_y; /* of the batch */
    int64_t mask_capacity, x_capacity, y_capacity;
    double *x, *y, *weight;
    int32_t *date;
    int64_t count, kept_x, kept_y, kept_weight, kept_date; /* the latter: capacities */
    int64_t filtered, read, undated, ahead, unweighted;
    bool number_seen, text_seen; /* among the cells that say how much a point counts */
    int32_t first_date, last_date;
} rm_set_worker;

typedef struct rm_set_reading {
    const rm_point_set_wanted *wanted;
    rm_source *source;
    rm_filter *filter;
    const char **columns;
    int32_t column_count, time, weight;
    char *address_layer; /* NULL: what is named, or the only one */
    rm_set_worker *workers;
    rm_mutex *lock; /* of a source that takes one caller at a time */
    atomic_bool stop;
    rm_progress *progress;
} rm_set_reading;

/* ---- what is asked for ---- */

static int32_t want_column(rm_set_reading *reading, const char *name)
{
    for (int32_t c = 0; c < reading->column_count; c++)
        if (strcmp(reading->columns[c], name) == 0)
            return c;
    reading->columns[reading->column_count] = name;
    return reading->column_count++;
}

static rm_status choose_columns(rm_set_reading *reading, rm_error *err)
{
    const rm_point_set_wanted *wanted = reading->wanted;
    if (wanted->where) {
        rm_status status = rm_filter_parse(&reading->filter, wanted->where, err);
        if (status != RM_OK)
            return rm_fail_within(err, status, "where");
    }
    int32_t fields = reading->filter ? rm_filter_field_count(reading->filter) : 0;
    RM_TRY(RM_NEW(&reading->columns, fields + 2, err));
    for (int32_t f = 0; f < fields; f++)
        want_column(reading, rm_filter_field(reading->filter, f));
    reading->time = wanted->time ? want_column(reading, wanted->time) : -1;
    reading->weight = wanted->weight ? want_column(reading, wanted->weight) : -1;
    return RM_OK;
}

/* A table of reports seldom states its CRS, and its coordinates mostly show it. */
static rm_status guess_crs(char **out, const rm_point_set_wanted *wanted, rm_error *err)
{
    rm_listing listing = {0};
    rm_guesses guesses = {0};
    bool table = rm_is_delimited(wanted->source) || rm_is_workbook(wanted->source);
    if (!table || wanted->memory || wanted->crs || wanted->locate)
        return RM_OK;
    RM_TRY(rm_list(&listing, wanted->source, err));
    bool stated = listing.count > 0 && listing.layers[0].crs;
    rm_status status =
        rm_guesses_read(&guesses, wanted->source, wanted->layer, listing.driver, err);
    if (status == RM_OK && !stated)
        status = rm_copy_text(out, guesses.crs, err);
    rm_guesses_clear(&guesses);
    rm_listing_clear(&listing);
    return status;
}

/* BAG light comes as one file of buildings, addresses and places. */
static rm_status find_address_layer(rm_set_reading *reading, rm_error *err)
{
    static const char *const ADDRESSES = "verblijfsobject";
    const rm_point_set_wanted *wanted = reading->wanted;
    const char *source = wanted->locate ? wanted->locate : wanted->source;
    const char *layer = wanted->locate ? wanted->locate_layer : wanted->layer;
    const rm_layer *memory = wanted->locate ? wanted->memory_locate : wanted->memory;
    rm_listing listing = {0};
    if ((!wanted->locate && !wanted->addresses) || memory || layer || strchr(source, '|') ||
        rm_is_delimited(source))
        return RM_OK;
    RM_TRY(rm_list(&listing, source, err));
    rm_status status = RM_OK;
    for (int32_t l = 0; l < listing.count && listing.count > 1 && !reading->address_layer; l++)
        if (rm_text_equal_nocase(listing.layers[l].name, ADDRESSES))
            status = rm_copy_text(&reading->address_layer, listing.layers[l].name, err);
    rm_listing_clear(&listing);
    return status;
}

static rm_status open_source(rm_set_reading *reading, const char *crs, rm_error *err)
{
    const rm_point_set_wanted *wanted = reading->wanted;
    rm_report_rules rules;
    rm_request addresses = {.source = wanted->locate,
                            .memory = wanted->memory_locate,
                            .layer = reading->address_layer ? reading->address_layer
                                                            : wanted->locate_layer,
                            .geometry = true,
                            .target_crs = wanted->target_crs,
                            .only_best = wanted->only_best,
                            .threads = wanted->threads,
                            .as_of = wanted->as_of};
    bool own = reading->address_layer && !wanted->locate;
    rm_request request = {.source = wanted->source,
                          .memory = wanted->memory,
                          .layer = own ? reading->address_layer : wanted->layer,
                          .crs = wanted->memory && wanted->memory->crs ? NULL : crs,
                          .x = wanted->x,
                          .y = wanted->y,
                          .columns = reading->columns,
                          .column_count = reading->column_count,
                          .geometry = true,
                          .target_crs = wanted->target_crs,
                          .only_best = wanted->only_best,
                          .shielded = wanted->shielded,
                          .threads = wanted->threads,
                          .as_of = wanted->as_of};
    RM_TRY(rm_check_memory_crs(&request, err));
    if (wanted->locate) {
        rm_status status = rm_check_memory_crs(&addresses, err);
        if (status != RM_OK)
            return rm_fail_within(err, status, "the address layer");
        request.locate = &addresses;
    }
    if (wanted->rules) {
        rules = *wanted->rules;
        rules.time_column = reading->time;
        rules.filter = reading->filter;
        request.reports = &rules;
    }
    return rm_open(NULL, &request, &reading->source, err);
}

/* ---- one batch ---- */

static rm_status filter_rows(rm_set_worker *worker, const rm_filter *filter, rm_error *err)
{
    int64_t count = worker->rows.table.rows, kept = 0;
    RM_TRY(RM_GROW(&worker->mask, &worker->mask_capacity, count, err));
    memset(worker->mask, 1, (size_t)count);
    if (filter)
        RM_TRY(rm_filter_apply(filter, &worker->rows.table, worker->mask, err));
    for (int64_t r = 0; r < count; r++)
        kept += worker->mask[r];
    worker->read += kept;
    worker->filtered += count - kept;
    return RM_OK;
}

static rm_status place_rows(rm_set_worker *worker, rm_progress *progress, int number, rm_error *err)
{
    int64_t count = worker->rows.table.rows;
    RM_TRY(RM_GROW(&worker->place_x, &worker->x_capacity, count, err));
    RM_TRY(RM_GROW(&worker->place_y, &worker->y_capacity, count, err));
    RM_TRY(rm_rows_clean(&worker->rows, progress, number, err));
    return rm_place_points(&worker->rows.geometry, worker->place_x, worker->place_y, err);
}

static bool date_counts(rm_set_worker *worker, int32_t date, int32_t as_of)
{
    worker->undated += date == RM_NO_DATE;
    worker->ahead += date > as_of;
    if (date == RM_NO_DATE || date > as_of)
        return false;
    if (worker->first_date == RM_NO_DATE || date < worker->first_date)
        worker->first_date = date;
    if (date > worker->last_date)
        worker->last_date = date;
    return true;
}

static rm_status keep_row(rm_set_worker *worker, const rm_set_reading *reading, int64_t row,
                          rm_error *err)
{
    const rm_column *columns = worker->rows.table.columns;
    int32_t date = RM_NO_DATE;
    double weight = 1.0;
    if (reading->time >= 0) {
        date = rm_column_date(&columns[reading->time], row, NULL);
        if (!date_counts(worker, date, reading->wanted->as_of))
            return RM_OK;
        RM_TRY(RM_GROW(&worker->date, &worker->kept_date, worker->count + 1, err));
        worker->date[worker->count] = date;
    }
    if (reading->weight >= 0) {
        bool text = false;
        weight = rm_column_number(&columns[reading->weight], row, &text);
        worker->text_seen |= text;
        worker->number_seen |= weight == weight;
        if (!(weight >= 0 && weight < INFINITY)) {
            worker->unweighted++;
            return RM_OK;
        }
        RM_TRY(RM_GROW(&worker->weight, &worker->kept_weight, worker->count + 1, err));
        worker->weight[worker->count] = weight;
    }
    RM_TRY(RM_GROW(&worker->x, &worker->kept_x, worker->count + 1, err));
    RM_TRY(RM_GROW(&worker->y, &worker->kept_y, worker->count + 1, err));
    worker->x[worker->count] = worker->place_x[row];
    worker->y[worker->count] = worker->place_y[row];
    worker->count++;
    return RM_OK;
}

static rm_status take_batch(rm_set_reading *reading, int number, rm_error *err)
{
    rm_set_worker *worker = &reading->workers[number];
    RM_TRY(filter_rows(worker, reading->filter, err));
    RM_TRY(place_rows(worker, reading->progress, number, err));
    for (int64_t r = 0; r < worker->rows.table.rows; r++)
        if (worker->mask[r] && worker->place_x[r] == worker->place_x[r])
            RM_TRY(keep_row(worker, reading, r, err));
    return RM_OK;
}

static rm_status next_batch(rm_set_reading *reading, int number, double *fraction, rm_error *err)
{
    rm_source *source = reading->source;
    bool alone = source->cursors == 1;
    if (alone)
        rm_mutex_lock(reading->lock);
    rm_status status =
        source->next(source, alone ? 0 : number, &reading->workers[number].rows, err);
    *fraction = source->fraction;
    if (alone)
        rm_mutex_unlock(reading->lock);
    return status;
}

static rm_status work(void *context, int number, rm_error *err)
{
    rm_set_reading *reading = context;
    rm_set_worker *worker = &reading->workers[number];
    rm_status status = RM_OK;
    double fraction = 0.0;
    while (status == RM_OK && !atomic_load(&reading->stop)) {
        status = next_batch(reading, number, &fraction, err);
        if (status == RM_OK && worker->rows.table.rows == 0)
            return RM_OK;
        if (status == RM_OK)
            status = take_batch(reading, number, err);
        if (status == RM_OK && number == 0)
            status = rm_progress_report(reading->progress, fraction, reading->wanted->source, err);
    }
    atomic_store(&reading->stop, true);
    return status;
}

/* ---- all of it ---- */

static rm_status join_workers(rm_point_set *points, const rm_set_reading *reading, int workers,
                              rm_error *err)
{
    int64_t at = 0, count = 0;
    for (int w = 0; w < workers; w++)
        count += reading->workers[w].count;
    RM_TRY(RM_NEW(&points->x, count, err));
    RM_TRY(RM_NEW(&points->y, count, err));
    if (reading->weight >= 0)
        RM_TRY(RM_NEW(&points->weight, count, err));
    if (reading->time >= 0)
        RM_TRY(RM_NEW(&points->date, count, err));
    for (int w = 0; w < workers; w++) {
        const rm_set_worker *worker = &reading->workers[w];
        size_t size = (size_t)worker->count;
        if (size == 0)
            continue;
        memcpy(points->x + at, worker->x, size * sizeof(double));
        memcpy(points->y + at, worker->y, size * sizeof(double));
        if (points->weight)
            memcpy(points->weight + at, worker->weight, size * sizeof(double));
        if (points->date)
            memcpy(points->date + at, worker->date, size * sizeof(int32_t));
        at += worker->count;
    }
    points->count = count;
    return RM_OK;
}

static void finish_account(rm_point_set *points, rm_set_reading *reading, int workers)
{
    rm_provenance *account = &points->provenance;
    *account = reading->source->provenance;
    points->addresses = reading->source->addresses;
    reading->source->provenance = reading->source->addresses = (rm_provenance){0};
    account->first_date = account->last_date = RM_NO_DATE;
    account->read = 0;
    for (int w = 0; w < workers; w++) {
        const rm_set_worker *worker = &reading->workers[w];
        account->read += worker->read;
        account->filtered += worker->filtered; /* rules for reports filter before */
        points->undated += worker->undated;
        points->ahead += worker->ahead;
        points->unweighted += worker->unweighted;
        if (worker->first_date != RM_NO_DATE &&
            (account->first_date == RM_NO_DATE || worker->first_date < account->first_date))
            account->first_date = worker->first_date;
        if (worker->last_date > account->last_date)
            account->last_date = worker->last_date;
    }
    account->used = points->count;
    account->rejected = account->read - account->used;
    account->shielded = reading->wanted->shielded;
}

/* Both coordinates in decimetres as one number: exact up to 2^26 dm, 6,700 km, each way. */
static rm_status number_places(double *place, const rm_point_set *points, rm_error *err)
{
    double least_x = INFINITY, least_y = INFINITY;
    for (int64_t i = 0; i < points->count; i++) {
        least_x = rm_min(least_x, points->x[i]);
        least_y = rm_min(least_y, points->y[i]);
    }
    for (int64_t i = 0; i < points->count; i++)
        place[i] = rint((points->x[i] - floor(least_x)) * 10.0) * 67108864.0 +
                   rint((points->y[i] - floor(least_y)) * 10.0);
    return rm_refuse_infinite(place, points->count, "a coordinate", err);
}

static rm_status find_fullest_spot(rm_point_set *points, const char *crs, rm_error *err)
{
    double *place = NULL;
    rm_keyed *sorted = NULL;
    int64_t count, run = 0, spot = 0, which = 0;
    RM_TRY(RM_NEW(&place, points->count, err));
    rm_status status = number_places(place, points, err);
    if (status == RM_OK)
        status = rm_sort_present(&sorted, &count, place, points->count, "a coordinate", NULL, err);
    rm_release(place);
    if (status != RM_OK)
        return status;
    for (int64_t i = 0; i < count; i++) {
        run = i > 0 && sorted[i - 1].key == sorted[i].key ? run + 1 : 1;
        if (run > spot) {
            spot = run;
            which = sorted[i].index;
        }
    }
    points->spot = spot;
    points->spot_known = spot > 0 && rm_reports_in_rd(crs) &&
                         hypot(points->x[which] - 155000.0, points->y[which] - 463000.0) <= 1.0;
    rm_release(sorted);
    return RM_OK;
}

/* Judged when all was read: where a text is, and where a number, differs by the batch. */
static rm_status check_weights(const rm_set_reading *reading, int workers, rm_error *err)
{
    bool number = false, text = false;
    for (int w = 0; w < workers; w++) {
        number |= reading->workers[w].number_seen;
        text |= reading->workers[w].text_seen;
    }
    return text && !number
               ? rm_refuse_number_field(&reading->source->columns.columns[reading->weight],
                                        USE_OF_WEIGHT, err)
               : RM_OK;
}

static rm_status read_all(rm_point_set *points, rm_set_reading *reading, int workers, rm_error *err)
{
    RM_TRY(rm_mutex_new(&reading->lock, err));
    RM_TRY(RM_NEW_ZERO(&reading->workers, workers, err));
    for (int w = 0; w < workers; w++)
        reading->workers[w].first_date = reading->workers[w].last_date = RM_NO_DATE;
    if (reading->filter) {
        rm_status status = rm_filter_check(reading->filter, &reading->source->columns, err);
        if (status != RM_OK)
            return rm_fail_within(err, status, "where");
    }
    if (reading->weight >= 0)
        RM_TRY(rm_check_number_type(&reading->source->columns.columns[reading->weight],
                                    USE_OF_WEIGHT, err));
    RM_TRY(rm_workers(workers, work, reading, err));
    RM_TRY(check_weights(reading, workers, err));
    RM_TRY(reading->source->finish(reading->source, err));
    RM_TRY(join_workers(points, reading, workers, err));
    finish_account(points, reading, workers);
    return find_fullest_spot(points, reading->wanted->target_crs, err);
}

static void close_reading(rm_set_reading *reading, int workers)
{
    for (int w = 0; reading->workers && w < workers; w++) {
        rm_set_worker *worker = &reading->workers[w];
        rm_rows_clear(&worker->rows);
        rm_release(worker->mask);
        rm_release(worker->place_x);
        rm_release(worker->place_y);
        rm_release(worker->x);
        rm_release(worker->y);
        rm_release(worker->weight);
        rm_release(worker->date);
    }
    rm_release(reading->workers);
    rm_release(reading->columns);
    rm_release(reading->address_layer);
    rm_mutex_free(reading->lock);
    rm_filter_free(reading->filter);
    rm_source_free(reading->source);
}

rm_status rm_point_set_read(rm_point_set *out, const rm_point_set_wanted *source,
                            rm_progress *progress, rm_error *err)
{
    rm_point_set points = {0};
    rm_set_reading reading = {.wanted = source, .progress = progress};
    int workers = 1;
    rm_status status = choose_columns(&reading, err);
    if (status == RM_OK)
        status = guess_crs(&points.guessed_crs, source, err);
    if (status == RM_OK)
        status = find_address_layer(&reading, err);
    if (status == RM_OK)
        status = open_source(&reading, source->crs ? source->crs : points.guessed_crs, err);
    if (status == RM_OK) {
        int cursors = reading.source->cursors;
        workers = cursors > 1 && cursors < source->threads ? cursors : source->threads;
        status = read_all(&points, &reading, workers, err);
    }
    close_reading(&reading, workers);
    if (status == RM_OK)
        *out = points;
    else
        rm_point_set_clear(&points);
    return status;
}

void rm_point_set_release(rm_point_set *points)
{
    rm_release(points->x);
    rm_release(points->y);
    rm_release(points->weight);
    rm_release(points->date);
    points->x = points->y = points->weight = NULL;
    points->date = NULL;
}

void rm_point_set_clear(rm_point_set *points)
{
    rm_point_set_release(points);
    rm_release(points->guessed_crs);
    rm_provenance_clear(&points->provenance);
    rm_provenance_clear(&points->addresses);
    *points = (rm_point_set){0};
}
