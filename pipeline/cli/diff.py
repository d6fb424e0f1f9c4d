"""`claims diff`: what changed between two releases, or between a release and the working warehouse."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pipeline.release.diff import TableDifference

State = Annotated[str, typer.Argument(help="A release as `claims releases` shows it, `current` or `working`.")]


def diff(
    before: State = "current",
    after: State = "working",
    places: Annotated[
        int, typer.Option("--places", min=0, help="Count videos that moved by more places in the queue.")
    ] = 0,
    fail_on_change: Annotated[bool, typer.Option("--fail-on-change", help="End with 1 if anything differs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Say what differs: tables, columns, rows by key, values with examples, decisions, places in the queue."""
    from pipeline.cli.console import console
    from pipeline.cli.session import home_to_read
    from pipeline.release.diff import diff as compare

    found = compare(home_to_read(), before, after, places)
    if as_json:
        tables = [
            {
                **table._asdict(),
                "columns": [
                    {**column._asdict(), "examples": [example._asdict() for example in column.examples]}
                    for column in table.columns
                ],
            }
            for table in found.tables
        ]
        typer.echo(json.dumps({**found._asdict(), "tables": tables}, default=str))
    else:
        console.print(f"From {found.before} to {found.after}:", markup=False)
        for line in (line for table in found.tables for line in in_words(table, places)):
            console.print(line, markup=False)
        if not found.tables:
            console.print("No difference.", markup=False)
    if fail_on_change and found.tables:
        raise typer.Exit(1)


def in_words(table: "TableDifference", places: int) -> Iterator[str]:
    """The differences of one table, a line each; the first names the table.

    Args:
        table: One that differs.
        places: What a video may move in the queue without being counted.
    """
    if table.status != "changed":
        yield f"{table.table}: {table.status}"
        return
    counts = [(table.rows_added, "added"), (table.rows_gone, "gone"), (table.rows_changed, "changed")]
    rows = ", ".join(f"{count:,} {what}" for count, what in counts if count)
    yield f"{table.table}: {f'rows {rows}' if rows else 'columns'}"
    for column in table.columns_added:
        yield f"  {column}: added"
    for column in table.columns_gone:
        yield f"  {column}: gone"
    for column, (before, after) in table.columns_retyped.items():
        yield f"  {column}: {before} is now {after}"
    for change, count in table.decisions_flipped.items():
        yield f"  decision {change}: {count:,} videos"
    if table.places_moved:
        yield f"  {table.places_moved:,} videos moved by more than {places:,} places"
    for difference in table.columns:
        shown = "; ".join(
            f"{_shown(list(example.key.values()))}: {_shown([example.before])} → {_shown([example.after])}"
            for example in difference.examples
        )
        values = "value differs" if difference.value_count == 1 else "values differ"
        yield f"  {difference.column}: {difference.value_count:,} {values}, for example {shown}"


def _shown(values: list[Any]) -> str:
    """Values in one line, without characters that a terminal would obey."""
    text = ", ".join("none" if value is None else str(value) for value in values)
    return "".join(letter if letter.isprintable() else " " for letter in text[:80])
