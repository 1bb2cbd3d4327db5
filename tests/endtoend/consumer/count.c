/* Reads a layer with the installed library and counts. */
#include <riskmap/riskmap.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    rm_layer *layer = NULL;
    rm_error err;
    if (argc != 2 || rm_layer_read(&layer, argv[1], NULL, &err)) {
        fprintf(stderr, "count: %s\n", argc != 2 ? "takes one source" : err.message);
        return 1;
    }
    printf("riskmap %s: %lld features\n", rm_version(), (long long)rm_layer_feature_count(layer));
    rm_layer_free(layer);
    return 0;
}
