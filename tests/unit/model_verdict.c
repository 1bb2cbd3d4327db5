/* Prints, for each model file it is given, a line with OK or what is wrong with it. */
#include "base/file.h"
#include "model/model.h"
#include "riskmap/model.h"

#include <stdio.h>

static rm_status judge(const char *path, rm_error *err)
{
    char *text;
    int64_t size;
    rm_model *model = NULL;
    RM_TRY(rm_file_read(&text, &size, path, INT64_C(16) << 20, err));
    rm_status status = rm_model_from_text(&model, text, size, path, err);
    rm_model_free(model);
    rm_release(text);
    return status;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        rm_error err;
        puts(judge(argv[i], &err) == RM_OK ? "OK" : err.message);
    }
    return 0;
}
