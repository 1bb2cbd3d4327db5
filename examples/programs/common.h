/* What the programs share: options, progress bar, errors, exit codes. Public API alone. */
#ifndef RISKMAP_PROGRAMS_COMMON_H
#define RISKMAP_PROGRAMS_COMMON_H

#include <riskmap/riskmap.h>

#include <popt.h>
#include <stdbool.h>

enum {
    EXIT_FINE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_PROBLEMS = 3,
    EXIT_UNCLEAR = 4,
    EXIT_STOPPED = 130
};

/* The options that every program has. */
typedef struct common_options {
    int quiet, json, version, threads;
    char *language;
} common_options;

extern common_options common;
extern struct poptOption common_table[];

/* Reads the command line; leaves in the context what is no option. With --help or --version the
 * answer is printed and the program ends. Returns EXIT_FINE or EXIT_USAGE, the latter with its
 * message. */
int read_options(poptContext *context, int argc, const char **argv, const struct poptOption *table,
                 const char *arguments, const char *example);
/* Called by programs with options of their own that can repeat: the value of the next option. */
int usage_error(const char *message, const char *what);

/* The number of a word among those known, for an option that takes one of them; nothing when it was
 * not given. */
int find_word(int32_t *out, const char *given, const char *option, const char *const *known,
              int count);

bool english(void);
/* The Dutch or the English one. */
const char *words(const char *dutch, const char *in_english);

/* A progress bar on a terminal, nothing elsewhere; Ctrl-C cancels. */
int show_progress(double fraction, const char *message, void *user);
void clear_progress(void);
void stop_on_interrupt(void);
bool interrupted(void);

/* Prints the error and gives the exit code. */
int fail(const rm_error *error);
/* The same, and how it is said on the command line where the message speaks of a model. */
int fail_without_model(const rm_error *error);

/* "2026-11-01" as a day number; false when it is no date. */
bool read_date(const char *text, int32_t *out);
int32_t day_today(void);
/* yyyy-mm-dd */
void write_date(int32_t date, char out[16]);
/* A number for people: decimal comma in Dutch. */
void print_number(double value, int decimals);

/* Whatever the case. */
bool has_ending(const char *path, const char *ending);
/* A name that does not end so would be a file that no program opens. */
int check_ending(const char *path, const char *ending, const char *message);
/* What the writers would refuse after the whole run is refused before it, with its message. */
int check_output(const char *path, bool overwrite);

/* A type of geometry where people have another word for it. */
const char *geometry_word(const char *type);

#endif
