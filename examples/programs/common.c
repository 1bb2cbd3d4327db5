#define _DEFAULT_SOURCE
#include "common.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

common_options common;

struct poptOption common_table[] = {
    {"quiet", 'q', POPT_ARG_NONE, &common.quiet, 0, "print errors only", NULL},
    {"json", '\0', POPT_ARG_NONE, &common.json, 0, "print JSON for other programs", NULL},
    {"lang", '\0', POPT_ARG_STRING, &common.language, 0,
     "language of what is printed: nl (default) or en", "nl|en"},
    {"threads", '\0', POPT_ARG_INT, &common.threads, 0,
     "threads to use (default: one a core); the outcome is the same", "N"},
    {"version", '\0', POPT_ARG_NONE, &common.version, 0, "print the version and stop", NULL},
    POPT_TABLEEND};

static volatile sig_atomic_t stopped;
static bool bar_shown;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

void stop_on_interrupt(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool interrupted(void)
{
    return stopped != 0;
}

int usage_error(const char *message, const char *what)
{
    fprintf(stderr, "%s%s%s\n", what ? what : "", what ? ": " : "", message);
    return EXIT_USAGE;
}

/* --help is ours, so that an example can stand below popt's list. */
static void print_help(poptContext context, const char *example)
{
    poptPrintHelp(context, stdout, 0);
    printf("\n%s\n", example);
}

int read_options(poptContext *context, int argc, const char **argv, const struct poptOption *table,
                 const char *arguments, const char *example)
{
    static int help;
    static struct poptOption all[4];
    const struct poptOption options[4] = {
        {"help", 'h', POPT_ARG_NONE, &help, 0, "show this and stop", NULL},
        {NULL, '\0', POPT_ARG_INCLUDE_TABLE, (void *)(uintptr_t)table, 0, NULL, NULL},
        {NULL, '\0', POPT_ARG_INCLUDE_TABLE, common_table, 0, NULL, NULL},
        POPT_TABLEEND};
    memcpy(all, options, sizeof all);
    *context = poptGetContext(NULL, argc, argv, all, 0);
    poptSetOtherOptionHelp(*context, arguments);
    int code = poptGetNextOpt(*context);
    if (code < -1)
        return usage_error(poptStrerror(code), poptBadOption(*context, POPT_BADOPTION_NOALIAS));
    if (help || common.version) {
        if (help)
            print_help(*context, example);
        else
            printf("riskmap %s\n", rm_version());
        poptFreeContext(*context);
        exit(EXIT_FINE);
    }
    if (common.language && strcmp(common.language, "nl") != 0 && strcmp(common.language, "en") != 0)
        return usage_error("is no language here; use nl or en", common.language);
    if (common.threads < 0 || common.threads > 64)
        return usage_error("takes a number from 1 to 64", "--threads");
    return EXIT_FINE;
}

int find_word(int32_t *out, const char *given, const char *option, const char *const *known,
              int count)
{
    for (int k = 0; given && k < count; k++)
        if (strcmp(given, known[k]) == 0) {
            *out = k;
            return EXIT_FINE;
        }
    if (!given)
        return EXIT_FINE;
    fprintf(stderr, "%s: takes", option);
    for (int k = 0; k < count; k++)
        fprintf(stderr, "%s%s", k == 0 ? " " : k + 1 < count ? ", " : " or ", known[k]);
    fprintf(stderr, "\n");
    return EXIT_USAGE;
}

bool english(void)
{
    return common.language && strcmp(common.language, "en") == 0;
}

const char *words(const char *dutch, const char *in_english)
{
    return english() ? in_english : dutch;
}

int show_progress(double fraction, const char *message, void *user)
{
    enum { WIDTH = 30 };
    (void)user;
    if (!common.quiet && !common.json && isatty(STDERR_FILENO)) {
        int full = (int)(fraction * WIDTH);
        fprintf(stderr, "\r[%.*s%*s] %3d%% %-30.30s", full,
                "==============================", WIDTH - full, "", (int)(fraction * 100),
                message ? message : "");
        bar_shown = true;
    }
    return stopped;
}

void clear_progress(void)
{
    if (bar_shown)
        fprintf(stderr, "\r%*s\r", 75, "");
    bar_shown = false;
}

int fail(const rm_error *error)
{
    clear_progress();
    if (error->code == RM_ECANCELLED) {
        fprintf(stderr, "%s\n",
                words("gestopt; er is niets geschreven", "stopped; nothing was written"));
        return EXIT_STOPPED;
    }
    fprintf(stderr, "%s\n", error->message);
    return EXIT_FAILED;
}

int fail_without_model(const rm_error *error)
{
    int code = fail(error);
    if (code == EXIT_FAILED && strstr(error->message, "say which with \"layer\""))
        fprintf(stderr, "%s\n",
                words("noem de laag achter het bestand, als in bag-light.gpkg|layername=pand (met "
                      "aanhalingstekens eromheen)",
                      "name the layer after the file, as in bag-light.gpkg|layername=pand (in "
                      "quotes)"));
    if (code == EXIT_FAILED && strstr(error->message, "\"crs\" with the layer in the model"))
        fprintf(stderr, "%s\n",
                words("hier met --crs, zoals --crs EPSG:28992 voor x en y in RD",
                      "here with --crs, as --crs EPSG:28992 for x and y in RD"));
    return code;
}

bool read_date(const char *text, int32_t *out)
{
    int year, month, day, used = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 || text[used] != '\0')
        return false;
    /* timegm carries a 31st of April over to May: compare what comes back */
    struct tm time = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    char back[16], given[16];
    *out = (int32_t)(timegm(&time) / 86400);
    write_date(*out, back);
    snprintf(given, sizeof given, "%04d-%02d-%02d", year, month, day);
    return year >= 1970 && strcmp(back, given) == 0;
}

int32_t day_today(void)
{
    struct tm local;
    time_t now = time(NULL);
    localtime_r(&now, &local);
    local.tm_hour = local.tm_min = local.tm_sec = 0;
    return (int32_t)(timegm(&local) / 86400);
}

void write_date(int32_t date, char out[16])
{
    struct tm time;
    time_t seconds = (time_t)date * 86400;
    gmtime_r(&seconds, &time);
    strftime(out, 16, "%Y-%m-%d", &time);
}

void print_number(double value, int decimals)
{
    char number[64];
    if (isnan(value)) {
        fputs("-", stdout);
        return;
    }
    snprintf(number, sizeof number, "%.*f", decimals, value);
    for (char *c = number; *c; c++)
        if (*c == '.' || *c == ',')
            *c = english() ? '.' : ',';
    fputs(number, stdout);
}

bool has_ending(const char *path, const char *ending)
{
    size_t length = strlen(path), end = strlen(ending);
    return length > end && strcasecmp(path + length - end, ending) == 0;
}

int check_ending(const char *path, const char *ending, const char *message)
{
    return has_ending(path, ending) ? EXIT_FINE : usage_error(message, path);
}

int check_output(const char *path, bool overwrite)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash && slash > path ? strndup(path, (size_t)(slash - path)) : strdup(".");
    bool no_folder = folder && access(folder, F_OK) != 0;
    free(folder);
    if (no_folder) {
        fprintf(stderr, "the folder of %s does not exist; make it first\n", path);
        return EXIT_FAILED;
    }
    struct stat found;
    if (stat(path, &found) != 0)
        return EXIT_FINE;
    if (S_ISDIR(found.st_mode))
        fprintf(stderr, "%s is a folder; name a file in it\n", path);
    else if (!overwrite)
        fprintf(stderr, "%s exists; choose another name or give --overwrite\n", path);
    else
        return EXIT_FINE;
    return EXIT_FAILED;
}

const char *geometry_word(const char *type)
{
    if (strcmp(type, "None") == 0)
        return words("geen geometrie", "no geometry");
    if (strncmp(type, "Unknown", 7) == 0)
        return words("soort geometrie niet vermeld", "kind of geometry not stated");
    return type;
}
