/* What a file may cost before it is refused, all in one place. Sizes in bytes, times in seconds. */
#ifndef RM_IO_UNTRUSTED_LIMITS_H
#define RM_IO_UNTRUSTED_LIMITS_H

#include <stdint.h>

/* Compressed files: what unpacks to RM_UNPACK_FREE is always taken; from there on at most
 * RM_UNPACK_TIMES its packed size, and never over RM_UNPACK_MOST. Real archives of XML and text
 * unpack to 10 to 60 times their size; deflate itself cannot do more than 1032. */
#define RM_UNPACK_FREE    (INT64_C(100) << 20)
#define RM_UNPACK_TIMES   200
#define RM_UNPACK_MOST    (INT64_C(1) << 40)
#define RM_ARCHIVE_FILES  100000             /* in one archive */
#define RM_ARCHIVE_DEPTH  3                  /* archives inside one another */
#define RM_WORKBOOK_MOST  (INT64_C(2) << 30) /* XLSX and ODS, which GDAL holds in memory */
#define RM_ARCHIVE_PROLOG 4096 /* of each XML file in a workbook, looked at for entities */

/* Looking into a file before it is opened: unpacking it once, or asking a database what it holds.
 */
#define RM_LOOK_SECONDS 60

/* SQLite */
#define RM_SQLITE_CELL  (INT32_C(512) << 20) /* one cell, a geometry too */
#define RM_SQLITE_STEPS 1000000 /* of its virtual machine between two looks at the clock */

/* What a file that takes `packed` bytes may unpack to. */
static inline int64_t rm_unpack_allowed(int64_t packed)
{
    if (packed > RM_UNPACK_MOST / RM_UNPACK_TIMES)
        return RM_UNPACK_MOST;
    int64_t allowed = packed * RM_UNPACK_TIMES;
    return allowed > RM_UNPACK_FREE ? allowed : RM_UNPACK_FREE;
}

#endif
