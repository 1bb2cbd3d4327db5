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
