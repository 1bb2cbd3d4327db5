#include "io/roles.h"

#include "base/date.h"
#include "base/text.h"
#include "data/person.h"
#include "io/open.h"
#include "io/role_names.h"

#include <math.h>
#include <string.h>

/* What the cells of a column look like. Coordinates are those of the Netherlands with some sea. */
typedef enum look {
    LOOK_POSTCODE,
    LOOK_HOUSE, /* 12, 12a, 12-14 */
    LOOK_LETTER,
    LOOK_SHORT, /* what can stand behind a house number */
    LOOK_LINE,  /* words, then a number */
    LOOK_WORDS, /* begins with a letter or an apostrophe, as the names of streets and places do */
    LOOK_DATE,
    LOOK_TIME,
    LOOK_NUMBER,
    LOOK_RD_X,
    LOOK_RD_Y,
    LOOK_LON,
    LOOK_LAT,
    LOOKS
} look;

typedef struct content {
    int64_t filled, like[LOOKS];
} content;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool like_postcode(const char *text, int64_t length)
{
    if (length < 6 || length > 7 || text[0] == '0')
        return false;
    for (int i = 0; i < 4; i++)
        if (!is_digit(text[i]))
            return false;
    bool mark = length == 7 && (text[4] == ' ' || text[4] == '-');
    return (mark || length == 6) && is_letter(text[length - 2]) && is_letter(text[length - 1]);
}

static bool like_house(const char *text, int64_t length)
{
    int64_t digits = 0;
    while (digits < length && is_digit(text[digits]))
        digits++;
    return digits >= 1 && digits <= 5 && text[0] != '0' && length - digits <= 8 &&
           (digits == length || text[digits] != '.') && !memchr(text, ',', (size_t)length) &&
           !memchr(text, ':', (size_t)length);
}

static bool starts_name(const char *text)
{
    return is_letter(text[0]) || text[0] == '\'' || (unsigned char)text[0] >= 0x80;
}

/* "Plein 1940-1945 7 II" too: some word that begins with a digit, behind some that does not. */
static bool like_line(const char *text, int64_t length)
{
    int64_t letters = 0;
    for (int64_t i = 0; i < length; i++)
        letters += is_letter(text[i]);
    for (int64_t i = 1; i < length; i++)
        if (is_digit(text[i]) && text[i - 1] == ' ')
            return letters >= 3;
    return false;
}

static bool like_time(const char *text, int64_t length)
{
    char whole[32] = "2000-01-01 ";
    if (length < 4 || length > 12)
        return false;
    memcpy(whole + 11, text, (size_t)length);
    return rm_date_parse(whole, 11 + length) != RM_NO_DATE && !is_digit(text[length - 3]);
}

static void look_at_number(content *c, double v)
{
    c->like[LOOK_NUMBER]++;
    c->like[LOOK_RD_X] += v >= 0 && v <= 300000;
    c->like[LOOK_RD_Y] += v >= 300000 && v <= 640000;
    c->like[LOOK_LON] += v >= 3 && v <= 8;
    c->like[LOOK_LAT] += v >= 50 && v <= 54;
}

static void look_at_text(content *c, const char *text, int64_t length)
{
    double value;
    c->like[LOOK_POSTCODE] += like_postcode(text, length);
    c->like[LOOK_HOUSE] += like_house(text, length);
    c->like[LOOK_LETTER] += length == 1 && is_letter(text[0]);
    c->like[LOOK_SHORT] += length <= 6;
    c->like[LOOK_LINE] += starts_name(text) && like_line(text, length);
    c->like[LOOK_WORDS] += starts_name(text);
    c->like[LOOK_TIME] += like_time(text, length);
    if (rm_parse_number(text, length, &value))
        look_at_number(c, value);
}

static content look_at(const rm_table *sample, int32_t column)
{
    content c = {0};
    rm_column view = sample->columns[column];
    view.dates = rm_column_date_form(&view, sample->rows);
    for (int64_t row = 0; row < sample->rows; row++) {
        int64_t length = 0;
        if (rm_column_missing(&view, row))
            continue;
        if (view.type == RM_TEXT) {
            const char *text = rm_trim(rm_column_text(&view, row, &length), &length);
            if (length == 0)
                continue;
            look_at_text(&c, text, length);
        } else if (view.type == RM_INT64 || view.type == RM_FLOAT64) {
            double value = rm_column_number(&view, row, NULL);
            look_at_number(&c, value);
            c.like[LOOK_HOUSE] += value >= 1 && value <= 99999 && value == floor(value);
        }
        c.filled++;
        bool whole = view.type == RM_INT64 || view.type == RM_FLOAT64;
        c.like[LOOK_DATE] += !whole && rm_column_date(&view, row, NULL) != RM_NO_DATE;
    }
    return c;
}

static bool mostly(const content *c, look what)
{
    return c->filled > 0 && c->like[what] * 5 >= c->filled * 4;
}

static bool all(const content *c, look what)
{
    return mostly(c, what) && c->like[what] == c->like[LOOK_NUMBER];
}

/* Whether what stands in a column is what a role asks for. */
static bool fits(const content *c, rm_role role)
{
    switch (role) {
    case RM_ROLE_X:
    case RM_ROLE_Y:
        return mostly(c, LOOK_NUMBER);
    case RM_ROLE_DATE:
        return mostly(c, LOOK_DATE);
    case RM_ROLE_TIME:
        return mostly(c, LOOK_TIME);
    case RM_ROLE_POSTCODE:
        return mostly(c, LOOK_POSTCODE);
    case RM_ROLE_NUMBER:
        return mostly(c, LOOK_HOUSE);
    case RM_ROLE_LETTER:
        return mostly(c, LOOK_LETTER);
    case RM_ROLE_ADDITION:
        return mostly(c, LOOK_SHORT);
    case RM_ROLE_LINE:
        return mostly(c, LOOK_LINE);
    case RM_ROLE_STREET:
    case RM_ROLE_PLACE:
        return mostly(c, LOOK_WORDS);
    case RM_ROLE_WEIGHT:
        return mostly(c, LOOK_NUMBER);
    default:
        return c->filled > 0;
    }
}

typedef struct guess {
    rm_roles *out;
    const rm_table *sample;
    content *contents; /* [columns] */
    bool *taken;       /* [columns] */
} guess;

static void give(guess *g, rm_role role, int32_t column, rm_sure sure)
{
    g->out->of[role].column = column;
    g->out->of[role].sure = sure;
    g->taken[column] = true;
}

static void give_named(guess *g, rm_role role, int32_t column)
{
    give(g, role, column, fits(&g->contents[column], role) ? RM_SURE_BOTH : RM_SURE_NAME);
}

static int32_t found(const guess *g, rm_role role)
{
    return g->out->of[role].column;
}

/* The free column whose name fits a role best; -1: none does. */
static int32_t best_named(const guess *g, rm_role role, bool whole)
{
    int32_t best = -1;
    int best_rank = 0;
    for (int32_t i = 0; i < g->sample->count; i++) {
        int rank = g->taken[i] ? -1 : rm_role_name_rank(g->sample->columns[i].name, role, whole);
        bool content_weighs = best >= 0 && rank == best_rank && fits(&g->contents[i], role) &&
                              !fits(&g->contents[best], role);
        if (rank >= 0 && (best < 0 || rank < best_rank || content_weighs)) {
            best = i;
            best_rank = rank;
        }
    }
    return best;
}

static void guess_by_name(guess *g)
{
    for (int whole = 1; whole >= 0; whole--)
        for (rm_role role = RM_ROLE_DATE; role < RM_ROLES; role++) {
            int32_t column = found(g, role) < 0 ? best_named(g, role, whole != 0) : -1;
            if (column >= 0)
                give_named(g, role, column);
        }
}

static void drop(guess *g, rm_role role)
{
    g->taken[found(g, role)] = false;
    g->out->of[role].column = -1;
    g->out->of[role].sure = RM_SURE_NOT;
}

/* "adres" may hold the street alone, and "nr" count rows instead of houses. */
static void weigh_address(guess *g)
{
    int32_t line = found(g, RM_ROLE_LINE);
    if (line >= 0 && g->contents[line].filled > 0 &&
        g->out->of[RM_ROLE_LINE].sure == RM_SURE_NAME) {
        drop(g, RM_ROLE_LINE);
        if (found(g, RM_ROLE_STREET) < 0 && fits(&g->contents[line], RM_ROLE_STREET))
            give_named(g, RM_ROLE_STREET, line);
    }
    int32_t street = found(g, RM_ROLE_STREET);
    if (street >= 0 && found(g, RM_ROLE_NUMBER) < 0 && found(g, RM_ROLE_LINE) < 0 &&
        fits(&g->contents[street], RM_ROLE_LINE)) {
        drop(g, RM_ROLE_STREET);
        give_named(g, RM_ROLE_LINE, street);
    }
    bool nowhere = found(g, RM_ROLE_POSTCODE) < 0 && found(g, RM_ROLE_STREET) < 0;
    if (nowhere && found(g, RM_ROLE_NUMBER) >= 0 &&
        rm_role_name_is_weak(g->sample->columns[found(g, RM_ROLE_NUMBER)].name))
        drop(g, RM_ROLE_NUMBER);
}

/* The only free column that looks so; -1: there is none, or there are several. */
static int32_t only_one(const guess *g, look what)
{
    int32_t only = -1;
    for (int32_t i = 0; i < g->sample->count; i++) {
        if (g->taken[i] || !mostly(&g->contents[i], what))
            continue;
        if (only >= 0)
            return -1;
        only = i;
    }
    return only;
}

static void guess_by_content(guess *g)
{
    static const struct {
        rm_role role;
        look what;
    } tells[] = {
        {RM_ROLE_POSTCODE, LOOK_POSTCODE}, {RM_ROLE_DATE, LOOK_DATE}, {RM_ROLE_LINE, LOOK_LINE}};
    for (size_t i = 0; i < sizeof tells / sizeof tells[0]; i++) {
        int32_t column = found(g, tells[i].role) < 0 ? only_one(g, tells[i].what) : -1;
        bool needless = tells[i].role == RM_ROLE_LINE && found(g, RM_ROLE_STREET) >= 0 &&
                        found(g, RM_ROLE_NUMBER) >= 0;
        if (column >= 0 && !needless)
            give(g, tells[i].role, column, RM_SURE_CONTENT);
    }
    int32_t beside = found(g, RM_ROLE_POSTCODE) + 1;
    if (beside > 0 && beside < g->sample->count && found(g, RM_ROLE_NUMBER) < 0 &&
        found(g, RM_ROLE_LINE) < 0 && only_one(g, LOOK_HOUSE) == beside)
        give(g, RM_ROLE_NUMBER, beside, RM_SURE_CONTENT);
}

/* Coordinates without a name: one column alone that can be y, and x beside it. */
static void guess_xy_by_content(guess *g)
{
    static const struct {
        look x, y;
        const char *crs;
    } systems[] = {{LOOK_RD_X, LOOK_RD_Y, "EPSG:28992"}, {LOOK_LON, LOOK_LAT, "EPSG:4258"}};
    for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++) {
        int32_t y = only_one(g, systems[i].y);
        if (y < 0 || !all(&g->contents[y], systems[i].y))
            continue;
        for (int side = -1; side <= 1; side += 2) {
            int32_t x = y + side;
            if (x < 0 || x >= g->sample->count || g->taken[x] ||
                !all(&g->contents[x], systems[i].x))
                continue;
            give(g, RM_ROLE_X, x, RM_SURE_CONTENT);
            give(g, RM_ROLE_Y, y, RM_SURE_CONTENT);
            g->out->crs = systems[i].crs;
            return;
        }
    }
}

/* What x and y hold where their names do not say it, and whether they hold each other's. */
static void weigh_xy(guess *g)
{
    rm_roles *out = g->out;
    int32_t x = found(g, RM_ROLE_X), y = found(g, RM_ROLE_Y);
    const content *cx = &g->contents[x], *cy = &g->contents[y];
    bool rd = all(cx, LOOK_RD_X) && all(cy, LOOK_RD_Y);
    bool rd_swapped = all(cx, LOOK_RD_Y) && all(cy, LOOK_RD_X);
    bool lonlat = all(cx, LOOK_LON) && all(cy, LOOK_LAT);
    bool lonlat_swapped = all(cx, LOOK_LAT) && all(cy, LOOK_LON);
    if (!out->crs_named)
        out->crs = rd || rd_swapped ? "EPSG:28992" : lonlat || lonlat_swapped ? "EPSG:4258" : NULL;
    if (out->crs)
        out->swapped = rm_roles_swapped(g->sample, x, y, out->crs, &out->shown);
}

static void guess_xy(guess *g, const char *const *names)
{
    int x, y;
    rm_roles_named_xy(names, g->sample->count, false, &x, &y, &g->out->crs);
    g->out->crs_named = g->out->crs != NULL;
    if (x >= 0) {
        give_named(g, RM_ROLE_X, x);
        give_named(g, RM_ROLE_Y, y);
        weigh_xy(g);
    }
}

static void guess_all(guess *g, const char **names)
{
    for (int32_t i = 0; i < g->sample->count; i++) {
        names[i] = g->sample->columns[i].name;
        g->contents[i] = look_at(g->sample, i);
    }
    guess_xy(g, names);
    guess_by_name(g);
    weigh_address(g);
    guess_by_content(g);
    if (found(g, RM_ROLE_X) < 0)
        guess_xy_by_content(g);
}

rm_status rm_roles_guess(rm_roles *out, const rm_table *sample, rm_error *err)
{
    rm_roles roles = {.crs = NULL};
    guess g = {&roles, sample, NULL, NULL};
    for (int r = 0; r < RM_ROLES; r++)
        roles.of[r].column = -1;
    const char **names = NULL;
    RM_TRY(RM_NEW_ZERO(&g.contents, sample->count, err));
    rm_status status = RM_NEW_ZERO(&g.taken, sample->count, err);
    if (status == RM_OK)
        status = RM_NEW(&names, sample->count, err);
    if (status == RM_OK) {
        guess_all(&g, names);
        *out = roles;
    }
    rm_release(g.contents);
    rm_release(g.taken);
    rm_release(names);
    return status;
}

static bool between(double v, double low, double high)
{
    return v >= low && v <= high;
}

static bool in_rd(double x, double y)
{
    return between(x, -10000, 300000) && between(y, 300000, 640000);
}

static bool in_lonlat(double x, double y)
{
    return between(x, 3, 8) && between(y, 50, 54);
}

bool rm_roles_swapped(const rm_table *sample, int32_t x, int32_t y, const char *crs, int64_t *shown)
{
    static const char *const degrees[] = {"EPSG:4258", "EPSG:4326", "OGC:CRS84", "CRS84"};
    bool rd = crs && strcmp(crs, "EPSG:28992") == 0, lonlat = false;
    for (size_t i = 0; crs && i < sizeof degrees / sizeof degrees[0]; i++)
        lonlat = lonlat || strcmp(crs, degrees[i]) == 0;
    int64_t count = 0;
    for (int64_t row = 0; (rd || lonlat) && row < sample->rows; row++) {
        double a = rm_column_number(&sample->columns[x], row, NULL);
        double b = rm_column_number(&sample->columns[y], row, NULL);
        if (rd ? in_rd(a, b) : in_lonlat(a, b))
            return false;
        count += rd ? in_rd(b, a) : in_lonlat(b, a);
    }
    *shown = count;
    return count > 0;
}

static rm_status choose_layer(const rm_listed_layer **out, const rm_listing *listing,
                              const char *layer, const char *source, rm_error *err)
{
    for (int32_t i = 0; i < listing->count; i++)
        if (layer ? rm_text_equal_nocase(listing->layers[i].name, layer) : listing->count == 1) {
            *out = &listing->layers[i];
            return RM_OK;
        }
    return rm_fail(err, RM_ENOTFOUND, "%s holds %d layers: say which with \"layer\"", source,
                   listing->count);
}

/* Leaves in `names` those that hold no persons by what stands in them. */
static int32_t without_persons(const rm_rows *batch, const char **names)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < batch->table.count; i++)
        if (rm_person_by_content(&batch->table.columns[i], batch->table.rows) == RM_PERSON_KINDS)
            names[kept++] = names[i];
    return kept;
}

static rm_status first_rows(rm_rows *out, rm_source *source, rm_error *err)
{
    rm_rows_clear(out);
    *out = (rm_rows){0};
    return source->next(source, 0, out, err);
}

static rm_status read_sample(rm_table *out, rm_request *request, const char **names, int64_t rows,
                             rm_error *err)
{
    rm_rows batch = {0};
    rm_status status;
    for (bool again = true; again;) {
        rm_source *source = NULL;
        status = rm_open(NULL, request, &source, err);
        if (status == RM_OK)
            status = first_rows(&batch, source, err);
        rm_source_free(source);
        int32_t kept = status == RM_OK ? without_persons(&batch, names) : 0;
        again = status == RM_OK && kept < request->column_count;
        request->column_count = kept;
    }
    if (status == RM_OK)
        status = rm_table_copy_columns(out, &batch.table, err);
    for (int64_t i = 0; status == RM_OK && i < rows && i < batch.table.rows; i++)
        status = rm_table_add_row(out, &batch.table, i, err);
    rm_rows_clear(&batch);
    return status;
}

/* from: where the columns are. */
static rm_status take_sample(rm_table *out, const rm_request *from, const rm_table *columns,
                             int64_t rows, rm_error *err)
{
    const char **names = NULL;
    rm_table sample = {0};
    rm_request request = *from;
    RM_TRY(RM_NEW(&names, columns->count, err));
    for (int32_t i = 0; i < columns->count; i++)
        if (rm_person_by_name(columns->columns[i].name) == RM_PERSON_KINDS)
            names[request.column_count++] = columns->columns[i].name;
    request.columns = names;
    request.counted = true;
    request.threads = 1;
    request.profile = "none";
    rm_status status = read_sample(&sample, &request, names, rows, err);
    if (status == RM_OK)
        *out = sample;
    else
        rm_table_clear(&sample);
    rm_release(names);
    return status;
}

rm_status rm_roles_sample(rm_table *out, const char *source, const char *layer, int64_t rows,
                          rm_error *err)
{
    rm_listing listing = {0};
    const rm_listed_layer *listed = NULL;
    rm_request request = {.source = source, .layer = layer};
    RM_TRY(rm_list(&listing, source, err));
    rm_status status = choose_layer(&listed, &listing, layer, source, err);
    if (status == RM_OK)
        status = take_sample(out, &request, &listed->columns, rows, err);
    rm_listing_clear(&listing);
    return status;
}

rm_status rm_roles_sample_memory(rm_table *out, const rm_layer *layer, int64_t rows, rm_error *err)
{
    rm_request request = {.source = "the layer in memory", .memory = layer};
    return take_sample(out, &request, &layer->rows.table, rows, err);
}
