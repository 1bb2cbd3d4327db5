#define _POSIX_C_SOURCE 200809L
#include "matching.h"

#include "layout.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATE = 12, NAME = 24, MOST_CHOICES = 20, MOST_LISTED = 8, LINE = 1024 };

static const char *state_word(int32_t state)
{
    switch (state) {
    case RM_MATCH_TAKEN:
        return words("gevonden", "found");
    case RM_MATCH_UNCLEAR:
        return words("onduidelijk", "unclear");
    case RM_MATCH_KEPT:
        return words("blijft", "kept");
    case RM_MATCH_MISSING:
        return words("ONTBREEKT", "MISSING");
    default:
        return words("ongebruikt", "unused");
    }
}

/* data/bag.gpkg, laag pand (BAG light: pand) */
static void describe_source(char *out, size_t size, const rm_match_source *source)
{
    const char *taken = words(source->taken_for, source->taken_for_en);
    snprintf(out, size, "%s, %s %s", source->path, words("laag", "layer"), source->layer);
    if (taken[0])
        snprintf(out + strlen(out), size - strlen(out), " (%s)", taken);
}

static void print_layer(const rm_match *match, int32_t number)
{
    rm_matched_layer layer;
    rm_match_source source;
    char line[LINE];
    if (rm_match_layer(match, number, &layer, NULL) != RM_OK)
        return;
    printf("  ");
    print_cell(state_word(layer.state), STATE, false);
    printf("  ");
    print_name(layer.name, NAME);
    printf("  ");
    int at = 2 + STATE + 2 + NAME + 2;
    if (layer.chosen >= 0 && rm_match_source_at(match, layer.chosen, &source, NULL) == RM_OK)
        describe_source(line, sizeof line, &source);
    else if (layer.state == RM_MATCH_UNCLEAR)
        snprintf(line, sizeof line, words("%d bronnen passen", "%d sources fit"), layer.fit_count);
    else
        snprintf(line, sizeof line, "%s", layer.source);
    print_wrapped(stdout, line, at, at);
}

/* Most messages name the file themselves. */
static void print_problem(const rm_match_source *source)
{
    char line[LINE];
    bool named = strncmp(source->problem, source->path, strlen(source->path)) == 0;
    snprintf(line, sizeof line, "%s%s%s", named ? "" : source->path, named ? "" : ": ",
             source->problem);
    fputs("  - ", stdout);
    print_wrapped(stdout, line, 4, 4);
}

static void print_matches(const rm_match *match)
{
    rm_match_source source;
    int problems = 0;
    printf("%s\n", words("Lagen en hun bronnen", "Layers and their sources"));
    for (int32_t l = 0; l < rm_match_layer_count(match); l++)
        print_layer(match, l);
    for (int32_t s = 0; s < rm_match_source_count(match); s++) {
        if (rm_match_source_at(match, s, &source, NULL) != RM_OK || !source.problem[0])
            continue;
        if (problems++ == 0)
            printf("\n%s\n", words("Niet leesbaar", "Unreadable"));
        print_problem(&source);
    }
    printf("\n");
}

static void print_choices(const rm_match *match, const rm_matched_layer *layer, int32_t number)
{
    rm_match_source source;
    char line[LINE];
    printf("\n%s \"%s\"", words("Welke bron heeft laag", "Which source holds layer"), layer->name);
    if (layer->fields[0])
        printf(" (%s: %s)", words("velden", "fields"), layer->fields);
    printf("?\n");
    for (int32_t f = 0; f < layer->fit_count && f < MOST_CHOICES; f++) {
        if (rm_match_source_at(match, rm_match_fit(match, number, f), &source, NULL) != RM_OK)
            continue;
        describe_source(line, sizeof line, &source);
        printf("  %2d  ", f + 1);
        print_wrapped(stdout, line, 6, 6);
    }
    if (layer->fit_count > MOST_CHOICES)
        printf(words("      en nog %d; noem ze met --layer %s=BRON\n",
                     "      and %d more; name them with --layer %s=SOURCE\n"),
               layer->fit_count - MOST_CHOICES, layer->name);
}

/* Whether there is something to read, the end of it included; false when stopped. A signal may come
 * between the question and the reading, which would then wait for ever, so it looks up now and
 * then.
 */
static bool answer_comes(void)
{
    enum { MILLISECONDS = 100 };
    struct pollfd keys = {.fd = STDIN_FILENO, .events = POLLIN};
    while (!interrupted())
        if (poll(&keys, 1, MILLISECONDS) > 0)
            return !interrupted();
    return false;
}

/* -1: skip; -2: stopped. Asks again until it is one of the numbers. */
static int32_t read_choice(int32_t count)
{
    char line[64], *end;
    for (;;) {
        printf("%s",
               words("  nummer, of enter om over te slaan: ", "  number, or enter to skip: "));
        fflush(stdout);
        if (!answer_comes())
            return -2;
        bool got = fgets(line, sizeof line, stdin) != NULL;
        if (!got || line[strspn(line, " \t\r\n")] == '\0') {
            if (!got)
                printf("\n");
            return -1;
        }
        long choice = strtol(line, &end, 10);
        end += strspn(end, " \t\r\n");
        if (*end == '\0' && choice >= 1 && choice <= count)
            return (int32_t)choice - 1;
        if (!strchr(line, '\n'))
            for (int c = getchar(); c != '\n' && c != EOF;)
                c = getchar();
        printf(words("  een nummer van 1 t/m %d\n", "  a number from 1 to %d\n"), count);
    }
}

static int ask(rm_match *match)
{
    rm_matched_layer layer;
    rm_error error;
    setvbuf(stdin, NULL, _IONBF, 0); /* what is read ahead, poll does not see */
    for (int32_t l = 0; l < rm_match_layer_count(match); l++) {
        if (rm_match_layer(match, l, &layer, NULL) != RM_OK || layer.state != RM_MATCH_UNCLEAR)
            continue;
        int32_t shown = layer.fit_count < MOST_CHOICES ? layer.fit_count : MOST_CHOICES;
        print_choices(match, &layer, l);
        int32_t choice = read_choice(shown);
        if (choice == -2) {
            fprintf(stderr, "\n%s\n",
                    words("gestopt; er is niets geschreven", "stopped; nothing was written"));
            return EXIT_STOPPED;
        }
        if (rm_match_choose(match, l, choice < 0 ? -1 : rm_match_fit(match, l, choice), &error) !=
            RM_OK)
            return fail(&error);
    }
    printf("\n");
    return EXIT_FINE;
}

static int32_t count_unclear(const rm_match *match)
{
    rm_matched_layer layer;
    int32_t count = 0;
    for (int32_t l = 0; l < rm_match_layer_count(match); l++)
        count += rm_match_layer(match, l, &layer, NULL) == RM_OK && layer.state == RM_MATCH_UNCLEAR;
    return count;
}

/* What to write on the command line, so that a script can answer. */
static void list_choices(const rm_match *match, const rm_matched_layer *layer, int32_t number)
{
    rm_match_source source;
    int32_t shown = layer->fit_count < MOST_LISTED ? layer->fit_count : MOST_LISTED;
    for (int32_t f = 0; f < shown; f++)
        if (rm_match_source_at(match, rm_match_fit(match, number, f), &source, NULL) == RM_OK)
            fprintf(stderr, "  --layer '%s=%s|layername=%s'\n", layer->name, source.path,
                    source.layer);
    if (layer->fit_count > shown)
        fprintf(stderr, words("  of een van nog %d andere\n", "  or one of %d others\n"),
                layer->fit_count - shown);
}

static int list_unclear(const rm_match *match)
{
    rm_matched_layer layer;
    for (int32_t l = 0; l < rm_match_layer_count(match); l++) {
        if (rm_match_layer(match, l, &layer, NULL) != RM_OK || layer.state != RM_MATCH_UNCLEAR)
            continue;
        fprintf(stderr,
                words("laag \"%s\" is onduidelijk; kies er een met\n",
                      "layer \"%s\" is unclear; choose one with\n"),
                layer.name);
        list_choices(match, &layer, l);
    }
    return EXIT_UNCLEAR;
}

static int settle(rm_match *match, const overrides *settled)
{
    rm_error error;
    for (int o = 0; o < settled->count; o++)
        if (rm_match_give(match, settled->names[o], settled->sources[o], &error) != RM_OK)
            return fail(&error);
    return EXIT_FINE;
}

int match_folder(rm_match **out, const rm_model *model, const char *folder,
                 const overrides *settled)
{
    rm_error error;
    rm_match *match = NULL;
    bool people = !common.json && !common.quiet;
    if (rm_match_folder(&match, model, folder, show_progress, NULL, &error) != RM_OK)
        return fail(&error);
    clear_progress();
    int code = settle(match, settled);
    if (code == EXIT_FINE && people)
        print_matches(match);
    if (code == EXIT_FINE && people && count_unclear(match) > 0 && isatty(STDIN_FILENO) &&
        isatty(STDOUT_FILENO))
        code = ask(match);
    if (code == EXIT_FINE && count_unclear(match) > 0)
        code = list_unclear(match);
    if (code == EXIT_FINE || code == EXIT_UNCLEAR)
        *out = match;
    else
        rm_match_free(match);
    return code;
}

static struct json_object *json_text(const char *text)
{
    return text[0] ? json_object_new_string(text) : NULL;
}

static struct json_object *json_fits(const rm_match *match, int32_t number, int32_t count)
{
    struct json_object *out = json_object_new_array();
    for (int32_t f = 0; f < count; f++) {
        rm_match_source source;
        struct json_object *one = json_object_new_object();
        if (rm_match_source_at(match, rm_match_fit(match, number, f), &source, NULL) == RM_OK) {
            json_object_object_add(one, "path", json_text(source.path));
            json_object_object_add(one, "layer", json_text(source.layer));
            json_object_object_add(one, "taken_for",
                                   json_text(words(source.taken_for, source.taken_for_en)));
        }
        json_object_array_add(out, one);
    }
    return out;
}

struct json_object *json_match(const rm_match *match)
{
    static const char *const STATES[] = {"taken", "unclear", "kept", "missing", "unused"};
    struct json_object *out = json_object_new_object(), *layers = json_object_new_array();
    struct json_object *unreadable = json_object_new_array();
    rm_matched_layer layer;
    rm_match_source source;
    for (int32_t l = 0; l < rm_match_layer_count(match); l++) {
        struct json_object *one = json_object_new_object();
        if (rm_match_layer(match, l, &layer, NULL) != RM_OK)
            continue;
        json_object_object_add(one, "name", json_text(layer.name));
        json_object_object_add(one, "state", json_text(STATES[layer.state]));
        json_object_object_add(one, "source", json_text(layer.source));
        json_object_object_add(one, "fields", json_text(layer.fields));
        json_object_object_add(one, "fits", json_fits(match, l, layer.fit_count));
        json_object_array_add(layers, one);
    }
    for (int32_t s = 0; s < rm_match_source_count(match); s++) {
        if (rm_match_source_at(match, s, &source, NULL) != RM_OK || !source.problem[0])
            continue;
        struct json_object *one = json_object_new_object();
        json_object_object_add(one, "path", json_text(source.path));
        json_object_object_add(one, "problem", json_text(source.problem));
        json_object_array_add(unreadable, one);
    }
    json_object_object_add(out, "unclear", json_object_new_int(count_unclear(match)));
    json_object_object_add(out, "layers", layers);
    json_object_object_add(out, "unreadable", unreadable);
    return out;
}
