# A result of riskmap in R: the places that come first with their reasons, and a map in its five classes.
#   Rscript examples/r/map_result.R build/results/vakantieparken.gpkg map.png
# Needs sf (Debian: r-cran-sf). The result is an ordinary GeoPackage, so any R that reads one will do.
library(sf)

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) != 2) stop("usage: Rscript map_result.R RESULT.gpkg MAP.png")
result <- arguments[1]

areas <- st_read(result, "areas", quiet = TRUE)
# tables without geometry: reasons in words, and what the run was
reasons <- suppressWarnings(st_read(result, "reasons", quiet = TRUE))
run <- suppressWarnings(st_read(result, "run", quiet = TRUE))
of_run <- function(key) run$value[run$key == key]

# ---- the list ----
first <- areas[which(areas$rank <= 5), ]
for (row in order(first$rank)) {
  place <- first[row, ]
  cat(sprintf("%2d. %.2f  %s (%s)\n", place$rank, place$score, place$name, place$id))
  why <- reasons[reasons$id == place$id & !is.na(reasons$contribution), ]
  why <- head(why[order(-why$contribution), ], 3)
  shown <- ifelse(why$unit == "%", 100, 1) * why$value # shares are 0 to 1
  cat(sprintf("      - %s: %.4g %s (adds %.2f)\n", why$label, shown, why$unit, why$contribution), sep = "")
}
cat(sprintf("%d areas, %d without a score: too little data.\n", nrow(areas), sum(is.na(areas$score))))

# ---- the map ----
colours <- c("#FFFFB2", "#FECC5C", "#FD8D3C", "#F03B20", "#BD0026")
grey <- "#CCCCCC" # no score is no low score
png(arguments[2], width = 1200, height = 900, res = 120)
par(mar = c(3, 1, 3, 9), xpd = NA)
plot(st_geometry(areas), col = ifelse(is.na(areas$class), grey, colours[areas$class]), border = "#505050")
middle <- suppressWarnings(st_coordinates(st_point_on_surface(st_geometry(first))))
text(middle, labels = first$rank, font = 2, pos = 4)
legend(par("usr")[2], par("usr")[4], fill = c(rev(colours), grey), legend = c(5:1, "too little data"), title = "class", bty = "n")
title(sprintf("%d places in five classes, the first five by number", nrow(areas)))
if (of_run("classification") != "open") mtext("AFGESCHERMD", side = 3, line = 0, col = "#BD0026", font = 2)
mtext(of_run("disclaimer"), side = 1, line = 1, cex = 0.7)
invisible(dev.off())
