/* What cairo and fontconfig keep for the next picture. Fontconfig keeps it by offsets, which leak
 * checkers take for lost: a test that draws ends with this, when nothing draws any more. */
#ifndef RM_TESTS_UNIT_FONTS_H
#define RM_TESTS_UNIT_FONTS_H

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

static void forget_fonts(void)
{
    /* looked up, so that a build without cairo needs nothing else */
    static const char *const NAMES[] = {"cairo_debug_reset_static_data", "FcFini"};
    for (size_t n = 0; n < sizeof NAMES / sizeof *NAMES; n++) {
        void *address = dlsym(RTLD_DEFAULT, NAMES[n]);
        void (*forget)(void) = NULL;
        memcpy(&forget, &address, sizeof forget);
        if (forget)
            forget();
    }
}

#endif
