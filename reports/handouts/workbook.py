"""A Tableau workbook of the dashboard: a `.twbx` whose CSV files are the marts' aggregates.

Its XML is valid against Tableau's published schema of 2026.1; it has not been opened in Tableau here.
"""

import io
import uuid
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pyarrow as pa

from reports.charts import LOOKS
from warehouse.csv_export import write_csv

USER = "http://www.tableausoftware.com/xml/user"
VERSION = "26.1"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes every time


class Field(NamedTuple):
    """One column of a source as a worksheet uses it."""

    name: str
    is_measure: bool = False

    @property
    def instance(self) -> str:
        """Tableau's name for the field as it is shown: a sum, or each value."""
        return f"[sum:{self.name}:qk]" if self.is_measure else f"[none:{self.name}:nk]"


class Source(NamedTuple):
    """One CSV file of the workbook."""

    name: str
    caption: str
    rows: pa.Table


class Sheet(NamedTuple):
    """One chart: bars of a measure, coloured by claim status."""

    name: str
    title: str
    source: Source
    across: Field
    down: Sequence[Field]
    only: tuple[str, str] | None = None
    """A column and the one value of it that is shown."""
    filters: Sequence[str] = ()
    """Columns that readers filter by."""
    colour: str = "claim_status"


def write_workbook(sheets: Sequence[Sheet], title: str, path: Path) -> None:
    """Write the workbook with one dashboard over all sheets.

    Args:
        sheets: In the order in which they are read.
        title: Of the dashboard.
        path: A `.twbx` file.
    """
    sources = list({sheet.source.name: sheet.source for sheet in sheets}.values())
    ET.register_namespace("user", USER)
    root = ET.Element(
        "workbook",
        {"original-version": VERSION, "version": VERSION, "source-build": "2026.1.0", "source-platform": "win"},
    )
    ET.SubElement(ET.SubElement(root, "document-format-change-manifest"), "ManifestByVersion")
    datasources = ET.SubElement(root, "datasources")
    for source in sources:
        _datasource(datasources, source)
    worksheets = ET.SubElement(root, "worksheets")
    for sheet in sheets:
        _worksheet(worksheets, sheet)
    _dashboard(ET.SubElement(root, "dashboards"), sheets, title)
    windows = ET.SubElement(root, "windows")
    for sheet in sheets:
        _cards(ET.SubElement(windows, "window", {"class": "worksheet", "name": sheet.name}))
    shown = ET.SubElement(windows, "window", {"class": "dashboard", "name": title, "maximized": "true"})
    viewpoints = ET.SubElement(shown, "viewpoints")
    for sheet in sheets:
        ET.SubElement(ET.SubElement(viewpoints, "viewpoint", {"name": sheet.name}), "zoom", {"type": "entire-view"})
    ET.SubElement(shown, "active", {"id": "-1"})
    explain = {"enabled-for-viewer": "false", "extreme-values-enabled-for-all": "false"}
    ET.SubElement(ET.SubElement(root, "explain-data", explain), "explanation-types")
    ET.indent(root)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, f"{path.stem}.twb", ET.tostring(root, encoding="utf-8", xml_declaration=True))
        for source in sources:
            buffer = io.BytesIO()
            write_csv(source.rows, buffer)
            _add(archive, f"Data/{source.name}.csv", buffer.getvalue())


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def _type(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind):
        return "real"
    if pa.types.is_date(kind):
        return "date"
    return "boolean" if pa.types.is_boolean(kind) else "string"


def _column(parent: ET.Element, source: Source, name: str) -> None:
    kind = _type(source.rows.schema.field(name).type)
    is_measure = kind in {"integer", "real"} and not name.endswith("_number")
    role = {"role": "measure", "type": "quantitative"} if is_measure else {"role": "dimension", "type": "nominal"}
    ET.SubElement(parent, "column", {"caption": name.replace("_", " "), "datatype": kind, "name": f"[{name}]", **role})


def _datasource(parent: ET.Element, source: Source) -> None:
    file = f"{source.name}.csv"
    datasource = ET.SubElement(
        parent, "datasource", {"caption": source.caption, "inline": "true", "name": source.name, "version": VERSION}
    )
    connection = ET.SubElement(datasource, "connection", {"class": "federated"})
    named = ET.SubElement(
        ET.SubElement(connection, "named-connections"),
        "named-connection",
        {"caption": file, "name": f"textscan.{source.name}"},
    )
    ET.SubElement(named, "connection", {"class": "textscan", "directory": "Data", "filename": file})
    relation = ET.SubElement(
        connection,
        "relation",
        {"connection": f"textscan.{source.name}", "name": file, "table": f"[{source.name}#csv]", "type": "table"},
    )
    columns = ET.SubElement(
        relation, "columns", {"character-set": "UTF-8", "header": "yes", "locale": "en_US", "separator": ","}
    )
    for place, field in enumerate(source.rows.schema):
        ET.SubElement(columns, "column", {"datatype": _type(field.type), "name": field.name, "ordinal": str(place)})
    for name in source.rows.column_names:
        _column(datasource, source, name)
    if "claim_status" in source.rows.column_names:
        instance = Field("claim_status")
        _instance(datasource, instance)
        rule = ET.SubElement(ET.SubElement(datasource, "style"), "style-rule", {"element": "mark"})
        encoding = ET.SubElement(rule, "encoding", {"attr": "color", "field": instance.instance, "type": "palette"})
        for status, look in LOOKS.items():
            ET.SubElement(ET.SubElement(encoding, "map", {"to": look.colour}), "bucket").text = f'"{status}"'


def _instance(parent: ET.Element, field: Field) -> None:
    kind = (
        {"derivation": "Sum", "type": "quantitative"} if field.is_measure else {"derivation": "None", "type": "nominal"}
    )
    ET.SubElement(
        parent, "column-instance", {"column": f"[{field.name}]", "name": field.instance, "pivot": "key", **kind}
    )


def _worksheet(parent: ET.Element, sheet: Sheet) -> None:
    def full(field: Field) -> str:
        return f"[{sheet.source.name}].{field.instance}"

    worksheet = ET.SubElement(parent, "worksheet", {"name": sheet.name})
    text = ET.SubElement(ET.SubElement(ET.SubElement(worksheet, "layout-options"), "title"), "formatted-text")
    ET.SubElement(text, "run").text = sheet.title
    table = ET.SubElement(worksheet, "table")
    view = ET.SubElement(table, "view")
    names = {"caption": sheet.source.caption, "name": sheet.source.name}
    ET.SubElement(ET.SubElement(view, "datasources"), "datasource", names)
    only = [Field(sheet.only[0])] if sheet.only else []
    used = list(dict.fromkeys([*sheet.down, sheet.across, Field(sheet.colour), *only, *map(Field, sheet.filters)]))
    dependencies = ET.SubElement(view, "datasource-dependencies", {"datasource": sheet.source.name})
    for field in used:
        _column(dependencies, sheet.source, field.name)
    for field in used:
        _instance(dependencies, field)
    if sheet.only:
        chosen = ET.SubElement(view, "filter", {"class": "categorical", "column": full(only[0])})
        member = {"function": "member", "level": only[0].instance, "member": f'"{sheet.only[1]}"'}
        ET.SubElement(chosen, "groupfilter", member)
    for group, name in enumerate(sheet.filters, 2):
        field = Field(name)
        # One group for all sheets of a source: a choice on the dashboard holds for each of them.
        every = {"class": "categorical", "column": full(field), "filter-group": str(group)}
        levels = {"function": "level-members", "level": field.instance, f"{{{USER}}}ui-enumeration": "all"}
        ET.SubElement(ET.SubElement(view, "filter", every), "groupfilter", levels)
    if slices := [*only, *map(Field, sheet.filters)]:
        listed = ET.SubElement(view, "slices")
        for field in slices:
            ET.SubElement(listed, "column").text = full(field)
    ET.SubElement(view, "aggregation", {"value": "true"})
    ET.SubElement(table, "style")
    pane = ET.SubElement(ET.SubElement(table, "panes"), "pane")
    ET.SubElement(ET.SubElement(pane, "view"), "breakdown", {"value": "auto"})
    ET.SubElement(pane, "mark", {"class": "Bar"})
    ET.SubElement(ET.SubElement(pane, "encodings"), "color", {"column": full(Field(sheet.colour))})
    ET.SubElement(table, "rows").text = " / ".join(map(full, sheet.down))
    ET.SubElement(table, "cols").text = full(sheet.across)
    _identify(worksheet, sheet.name)


def _identify(parent: ET.Element, name: str) -> None:
    """An identifier that the name alone decides."""
    number = str(uuid.uuid5(uuid.NAMESPACE_OID, name)).upper()
    ET.SubElement(parent, "simple-id", {"uuid": f"{{{number}}}"})


def _cards(window: ET.Element) -> None:
    """The shelves beside a sheet, where Tableau puts them by itself."""
    cards = ET.SubElement(window, "cards")
    for edge, size, types in (
        ("left", "160", ("pages", "filters", "marks")),
        ("top", "31", ("columns", "rows", "title")),
    ):
        side = ET.SubElement(cards, "edge", {"name": edge})
        for kind in types:
            ET.SubElement(ET.SubElement(side, "strip", {"size": size}), "card", {"type": kind})


def _dashboard(parent: ET.Element, sheets: Sequence[Sheet], title: str) -> None:
    dashboard = ET.SubElement(parent, "dashboard", {"name": title})
    ET.SubElement(dashboard, "style")
    ET.SubElement(dashboard, "size", {"maxheight": "1100", "maxwidth": "1400", "minheight": "1100", "minwidth": "1400"})
    zones = ET.SubElement(dashboard, "zones")
    whole = 100_000
    number = iter(range(1, 100))
    outer = _zone(zones, next(number), (0, 0, whole, whole), {"type-v2": "layout-basic"})
    _zone(outer, next(number), (0, 0, whole, 6_000), {"type-v2": "title"})
    rows = -(-len(sheets) // 2)
    height = (whole - 14_000) // rows
    for place, sheet in enumerate(sheets):
        box = (place % 2 * whole // 2, 14_000 + place // 2 * height, whole // 2, height)
        _zone(outer, next(number), box, {"name": sheet.name})
    for place, (sheet, name) in enumerate(_choices(sheets)):
        box = (place * whole // 4, 6_000, whole // 4, 8_000)
        field = f"[{sheet.source.name}].{Field(name).instance}"
        _zone(
            outer, next(number), box, {"name": sheet.name, "param": field, "type-v2": "filter", "mode": "checkdropdown"}
        )
    _identify(dashboard, title)


def _choices(sheets: Iterable[Sheet]) -> list[tuple[Sheet, str]]:
    """Each filter once for each source, on the first sheet that has it."""
    found: dict[tuple[str, str], Sheet] = {}
    for sheet in sheets:
        for name in sheet.filters:
            found.setdefault((sheet.source.name, name), sheet)
    return [(sheet, name) for (_, name), sheet in found.items()]


def _zone(parent: ET.Element, number: int, box: tuple[int, int, int, int], more: dict[str, str]) -> ET.Element:
    place = dict(zip(("x", "y", "w", "h"), map(str, box), strict=True))
    return ET.SubElement(parent, "zone", {"id": str(number), **place, **more})
