#!/usr/bin/Rscript
# The statistics of areas in spdep, its answers to a CSV file and one line of key=value pairs for each step.
# usage: Rscript statistics_spdep.R AREAS.gpkg CORES OUT.csv
suppressPackageStartupMessages({
    library(sf)
    library(spdep)
})
args <- commandArgs(TRUE)
cores <- as.integer(args[2])
lap <- function(job, work) {
    time <- system.time(result <- eval.parent(substitute(work)))
    cpu <- sum(time[c(1, 2, 4, 5)], na.rm = TRUE)
    cat(sprintf("job=%s threads=%d kernel=%.3f cpu=%.3f\n", job, cores, time[[3]], cpu))
    invisible(result)
}
set.seed(1)
areas <- lap("read", st_read(args[1], quiet = TRUE))
queen <- lap("neighbours", poly2nb(areas, queen = TRUE))
rows <- nb2listw(queen, style = "W", zero.policy = TRUE)
ones <- nb2listw(include.self(queen), style = "B", zero.policy = TRUE)
if (cores > 1) {
    set.coresOption(cores)
    set.mcOption(TRUE)
}
g <- lap("gstar-analytic", localG(areas$val, ones))
moran <- lap("moran-analytic", localmoran(areas$val, rows))
lap("moran-own", localmoran_perm(areas$val, rows, nsim = 999, iseed = 1))
lap("gstar-own", localG_perm(areas$val, ones, nsim = 999, iseed = 1))
cat(sprintf("job=version spdep=%s R=%s links=%d\n", packageVersion("spdep"), getRversion(), sum(card(queen))))
answers <- data.frame(Ii = moran[, 1], Zi = moran[, 4], G = as.numeric(g))
answers[] <- lapply(answers, function(column) sprintf("%.17g", column))
write.csv(answers, args[3], row.names = FALSE, quote = FALSE)
