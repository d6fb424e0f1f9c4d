"""The options of `ingest` and `run` about delivered files: what a person says where a file alone does not show it."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipeline.landing.reading.options import Options

Files = Annotated[
    list[Path] | None, typer.Argument(help="Delivered files; otherwise TIKTOK_CSV, data/raw/*, the twin.")
]
Encoding = Annotated[
    str | None, typer.Option("--encoding", help="The text's encoding, where the file does not show it: cp1251 ...")
]
Sheet = Annotated[str | None, typer.Option("--sheet", help="The sheet of a spreadsheet with the table.")]
Columns = Annotated[
    Path | None, typer.Option("--columns", help="A map (YAML) of another platform's columns; see docs/columns.md.")
]
Timezone = Annotated[
    str | None, typer.Option("--timezone", help="Zone of delivered times without an offset, such as Europe/Berlin.")
]
AsOf = Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day of which the files are.")]
AllowBlanking = Annotated[
    bool, typer.Option("--allow-blanking", help="Let blanks in them erase what earlier deliveries hold.")
]
AllowSynthetic = Annotated[
    bool, typer.Option("--allow-synthetic", help="Let synthetic data follow a release of real data.")
]


def delivery_options(
    encoding: str | None, sheet: str | None, columns: Path | None, as_of: datetime | None, *, allow_blanking: bool
) -> "Options":
    """What the person says, checked.

    Args:
        encoding: As a person writes it.
        sheet: A sheet's name.
        columns: A map of columns.
        as_of: A day.
        allow_blanking: Whether blanks erase.

    Returns:
        The options of landing.

    Raises:
        UsageError: The encoding is unknown, or the map is none.
    """
    from pipeline.landing.reading import column_map
    from pipeline.landing.reading.options import ColumnMap, Options, known_encoding

    return Options(
        known_encoding(encoding) if encoding else None,
        sheet,
        column_map.read_map(columns) if columns else ColumnMap(),
        as_of=as_of.date() if as_of else None,
        is_blanking_allowed=allow_blanking,
    )
