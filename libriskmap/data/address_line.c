/* House numbers and address lines as people write them. A line is words; the house number is the
 * first number that has nothing behind it but a suffix. */
#include "data/address_text.h"

#include <string.h>

enum { MOST_WORDS = 48, MOST_NUMBER = 99999, FIRST_YEAR = 1500, LAST_YEAR = 2050 };

typedef struct word {
    const char *at; /* folded, without dots behind it */
    int length;
    bool apart; /* a comma or the like stands before it */
} word;

typedef struct word_line {
    char text[320];
    word words[MOST_WORDS];
    int count;
    bool number_alone; /* the cell of a number: no name of a place stands behind it */
} word_line;

static bool is(const word *w, const char *text)
{
    return strlen(text) == (size_t)w->length && memcmp(w->at, text, (size_t)w->length) == 0;
}

static bool is_one_of(const word *w, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is(w, list[i]))
            return true;
    return false;
}
#define IS_ONE_OF(word, list) is_one_of((word), (list), sizeof(list) / sizeof *(list))

static bool has_letter(const word *w)
{
    for (int i = 0; i < w->length; i++)
        if (rm_is_letter(w->at[i]))
            return true;
    return false;
}

static bool has_digit(const word *w)
{
    for (int i = 0; i < w->length; i++)
        if (rm_is_digit(w->at[i]))
            return true;
    return false;
}

static bool begins_with_digit(const word *w)
{
    return w->length > 0 && rm_is_digit(w->at[0]);
}

static bool is_gap(char c)
{
    return strchr(" ,;()\"|:", c) != NULL;
}

/* Where a word ends that is written against the next one: "str.12", "Dorpsstraat12", "7411AA12".
 */
static int64_t glued(const char *text, int64_t begin, int64_t end)
{
    for (int64_t i = begin + 1; i + 1 < end; i++)
        if (text[i] == '.' && rm_is_letter(text[i - 1]) && rm_is_digit(text[i + 1]))
            return i + 1;
    int64_t letters = begin, more;
    while (letters < end && rm_is_letter(text[letters]))
        letters++;
    if (letters - begin >= 5 && letters < end && rm_is_digit(text[letters]))
        return letters;
    if (end - begin <= 6 || !rm_postcode(text + begin, 6))
        return end;
    for (more = begin + 6; more < end && strchr("-_/", text[more]);)
        more++;
    return more < end && rm_is_digit(text[more]) ? begin + 6 : end;
}

static void split(word_line *out, const char *text, int64_t length)
{
    int64_t size = rm_address_fold(out->text, sizeof out->text, text, length), at = 0;
    bool apart = false;
    out->count = 0;
    while (out->count < MOST_WORDS) {
        for (; at < size && (is_gap(out->text[at]) || strchr("-_/", out->text[at])); at++) {
            bool dash = !is_gap(out->text[at]);
            if (dash && (at + 1 >= size || is_gap(out->text[at + 1])))
                break; /* a word of its own */
            apart |= !dash && out->text[at] != ' ';
        }
        int64_t begin = at;
        while (at < size && !is_gap(out->text[at]))
            at++;
        if (begin == at)
            return;
        at = glued(out->text, begin, at);
        int n = (int)(at - begin);
        while (n > 1 && out->text[begin + n - 1] == '.')
            n--;
        out->words[out->count++] = (word){out->text + begin, n, apart};
        apart = false;
    }
}

static void remove_words(word_line *out, int at, int count)
{
    bool apart = out->words[at].apart;
    memmove(out->words + at, out->words + at + count,
            (size_t)(out->count - at - count) * sizeof *out->words);
    out->count -= count;
    if (at < out->count)
        out->words[at].apart |= apart;
}

/* "nr 12", "nr.12", "#12": what only says that a number follows. */
static void remove_number_words(word_line *out)
{
    static const char *const names[] = {"nr", "no", "num", "nummer", "huisnr", "huisnummer", "#"};
    for (int i = 0; i < out->count; i++) {
        word *w = &out->words[i];
        if (i + 1 < out->count && begins_with_digit(w + 1) && IS_ONE_OF(w, names))
            remove_words(out, i, 1);
        int skip = w->at[0] == '#'                                 ? 1
                   : w->length > 3 && memcmp(w->at, "nr.", 3) == 0 ? 3
                   : w->length > 2 && memcmp(w->at, "nr", 2) == 0  ? 2
                                                                   : 0;
        if (skip > 0 && skip < w->length && rm_is_digit(w->at[skip])) {
            w->at += skip;
            w->length -= skip;
        }
    }
}

/* Beside an address and not at it. The words of the other lists are also parts of names, so they
 * count before a number alone, or only when nothing stands before them. */
static bool remove_beside(word_line *out)
{
    static const char *const always[] = {"t.o", "t/o", "tegenover", "t.h.v", "thv", "nabij"};
    static const char *const before_number[] = {"to", "bij", "naast"};
    static const char *const first[] = {"voor", "achter"};
    bool found = false;
    for (int i = 0; i < out->count; i++) {
        const word *w = &out->words[i];
        bool number = i + 1 < out->count && begins_with_digit(w + 1);
        int count = 0;
        if (IS_ONE_OF(w, always) || (number && IS_ONE_OF(w, before_number)) ||
            (number && i == 0 && IS_ONE_OF(w, first)))
            count = 1;
        else if (i + 2 < out->count && is(w, "ter") && is(w + 1, "hoogte") && is(w + 2, "van"))
            count = 3;
        if (count == 0)
            continue;
        remove_words(out, i--, count);
        found = true;
    }
    return found;
}

/* "12a-2": the number and what is behind it. */
typedef struct digits {
    int32_t value;
    const char *rest;
    int rest_length;
} digits;

static bool read_number(digits *out, const word *w)
{
    int n = 0;
    int32_t value = 0;
    for (; n < w->length && rm_is_digit(w->at[n]); n++)
        if (value <= MOST_NUMBER)
            value = value * 10 + (w->at[n] - '0');
    *out = (digits){value, w->at + n, w->length - n};
    return n > 0 && value > 0 && value <= MOST_NUMBER &&
           !memchr(out->rest, '\'', (size_t)(w->length - n));
}

static bool is_year(int32_t value)
{
    return value >= FIRST_YEAR && value <= LAST_YEAR;
}

/* The number behind the last dash or slash of "12a-14"; 0: none. */
static int32_t second_number(const digits *first)
{
    int at = first->rest_length;
    int32_t value = 0;
    while (at > 0 && first->rest[at - 1] != '-' && first->rest[at - 1] != '/')
        at--;
    for (int i = at; at > 0 && i < first->rest_length && rm_is_digit(first->rest[i]); i++)
        value = value > MOST_NUMBER ? value : value * 10 + (first->rest[i] - '0');
    return value;
}

/* "1e", "2de", "3e": first words of streets. */
static bool is_ordinal(const digits *n)
{
    static const char *const ends[] = {"e", "ste", "de"};
    word rest = {n->rest, n->rest_length, false};
    return IS_ONE_OF(&rest, ends);
}

static bool is_roman(const word *w)
{
    for (int i = 0; i < w->length; i++)
        if (!strchr("ivx", w->at[i]))
            return false;
    return w->length <= 4;
}

static bool is_range_word(const word *w)
{
    static const char *const list[] = {"t/m", "t.m", "tm", "tot", "en", "+", "&", "/"};
    return IS_ONE_OF(w, list);
}

/* "12+14", "12t/m16" */
static bool holds_range(const char *text, int length)
{
    for (int i = 0; i < length; i++)
        if (text[i] == '+' || text[i] == '&' || (i + 2 < length && memcmp(text + i, "t/m", 3) == 0))
            return true;
    return false;
}

/* Words that say that a suffix follows or what it is about, and are no part of it. */
static bool is_filler(const word *w)
{
    static const char *const list[] = {"app", "appartement", "apt",        "unit", "kamer",
                                       "kmr", "toev",        "toevoeging", "hoog", "-"};
    return IS_ONE_OF(w, list);
}

static bool is_known_suffix(const word *w)
{
    static const char *const list[] = {"bis",    "hs",   "huis", "boven", "beneden", "onder",
                                       "achter", "voor", "traf", "rood",  "zwart",   "links",
                                       "rechts", "sout", "tr",   "bg"};
    return IS_ONE_OF(w, list);
}

/* How many letters a suffix of letters alone may have: what stands behind the number may be the
 * name of a place as well, unless a comma shows where that begins. */
static int most_letters(const word_line *l, int end, bool place_may_follow)
{
    bool closed = l->number_alone || (end < l->count && l->words[end].apart);
    return place_may_follow ? 1 : closed ? 5 : 3;
}

static bool is_suffix(const word *w, int letters)
{
    if (is_known_suffix(w) || is_roman(w))
        return true;
    bool digit = has_digit(w);
    return has_letter(w) && !digit ? w->length <= letters : digit && w->length <= 6;
}

/* Takes what is behind the number from words[at..end) as its suffix; returns where it stopped. */
static int take_suffix(rm_address *out, const word_line *l, int at, int end, bool place_may_follow)
{
    int letters = most_letters(l, end, place_may_follow);
    digits first;
    rm_suffix_builder suffix = {.length = 0};
    read_number(&first, &l->words[at]);
    out->number = first.value;
    int32_t second = second_number(&first);
    out->range = second > first.value;
    out->alone |= holds_range(first.rest, first.rest_length);
    rm_suffix_add(&suffix, first.rest, first.rest_length);
    for (at++; at < end && !l->words[at].apart; at++) {
        const word *w = &l->words[at];
        bool number_next = at + 1 < end && begins_with_digit(w + 1);
        if ((is_range_word(w) && number_next) || (has_digit(w) && holds_range(w->at, w->length))) {
            out->alone = true;
            at += is_range_word(w);
        } else if (is(w, "-") && number_next) {
            digits next;
            read_number(&next, w + 1);
            out->range = next.value > out->number;
        } else if (!is_filler(w) && !is_suffix(w, letters)) {
            break;
        } else if (!is_filler(w)) {
            rm_suffix_add(&suffix, w->at, w->length);
        }
    }
    out->suffix = rm_suffix_pack(&suffix);
    return at;
}

/* Whether words[at] can be the house number of words[begin..end), as far as what stands before it
 * goes. */
static bool may_be_number(const word_line *l, int begin, int at, int end)
{
    digits n;
    if (!read_number(&n, &l->words[at]))
        return false;
    int32_t second = second_number(&n);
    if (is_year(n.value) && is_year(second) && second > n.value)
        return false; /* "Plein 1940-1945" */
    if (at > begin && is_year(n.value) && n.rest_length == 0 && at + 1 < end &&
        begins_with_digit(&l->words[at + 1]))
        return false; /* "Laan 1813 12" */
    bool street = false;
    for (int i = begin; i < at; i++)
        street |= has_letter(&l->words[i]);
    if (street)
        return true;
    /* a number alone, but not "1e Dwarsstraat" or "11 mei" */
    int letters = most_letters(l, end, !l->number_alone);
    for (int i = at + 1; i < end; i++) {
        const word *w = &l->words[i];
        if (!has_letter(w) || is_filler(w) || is_range_word(w))
            continue;
        if (is_ordinal(&n) || (w->length > 2 && !is_suffix(w, letters)))
            return false;
    }
    return at == begin;
}

/* The house number in words[begin..end): where it stands, or -1. *after: behind it and its suffix.
 */
static int find_number(rm_address *out, const word_line *l, int begin, int end, int *after)
{
    for (int pass = 0; pass < 2; pass++)
        for (int i = begin; i < end; i++) {
            rm_address found = *out;
            digits n;
            if (!may_be_number(l, begin, i, end))
                continue;
            read_number(&n, &l->words[i]);
            *after = take_suffix(&found, l, i, end, pass == 1);
            if (pass == 0 ? *after < end : i == begin || is_ordinal(&n))
                continue;
            *out = found;
            return i;
        }
    return -1;
}

/* The words of a name as they stand in the line, from the first to the last of them. */
static rm_address_cell name_of(const word_line *l, int begin, int end)
{
    while (end > begin && !has_letter(&l->words[end - 1]) && !has_digit(&l->words[end - 1]))
        end--;
    if (begin >= end)
        return (rm_address_cell){NULL, 0};
    const word *last = &l->words[end - 1];
    return (rm_address_cell){l->words[begin].at, last->at + last->length - l->words[begin].at};
}

static bool is_postcode_at(const word_line *l, int at, uint32_t *postcode, int *count)
{
    const word *w = &l->words[at];
    *count = 1;
    *postcode = rm_postcode(w->at, w->length);
    if (*postcode || w->length != 4 || at + 1 >= l->count || (w + 1)->length != 2)
        return *postcode != 0;
    /* "Plein 1945 hs" has no other number, "Dorpsstraat 12, 7411 AA" has */
    char both[6];
    bool other = false;
    memcpy(both, w->at, 4);
    memcpy(both + 4, (w + 1)->at, 2);
    for (int i = 0; i < l->count; i++)
        other |= i != at && i != at + 1 && has_digit(&l->words[i]);
    *count = 2;
    *postcode = other || at == 0 || w->apart ? rm_postcode(both, 6) : 0;
    return *postcode != 0;
}

/* Takes the last postcode out of the line; returns the word behind it, or the end of the line. */
static int take_postcode(rm_address *out, word_line *l)
{
    for (int i = l->count - 1; i >= 0; i--) {
        uint32_t postcode;
        int count;
        if (!is_postcode_at(l, i, &postcode, &count))
            continue;
        out->postcode = postcode;
        remove_words(l, i, count);
        if (i < l->count)
            l->words[i].apart = true;
        return i;
    }
    return l->count;
}

static int segment_end(const word_line *l, int begin, int end)
{
    int at = begin + 1;
    while (at < end && !l->words[at].apart)
        at++;
    return at < end ? at : end;
}

static bool is_about_floor(const word_line *l, int begin, int end)
{
    static const char *const list[] = {"etage", "verdieping", "verd"};
    for (int i = begin; i < end; i++)
        if (IS_ONE_OF(&l->words[i], list))
            return true;
    return false;
}

/* The first part that can be the name of a place; "2e Exloermond" is one. */
static uint64_t place_of(const word_line *l, int begin, int end)
{
    for (int next; begin < end; begin = next) {
        digits n;
        next = segment_end(l, begin, end);
        if (is_about_floor(l, begin, next))
            continue;
        while (begin < next &&
               (is_known_suffix(&l->words[begin]) ||
                (has_digit(&l->words[begin]) &&
                 !(begin + 1 < next && read_number(&n, &l->words[begin]) && is_ordinal(&n)))))
            begin++;
        if (begin == next)
            continue;
        rm_address_cell name = name_of(l, begin, next);
        return rm_place(name.text, name.length);
    }
    return 0;
}

static void take_street(rm_address *out, const word_line *l, int begin, int end)
{
    rm_address_cell name = name_of(l, begin, end);
    out->street = rm_street(name.text, name.length);
}

/* Whether a number begins the part behind the comma. */
static bool number_follows(const rm_address *found, const word_line *l, int after, int end)
{
    rm_address probe = *found;
    int behind;
    return after < end && l->words[after].apart &&
           find_number(&probe, l, after, segment_end(l, after, end), &behind) == after;
}

/* Looks in the parts between commas for the first with a house number; a number alone belongs to
 * the name before it. */
static bool read_parts(rm_address *out, const word_line *l, int begin, int end)
{
    for (int at = begin, before = begin; at < end; before = at, at = segment_end(l, at, end)) {
        rm_address found = *out;
        int after, number_at = find_number(&found, l, at, segment_end(l, at, end), &after);
        if (number_at < 0)
            continue;
        bool more = number_follows(&found, l, after, end);
        if (more && number_at > at && is_year(found.number) && !found.suffix)
            continue; /* "Laan 1813, 12" */
        *out = found;
        if (number_at > at)
            take_street(out, l, at, number_at);
        else
            take_street(out, l, before, at);
        /* "12, 14": the first of several */
        if (more && segment_end(l, after, end) == after + 1 && !has_letter(&l->words[after]))
            out->alone = true;
        if (out->alone)
            out->suffix = 0;
        if (!out->place)
            out->place = place_of(l, after, end);
        return true;
    }
    return false;
}

static bool read_line(rm_address *out, word_line *l)
{
    remove_number_words(l);
    out->opposite = remove_beside(l);
    out->alone = out->opposite;
    int postcode_at = take_postcode(out, l), begin = 0, end = l->count;
    if (out->postcode && postcode_at < l->count) {
        out->place = place_of(l, postcode_at, l->count);
        end = postcode_at;
    }
    if (read_parts(out, l, begin, end))
        return true;
    if (out->postcode && end < l->count) { /* "7411 AA 12" */
        out->place = 0;
        if (read_parts(out, l, end, l->count))
            return true;
    }
    take_street(out, l, begin, end > begin ? segment_end(l, begin, end) : begin);
    return false;
}

bool rm_address_line(rm_address *out, const char *text, int64_t length)
{
    word_line l;
    *out = (rm_address){.postcode = 0};
    l.number_alone = false;
    split(&l, text, length);
    return read_line(out, &l);
}

/* Spreadsheets make "12.0" of a number. */
static int64_t without_decimals(const char *text, int64_t length)
{
    int64_t end = length;
    while (end > 0 && text[end - 1] == ' ')
        end--;
    int64_t zeros = end;
    while (zeros > 0 && text[zeros - 1] == '0')
        zeros--;
    bool point = zeros > 1 && zeros < end && (text[zeros - 1] == '.' || text[zeros - 1] == ',');
    return point && rm_is_digit(text[zeros - 2]) ? zeros - 1 : end;
}

/* A house number with what is behind it: "12a", "12-a", "nr. 12 bis", "12-14", "12 t/m 16",
 * "t.o. 12". Only number, suffix, alone, opposite and range are set. False when there is none. */
static bool house_number(rm_address *out, const char *text, int64_t length)
{
    word_line l;
    rm_address found = {.postcode = 0};
    *out = found;
    l.number_alone = true;
    split(&l, text, without_decimals(text, length));
    remove_number_words(&l);
    found.alone = found.opposite = remove_beside(&l);
    if (l.count == 0 || !begins_with_digit(&l.words[0]) ||
        rm_postcode(l.words[0].at, l.words[0].length) || !read_parts(&found, &l, 0, l.count) ||
        found.street)
        return false;
    out->number = found.number;
    out->suffix = found.suffix;
    out->alone = found.alone;
    out->opposite = found.opposite;
    out->range = found.range;
    return true;
}

/* Letter and addition in cells of their own. What the number's cell said already is not said
 * twice. */
static void join_suffix(rm_address *out, const rm_address_cells *cells)
{
    char joined[160], own[16], more[16];
    int64_t n = 0;
    const rm_address_cell parts[] = {cells->letter, cells->addition};
    for (int i = 0; i < 2; i++)
        if (parts[i].length > 0 && parts[i].length <= 64 &&
            rm_suffix(parts[i].text, parts[i].length)) {
            memcpy(joined + n, parts[i].text, (size_t)parts[i].length);
            n += parts[i].length;
        }
    uint64_t suffix = n > 0 ? rm_suffix(joined, n) : 0;
    if (!suffix || out->alone)
        return;
    rm_suffix_text(out->suffix, own);
    rm_suffix_text(suffix, more);
    size_t own_length = strlen(own), more_length = strlen(more);
    bool said = own_length >= more_length && strcmp(own + own_length - more_length, more) == 0;
    if (said)
        return;
    if (strncmp(own, more, own_length) != 0) {
        memcpy(joined, own, own_length);
        memcpy(joined + own_length, more, more_length);
        suffix = rm_suffix(joined, (int64_t)(own_length + more_length));
    }
    out->suffix = suffix;
    out->range = false;
}

static bool missing(const rm_address_cell *cell)
{
    for (int64_t i = 0; i < cell->length; i++)
        if (cell->text[i] != ' ')
            return false;
    return true;
}

static bool read_number_cell(rm_address *out, const rm_address_cell *cell)
{
    return !missing(cell) && (house_number(out, cell->text, cell->length) ||
                              rm_address_line(out, cell->text, cell->length));
}

/* A street's cell may end with the number, which is then no part of the name: "Laan 1813" with
 * number 12 is another matter. */
static void read_street_cell(rm_address *street, int32_t number, const rm_address_cell *cell)
{
    if (missing(cell))
        return;
    bool found = rm_address_line(street, cell->text, cell->length);
    if (number > 0 && (!found || street->number != number))
        street->street = rm_street(cell->text, cell->length);
}

void rm_address_read(rm_address *out, const rm_address_cells *cells)
{
    rm_address number = {.postcode = 0}, line = {.postcode = 0}, street = {.postcode = 0};
    uint32_t postcode = rm_postcode(cells->postcode.text, cells->postcode.length);
    if (!missing(&cells->line))
        rm_address_line(&line, cells->line.text, cells->line.length);
    if (!read_number_cell(&number, &cells->number))
        number = line;
    read_street_cell(&street, number.number, &cells->street);
    if (!number.number)
        number = street;
    *out = number;
    join_suffix(out, cells);
    out->postcode = postcode ? postcode : line.postcode ? line.postcode : street.postcode;
    out->street = street.street ? street.street : line.street ? line.street : number.street;
    out->place = rm_place(cells->place.text, cells->place.length);
    if (!out->place)
        out->place = line.place ? line.place : street.place;
}

bool rm_address_complete(const rm_address *address)
{
    return address->number > 0 && (address->postcode || address->street);
}
