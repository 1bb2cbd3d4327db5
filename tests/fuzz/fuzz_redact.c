/* Feeds bytes to what takes secrets out of messages, and puts a secret among them: it must be gone,
 * the text never grows past what its stars need, and doing it again changes nothing. Links
 * libriskmap_base.a; start it with corpus/redact and -max_len=1024. */
#include "base/redact.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition)
{
    if (!condition)
        abort();
}

static void check(const char *before)
{
    size_t size = strlen(before);
    char *once = malloc(size + 1);
    bool holds = false;
    need(once != NULL);
    memcpy(once, before, size + 1);
    rm_redact(once);
    need(strlen(once) <= size);
    need(rm_holds_secret(&holds, before, NULL) == RM_OK);
    need(holds == (strcmp(once, before) != 0));
    free(once);
}

/* text + form with a secret in it + text: the secret is covered wherever it stands on a line of its
 * own. */
static void check_planted(const char *text)
{
    static const char secret[] = "Zw4nenz4ng";
    static const char *const forms[][2] = {
        {"\nhost=a password=", "\n"},   {"\nPG:password='", "'\n"},
        {"\nhttps://piet:", "@h/\n"},   {"\nhttps://h/w?key=", "&x=1\n"},
        {"\nhttps://h/w?token=", "\n"}, {"\npostgresql://u:", "@h:5432/d\n"},
    };
    size_t size = strlen(text);
    for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
        char *whole = malloc(2 * size + 200);
        need(whole != NULL);
        /* quotes left open by what stands before may well swallow the rest */
        strcpy(whole, forms[k][0] + 1);
        strcat(whole, secret);
        strcat(whole, forms[k][1]);
        strcat(whole, text);
        bool elsewhere = strstr(text, secret) != NULL;
        rm_redact(whole);
        need(elsewhere || !strstr(whole, secret));
        free(whole);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    need(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    check(text);
    check_planted(text);
    free(text);
    return 0;
}
