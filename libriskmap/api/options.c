#include "api/options.h"

#include <string.h>

rm_status rm_take_options(void *out, size_t size, const void *given, size_t least, const char *type,
                          const char *init, rm_error *err)
{
    uint32_t stated;
    if (!given)
        return RM_OK;
    memcpy(&stated, given, sizeof stated);
    if (stated < least || stated > 4096)
        return rm_fail(err, RM_EINVAL, "%s.size is %u; begin with %s", type, stated, init);
    memcpy(out, given, stated < size ? stated : size);
    return RM_OK;
}

rm_status rm_check_given(const rm_given_layer *given, int count, rm_error *err)
{
    for (int g = 0; g < count; g++) {
        const rm_given_layer *one = &given[g];
        if (one->memory && one->path && *one->path)
            return rm_fail(err, RM_EINVAL, "both %s and %s are given; leave one of them out",
                           one->name, one->memory_name);
        if (one->memory && one->part)
            return rm_fail(err, RM_EINVAL,
                           "%s is for a layer in a file, and %s is in memory; leave it out",
                           one->part_name, one->memory_name);
    }
    return RM_OK;
}
