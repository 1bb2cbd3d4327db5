"""Results: scores of places, with the reasons behind them."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Iterator

import numpy as np

from . import _log, _riskmap
from ._convert import is_path, optional_day
from ._convert import path as path_text
from ._frame import is_table
from ._held import Speaking
from ._progress import callable_of
from ._riskmap import ArgumentError, NotFound
from ._table import layer_of_table
from ._words import decimal, either, language_of, whole
from .layer import Layer, as_layer
from .model import Model, as_model, naming_layer

if TYPE_CHECKING:
    import geopandas
    import pandas

TEXT_ROWS, HTML_ROWS, REASONS = 5, 10, 3  # that a result shows of itself


def run(
    model: Any,
    layers: dict[str, Any] | None = None,
    *,
    as_of: Any = None,
    reference: Any = None,
    only_best: bool = False,
    threads: int = 0,
    progress: Any = None,
    command: str | None = None,
    language: str = "nl",
) -> Result:
    """Reads the layers of a model, lays the evidence over its areas, and scores every area.

    model: a Model, or what makes one. layers: by name, what to take in place of the model's own sources: a path
    ("file.gpkg|layername=pand" names the layer in it), data as `riskmap.as_layer` takes them, or a table of pandas,
    pyarrow or polars, of which the model says, as of a file, what x, y and crs are. as_of: the day that ages and
    half-lives count from; today unless stated. reference: an earlier result (.gpkg) whose scaling is used again.
    only_best: fail where the best coordinate operation lacks its grid. threads: 0 is one for each core; the outcome does
    not depend on it. progress: a callable(fraction, message) that may return True to stop, tqdm, or True. command: a
    remark that is kept in the result's table "run". language: "nl" or "en", of what the result says.

    What was read and rejected of each layer goes to `logging.getLogger("riskmap")`, and stands in `Result.issues`.

    Raises NotFound, FormatError, DataError, CrsError, FileError, with the layer at fault in `error.layer`; Cancelled;
    KeyboardInterrupt. Reference: rm_run in riskmap/result.h.

    >>> result = run("examples/models/vakantieparken.json", as_of="2026-11-01")
    >>> [(place.rank, place.name, round(place.score, 2)) for place in result.top(2)]
    [(1, 'De Heidehoeve', 0.8), (2, 'Het Wolderbos', 0.8)]
    """
    language_of(language)
    model = as_model(model)
    with naming_layer():
        handle = _riskmap.run(
            model._handle,
            **layer_options(model, layers),
            as_of=optional_day(as_of, "as_of"),
            reference=None if reference is None else path_text(reference, "reference"),
            only_best=only_best,
            threads=threads,
            progress=callable_of(progress),
            command=command,
        )
    _log.report_run(handle)
    return Result(handle, model, language)


def layer_options(model: Model, layers: dict[str, Any] | None) -> dict[str, Any]:
    """Layers from elsewhere as the options of C: paths are opened, data are handed over."""
    layers = {} if layers is None else layers
    if not isinstance(layers, dict):
        raise ArgumentError(f"layers: a dict of names and sources is needed, not {type(layers).__name__}")
    for name in layers:
        if name not in model.layers:
            raise NotFound(f'layers: the model has no layer "{name}"; its layers are: {", ".join(model.layers)}')
    paths = {name: path_text(data) for name, data in layers.items() if is_path(data)}
    memory = {name: _in_memory(data, name, model)._handle for name, data in layers.items() if name not in paths}
    return {
        "override_names": list(paths),
        "override_sources": list(paths.values()),
        "memory_names": list(memory),
        "memory_layers": list(memory.values()),
    }


def _in_memory(data: Any, name: str, model: Model) -> Layer:
    """A layer of data. Of a DataFrame the model says, as of a file, which columns are x and y, and in what CRS."""
    if not is_table(data):
        return as_layer(data, name)
    stated = model.to_dict()["layers"][name]
    return layer_of_table(data, name, stated.get("crs"), stated.get("x"), stated.get("y"), "locate" in stated)


@dataclass(frozen=True, slots=True, repr=False)
class Reason:
    """What one indicator did to one place. `str` gives the sentence."""

    indicator: str  # its name in the model
    label: str
    text: str
    why: str  # why it counts, and where it is from
    value: float  # in `unit`; shares read "%" and are 0 to 1
    unit: str
    scaled: float  # on the model's scale, mostly 0 to 1
    contribution: float  # these add up to the score (geometric: to its logarithm)
    features: int  # evidence behind the value
    missing: int  # evidence that lacked what was needed

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<riskmap.Reason {self.indicator}: {self.text}>"


@dataclass(frozen=True, slots=True)
class PillarScore:
    """The part of the score that one pillar of the model has; NaN and None where it has none."""

    score: float
    rank: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """One area with its score. `reasons` begin with the weightiest; only indicators that have a value are there, and
    `missing` has the others. A place without a score has reasons too, whose `contribution` is NaN: it has no score
    where its coverage is below min_coverage. Shown with its reasons, a line for each, and what is missing."""

    rank: int | None  # 1 is the highest; None: too little data, or no geometry
    id: str
    name: str  # empty when it has none
    type: str
    score: float  # NaN: not scored
    coverage: float  # share of the weight of all indicators that is present, 0 to 1
    class_: int | None  # from 1, the lowest
    area_m2: float
    fid: int  # feature id in its source
    reasons: tuple[Reason, ...]
    pillars: dict[str, PillarScore]
    missing: tuple[str, ...]  # labels of the indicators without a value
    min_coverage: float  # what the model asks of the coverage for a score

    def __repr__(self) -> str:
        facts = [_called(self), "not ranked" if self.rank is None else f"rank {self.rank}", f"score {self.score:.4f}"]
        if math.isnan(self.score):
            facts[-1] = "no score"
        facts += [] if self.class_ is None else [f"class {self.class_}"]
        if self.coverage < 1:
            facts.append(f"{self.coverage:.0%} of the weight is known")
        lines = [f"<riskmap.Place {', '.join(facts)}", *map(str, self.reasons)]
        if self.missing:
            short = math.isnan(self.score) and self.coverage < self.min_coverage
            asked = f"; the model asks {self.min_coverage:.0%}" if short else ""
            lines.append(f"missing: {', '.join(self.missing)}{asked}")
        return "\n  ".join(lines) + ">"


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that was rejected, repaired or remarked on."""

    severity: str  # "note", "warning", "rejected"
    code: str  # such as "not-finite"
    layer: str | None
    feature: int | None  # its id in the source
    message: str


class Result(Speaking):
    """The scores of a run, in memory. Made by `riskmap.run`; read-only, so any number of threads may use it.

    `len` counts all places; iterating gives them by rank, those without one last. `result["VP-000-01"]` is a place by
    its id. `language` ("nl" or "en") is that of all it says, and may be changed.

    >>> result = run("examples/models/vakantieparken.json", as_of="2026-11-01", language="en")
    >>> len(result), result.is_shielded, result["VP-000-01"].name
    (16, True, 'De Heidehoeve')
    >>> print(result["VP-000-01"].reasons[0])
    Number of owners: 38 (adds 0.18)
    """

    model: Model

    def __init__(self, handle: Any, model: Model, language: str):
        self._handle = handle
        self._tables: dict[tuple[str, str], Layer] = {}
        self._by_id: dict[str, int] | None = None
        self.model, self.language = model, language

    # ---- places ----

    def __len__(self) -> int:
        return int(_riskmap.result_area_count(self._handle))

    def __bool__(self) -> bool:
        return True

    @property
    def ranked(self) -> int:
        """How many places have a rank."""
        return int(_riskmap.result_ranked_count(self._handle))

    def top(self, n: int = 10) -> list[Place]:
        """The n places with the highest scores, of those that have a rank.

        >>> run("examples/models/vakantieparken.json", as_of="2026-11-01").top(1)[0].id
        'VP-000-01'
        """
        indicators = self._indicators()
        count = min(n, self.ranked)
        return [self._place(_riskmap.result_ranked(self._handle, place), indicators) for place in range(count)]

    def __iter__(self) -> Iterator[Place]:
        indicators = self._indicators()
        for position in range(self.ranked):
            yield self._place(_riskmap.result_ranked(self._handle, position), indicators)
        for index in range(len(self)):
            if _riskmap.result_area(self._handle, index)["rank"] == 0:
                yield self._place(index, indicators)

    def __getitem__(self, id: str) -> Place:
        return self._place(self._index(id), self._indicators())

    def __contains__(self, id: object) -> bool:
        return str(id) in self._ids()

    def reasons(self, id: str) -> tuple[Reason, ...]:
        """Why a place has its score, the weightiest first; of a place without one what is known of it.

        >>> [reason.indicator for reason in run("examples/models/vakantieparken.json").reasons("VP-000-01")][:1]
        ['aantal_eigenaren']
        """
        return self._reasons(self._index(id), self._indicators())

    def _ids(self) -> dict[str, int]:
        if self._by_id is None:
            by_id: dict[str, int] = {}
            for index in range(len(self)):  # of equal ids the first
                by_id.setdefault(_riskmap.result_area(self._handle, index)["id"], index)
            self._by_id = by_id
        return self._by_id

    def _index(self, id: Any) -> int:
        index = self._ids().get(str(id))
        if index is None:
            raise NotFound(f'no place has the id "{id}"; the ids stand in the column "id" of result.areas')
        return index

    def _place(self, index: int, indicators: list[dict[str, Any]]) -> Place:
        area = _riskmap.result_area(self._handle, index)
        area["rank"] = area["rank"] or None
        area["class_"] = area["class_"] or None
        reasons, ending = self._reasons(index, indicators), self._ending()
        known = {reason.indicator for reason in reasons}
        missing = tuple(each["label" + ending] for each in indicators if each["name"] not in known)
        return Place(
            **area,
            reasons=reasons,
            pillars=self._pillars(index),
            missing=missing,
            min_coverage=self.model.min_coverage,
        )

    def _pillars(self, index: int) -> dict[str, PillarScore]:
        out = {}
        for pillar in range(_riskmap.result_pillar_count(self._handle)):
            score, rank = _riskmap.result_pillar_score(self._handle, index, pillar)
            out[str(_riskmap.result_pillar(self._handle, pillar))] = PillarScore(score, rank or None)
        return out

    def _indicators(self) -> list[dict[str, Any]]:
        count = _riskmap.result_indicator_count(self._handle)
        return [_riskmap.result_indicator_at(self._handle, index) for index in range(count)]

    def _reasons(self, index: int, indicators: list[dict[str, Any]]) -> tuple[Reason, ...]:
        numbers = np.empty(len(indicators), np.int32)
        count = _riskmap.result_reasons(self._handle, index, numbers)
        if count:
            return tuple(self._reason(index, int(number), indicators[number]) for number in numbers[:count])
        # without a score nothing contributes to it: by weight in the model
        order = sorted(range(len(indicators)), key=lambda number: -indicators[number]["weight"])
        every = (self._reason(index, number, indicators[number]) for number in order)
        return tuple(reason for reason in every if not math.isnan(reason.scaled))

    def _reason(self, index: int, number: int, indicator: dict[str, Any]) -> Reason:
        ending = self._ending()
        return Reason(
            indicator["name"],
            indicator["label" + ending],
            _riskmap.result_reason_text(self._handle, index, number, self.language),
            indicator["why" + ending],
            unit=indicator["unit" + ending],
            **_riskmap.result_contribution(self._handle, index, number),
        )

    def _ending(self) -> str:
        """Of what the model and the tables have in two languages."""
        return "_en" if self.language == "en" else ""

    # ---- tables ----

    def table(self, name: str, language: str | None = None) -> Layer:
        """One table as `write` has it: "areas", "indicators", "contributions", "issues", "layers" or "run". It is made
        once and kept.

        >>> run("examples/models/vakantieparken.json").table("layers", language="en")["name"][0]
        'parken'
        """
        key = name, language or self.language
        if self._handle is None or key not in self._tables:
            self._tables[key] = Layer._of(_riskmap.result_table(self._handle, *key))
        return self._tables[key]

    @property
    def areas(self) -> Layer:
        """All places with geometry, score, rank, class, coverage, the pillars, and the value of every indicator."""
        return self.table("areas")

    @property
    def indicators(self) -> Layer:
        """The indicators as they were scaled and weighed."""
        return self.table("indicators")

    @property
    def contributions(self) -> Layer:
        """What every indicator did to every place."""
        return self.table("contributions")

    @property
    def issues(self) -> Layer:
        """What was rejected, repaired or remarked on, by layer and feature."""
        return self.table("issues")

    @property
    def issue_count(self) -> int:
        """How many issues there are."""
        return int(_riskmap.result_issue_count(self._handle))

    def issue(self, index: int) -> Issue:
        """One of the issues, counted from 0.

        >>> run("examples/models/vakantieparken.json").issue(0).code
        'no-coordinate'
        """
        values = _riskmap.result_issue_at(self._handle, index)
        values["layer"] = values["layer"] or None
        values["feature"] = None if values["feature"] < 0 else values["feature"]
        return Issue(**values)

    @property
    def layers(self) -> Layer:
        """What was read of each layer, used and rejected, from where and how it was placed."""
        return self.table("layers")

    @property
    def run(self) -> Layer:
        """When and with what the result was made."""
        return self.table("run")

    def to_pandas(self, table: str = "areas") -> pandas.DataFrame:
        """A table, with the feature ids as index; needs pandas. Besides those of `table` there is "reasons", as `write`
        has it: the contributions with the names of places and indicators.

        >>> result = run("examples/models/vakantieparken.json", as_of="2026-11-01")
        >>> result.to_pandas().shape
        (16, 21)
        >>> result.to_pandas("reasons").loc[1, ["id", "label", "unit"]].tolist()
        ['VP-000-01', 'Ouderdom van de huisjes', 'jaar']
        """
        return self._reasons_table() if table == "reasons" else self.table(table).to_pandas()

    def _reasons_table(self) -> pandas.DataFrame:
        places = self.areas.to_pandas()[["id", "name", "rank", "score"]]
        ending = self._ending()
        indicators = self.indicators.to_pandas().set_index("indicator")
        indicators = indicators[["pillar", "label" + ending, "unit" + ending, "weight", "why" + ending]].set_axis(
            ["pillar", "label", "unit", "weight", "why"], axis=1
        )
        contributions = self.contributions.to_pandas()  # place after place, each with all indicators
        places = places.iloc[np.repeat(np.arange(len(places)), len(indicators))].set_axis(contributions.index)
        found = contributions.join(places).join(indicators, on="indicator")
        order = "area id name rank score pillar label value unit scaled weight contribution features missing why"
        return found[order.split()]

    def to_geopandas(self) -> geopandas.GeoDataFrame:
        """The places with their geometry, in the model's CRS; needs geopandas.

        >>> run("examples/models/vakantieparken.json").to_geopandas().crs.to_epsg()
        28992
        """
        return self.areas.to_geopandas()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The places, for pyarrow, geopandas, polars, DuckDB."""
        return self.areas.__arrow_c_stream__(requested_schema)

    # ---- what must be said ----

    @property
    def is_shielded(self) -> bool:
        """Whether a shielded layer was touched: whatever is made of this result must not be passed on."""
        return bool(_riskmap.result_is_shielded(self._handle))

    def disclaimer(self, language: str | None = None) -> str:
        """What a score is not: the line that every output carries.

        >>> run("examples/models/vakantieparken.json", language="en").disclaimer()[:24]
        'A figure that compares t'
        """
        return str(_riskmap.result_disclaimer(self._handle, language or self.language))

    # ---- files ----

    def write(
        self,
        path: Any,
        overwrite: bool = False,
        *,
        language: str | None = None,
        schema: str | None = None,
        progress: Any = None,
    ) -> None:
        """Writes a GeoPackage that opens styled in QGIS, or, for "PG:host=... dbname=...", the same tables in a PostGIS
        database, in `schema` ("riskmap" unless stated). Whole or not at all; of a shielded result readable by its owner
        alone.

        Raises ExistsError without `overwrite`, NotFound, ArgumentError (a name that does not end in .gpkg, or a file
        that was read, which is never written over), FileError.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run("examples/models/vakantieparken.json").write(f"{folder}/parks.gpkg")
        """
        _riskmap.result_write(
            self._handle,
            path_text(path),
            overwrite=overwrite,
            language=language or self.language,
            schema=schema,
            progress=callable_of(progress),
        )

    def write_table(
        self,
        path: Any,
        overwrite: bool = False,
        *,
        rows: int = 0,
        language: str | None = None,
        progress: Any = None,
    ) -> None:
        """Writes the list for the meeting, .xlsx or .csv by the ending of the path: the first `rows` places (0: all
        that have a rank) with their reasons. Raises as `write` does.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run("examples/models/vakantieparken.json").write_table(f"{folder}/top.csv", rows=5)
        """
        _riskmap.result_write_table(
            self._handle,
            path_text(path),
            overwrite=overwrite,
            rows=rows,
            language=language or self.language,
            progress=callable_of(progress),
        )

    # ---- ending and showing ----

    def close(self) -> None:
        """Lets go of the memory, as soon as no running call needs it. Layers that were taken from it stay."""
        self._handle = None
        self._tables = {}
        self._by_id = None

    def __enter__(self) -> Result:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._handle is None:
            return "<riskmap.Result, closed>"
        lines = [self.model.title or self.model.name, ""]
        for place in self.top(TEXT_ROWS):
            lines.append(f"{place.rank:4}. {decimal(place.score, 2, self.language)}  {_called(place)}")
            lines += [f"        - {reason}" for reason in place.reasons[:REASONS]]
        return "\n".join([*lines, "", *self._remarks(), *self._endings()])

    def _remarks(self) -> list[str]:
        """Layers that say little: a score looks as sure without them."""
        lines = []
        for number in range(_riskmap.result_layer_count(self._handle)):
            layer, language = _riskmap.result_layer_at(self._handle, number), self.language
            note = f"{either(language, 'Let op: laag', 'Note: layer')} {layer['name']}: "
            if layer["source"] and layer["read"] == 0:
                dutch = "niets gelezen; indicatoren op deze laag zeggen niets."
                lines.append(note + either(language, dutch, "nothing was read; indicators on this layer say nothing."))
            if 2 * layer["rejected"] > layer["read"]:
                rejected, read = whole(layer["rejected"], language), whole(layer["read"], language)
                dutch = f"{rejected} van {read} tellen niet mee; zie result.issues."
                lines.append(note + either(language, dutch, f"{rejected} of {read} do not count; see result.issues."))
        return lines

    def _endings(self) -> list[str]:
        """How many were ranked, what must not be done with it, and what a score is not."""
        count, ranked, language = len(self), self.ranked, self.language
        counted = either(language, "{} gebieden, {} gerangschikt", "{} areas, {} ranked")
        counted = counted.format(whole(count, language), whole(ranked, language))
        if ranked < count:
            without = either(
                language, "; {} niet: te weinig gegevens of geen geometrie", "; {} not: too little data or no geometry"
            )
            counted += without.format(whole(count - ranked, language))
        shielded = either(language, "AFGESCHERMD: niet verspreiden.", "AFGESCHERMD (shielded): do not pass it on.")
        return [counted + ".", *([shielded] if self.is_shielded else []), self.disclaimer()]

    def _repr_html_(self) -> str:
        if self._handle is None:
            return html.escape(repr(self))
        heads = either(self.language, "rang gebied score klasse redenen", "rank area score class reasons").split()
        rows = "".join(self._html_row(place) for place in self.top(HTML_ROWS))
        counted, *others = (html.escape(line) for line in self._endings())
        return (
            f"<div><strong>{html.escape(self.model.title or self.model.name)}</strong>"
            f"<table style='text-align: left'><thead><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead>"
            f"<tbody>{rows}</tbody></table>"
            f"{''.join(f'<p><strong>{html.escape(line)}</strong></p>' for line in self._remarks())}"
            f"<p>{counted}</p>{''.join(f'<p><strong>{line}</strong></p>' for line in others[:-1])}"
            f"<p><em>{others[-1]}</em></p></div>"
        )

    def _html_row(self, place: Place) -> str:
        reasons = "<br>".join(html.escape(str(reason)) for reason in place.reasons[:REASONS])
        cells = [str(place.rank), html.escape(_called(place)), decimal(place.score, 2, self.language)]
        cells += ["" if place.class_ is None else str(place.class_), reasons]
        return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def check_target(path: Any, overwrite: bool = False, *, schema: str | None = None) -> None:
    """Raises what `Result.write` would refuse of a path, before a long run: of a file its ending, its folder, and
    whether it is there already; of a PostGIS database whether it can be reached, has PostGIS, and holds no such tables
    yet. The password comes from PGPASSWORD or ~/.pgpass, never from the path.

    >>> check_target("parks.gpkg")
    """
    _riskmap.result_write_check(path_text(path), overwrite=overwrite, schema=schema)


def _called(place: Place) -> str:
    return f"{place.name} ({place.id})" if place.name else place.id
