#include "io/text/csv_parse.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* How a delimiter divides the first lines. */
typedef struct split {
    int64_t in_header, even; /* even: lines with as many as the header */
} split;

static bool toggles(char c, bool quoted)
{
    return c == '"' || (c == '\n' && !quoted);
}

static split count_splits(const char *text, int64_t size, char delimiter)
{
    enum { LINES = 50 };
    split result = {0, 0};
    int64_t found = 0, lines = 0, line_begin = 0;
    bool quoted = false;
    for (int64_t i = 0; i < size && lines < LINES; i++) {
        if (text[i] == delimiter && !quoted)
            found++;
        if (!toggles(text[i], quoted))
            continue;
        if (text[i] == '"') {
            quoted = !quoted;
            continue;
        }
        bool blank = i == line_begin || (i == line_begin + 1 && text[line_begin] == '\r');
        line_begin = i + 1;
        if (!blank) {
            if (lines++ == 0)
                result.in_header = found;
            result.even += found == result.in_header;
        }
        found = 0;
    }
    if (lines == 0)
        result.in_header = found;
    return result;
}

char rm_csv_delimiter(const char *text, int64_t size)
{
    static const char candidates[] = {';', '\t', '|', ','};
    char best = ';';
    split most = {0, 0};
    for (size_t i = 0; i < sizeof candidates; i++) {
        split s = count_splits(text, size, candidates[i]);
        if (s.in_header == 0)
            continue;
        if (most.in_header == 0 || s.even > most.even ||
            (s.even == most.even && s.in_header > most.in_header)) {
            best = candidates[i];
            most = s;
        }
    }
    return best;
}

/* Newlines that end a record in text[from..to), and the place behind the last newline. Counted in
 * bytes over short blocks, which compilers turn into vector code. */
static int64_t count_records(const char *text, int64_t from, int64_t to)
{
    enum { BLOCK = 128 };
    int64_t total = 0;
    while (from < to) {
        const char *p = text + from;
        int64_t length = to - from < BLOCK ? to - from : BLOCK;
        uint8_t ends = 0;
        for (int64_t i = 0; i < length; i++) {
            bool blank = (p[i - 1] == '\n') | ((p[i - 1] == '\r') & (p[i - 2] == '\n'));
            ends = (uint8_t)(ends + ((p[i] == '\n') & !blank));
        }
        total += ends;
        from += length;
    }
    return total;
}

static int64_t behind_last_newline(const char *text, int64_t from, int64_t to)
{
    while (to > from && text[to - 1] != '\n')
        to--;
    return to > from ? to : -1;
}

/* The place of the quote that closes the one before `at`, or -1. */
static int64_t find_close(const char *text, int64_t at, int64_t size)
{
    while (at < size) {
        const char *quote = memchr(text + at, '"', (size_t)(size - at));
        if (!quote)
            return -1;
        at = quote - text;
        if (at + 1 >= size || text[at + 1] != '"')
            return at;
        at += 2;
    }
    return -1;
}

bool rm_csv_cut(const char *text, int64_t size, char delimiter, int64_t *end, int64_t *records)
{
    int64_t at = 0, last = 0, found = 0, settled = 0;
    bool closed = true;
    while (at < size && closed) {
        const char *quote = memchr(text + at, '"', (size_t)(size - at));
        int64_t stop = quote ? quote - text : size;
        int64_t behind = behind_last_newline(text, at, stop);
        found += count_records(text, at, stop);
        if (behind >= 0) {
            last = behind;
            settled = found;
        }
        at = stop + 1;
        bool opens = quote && (text[stop - 1] == delimiter || text[stop - 1] == '\n');
        if (!opens)
            continue;
        int64_t close = find_close(text, at, size);
        closed = close >= 0;
        at = close + 1;
    }
    *end = last;
    *records = settled;
    return closed;
}

/* Bit i: byte i of the 64 is a delimiter, a quote or a newline. */
#if defined(__SSE2__)
static uint64_t special_bytes(const char *at, char delimiter)
{
    const __m128i d = _mm_set1_epi8(delimiter), n = _mm_set1_epi8('\n'), q = _mm_set1_epi8('"');
    uint64_t mask = 0;
    for (int i = 0; i < 4; i++) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(at + 16 * i));
        __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, d), _mm_cmpeq_epi8(v, n)),
                                   _mm_cmpeq_epi8(v, q));
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(hit) << (16 * i);
    }
    return mask;
}
#else
static uint64_t special_bytes(const char *at, char delimiter)
{
    uint64_t mask = 0;
    for (int i = 0; i < 64; i++) {
        bool hit = (at[i] == delimiter) | (at[i] == '\n') | (at[i] == '"');
        mask |= (uint64_t)hit << i;
    }
    return mask;
}
#endif

static int lowest_bit(uint64_t mask)
{
#if defined(__GNUC__)
    return __builtin_ctzll(mask);
#else
    int bit = 0;
    for (; !(mask & 1); mask >>= 1)
        bit++;
    return bit;
#endif
}

/* The place of the next special byte; size when there is none. */
static int64_t next_special(rm_csv_scan *scan)
{
    while (scan->mask == 0) {
        scan->block += 64;
        if (scan->block >= scan->size)
            return scan->size;
        scan->mask = special_bytes(scan->text + scan->block, scan->delimiter);
    }
    int64_t at = scan->block + lowest_bit(scan->mask);
    scan->mask &= scan->mask - 1;
    return at < scan->size ? at : scan->size;
}

void rm_csv_start(rm_csv_scan *scan, const char *text, int64_t size, char delimiter)
{
    *scan = (rm_csv_scan){text, size, 0, 0, 0, delimiter};
    if (size > 0)
        scan->mask = special_bytes(text, delimiter);
}

/* Passes over a quoted cell whose first quote was just met; the place of the closing one. *doubled:
 * there are quotes inside. */
static int64_t pass_quoted(rm_csv_scan *scan, bool *doubled)
{
    for (;;) {
        int64_t at = next_special(scan);
        if (at >= scan->size)
            return scan->size;
        if (scan->text[at] != '"')
            continue;
        if (at + 1 >= scan->size || scan->text[at + 1] != '"')
            return at;
        *doubled = true;
        next_special(scan);
    }
}

/* Reads one cell and leaves scan behind its delimiter or newline; *last: it was a newline. */
static rm_csv_cell read_cell(rm_csv_scan *scan, bool *last)
{
    const char *text = scan->text;
    int64_t begin = scan->at, close = -1, end;
    bool doubled = false;
    for (;;) {
        end = next_special(scan);
        if (end >= scan->size || text[end] != '"')
            break;
        if (end == begin)
            close = pass_quoted(scan, &doubled);
    }
    *last = end >= scan->size || text[end] == '\n';
    scan->at = end < scan->size ? end + 1 : scan->size;
    if (*last && end > begin && text[end - 1] == '\r')
        end--;
    if (close < 0)
        return (rm_csv_cell){text + begin, end - begin, false};
    if (!doubled && close + 1 == end)
        return (rm_csv_cell){text + begin + 1, close - begin - 1, false};
    return (rm_csv_cell){text + begin, end - begin, true};
}

bool rm_csv_record(rm_csv_scan *scan, rm_csv_cell *cells, int64_t room, int64_t *count,
                   bool *beyond)
{
    for (;;) {
        int64_t n = 0, begin = scan->at;
        bool last = false;
        if (begin >= scan->size)
            return false;
        *beyond = false;
        while (!last) {
            rm_csv_cell cell = read_cell(scan, &last);
            if (n < room)
                cells[n] = cell;
            else
                *beyond = *beyond || cell.length > 0;
            n++;
        }
        int64_t length = scan->at - begin;
        bool blank = length == 1 || (length == 2 && scan->text[begin] == '\r');
        if (blank && scan->text[scan->at - 1] == '\n')
            continue;
        *count = n;
        return true;
    }
}

void rm_csv_unquote(rm_text *out, const rm_csv_cell *cell)
{
    const char *at = cell->at + 1, *end = cell->at + cell->length;
    while (at < end) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        if (!quote) {
            rm_text_add_n(out, at, end - at);
            return;
        }
        rm_text_add_n(out, at, quote - at);
        at = quote + 1;
        if (at == end || *at != '"')
            break;
        rm_text_add_n(out, at++, 1);
    }
    rm_text_add_n(out, at, end - at);
}

/* Windows-1252 from 0x80 to 0x9f; 0: not defined. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

static bool add_byte(rm_text *out, unsigned char byte)
{
    unsigned code = byte;
    if (byte >= 0x80 && byte < 0xa0)
        code = windows_1252[byte - 0x80];
    bool known = code != 0;
    if (!known)
        code = 0xfffd;
    char utf8[3];
    int64_t length = 1;
    if (code < 0x80) {
        utf8[0] = (char)code;
    } else if (code < 0x800) {
        utf8[0] = (char)(0xc0 | code >> 6);
        utf8[1] = (char)(0x80 | (code & 0x3f));
        length = 2;
    } else {
        utf8[0] = (char)(0xe0 | code >> 12);
        utf8[1] = (char)(0x80 | (code >> 6 & 0x3f));
        utf8[2] = (char)(0x80 | (code & 0x3f));
        length = 3;
    }
    rm_text_add_n(out, utf8, length);
    return known;
}

bool rm_csv_decode(rm_text *out, const char *text, int64_t length)
{
    bool zero = length > 0 && memchr(text, 0, (size_t)length) != NULL;
    bool utf8 = rm_utf8_valid(text, length) == length, clean = true;
    if (utf8 && !zero) {
        rm_text_add_n(out, text, length);
        return true;
    }
    for (int64_t i = 0; i < length; i++) {
        if (utf8 && text[i] != 0)
            rm_text_add_n(out, text + i, 1);
        else
            clean = add_byte(out, (unsigned char)text[i]) && clean;
    }
    return clean;
}
