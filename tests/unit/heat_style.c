/* Writes the QGIS style of a heat map for the values given, for the test that opens it in QGIS:
 *   heat_style CLASSES LANGUAGE UNIT VALUE...
 * and beside it, on the error output, the class of every value. */
#include "output/heat/colours.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    rm_heat_classes classes;
    rm_language language;
    rm_error err = {0};
    rm_text text = {0};
    if (argc < 4)
        return 2;
    float *values = malloc((size_t)argc * sizeof *values);
    double value = 0;
    if (!values)
        return 2;
    for (int i = 4; i < argc; i++)
        values[i - 4] = rm_parse_double(argv[i], (int64_t)strlen(argv[i]), false, &value)
                            ? (float)value
                            : 0.0f / 0.0f;
    rm_status status = rm_language_read(&language, argv[2], &err);
    if (status == RM_OK)
        status = rm_heat_classes_make(&classes, values, argc - 4, atoi(argv[1]), &err);
    if (status == RM_OK) {
        rm_heat_style_qml(&text, &classes, argv[3], language);
        fputs(text.data, stdout);
        for (int i = 4; i < argc; i++)
            fprintf(stderr, "%d\n", (int)rm_heat_class(&classes, values[i - 4]));
    } else {
        fprintf(stderr, "%s\n", err.message);
    }
    rm_text_clear(&text);
    free(values);
    return status == RM_OK ? 0 : 1;
}
