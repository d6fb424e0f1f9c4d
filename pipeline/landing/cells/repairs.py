"""What was repaired in a delivery, and what its dialect alone makes a repair."""

from typing import NamedTuple, Self

from pipeline.landing.reading.csv_reader import Tally
from pipeline.landing.reading.dialect import ROW_LABEL, Dialect
from pipeline.landing.reading.invalid_bytes import shown

_EXAMPLE_CHARACTERS = 200


class Repair(NamedTuple):
    """One kind of repair in one column: a row of `landed_repairs`."""

    repair_kind: str
    column_name: str
    """`*` for the file or the line."""
    repaired_count: int
    example_before: str | None
    example_after: str | None

    def presentable(self) -> Self:
        """The same with examples of a length to be read, and fit to be stored."""
        examples = (self.example_before, self.example_after)
        before, after = (text and shown(text[:_EXAMPLE_CHARACTERS]) for text in examples)
        return self._replace(example_before=before, example_after=after)

    def without_examples(self) -> Self:
        """The same where the examples are of something that was erased."""
        return self._replace(example_before=None, example_after=None)


def file_repairs(dialect: Dialect, encoding: str) -> list[Repair]:
    """The repairs that concern the file as a whole.

    Args:
        dialect: How the file is written.
        encoding: How its bytes turned out to be encoded.

    Returns:
        One entry each, most of them counted once.
    """
    usual = {column.name: column.delivered_as[0] for column in dialect.feed.columns}
    order = sorted(dialect.positions, key=dialect.positions.__getitem__)
    header = dialect.delimiter.join(dialect.header)
    whole = [
        (dialect.is_compressed, "compression", "gzip", "text"),
        (dialect.has_byte_order_mark, "byte_order_mark", "U+FEFF", None),
        (encoding not in ("", "utf-8", "utf-8-sig"), "encoding", encoding.upper(), "UTF-8"),
        (dialect.line_end == "\r", "line_ends", "CR", "LF"),
        (dialect.delimiter != ",", "delimiter", dialect.delimiter, ","),
        (dialect.is_header_wrapped, "wrapped_header", f'"{header}"', header),
        (
            order != [name for name in usual if name in dialect.positions],
            "column_order",
            ", ".join(dialect.header),
            ", ".join(usual[name] for name in usual if name in dialect.positions),
        ),
        (ROW_LABEL in usual and ROW_LABEL not in dialect.positions, "no_row_label", None, None),
        (bool(dialect.preamble), "lines_above_header", " / ".join(dialect.preamble), None),
    ]
    names = [
        Repair("header_name", name, 1, dialect.header[position], usual[name])
        for name, position in dialect.positions.items()
        if dialect.header[position] != usual[name]
    ]
    names += [Repair("absent_column", name, 1, None, None) for name in usual if name in dialect.absent]
    return [Repair(kind, "*", 1, before, after) for holds, kind, before, after in whole if holds] + names


def line_repairs(tally: Tally) -> list[Repair]:
    """The repairs that the careful reader made on whole lines."""
    return [Repair(kind, "*", count, *tally.examples[kind]) for kind, count in sorted(tally.repairs.items())]
