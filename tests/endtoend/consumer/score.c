/* Scores a model with the installed library. */
#include <riskmap/riskmap.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    rm_model *model = NULL;
    rm_result *result = NULL;
    rm_error err;
    int failed = argc != 3;
    if (!failed && (rm_model_read(&model, argv[1], &err) || rm_run(&result, model, NULL, &err) ||
                    rm_result_write(result, argv[2], NULL, &err)))
        failed = fprintf(stderr, "score: %s\n", err.message);
    if (!failed)
        printf("%lld areas\n", (long long)rm_result_area_count(result));
    rm_result_free(result);
    rm_model_free(model);
    return failed != 0;
}
