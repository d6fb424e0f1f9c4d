"""The one list of what ingest repairs and why it rejects; the documentation's tables come from it."""

from typing import NamedTuple


class Rule(NamedTuple):
    """One kind of repair, or one reason to reject."""

    code: str
    explanation: str


REPAIRS = (
    # The file as a whole
    Rule("compression", "The file is compressed with gzip; it is read as the text inside."),
    Rule("byte_order_mark", "A byte order mark in front of the header is left out."),
    Rule(
        "encoding",
        "The file is UTF-16, Windows-1252 or in an encoding that was named; its text is kept as UTF-8.",
    ),
    Rule("line_ends", "Lines end in a bare carriage return, which ends a record like any other line end."),
    Rule("delimiter", "Fields are separated by a semicolon, a tab or a bar."),
    Rule(
        "header_name",
        "A column's name is written differently (`videoId`, blanks, `id` for `#`, by a map of columns).",
    ),
    Rule("column_order", "Columns stand in another order; they are matched by name."),
    Rule("extra_column", "A column that nobody expects is kept aside in the landing folder (`landed_extras`)."),
    Rule("no_row_label", "The file has no running number (`#`); `delivery_row_label` stays empty."),
    Rule("lines_above_header", "A title, comments or `sep=;` stand above the header; they are left out."),
    Rule("absent_column", "The platform has no such column, as the map of columns says; it stays empty everywhere."),
    Rule("blank_line", "A line with nothing in it is no record and is left out."),
    Rule("wrapped_header", "The header was put in quotes once more; that layer is taken off."),
    Rule("wrapped_line", "The whole line was put in quotes once more (a CSV inside a CSV); one layer is taken off."),
    # One cell
    Rule("null_spelling", "`NA`, `N/A`, `NULL`, `nan`, `None`, `<NA>`, `-` or blanks mean no value, as `#N/A` does."),
    Rule(
        "unreadable_label",
        "The running number is no whole number; it stays empty and the cell is kept aside.",
    ),
    Rule("blanks", "Blanks around a number, a time or an identifier are left out."),
    Rule("leading_zeros", "Zeros in front of a whole number are left out."),
    Rule("decimal_point", "A whole number is written with a decimal part of zeros (`343296.0`)."),
    Rule("decimal_comma", "The same with a comma (`343296,0`)."),
    Rule(
        "thousands_separator",
        "Commas group thousands (`343,296`); dots, blanks and apostrophes where the file shows it.",
    ),
    Rule("scientific_notation", "A whole number is written with an exponent and all of its digits (`3.43296e5`)."),
    Rule("time_offset", "A time with another offset from UTC is kept in UTC."),
    Rule("time_zone", "A time without an offset is read in the zone that `--timezone` names and kept in UTC."),
    Rule("category_spelling", "A category is written with capitals, stray blanks or underscores."),
    Rule("category_synonym", "A category has its other name (`under scrutiny` for `under review`)."),
    Rule("escaped_quotes", r"Quotes and apostrophes in a transcript carry a backslash (`\"`, `\'`)."),
    Rule("html_entities", "A transcript holds complete HTML entities (`&amp;`, `&#39;`) for characters."),
    Rule("double_encoded", "Flagged, not repaired: a transcript reads like UTF-8 that was encoded twice (`fÃ¼r`)."),
)

REASONS = (
    # The record cannot be split into fields
    Rule("invalid_bytes", "Bytes of the record are no text in the file's encoding."),
    Rule("unterminated_quote", "A quote opens and does not close in this record. Reading resumes at the next line."),
    Rule("broken_quote", "Text follows a closing quote."),
    Rule("too_few_fields", "The record has fewer fields than the header."),
    Rule("too_many_fields", "The record has more fields than the header, as with a comma that needed quotes."),
    # The record is none
    Rule("repeated_header", "The header stands there once more."),
    Rule("totals_row", "A row of totals (`Total`, `Summe`) without a video_id."),
    Rule("broken_json", "The line is no JSON record, or names a column twice."),
    Rule("erased", "The video or the reporter was erased (`claims erase`); the raw text is not kept."),
    # A cell cannot be read
    Rule("missing_value", "A value that every record has (such as an id, a duration, a time) is missing."),
    Rule("not_a_number", "The cell is no number."),
    Rule("negative_number", "The number is below zero."),
    Rule("fractional_number", "The number has a fraction, such as half a view."),
    Rule(
        "imprecise_number",
        "The number has lost digits to scientific notation (`7.01767E+09`) or to a short float (`≈`).",
    ),
    Rule(
        "ambiguous_number",
        "A sign before three digits may group or begin decimals (`120.000`), and the file does not show which.",
    ),
    Rule("number_too_large", "The number is beyond its column's declared maximum (counts 10^15, ids 64 bits)."),
    Rule("not_a_timestamp", "The cell is no date and time in ISO 8601 from 1970 to 2199."),
    Rule("no_time_zone", "The time has no offset from UTC, and no `--timezone` says in which zone it is."),
    Rule("ambiguous_time", "In the zone of `--timezone` this time was twice or never, since the clock was set."),
    Rule("duration_not_positive", "The duration is zero."),
    Rule("unknown_category", "The category is none of those known."),
    Rule(
        "duplicate_key",
        "An earlier record has this `video_id` (and `snapshot_at`), `report_id` or `decision_id`.",
    ),
)

EXPLANATIONS = {rule.code: rule.explanation for rule in (*REPAIRS, *REASONS)}


def markdown_tables() -> str:
    """Both lists as the Markdown that stands in `docs/landing.md`."""
    return "\n\n".join(
        "\n".join(
            [
                f"| {title} | what it means |",
                "|---|---|",
                *(f"| `{rule.code}` | {rule.explanation} |" for rule in rules),
            ]
        )
        for title, rules in (("repair", REPAIRS), ("reason to reject", REASONS))
    )
