"""What inspections, checklists and matches show of themselves, in Dutch or English."""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING

from ._words import decimal, either, plain, printable, whole

if TYPE_CHECKING:
    from .inspection import Checklist, Inspection, InspectedField, InspectedLayer, Match, MatchedLayer

WIDEST_NAME = 34

# ---- inspections ----

TYPES = {"integer": "geheel", "real": "getal", "text": "tekst", "date": "datum", "datetime": "tijdstip"}
ROLES = {
    "date": "datum",
    "time": "tijd",
    "house number": "huisnummer",
    "house letter": "huisletter",
    "addition": "toevoeging",
    "address line": "adresregel",
    "street": "straat",
    "place": "plaats",
    "weight": "gewicht",
    "id": "nummer",
}
FAULTS = {
    "without_geometry": ("zonder bruikbare geometrie", "without usable geometry"),
    "invalid": ("ongeldig", "invalid"),
    "outside": ("buiten het gebied van het CRS", "outside the area of use of the CRS"),
    "bad_rows": ("met meer cellen dan de kopregel, niet gelezen", "with more cells than the header, not read"),
    "duplicate_rows": ("dubbel", "duplicate"),
    "duplicate_ids": ("met een nummer dat er al was", "with an id that was there already"),
    "ended": ("niet meer geldig en weggelaten", "no longer in force, left out"),
}


def inspection_text(inspection: Inspection) -> str:
    count, language = len(inspection.layers), inspection.language
    called = either(language, "laag" if count == 1 else "lagen", "layer" if count == 1 else "layers")
    lines = [f"{inspection.source} ({inspection.driver}): {count} {called}"]
    for layer in inspection.layers:
        lines += ["", *_layer_lines(layer, language)]
    return printable("\n".join(lines))


def _layer_lines(layer: InspectedLayer, language: str) -> list[str]:
    if layer.problem:
        return [layer.name, f"  {either(language, 'niet leesbaar', 'unreadable')}: {layer.problem}"]
    geometry = layer.geometry_type
    if geometry == "None":
        geometry = either(language, "geen geometrie", "no geometry")
    lines = [f"{layer.name}: {whole(layer.features, language)} ({geometry})"]
    taken = either(language, layer.taken_for or "", layer.taken_for_en or "")
    if taken:
        lines.append(f"  {either(language, 'herkend als', 'taken for')} {taken}")
    if layer.geometry_type != "None":
        lines.append("  " + _crs_text(layer, language))
    for name, words in FAULTS.items():
        if getattr(layer, name):
            lines.append(f"  {whole(getattr(layer, name), language)} {either(language, *words)}")
    if layer.roles:
        roles = ((either(language, ROLES.get(one.role, one.role), one.role), one.column) for one in layer.roles)
        columns = ", ".join(f"{role}: {column}" for role, column in roles)
        lines.append(f"  {either(language, 'kolommen', 'columns')}: {columns}")
    return lines + _field_lines(layer, language)


def _crs_text(layer: InspectedLayer, language: str) -> str:
    text = "CRS " + (layer.crs or either(language, "niet vermeld", "not stated"))
    if layer.crs_problem and layer.looks_like:
        text += either(language, ", lijkt ", ", looks like ") + layer.looks_like
    elif layer.crs_problem:
        text += ": " + layer.crs_problem
    elif layer.crs_operation and not math.isnan(layer.crs_accuracy_m):
        accuracy = plain(layer.crs_accuracy_m, language)
        text += either(language, ", op {} m nauwkeurig om te zetten", ", transformed to within {} m").format(accuracy)
    if layer.missing_grid:
        text += either(language, "; grid {} ontbreekt", "; grid {} is missing").format(layer.missing_grid)
    return text


def _field_lines(layer: InspectedLayer, language: str) -> list[str]:
    if not layer.fields:
        return []
    heads = either(language, "veld type ontbreekt sentinel waarden", "field type missing sentinel values").split()
    rows = [heads] + [_field_row(field, layer.features or 0, language) for field in layer.fields]
    if not any(row[3] for row in rows[1:]):
        rows = [row[:3] + row[4:] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads) - 2)]
    return ["", *("  " + _aligned(row, widths) for row in rows)]


def _aligned(row: list[str], widths: list[int]) -> str:
    left = [cell.ljust(width) for cell, width in zip(row[:2], widths)]
    right = [cell.rjust(max(width, 8)) for cell, width in zip(row[2:-1], widths[2:] + [8])]
    return "  ".join([*left, *right, row[-1]]).rstrip()


def _field_row(field: InspectedField, features: int, language: str) -> list[str]:
    name = field.name if len(field.name) <= WIDEST_NAME else field.name[: WIDEST_NAME - 1] + "…"
    missing = "-"
    if field.missing:
        share = 100 * field.missing / max(features, field.missing)
        missing = f"{whole(field.missing, language)} ({decimal(share, 1 if share < 10 else 0, language)}%)"
    sentinels = whole(field.sentinels, language) if field.sentinels else ""
    kind = either(language, TYPES.get(field.type, field.type), field.type)
    return [name, kind, missing, sentinels, _values(field, features, language)]


def _values(field: InspectedField, features: int, language: str) -> str:
    """What lies between what; of text only where at least half of it can be read as such."""
    present = features - field.missing - field.sentinels
    text = field.type == "text"
    dates = field.dates > 0 and (not text or field.dates * 2 >= present)
    numbers = field.numbers > 0 and (not text or field.numbers * 2 >= present)
    if field.person:
        return either(language, "persoonsgegevens", "personal data")
    if dates and (field.dates >= field.numbers or not numbers):
        note = either(language, " ({} geen datum)", " ({} no date)") if field.dates < present else ""
        return _range(_day(field.first_date), _day(field.last_date), note.format(present - field.dates), language)
    if numbers and field.highest >= (1e9 if text else 1e12):
        return either(language, "nummers", "identifiers")
    if numbers:
        note = either(language, " ({} geen getal)", " ({} no number)") if field.numbers < present else ""
        low, high = plain(field.lowest, language), plain(field.highest, language)
        return _range(low, high, note.format(present - field.numbers), language)
    return ""


def _range(low: str, high: str, note: str, language: str) -> str:
    return (low if low == high else f"{low} {either(language, 't/m', 'to')} {high}") + note


def _day(date: datetime.date | None) -> str:
    return "?" if date is None else date.isoformat()


# ---- checklists ----

CHECKED = {
    "present": ("aanwezig", "present"),
    "incomplete": ("ONVOLLEDIG", "INCOMPLETE"),
    "too-old": ("TE OUD", "TOO OLD"),
    "lacking": ("ONBRUIKBAAR", "UNUSABLE"),
    "missing": ("ONTBREEKT", "MISSING"),
    "unused": ("ongebruikt", "unused"),
}


def checklist_text(checklist: Checklist) -> str:
    language = checklist.language
    lines = [checklist.title, "", either(language, "Lagen", "Layers")]
    names = max((len(layer.name) for layer in checklist.layers), default=0)
    for layer in checklist.layers:
        count = "" if layer.features is None else f"{whole(layer.features, language)} "
        dated = "" if layer.data_date is None else f", {layer.data_date} ({_dated_by(layer.dated_by or '', language)})"
        state = either(language, *CHECKED[layer.state])
        lines.append(f"  {state:11}  {layer.name:{names}}  {count}{layer.geometry_type or ''}{dated}".rstrip())
    lines += ["", either(language, "Indicatoren", "Indicators")]
    for indicator in checklist.indicators:
        state = either(language, "FOUT", "WRONG") if indicator.problem else either(language, "goed", "fine")
        label = either(language, indicator.label, indicator.label_en)
        because = f": {either(language, 'laag', 'layer')} {indicator.problem_layer}" if indicator.problem_layer else ""
        lines.append(f"  {state:5}  {label} ({indicator.measure}){because}")
    if checklist.findings:
        lines += ["", either(language, "Bevindingen", "Findings")]
        lines += [f"  - {finding}" for finding in checklist.findings]
    return "\n".join([*lines, *_effect_lines(checklist), "", _verdict(checklist)])


def _effect_lines(checklist: Checklist) -> list[str]:
    effect, language = checklist.effect, checklist.language
    if effect is None or not (effect.fallen or effect.below):
        return []
    if effect.fallen == 1:
        fallen = either(language, "1 indicator valt weg", "1 indicator falls out")
    else:
        fallen = either(language, "{} indicatoren vallen weg", "{} indicators fall out").format(effect.fallen)
    left = either(
        language,
        "{}: {}% van het gewicht blijft over; het model vraagt per gebied ten minste {}%",
        "{}: {}% of the weight is left; the model asks of each area at least {}%",
    ).format(fallen, *(decimal(100 * share, 0, language) for share in (effect.coverage, effect.min_coverage)))
    if not effect.below:
        return ["", left]
    least = either(language, "ten minste ", "at least ") if effect.at_least else ""
    below = either(language, "zonder score: {}{} van de {} gebieden", "without a score: {}{} of {} areas")
    return ["", left, below.format(least, whole(effect.below, language), whole(effect.areas, language))]


def _dated_by(by: str, language: str) -> str:
    return by if language == "en" else by.replace("field ", "veld ").replace("file", "bestand")


def _verdict(checklist: Checklist) -> str:
    if checklist.ok:
        return either(checklist.language, "Dit model kan worden berekend.", "This model can be computed.")
    return either(
        checklist.language,
        "Dit model kan zo niet worden berekend: {} lagen en indicatoren zijn niet in orde.",
        "This model cannot be computed as it is: {} layers and indicators are not in order.",
    ).format(checklist.problems)


# ---- matches ----

MATCHED = {
    "taken": ("gevonden", "found"),
    "unclear": ("onduidelijk", "unclear"),
    "kept": ("blijft", "kept"),
    "missing": ("ONTBREEKT", "MISSING"),
    "unused": ("ongebruikt", "unused"),
}


def match_text(match: Match) -> str:
    language, layers = match.language, match.layers
    names = max((len(layer.name) for layer in layers), default=0)
    lines = [either(language, "Lagen en hun bronnen", "Layers and their sources")]
    for layer in layers:
        state = either(language, *MATCHED[layer.state])
        lines.append(f"  {state:11}  {layer.name:{names}}  {_matched(layer, language)}")
    unread = [source for source in match.sources if source.problem]
    if unread:
        lines += ["", either(language, "Niet leesbaar", "Unreadable")]
        lines += [f"  - {source.path}: {source.problem}" for source in unread]
    return printable("\n".join(lines))


def _matched(layer: MatchedLayer, language: str) -> str:
    if layer.state == "unclear":
        return either(language, "{} bronnen passen", "{} sources fit").format(len(layer.fits))
    if layer.chosen is None:
        return layer.source
    taken = either(language, layer.chosen.taken_for or "", layer.chosen.taken_for_en or "")
    return layer.source + (f" ({taken})" if taken else "")
