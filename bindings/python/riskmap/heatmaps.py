"""Heat maps of points: read, placed, counted and drawn, with an account of what was left out and why."""

from __future__ import annotations

import base64
import datetime
import html
import math
import os
import tempfile
from dataclasses import dataclass
from typing import Any, Callable, Iterable

import numpy as np

from . import _riskmap
from ._convert import choice, crs_text, date_of, is_path, optional_day
from ._convert import path as path_text
from ._frame import is_table
from ._held import Speaking
from ._log import logger
from ._points import is_pair
from ._progress import callable_of
from ._riskmap import ArgumentError, UnsupportedError
from ._sources import source_options
from ._table import layer_of_table
from ._words import decimal, either, language_of, whole
from .densities import EDGES, KERNELS
from .layer import Layer, as_layer
from .raster import Grid, Raster

_DISTINCT = ("all", "week", "day")
_CONTEXT = ("auto", "boundary", "road", "water", "name", "built")
_SPOT_SHARE, _SPOT_LEAST, _FEW = 0.01, 10, 20  # as riskmap-heatmap has them
_PICTURE = (800, 600)


def heatmap(
    points: Any,
    *,
    bandwidth: float | str | None = None,
    cell: float = 0.0,
    kernel: str = "quartic",
    adaptive: bool = False,
    edge: str = "none",
    extent: Any = None,
    boundaries: Any = None,
    boundaries_layer: str | None = None,
    within: str | None = None,
    where: str | None = None,
    time: str | None = None,
    weight: str | None = None,
    from_: Any = None,
    until: Any = None,
    compare_from: Any = None,
    compare_until: Any = None,
    as_of: Any = None,
    half_life_days: float = 0.0,
    leave_out_duplicates: bool = False,
    leave_out_spots: bool = False,
    distinct: str = "all",
    locate: Any = None,
    locate_layer: str | None = None,
    per: Any = None,
    per_layer: str | None = None,
    per_where: str | None = None,
    per_units: float = 1000.0,
    per_floor: float = 10.0,
    layer: str | None = None,
    crs: Any = None,
    x: str | None = None,
    y: str | None = None,
    target_crs: Any = None,
    open: bool = False,
    only_best: bool = False,
    threads: int = 0,
    progress: Any = None,
    language: str = "nl",
) -> Heatmap:
    """A heat map in metres of whatever holds points: points per km2, or per 1,000 of `per`.

    points: a path, anything `as_layer` takes, or, with `crs`, arrays (x, y) or a table with columns x and y. Lines
    and polygons count once, by a point on their surface. bandwidth: how far a point reaches, in metres; "rule" (unless
    stated) or "cv", cross-validation. cell: its side in metres; 0 is a twentieth of the bandwidth, rounded. kernel and
    edge: see `density`. adaptive: reach further where points are few. extent: (xmin, ymin, xmax, ymax) of the map.

    boundaries: polygons outside which the map is blank; within: the name of one of them. where: the points that count,
    "categorie = 'drugs'". time, weight: the fields with the date and with how much a point counts. from_, until: the
    first and last day that count; compare_from, compare_until: of a second map on the same legend. half_life_days: what
    is this old on the day as_of (today unless stated) counts half. leave_out_duplicates, leave_out_spots, distinct
    ("all", "week" or "day": one report of a place in each): rules for reports. locate: the address layer that gives
    rows their place. per: points of a second layer to divide by, per so many of them (per_units), blank where fewer
    than per_floor lie in a km2.

    Points, boundaries, locate and per are paths or data as above; layer, boundaries_layer, locate_layer and per_layer
    are for paths alone. x, y: the columns with coordinates, of a path or a table; with locate neither needs any.
    crs: of points that state none. target_crs: of the map, in metres; EPSG:28992 unless stated. open: the points are
    public already; else the map is shielded, as they are. only_best: fail where the best coordinate operation lacks its
    grid. progress: see `riskmap.run`. language: "nl" or "en".

    Raises CrsError, NotFound, ArgumentError, DataError, LimitError (too many cells), FileError. See heatmap.h.

    >>> heat = heatmap("examples/data/meldingen.csv", bandwidth=500, cell=100, as_of="2026-11-01")
    >>> heat.used, heat.rejected, heat.raster().shape
    (3005, 4, (73, 85))
    """
    language_of(language)
    source, point_options = _points(points, crs, x, y, locate is not None)
    by, metres = _bandwidth(bandwidth)
    handle = _riskmap.heatmap_make(
        source,
        **point_options,
        **source_options(boundaries, "boundaries"),
        **source_options(locate, "locate"),
        **source_options(per, "per"),
        bandwidth_by=by,
        bandwidth=metres,
        cell=0.0 if cell is None else cell,
        kernel=choice(kernel, "kernel", KERNELS),
        adaptive=adaptive,
        edge=choice(edge, "edge", EDGES),
        extent=None if extent is None else tuple(extent),
        boundaries_layer=boundaries_layer,
        within=within,
        where=where,
        time=time,
        weight=weight,
        from_=optional_day(from_, "from_"),
        until=optional_day(until, "until"),
        compare_from=optional_day(compare_from, "compare_from"),
        compare_until=optional_day(compare_until, "compare_until"),
        as_of=optional_day(as_of, "as_of"),
        half_life_days=half_life_days,
        leave_out_duplicates=leave_out_duplicates,
        leave_out_spots=leave_out_spots,
        distinct=choice(distinct, "distinct", _DISTINCT),
        locate_layer=locate_layer,
        per_layer=per_layer,
        per_where=per_where,
        per_units=per_units,
        per_floor=per_floor,
        layer=layer,
        target_crs=crs_text(target_crs),
        open=open,
        only_best=only_best,
        threads=threads,
        progress=callable_of(progress),
    )
    made = Heatmap(handle, language)
    made._log()
    return made


def _points(points: Any, crs: Any, x: str | None, y: str | None, by_address: bool) -> tuple[str | None, dict[str, Any]]:
    if is_path(points):
        return path_text(points, "points"), {"crs": crs_text(crs), "x": x, "y": y}
    if is_table(points):
        layer = layer_of_table(points, "points", crs_text(crs), x, y, by_address)
        return None, {"memory_points": layer._handle}
    layer = Layer.from_points(points[0], points[1], crs) if is_pair(points) else as_layer(points, "points", crs)
    return None, {"memory_points": layer._handle, "crs": None if layer.crs else crs_text(crs), "x": x, "y": y}


def _bandwidth(bandwidth: float | str | None) -> tuple[int, float]:
    """RM_BANDWIDTH_..., and metres where they are given."""
    if bandwidth is None or isinstance(bandwidth, str):
        return 1 + choice(bandwidth or "rule", "bandwidth (a number is in metres)", ("rule", "cv")), 0.0
    return 0, bandwidth


@dataclass(frozen=True, slots=True)
class HeatmapPeriod:
    """One of the periods of a heat map. from_, until: the first and last day, or None. points: how many lie in the
    period and the area. weight: what they weigh together. highest: the highest value of the map; NaN when it is blank.

    >>> heatmap("examples/data/meldingen.csv", from_="2026-01-01", as_of="2026-11-01").periods[0].from_
    datetime.date(2026, 1, 1)
    """

    from_: datetime.date | None
    until: datetime.date | None
    points: int
    weight: float
    highest: float


class Heatmap(Speaking):
    """A heat map, or two on one legend. Made by `riskmap.heatmap`; read-only, so any number of threads may use it.

    Its attributes say how it was made. grid, crs: where it lies. bandwidth: in metres; by_rule, score and at_end tell
    how it was found (score: of cross-validation, NaN without; at_end: -1 or 1 when that ran to an end). method, error:
    how it was computed, and the bound of the error as a share of one point's peak. time: the field of the dates, or "".
    guessed_crs: of points that stated none, or "".

    Counts: total = ended + outside + filtered + left_out + read, and read = used + rejected; of those rejected undated,
    ahead (in the future) and unweighted, the rest without a place. placed_by_address, not_placed: with `locate`. spot:
    points at the fullest spot; spot_known: that is where lost coordinates come to lie.

    >>> heat = heatmap("examples/data/meldingen.csv", bandwidth=500, as_of="2026-11-01")
    >>> heat.is_shielded, heat.unit, heat.cell, heat.crs
    (True, 'meldingen per km²', 25.0, 'EPSG:28992')
    """

    grid: Grid
    crs: str
    time: str
    guessed_crs: str
    bandwidth: float
    score: float
    at_end: int
    by_rule: bool
    method: str
    error: float
    total: int
    ended: int
    outside: int
    filtered: int
    left_out: int
    read: int
    used: int
    rejected: int
    undated: int
    ahead: int
    unweighted: int
    spot: int
    spot_known: bool
    placed_by_address: int
    not_placed: int
    is_shielded: bool
    periods: tuple[HeatmapPeriod, ...]

    def __init__(self, handle: Any, language: str):
        self._handle = handle
        self.language = language
        facts = _riskmap.heatmap_facts_of(handle)
        self._unit = facts.pop("unit"), facts.pop("unit_en")
        self._disclaimer = facts.pop("disclaimer"), facts.pop("disclaimer_en")
        self.is_shielded = facts.pop("shielded")
        self.grid = Grid(*facts.pop("grid"))
        self.periods = tuple(_period(handle, number) for number in range(facts.pop("periods")))
        self.__dict__.update(facts)

    @property
    def unit(self) -> str:
        """Of the values, in the map's language."""
        return either(self.language, *self._unit)

    @property
    def cell(self) -> float:
        """The side of a cell in metres."""
        return self.grid.cell

    def disclaimer(self, language: str | None = None) -> str:
        """What a heat map is not: the line that every output carries.

        >>> heatmap("examples/data/meldingen.csv", language="en").disclaimer() != ""
        True
        """
        return either(language_of(language or self.language), *self._disclaimer)

    # ---- values ----

    def raster(self, period: int = 0) -> Raster:
        """The values as float32, rows from the north, NaN where the map is blank; period 1 is the one to compare with.

        >>> heatmap("examples/data/meldingen.csv", bandwidth=500, cell=100, as_of="2026-11-01").raster().values.dtype
        dtype('float32')
        """
        values = np.empty((self.grid.rows, self.grid.columns), np.float32)
        _riskmap.heatmap_values(values.reshape(-1), self._handle, period)
        grid = self.grid
        return Raster(values, grid.left, grid.top, grid.cell, self.crs, unit=self.unit, shielded=self.is_shielded)

    def contours(self, levels: Any = None, period: int = 0, *, progress: Any = None) -> Layer:
        """The polygons where the map is above each of `levels`, in its unit, as `Raster.contours`; without levels those
        of the densest 20, 10 and 5 per cent of the area, as write_contours writes them. progress: see `riskmap.run`.

        >>> heat = heatmap("examples/data/meldingen.csv", bandwidth=500, cell=100, as_of="2026-11-01")
        >>> heat.contours()["top_percent"].tolist()
        [20, 10, 5]
        """
        if levels is not None:
            return self.raster(period).contours(levels, progress=progress)
        return Layer._of(_riskmap.heatmap_contours(self._handle, period, callable_of(progress)))

    # ---- files ----

    def write_raster(
        self,
        path: Any,
        overwrite: bool = False,
        *,
        period: int = 0,
        classes: int = 5,
        language: str | None = None,
        threads: int = 0,
        progress: Any = None,
    ) -> None:
        """Writes the values as a Cloud-Optimized GeoTIFF, and beside it (.qml) the style that QGIS opens it with, in
        `classes` classes (3 to 9), which all periods share. Whole or not at all; of a shielded map readable by its
        owner alone. ExistsError without `overwrite`; ArgumentError for a name that does not end in .tif or .tiff, and
        for a file that the map was read from, which is never written over.

        >>> with tempfile.TemporaryDirectory() as folder:
        ...     heatmap("examples/data/meldingen.csv", cell=100).write_raster(f"{folder}/heat.tif")
        """
        self._write(_riskmap.heatmap_write_raster, path, overwrite, period, classes, language, threads, progress)

    def write_classes(
        self,
        path: Any,
        overwrite: bool = False,
        *,
        period: int = 0,
        classes: int = 5,
        language: str | None = None,
        threads: int = 0,
        progress: Any = None,
    ) -> None:
        """Writes a GeoTIFF of the classes, coloured in any program, and its style for QGIS (.qml); as write_raster.

        >>> with tempfile.TemporaryDirectory() as folder:
        ...     heatmap("examples/data/meldingen.csv", cell=100).write_classes(f"{folder}/classes.tif", classes=7)
        """
        self._write(_riskmap.heatmap_write_classes, path, overwrite, period, classes, language, threads, progress)

    def write_contours(
        self,
        path: Any,
        overwrite: bool = False,
        *,
        period: int = 0,
        language: str | None = None,
        threads: int = 0,
        progress: Any = None,
    ) -> None:
        """Writes a GeoPackage (.gpkg) with the polygons of the densest 5, 10 and 20 per cent of the area; as
        write_raster.

        >>> with tempfile.TemporaryDirectory() as folder:
        ...     heatmap("examples/data/meldingen.csv", cell=100).write_contours(f"{folder}/densest.gpkg")
        """
        self._write(_riskmap.heatmap_write_contours, path, overwrite, period, 5, language, threads, progress)

    def write_picture(
        self,
        path: Any,
        overwrite: bool = False,
        *,
        period: int = 0,
        classes: int = 5,
        width: int = 1600,
        height: int = 1200,
        title: str | None = None,
        source: str | None = None,
        context: Iterable[Any] = (),
        language: str | None = None,
        threads: int = 0,
        progress: Any = None,
    ) -> None:
        """Writes a PNG (.png) of width x height pixels with legend, scale bar and north arrow. source: who the data are
        from, at its foot. context: paths of layers to draw around the heat, or pairs (path, kind) where the name of the
        file does not tell: "boundary", "road", "water", "name" or "built". UnsupportedError in a build without cairo.

        >>> with tempfile.TemporaryDirectory() as folder:
        ...     heat = heatmap("examples/data/meldingen.csv", cell=100)
        ...     heat.write_picture(f"{folder}/heat.png", title="Meldingen", context=["examples/data/wegen.gpkg"])
        """
        sources, kinds = _context(context)
        self._write(
            _riskmap.heatmap_write_picture,
            path,
            overwrite,
            period,
            classes,
            language,
            threads,
            progress,
            width=width,
            height=height,
            title=title,
            source=source,
            context_sources=sources,
            context_kinds=kinds,
        )

    def _write(
        self,
        function: Callable[..., None],
        path: Any,
        overwrite: bool,
        period: int,
        classes: int,
        language: str | None,
        threads: int,
        progress: Any,
        **options: Any,
    ) -> None:
        function(
            self._handle,
            period,
            path_text(path),
            overwrite=overwrite,
            classes=classes,
            language=language_of(language or self.language),
            threads=threads,
            progress=callable_of(progress),
            **options,
        )

    # ---- ending and showing ----

    def close(self) -> None:
        """Lets go of the memory, as soon as no running call needs it. Rasters that were taken from it stay."""
        self._handle = None

    def __enter__(self) -> Heatmap:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._handle is None:
            return "<riskmap.Heatmap, closed>"
        lines = [line for period in self.periods for line in self._of_period(period)]
        lines += [*self._of_bandwidth(), self._account(), *self._remarks()]
        if self.is_shielded:
            lines.append(self._say("AFGESCHERMD: niet verspreiden.", "AFGESCHERMD (shielded): do not pass it on."))
        return "\n".join([*lines, self.disclaimer()])

    def _repr_html_(self) -> str:
        """The picture of each period, and the account. A notebook keeps both: one with a shielded map is shielded
        too."""
        text = f"<pre>{html.escape(repr(self))}</pre>"
        if self._handle is None:
            return text
        try:
            pictures = [self._png(period) for period in range(len(self.periods))]
        except UnsupportedError:  # a build without cairo
            return text
        return "".join(f'<img alt="heatmap" src="data:image/png;base64,{picture}"/>' for picture in pictures) + text

    def _png(self, period: int) -> str:
        with tempfile.TemporaryDirectory() as folder:  # for the user's eyes alone
            file = os.path.join(folder, "heat.png")
            self.write_picture(file, period=period, width=_PICTURE[0], height=_PICTURE[1])
            with open(file, "rb") as stream:
                return base64.b64encode(stream.read()).decode()

    def _say(self, dutch: str, english: str) -> str:
        return either(self.language, dutch, english)

    def _number(self, number: float, decimals: int) -> str:
        return decimal(number, decimals, self.language)

    def _of_period(self, period: HeatmapPeriod) -> list[str]:
        span = ""
        if period.from_ and period.until:
            span = self._say(f"{period.from_} t/m {period.until}: ", f"{period.from_} to {period.until}: ")
        elif period.from_:
            span = self._say(f"Vanaf {period.from_}: ", f"From {period.from_}: ")
        elif period.until:
            span = self._say(f"T/m {period.until}: ", f"Up to {period.until}: ")
        one = period.points == 1
        points = self._say("punt" if one else "punten", "point" if one else "points")
        highest = f"{self._say('hoogste waarde', 'highest value')} {self._number(period.highest, 1)} {self.unit}"
        lines = [f"{span}{whole(period.points, self.language)} {points}; {highest}"]
        if period.points == 0:
            dutch = "Let op: geen enkel punt valt in dit gebied en deze periode."
            lines.append(self._say(dutch, "Note: no point lies in this area and period."))
        elif period.points < _FEW:
            dutch = "Let op: zo weinig punten zeggen weinig; wat rood is, kan toeval zijn."
            lines.append(self._say(dutch, "Note: so few points say little; what is red may be chance."))
        return lines

    def _of_bandwidth(self) -> list[str]:
        metres = self._number(self.bandwidth, 2 if self.bandwidth < 10 else 0)
        how = ""
        if not math.isnan(self.score):
            how = self._say(", gekozen met kruisvalidatie", ", chosen by cross-validation")
        elif self.by_rule:
            how = self._say(", gekozen met de vuistregel", ", chosen by rule")
        cells = self._say("cellen van", "cells of")
        cell = self._number(self.cell, 0 if self.cell == math.floor(self.cell) else 2)
        size = f"{self.grid.columns} x {self.grid.rows} {cells} {cell} m"
        lines = [f"{self._say('Bandbreedte', 'Bandwidth')} {metres} m{how}; {size}."]
        if self.at_end:
            dutch = "Kruisvalidatie vond geen beste bandbreedte tussen haar grenzen; kies er zelf een."
            lines.append(self._say(dutch, "Cross-validation found no best bandwidth between its ends; choose one."))
        if self.bandwidth < self.cell:
            dutch = "De bandbreedte is kleiner dan een cel: tussen de middens van cellen vallen meldingen weg."
            english = "The bandwidth is smaller than a cell: reports between the centres of cells are lost."
            lines.append(self._say(dutch, english))
        return lines

    def _left_out(self) -> list[tuple[int, str, str]]:
        without_place = self.rejected - self.undated - self.ahead - self.unweighted
        return [
            (self.ended, "niet meer geldig", "no longer in force"),
            (self.outside, "buiten bereik", "out of reach"),
            (self.filtered, "niet geselecteerd", "not selected"),
            (self.left_out, "weggelaten volgens de regels", "left out by the rules"),
            (self.undated, "zonder bruikbare datum", "without a usable date"),
            (self.ahead, "in de toekomst gedateerd", "dated in the future"),
            (self.unweighted, "zonder bruikbaar gewicht", "without a usable weight"),
            (without_place, "zonder bruikbare plaats", "without a usable place"),
        ]

    def _account(self) -> str:
        alone = len(self.periods) == 1
        beyond = self.used - self.periods[0].points if alone else 0  # two periods may overlap
        total, used = (whole(count, self.language) for count in (self.total, self.used - beyond))
        if alone:
            text = self._say(f"Van {total} punten zijn er {used} gebruikt", f"Of {total} points {used} were used")
        else:
            text = self._say(f"Van {total} punten zijn er {used} bruikbaar", f"Of {total} points {used} are usable")
        parts = [*self._left_out(), (beyond, "buiten de periode of het gebied", "beyond the period or the area")]
        why = [f"; {whole(count, self.language)} {self._say(*words)}" for count, *words in parts if count]
        return f"{text}{''.join(why)}."

    def _remarks(self) -> list[str]:
        lines = []
        if self.placed_by_address + self.not_placed:
            placed, lost = whole(self.placed_by_address, self.language), whole(self.not_placed, self.language)
            dutch = f"Op adres geplaatst: {placed}; adres niet gevonden of niet eenduidig: {lost}."
            lines.append(self._say(dutch, f"Placed by address: {placed}; address not found or ambiguous: {lost}."))
        if self.guessed_crs:
            dutch = f"x en y zijn naar hun inhoud gelezen als {self.guessed_crs}; crs stelt dat in."
            english = f"x and y were read as {self.guessed_crs}, by what stands in them; crs sets it."
            lines.append(self._say(dutch, english))
        if self.time:
            lines.append(self._say(f"Datum uit het veld {self.time}.", f"Date from the field {self.time}."))
        spot, share = whole(self.spot, self.language), self.spot / self.used if self.used else 0
        if self.spot_known:
            dutch = f"Let op: {spot} punten liggen op de oorsprong van RD; leave_out_spots laat ze weg."
            english = f"Note: {spot} points lie at the origin of RD; leave_out_spots leaves them out."
            lines.append(self._say(dutch, english))
        elif self.spot >= _SPOT_LEAST and share >= _SPOT_SHARE:
            dutch = f"Let op: één plek heeft {spot} punten ({share:.0%}); leave_out_spots laat zulke plekken weg."
            english = f"Note: one spot has {spot} points ({share:.0%}); leave_out_spots leaves such spots out."
            lines.append(self._say(dutch, english))
        return lines

    def _log(self) -> None:
        logger.info("points: %d read, %d used, %d rejected", self.read, self.used, self.rejected)
        if self.rejected:
            why = ", ".join(f"{count} {english}" for count, _, english in self._left_out()[4:] if count)
            logger.warning("points: %d of %d rejected: %s", self.rejected, self.read, why)


def _period(handle: Any, number: int) -> HeatmapPeriod:
    period = _riskmap.heatmap_period_at(handle, number)
    return HeatmapPeriod(**period | {name: date_of(period[name]) for name in ("from_", "until")})


def _context(context: Iterable[Any]) -> tuple[list[str], np.ndarray]:
    if is_path(context):
        raise ArgumentError("context: a list of paths, or of pairs (path, kind), is needed")
    pairs = [(item, "auto") if is_path(item) else tuple(item) for item in context]
    if not all(len(pair) == 2 and is_path(pair[0]) for pair in pairs):
        raise ArgumentError("context: a list of paths, or of pairs (path, kind), is needed")
    kinds = [choice(kind, "context", _CONTEXT) for _, kind in pairs]
    return [path_text(source, "context") for source, _ in pairs], np.array(kinds, np.int32)
