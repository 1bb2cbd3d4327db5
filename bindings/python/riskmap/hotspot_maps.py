"""Hot spots among areas: where high or low values lie together, with the correction for testing many areas."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _riskmap
from ._convert import choice, crs_text, is_path
from ._convert import path as path_text
from ._held import Speaking
from ._log import logger
from ._progress import callable_of
from ._sources import point_options, source_options
from ._words import decimal, either, language_of, whole
from .layer import Layer
from .stats.autocorrelation import Global

if TYPE_CHECKING:
    import geopandas
    import pandas

_STATISTICS = ("gi*", "moran")
_NEIGHBOURS = ("queen", "rook", "band", "nearest")
_P_BY = ("shared", "own", "analytic")
_NO_CLASS = -128
_TEXT_ROWS, _HTML_ROWS = 10, 10  # that a map shows of itself


def hotspots(
    areas: Any,
    *,
    field: str | None = None,
    count: Any = None,
    count_where: str | None = None,
    per_field: str | None = None,
    per: Any = None,
    per_where: str | None = None,
    per_units: float = 1000.0,
    statistic: str = "gi*",
    neighbours: str = "queen",
    tolerance_m: float = 0.001,
    metres: float = 0.0,
    nearest: int = 8,
    p_by: str = "shared",
    permutations: int = 0,
    uncorrected: bool = False,
    seed: int = 1,
    id: str | None = None,
    name: str | None = None,
    where: str | None = None,
    layer: str | None = None,
    count_layer: str | None = None,
    count_crs: Any = None,
    per_layer: str | None = None,
    per_crs: Any = None,
    target_crs: Any = None,
    open: bool = False,
    only_best: bool = False,
    threads: int = 0,
    progress: Any = None,
    language: str = "nl",
) -> Hotspots:
    """Finds where high or low values of areas lie together.

    areas: a path, or anything `as_layer` takes. Their value is `field`, or how many points of `count` lie in each; with
    `per_field` or the points of `per` it is that number per so many of them (per_units), shrunk by empirical Bayes. id,
    name: fields that tell areas apart. where, count_where, per_where: what counts of each, "jaar >= 2020".

    statistic: "gi*" (Getis-Ord) or "moran" (local Moran). neighbours: "queen" or "rook" (areas that touch, over gaps
    and overlaps up to `tolerance_m`), "band" (within `metres`) or "nearest" (the so many of `nearest`). p_by: "shared"
    (one large table of permutations), "own" (of each area) or "analytic"; permutations: 0 is 99,999 shared or 999 own.
    uncorrected: classes without the correction for the number of areas.

    count and per are paths or data, as the areas, or arrays (x, y), or tables with columns x and y; count_crs, per_crs:
    of those that state none. layer, count_layer and per_layer name a layer of a path. target_crs: in metres;
    EPSG:28992 unless stated. open: what is read is public already; else the map is shielded. only_best: fail
    where the best coordinate operation lacks its grid. progress: see `riskmap.run`. language: "nl" or "en".

    Raises CrsError, NotFound (a file, a field), ArgumentError, FileError. Reference: rm_hotspots_make in hotspots.h.

    >>> found = hotspots("examples/data/brk.gpkg", count="examples/data/meldingen.csv", neighbours="rook")
    >>> len(found), found.hot, found.counted
    (2376, 63, 3005)
    """
    language_of(language)
    handle = _riskmap.hotspots_make(
        path_text(areas, "areas") if is_path(areas) else None,
        **({} if is_path(areas) else source_options(areas, "areas")),
        **point_options(count, "count", count_crs, count_layer),
        **point_options(per, "per", per_crs, per_layer),
        field=field,
        count_where=count_where,
        per_field=per_field,
        per_where=per_where,
        per_units=per_units,
        statistic=choice(statistic, "statistic", _STATISTICS),
        neighbours=choice(neighbours, "neighbours", _NEIGHBOURS),
        tolerance_m=tolerance_m,
        metres=metres,
        nearest=nearest,
        p_by=choice(p_by, "p_by", _P_BY),
        permutations=permutations,
        uncorrected=uncorrected,
        seed=seed,
        id=id,
        name=name,
        where=where,
        layer=layer,
        target_crs=crs_text(target_crs),
        open=open,
        only_best=only_best,
        threads=threads,
        progress=callable_of(progress),
    )
    made = Hotspots(handle, statistic, language, counts_points=count is not None, is_corrected=not uncorrected)
    logger.info("hot spots: %d areas, %d without a value, %d without neighbours", len(made), made.missing, made.islands)
    return made


@dataclass(frozen=True, slots=True)
class Hotspot:
    """One area. value: what the statistic is of; events and exposure: what it was made of (exposure NaN without `per`).
    z: away from chance in standard deviations; p: two-sided, p_corrected: after Benjamini and Hochberg. class_: of Gi*
    -3 to 3, cold and hot spots at 99, 95 and 90 per cent; of local Moran 1 high-high, 2 low-low, 3 low-high, 4
    high-low, 0 not significant; None: no value. class_text: in words. neighbours: how many. fid: feature id in its
    source.

    >>> hotspots("examples/data/brk.gpkg", count="examples/data/meldingen.csv", p_by="analytic")[0].value
    9.0
    """

    id: str
    name: str
    fid: int
    value: float
    events: float
    exposure: float
    statistic: float
    z: float
    p: float
    p_corrected: float
    class_: int | None
    class_text: str
    neighbours: int


class Hotspots(Speaking):
    """Areas with their local statistic. Made by `riskmap.hotspots`; read-only, so any number of threads may use it.

    `len` counts the areas, `hotspots[0]` is the first, `hotspots["z"]` a column of the table as numpy has it.
    Attributes: moran, of the map as a whole; links and islands: neighbours in all, areas without any; missing: areas
    without a value; hot, cold and outliers: areas in such a class; uncorrected: areas with p below 0.05 before
    correction, of which chance alone gives expected_by_chance; least_p_corrected; permutations: 0 when p is analytic;
    counted, uncounted: points in an area, in none; rate_mean: of the rates' prior, NaN without.

    >>> found = hotspots("examples/data/brk.gpkg", count="examples/data/meldingen.csv", p_by="analytic", language="en")
    >>> len(found), found.is_shielded, int(found["value"].sum()), found.moran.z > 10
    (2376, True, 3005, True)
    """

    statistic: str
    is_corrected: bool
    is_shielded: bool
    moran: Global
    links: int
    islands: int
    missing: int
    hot: int
    cold: int
    outliers: int
    uncorrected: int
    expected_by_chance: float
    least_p_corrected: float
    permutations: int
    counted: int
    uncounted: int
    rate_mean: float

    def __init__(self, handle: Any, statistic: str, language: str, *, counts_points: bool, is_corrected: bool):
        self._handle = handle
        self.statistic = statistic
        self.language = language
        self.is_corrected = is_corrected
        self._counts_points = counts_points
        self._tables: dict[str, Layer] = {}
        facts = _riskmap.hotspots_facts_of(handle)
        self._disclaimer = facts.pop("disclaimer"), facts.pop("disclaimer_en")
        self.is_shielded = facts.pop("shielded")
        self.moran = Global(**facts.pop("moran"))
        self.__dict__.update(facts)

    def __len__(self) -> int:
        return int(_riskmap.hotspots_count(self._handle))

    def __getitem__(self, key: int | str) -> Any:
        if isinstance(key, str):
            return self.table()[key]
        count = len(self)
        if not -count <= key < count:
            raise IndexError(f"area {key} of {count}")
        area = _riskmap.hotspots_at(self._handle, key % count)
        area["fid"] = area.pop("feature")
        area["class_text"] = self.class_text(area["class_"])
        if area["class_"] == _NO_CLASS:
            area["class_"] = None
        return Hotspot(**area)

    def __contains__(self, key: object) -> bool:
        """Whether the table has a column of that name."""
        return key in self.table().fields

    def top(self, n: int = 10) -> list[Hotspot]:
        """The hottest areas: of the highest class first, within it those with the largest z; none where nothing is hot.

        >>> found = hotspots("examples/data/brk.gpkg", count="examples/data/meldingen.csv", p_by="analytic")
        >>> [area.class_ for area in found.top(2)]
        [3, 3]
        """
        classes = np.ma.filled(self["class"], _NO_CLASS)
        hot = np.flatnonzero(classes > 0 if self.statistic == "gi*" else classes == 1)
        order = np.lexsort((-self["z"][hot], -classes[hot]))
        return [self[int(area)] for area in hot[order][:n]]

    def class_text(self, class_: int | None, language: str | None = None) -> str:
        """The words for a class: "hotspot, 99% zeker".

        >>> found = hotspots("examples/data/brk.gpkg", count="examples/data/meldingen.csv", p_by="analytic")
        >>> found.class_text(3, "en")
        'hot spot, 99% confidence'
        """
        number = _NO_CLASS if class_ is None else class_
        return str(_riskmap.hotspots_class_text(self._handle, number, language_of(language or self.language)))

    def disclaimer(self, language: str | None = None) -> str:
        """What a hot spot is not: the line that every output carries.

        >>> found = hotspots("examples/data/brk.gpkg", count="examples/data/meldingen.csv", p_by="analytic")
        >>> found.disclaimer("en")[:24]
        'Shows where values lie t'
        """
        return either(language_of(language or self.language), *self._disclaimer)

    # ---- out ----

    def table(self, language: str | None = None) -> Layer:
        """The areas as a layer: polygons and id, name, value, events, exposure, class, class_text, statistic, z, p,
        p_corrected, neighbours.

        >>> found = hotspots("examples/data/brk.gpkg", count="examples/data/meldingen.csv", p_by="analytic")
        >>> len(found.table().fields)
        12
        """
        language = language_of(language or self.language)
        if self._handle is None or language not in self._tables:
            self._tables[language] = Layer._of(_riskmap.hotspots_layer(self._handle, language))
        return self._tables[language]

    def to_pandas(self) -> pandas.DataFrame:
        """The table without geometry; needs pandas.

        >>> found = hotspots("examples/data/brk.gpkg", count="examples/data/meldingen.csv", p_by="analytic")
        >>> len(found.to_pandas())
        2376
        """
        return self.table().to_pandas()

    def to_geopandas(self) -> geopandas.GeoDataFrame:
        """The table with the polygons; needs geopandas.

        >>> found = hotspots("examples/data/brk.gpkg", count="examples/data/meldingen.csv", p_by="analytic")
        >>> found.to_geopandas().crs.to_epsg()
        28992
        """
        return self.table().to_geopandas()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The table, for pyarrow, geopandas, polars, DuckDB."""
        return self.table().__arrow_c_stream__(requested_schema)

    def write(self, path: Any, overwrite: bool = False, *, language: str | None = None) -> None:
        """Writes a GeoPackage that opens styled in QGIS: whole or not at all; of a shielded map readable by its owner
        alone. Raises ExistsError without `overwrite`, ArgumentError (a name that does not end in .gpkg, or a file that
        was read, which is never written over), NotFound (the folder), FileError.

        >>> import tempfile
        >>> found = hotspots("examples/data/brk.gpkg", count="examples/data/meldingen.csv", p_by="analytic")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     found.write(f"{folder}/hot.gpkg")
        """
        language = language_of(language or self.language)
        _riskmap.hotspots_write(self._handle, path_text(path), bool(overwrite), language)

    # ---- ending and showing ----

    def close(self) -> None:
        """Lets go of the memory, as soon as no running call needs it. Layers that were taken from it stay."""
        self._handle = None
        self._tables = {}

    def __enter__(self) -> Hotspots:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._handle is None:
            return "<riskmap.Hotspots, closed>"
        rows = [f"  {_called(area)}: {self._row(area)}" for area in self.top(_TEXT_ROWS)]
        return "\n".join([*self._beginnings(), *rows, *self._endings()])

    def _repr_html_(self) -> str:
        if self._handle is None:
            return html.escape(repr(self))
        beginnings, endings = (
            "".join(f"<p>{html.escape(line)}</p>" for line in lines) for lines in (self._beginnings(), self._endings())
        )
        heads = either(self.language, "gebied waarde z klasse", "area value z class").split()
        rows = "".join(_html_row([_called(area), *self._cells(area)]) for area in self.top(_HTML_ROWS))
        head = "".join(f"<th>{word}</th>" for word in heads)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
        return f"<div>{beginnings}{table}{endings}</div>"

    def _say(self, dutch: str, english: str) -> str:
        return either(self.language, dutch, english)

    def _cells(self, area: Hotspot) -> list[str]:
        return [self._value(area.value), decimal(area.z, 1, self.language), area.class_text]

    def _value(self, value: float) -> str:
        """A count as a count; a rate with its decimals."""
        return whole(int(value), self.language) if value.is_integer() else decimal(value, 2, self.language)

    def _row(self, area: Hotspot) -> str:
        value, z, words = self._cells(area)
        return f"{self._say('waarde', 'value')} {value}, z {z} - {words}"

    def _beginnings(self) -> list[str]:
        return [self._of_moran(), self._of_classes(), self._of_chance(), *self._remarks()]

    def _of_moran(self) -> str:
        if not self.moran.p < 0.05:
            meaning = "waarden liggen niet meer bij elkaar dan bij toeval", "values lie together no more than by chance"
        elif self.moran.z > 0:
            meaning = "gelijke waarden liggen bij elkaar", "like values lie together"
        else:
            meaning = "ongelijke waarden liggen bij elkaar", "unlike values lie together"
        numbers = decimal(self.moran.statistic, 3, self.language), decimal(self.moran.z, 1, self.language)
        return f"Moran's I {numbers[0]} (z {numbers[1]}): {self._say(*meaning)}"

    def _of_classes(self) -> str:
        areas, hot, cold = (whole(count, self.language) for count in (len(self), self.hot, self.cold))
        text = self._say(
            f"{areas} gebieden: {hot} in een hotspot, {cold} in een koude plek",
            f"{areas} areas: {hot} in a hot spot, {cold} in a cold one",
        )
        if self.statistic == "moran":
            outliers = whole(self.outliers, self.language)
            text += self._say(f", {outliers} anders dan hun buren", f", {outliers} unlike their neighbours")
        corrected = self._say("; gecorrigeerd voor hun aantal", "; corrected for their number")
        uncorrected = self._say("; niet gecorrigeerd voor hun aantal", "; not corrected for their number")
        return text + (corrected if self.is_corrected else uncorrected) + "."

    def _of_chance(self) -> str:
        count, chance = whole(self.uncorrected, self.language), decimal(self.expected_by_chance, 0, self.language)
        dutch = f"Zonder correctie hebben er {count} p < 0,05; bij louter toeval zouden dat er {chance} zijn."
        return self._say(dutch, f"Without correction {count} have p < 0.05; chance alone would give {chance}.")

    def _remarks(self) -> list[str]:
        lines = []
        if self.permutations and self.is_corrected and self.uncorrected and self.least_p_corrected > 0.01:
            made = whole(self.permutations, self.language)
            dutch = f"Na de correctie is geen p kleiner dan 0,01: zekerder zijn {made} permutaties niet; neem er meer."
            english = f"After correction no p is below 0.01: {made} permutations cannot be surer; take more."
            lines.append(self._say(dutch, english))
        if self.islands:
            count = whole(self.islands, self.language)
            dutch = f"{count} gebieden hebben geen buren en zijn apart gehouden."
            lines.append(self._say(dutch, f"{count} areas have no neighbours and stand by themselves."))
        if self.missing:
            count = whole(self.missing, self.language)
            lines.append(self._say(f"{count} gebieden hebben geen waarde.", f"{count} areas have no value."))
        if self._counts_points:
            inside, beyond = whole(self.counted, self.language), whole(self.uncounted, self.language)
            dutch = f"{inside} punten liggen in een gebied, {beyond} in geen enkel."
            lines.append(self._say(dutch, f"{inside} points lie in an area, {beyond} in none."))
        return lines

    def _endings(self) -> list[str]:
        shielded = self._say("AFGESCHERMD: niet verspreiden.", "AFGESCHERMD (shielded): do not pass it on.")
        return [*([shielded] if self.is_shielded else []), self.disclaimer()]


def _called(area: Hotspot) -> str:
    return f"{area.name} ({area.id})" if area.name else area.id


def _html_row(cells: list[str]) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
