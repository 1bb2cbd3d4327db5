/* Clocks and memory for the benchmark programs, and the way they end when something is wrong. */
#ifndef RISKMAP_BENCH_H
#define RISKMAP_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static inline double bench_wall(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Of all threads of the process, user and system. */
static inline double bench_cpu(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           1e-6 * (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

static inline double bench_peak_mb(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)use.ru_maxrss / 1024.0; /* Linux counts in kB */
}

/* Wall and processor time since the last lap. */
typedef struct bench_clock {
    double wall, cpu;
} bench_clock;

static inline bench_clock bench_start(void)
{
    return (bench_clock){bench_wall(), bench_cpu()};
}

static inline bench_clock bench_since(bench_clock start)
{
    return (bench_clock){bench_wall() - start.wall, bench_cpu() - start.cpu};
}

static inline void bench_fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

#endif
