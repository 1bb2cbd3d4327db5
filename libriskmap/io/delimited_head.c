#include "io/delimited_head.h"

#include <string.h>

static rm_status check_encoding(const char *text, int64_t size, const char *shown, rm_error *err)
{
    const unsigned char *b = (const unsigned char *)text;
    if (size >= 2 && ((b[0] == 0xff && b[1] == 0xfe) || (b[0] == 0xfe && b[1] == 0xff)))
        return rm_fail(err, RM_EFORMAT, "%s is UTF-16 text; save it as CSV UTF-8", shown);
    if (size >= 4 && memcmp(text, "PK\3\4", 4) == 0)
        return rm_fail(err, RM_EFORMAT,
                       "%s is a zip file or workbook, not delimited text; save it as CSV UTF-8",
                       shown);
    /* one line that has them in its midst; the newline at its very end may be of our own making */
    if (size >= 2 && memchr(text, '\r', (size_t)(size - 2)) &&
        !memchr(text, '\n', (size_t)(size - 1)))
        return rm_fail(err, RM_EFORMAT,
                       "%s ends its lines with carriage returns alone; save it as CSV UTF-8",
                       shown);
    return RM_OK;
}

/* "sep=;" in the first line, as spreadsheets write and read it. */
static int64_t separator_line(const char *text, int64_t size, char *delimiter)
{
    if (size < 6 || (memcmp(text, "sep=", 4) != 0 && memcmp(text, "SEP=", 4) != 0))
        return 0;
    int64_t end = 5;
    if (text[end] == '\r')
        end++;
    if (end >= size || text[end] != '\n' || !strchr(";,|\t", text[4]))
        return 0;
    *delimiter = text[4];
    return end + 1;
}

static rm_status add_name(rm_csv_head *head, const rm_csv_cell *cell, int64_t *capacity,
                          rm_error *err)
{
    rm_text raw = {0}, name = {0};
    if (cell->raw)
        rm_csv_unquote(&raw, cell);
    else
        rm_text_add_n(&raw, cell->at, cell->length);
    const char *at = raw.data;
    int64_t length = raw.length;
    while (length > 0 && (*at == ' ' || *at == '\t')) {
        at++;
        length--;
    }
    while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t'))
        length--;
    if (length > 0)
        (void)rm_csv_decode(&name, at, length);
    rm_status status = rm_text_status(&raw, err);
    if (status == RM_OK)
        status = rm_text_status(&name, err);
    if (status == RM_OK)
        status = RM_GROW(&head->names, capacity, (int64_t)head->count + 1, err);
    if (status == RM_OK)
        status = rm_copy_text(&head->names[head->count], name.data ? name.data : "", err);
    if (status == RM_OK)
        head->count++;
    rm_text_clear(&raw);
    rm_text_clear(&name);
    return status;
}

/* A first line of numbers alone names nothing. */
static bool all_numbers(const rm_csv_head *head)
{
    double value;
    for (int32_t i = 0; i < head->count; i++)
        if (!rm_csv_number(head->names[i], (int64_t)strlen(head->names[i]), &value))
            return false;
    return head->count > 0;
}

static rm_status read_names(rm_csv_head *head, const char *text, int64_t size, const char *shown,
                            rm_error *err)
{
    enum { MOST_COLUMNS = 4096 };
    rm_csv_cell *cells = NULL;
    rm_csv_scan scan;
    int64_t count = 0, capacity = 0;
    bool beyond;
    RM_TRY(RM_NEW(&cells, MOST_COLUMNS, err));
    rm_csv_start(&scan, text, size, head->delimiter);
    rm_status status = RM_OK;
    if (!rm_csv_record(&scan, cells, MOST_COLUMNS, &count, &beyond))
        status =
            rm_fail(err, RM_EFORMAT, "%s is empty; its first line must name the columns", shown);
    else if (count > MOST_COLUMNS)
        status = rm_fail(err, RM_EFORMAT, "%s has %lld columns; at most %d are read", shown,
                         (long long)count, MOST_COLUMNS);
    for (int64_t i = 0; status == RM_OK && i < count; i++)
        status = add_name(head, &cells[i], &capacity, err);
    head->size += scan.at;
    rm_release(cells);
    if (status == RM_OK && all_numbers(head))
        status = rm_fail(err, RM_EFORMAT,
                         "%s begins with numbers; its first line must name the columns", shown);
    return status;
}

rm_status rm_csv_head_read(rm_csv_head *out, const char *text, int64_t size, bool whole,
                           const char *shown, rm_error *err)
{
    rm_csv_head head = {0};
    RM_TRY(check_encoding(text, size, shown, err));
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        head.size = 3;
    int64_t separator = separator_line(text + head.size, size - head.size, &head.delimiter);
    head.size += separator;
    if (separator == 0)
        head.delimiter = rm_csv_delimiter(text + head.size, size - head.size);
    /* on a copy, because what stands before the names is to look like the begin of a line */
    char *copy = NULL;
    int64_t length = size - head.size, end = 0, records = 0;
    RM_TRY(RM_NEW_ZERO(&copy, length + 1 + RM_CSV_BEFORE + RM_CSV_BEHIND, err));
    memset(copy, '\n', RM_CSV_BEFORE);
    memcpy(copy + RM_CSV_BEFORE, text + head.size, (size_t)length);
    if (whole && length > 0)
        copy[RM_CSV_BEFORE + length++] = '\n';
    (void)rm_csv_cut(copy + RM_CSV_BEFORE, length, head.delimiter, &end, &records);
    rm_status status = RM_OK;
    if (end == 0 && length > 0)
        status = rm_fail(err, RM_EFORMAT,
                         "%s: the first line, which must name the columns, does not end", shown);
    if (status == RM_OK)
        status = read_names(&head, copy + RM_CSV_BEFORE, end, shown, err);
    rm_release(copy);
    if (head.size > size)
        head.size = size;
    if (status != RM_OK)
        rm_csv_head_clear(&head);
    else
        *out = head;
    return status;
}

void rm_csv_head_clear(rm_csv_head *head)
{
    for (int32_t i = 0; i < head->count; i++)
        rm_release(head->names[i]);
    rm_release(head->names);
    *head = (rm_csv_head){0};
}

typedef struct axis_names {
    const char *x, *y, *crs;
} axis_names;

static const axis_names known_axes[] = {
    {"rd_x", "rd_y", "EPSG:28992"},
    {"x_rd", "y_rd", "EPSG:28992"},
    {"rdx", "rdy", "EPSG:28992"},
    {"rd-x", "rd-y", "EPSG:28992"},
    {"rd x", "rd y", "EPSG:28992"},
    {"lon", "lat", "EPSG:4258"},
    {"longitude", "latitude", "EPSG:4258"},
    {"long", "lat", "EPSG:4258"},
    {"lng", "lat", "EPSG:4258"},
    {"lengtegraad", "breedtegraad", "EPSG:4258"},
    {"x", "y", NULL},
    {"x_coord", "y_coord", NULL},
    {"xcoord", "ycoord", NULL},
    {"x_coordinaat", "y_coordinaat", NULL},
    {"xcoordinaat", "ycoordinaat", NULL},
    {"x-coordinaat", "y-coordinaat", NULL},
    {"x coordinaat", "y coordinaat", NULL},
    {"coord_x", "coord_y", NULL},
    {"x_coordinate", "y_coordinate", NULL},
    {"easting", "northing", NULL},
};
enum { AXES = sizeof known_axes / sizeof known_axes[0] };

static int find_plain(const rm_csv_head *head, const char *name)
{
    for (int32_t i = 0; i < head->count; i++)
        if (rm_text_equal_nocase(head->names[i], name))
            return i;
    return -1;
}

static rm_status find_named_xy(const rm_csv_head *head, const rm_request *request, int *x, int *y,
                               const char **crs, const char *shown, rm_error *err)
{
    if (!request->x || !request->y)
        return rm_fail(err, RM_EINVAL, "%s: \"x\" and \"y\" must both be named, or neither", shown);
    RM_TRY(rm_find_field(x, request->x, (const char *const *)head->names, head->count, shown, err));
    RM_TRY(rm_find_field(y, request->y, (const char *const *)head->names, head->count, shown, err));
    for (int i = 0; i < AXES; i++)
        if (rm_text_equal_nocase(known_axes[i].x, request->x) &&
            rm_text_equal_nocase(known_axes[i].y, request->y))
            *crs = known_axes[i].crs;
    return RM_OK;
}

rm_status rm_csv_find_xy(const rm_csv_head *head, const rm_request *request, int *x, int *y,
                         const char **crs, const char *shown, rm_error *err)
{
    int found_x = -1, found_y = -1;
    const char *says = NULL;
    if (request->x || request->y) {
        RM_TRY(find_named_xy(head, request, &found_x, &found_y, &says, shown, err));
    } else {
        /* where the request says what the CRS is, the plain x and y come first */
        for (int pass = 0; pass < 2 && found_x < 0; pass++) {
            for (int i = 0; i < AXES && found_x < 0; i++) {
                bool plain = known_axes[i].crs == NULL;
                if (plain != ((pass == 0) == (request->crs != NULL)))
                    continue;
                int at_x = find_plain(head, known_axes[i].x),
                    at_y = find_plain(head, known_axes[i].y);
                if (at_x < 0 || at_y < 0)
                    continue;
                found_x = at_x;
                found_y = at_y;
                says = known_axes[i].crs;
            }
        }
    }
    *x = found_x;
    *y = found_y;
    *crs = says;
    return RM_OK;
}
