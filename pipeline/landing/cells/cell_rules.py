r"""From text to types, in SQL: what a cell may look like, what is repaired, and what is rejected.

`write_typed` types staged text, names each cell's repair and finds the first fault of a record. `plain_select` is the
shortcut for files that need none of it: it fails on the first cell that is not in plain form. Both take their
rules from `_fault_rules` and `_text_repairs`, where each rule stands once.
"""
# ruff: noqa: S608 - composed SQL holds literals that are quoted and the contract's names

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

import duckdb

from pipeline.landing.cells import text_forms, time_forms
from pipeline.landing.reading import number_forms
from pipeline.landing.reading.dialect import ROW_LABEL
from warehouse import contract
from warehouse.duckdb_engine import sql_literal

UNUSUAL = "this file needs care"
"""What the shortcut's error says."""

# What the row of sums below a table is called, in lower case.
_TOTALS = (
    *("total", "totals", "grand total", "subtotal", "sum", "summe", "gesamt", "gesamtsumme", "somme", "suma", "totale"),
    *("totaal", "итого", "всего", "toplam", "合计", "总计", "合計"),
)


class Cell(NamedTuple):
    """What is expected of one column, as its feed declares it."""

    name: str
    column: contract.FeedColumn

    @property
    def is_number(self) -> bool:
        """Whether it holds whole numbers."""
        return self.column.data_type == "bigint"

    @property
    def is_share(self) -> bool:
        """Whether it holds numbers with a fraction."""
        return self.column.data_type == "double"

    @property
    def is_time(self) -> bool:
        """Whether it holds moments."""
        return self.column.data_type == "timestamp"

    @property
    def is_typed(self) -> bool:
        """Whether it is kept as another type than text."""
        return self.column.data_type != "string"

    @property
    def is_essential(self) -> bool:
        """Whether a fault of it costs the record; the file's own running number is worth none."""
        return self.name != ROW_LABEL

    @property
    def is_prose(self) -> bool:
        """Whether it holds what people wrote, rather than an identifier or a code."""
        return self.column.is_prose

    @property
    def bounds(self) -> tuple[str, str]:
        """The lowest and the highest value, as SQL."""
        lowest, highest = self.column.minimum, self.column.maximum
        if self.is_time:
            return f"timestamp '{lowest} 00:00:00'", f"timestamp '{highest} 23:59:59.999999'"
        return str(lowest), str(highest)

    @property
    def text(self) -> str:
        """The staged column, as an SQL name."""
        return f'"{self.name}"'

    def step(self, step: str) -> str:
        """The column that a step of the cleaning makes of it, as an SQL name."""
        return f'"{self.name}__{step}"'


class Reading(NamedTuple):
    """The SQL expressions of what is known of a cell when the rules are asked."""

    bare: str
    value: str
    form: str
    decimals: str
    exponent: str
    unescaped: str

    @classmethod
    def in_plain_form(cls, cell: Cell) -> Self:
        """Those of a cell that is known to be spelled as its value is."""
        value = cell.step("value") if cell.is_typed else cell.text
        return cls(
            bare=cell.text,
            value=value,
            form="'plain'",
            decimals="cast(null as varchar)",
            exponent="cast(null as integer)",
            unescaped=cell.text,
        )

    @classmethod
    def by_steps(cls, cell: Cell) -> Self:
        """Those of a cell that went through the cleaning."""
        return cls(*(cell.step(step) for step in cls._fields))


def cells(feed: contract.Feed) -> list[Cell]:
    """The delivered columns of a feed, in the order of its declaration."""
    return [Cell(column.name, column) for column in feed.columns]


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a private connection the macros that the statements of this module use."""
    text_forms.prepare(connection)
    connection.execute(number_forms.MACROS)
    connection.execute(time_forms.MACROS)


def plain_select(relation: str, columns: Sequence[Cell]) -> str:
    """The SELECT that types cells in their plain form and fails on any other; the connection is prepared.

    Args:
        relation: A SELECT of a text column for each cell, NULL for the published file's spellings of it.
        columns: The cells.

    Returns:
        One SELECT.
    """
    # In a SELECT of their own, or each would be cast twice.
    typed = ", ".join(f"{_plain_value(cell)} as {cell.step('value')}" for cell in columns if cell.is_typed)
    values = ", ".join(f"{_plain(cell)} as {cell.text}" for cell in columns)
    return f"select {values} from (select *, {typed} from ({relation}))"


def repair_columns(columns: Sequence[Cell]) -> list[tuple[str, str]]:
    """The columns of typed records that name a repair: (landed column, repair's column)."""
    pairs = [(cell.name, f"{cell.name}__repair") for cell in columns]
    return pairs + [(cell.name, f"{cell.name}__{kind}") for cell in columns if cell.is_prose for kind in _TEXT_REPAIRS]


def write_typed(
    connection: duckdb.DuckDBPyConnection,
    staged: str,
    target: Path,
    columns: Sequence[Cell],
    *,
    header: Mapping[str, str],
    verbatim: Collection[str] = (),
    timezone: str | None = None,
) -> None:
    """Type staged records.

    Args:
        connection: A private, prepared connection.
        staged: SQL of a relation with `record_number`, `line_number`, `structural_reason` and the cells as text.
        target: The Parquet file to write: the numbers, a typed column and a repair column for each cell (see
            `repair_columns`), `rejected_column` and `reject_reason`.
        columns: The cells.
        header: Landed column -> its name in the file, where the file has it.
        verbatim: Columns of text that stay as they are, since they were no text.
        timezone: The zone of times without an offset; without it they are rejected.
    """
    connection.execute("set variable time_zone = $1", [timezone])
    numbers = [cell for cell in columns if cell.is_number]
    number_forms.set_sign_uses(connection, staged, [cell.text for cell in numbers])
    kept = ", ".join(["record_number", "line_number", "structural_reason", *(cell.text for cell in columns)])
    trimmed = [f"trimmed_cell({_usual(cell)}) as {cell.step('trimmed')}" for cell in columns]
    bare = [f"{_bare(cell)} as {cell.step('bare')}" for cell in columns]
    listed = number_forms.forms_of([cell.step("bare") for cell in numbers])
    forms = [f"number_forms[{place}] as {cell.step('form')}" for place, cell in enumerate(numbers, 1)]
    forms += [f"time_form({cell.step('bare')}) as {cell.step('form')}" for cell in columns if cell.is_time]
    exponents = [
        f"{part}_of({cell.step('bare')}, {cell.step('form')}) as {cell.step(part)}"
        for cell in numbers
        for part in ("decimals", "exponent")
    ]
    values = [f"{_value(cell, is_verbatim=cell.name in verbatim)} as {cell.step('value')}" for cell in columns]
    faults = [f"{_fault(cell)} as {cell.step('fault')}" for cell in columns]
    rejecting = [cell for cell in columns if cell.is_essential]
    first_column = " ".join(f"when {cell.step('fault')} is not null then '{cell.name}'" for cell in rejecting)
    final = [f"{_judged_value(cell)} as {cell.text}" for cell in columns]
    final += [f"{_repair(cell)} as {cell.step('repair')}" for cell in columns]
    final += [
        f"if({condition}, '{kind}', null) as {cell.step(kind)}"
        for cell in columns
        if cell.is_prose
        for kind, condition in _text_repairs(cell, Reading.by_steps(cell), is_verbatim=cell.name in verbatim)
    ]
    unescaped = [
        f"{cell.text if cell.name in verbatim else f'without_backslashes({cell.text})'} as {cell.step('unescaped')}"
        for cell in columns
        if cell.is_prose
    ]
    connection.execute(
        f"""
        copy (
            with trimmed as (select {", ".join([kept, *trimmed, *unescaped])} from {staged}),
            bare as (select *, {", ".join(bare)} from trimmed),
            listed as (select *, {listed} as number_forms from bare),
            formed as (select *, {", ".join(forms)} from listed),
            measured as (select *, {", ".join(exponents)} from formed),
            valued as (select *, {", ".join(values)} from measured),
            judged as (select *, {", ".join(faults)}, {_record_fault(columns, header)} as record_fault from valued)
            select
                record_number,
                line_number,
                if(record_fault is null, case {first_column} end, null) as rejected_column,
                coalesce(record_fault, {", ".join(cell.step("fault") for cell in rejecting)}) as reject_reason,
                {", ".join(final)}
            from judged
        ) to {sql_literal(target)} (format parquet)
        """
    )


def _fault_rules(cell: Cell, reading: Reading) -> Iterator[tuple[str, str]]:
    """The one list of what is wrong with a cell: (condition, SQL of the reason), the first that holds counts."""
    bare, value, form, decimals, exponent, _ = reading
    lowest, highest = cell.bounds
    if cell.column.is_required:
        yield f"{bare} is null", "'missing_value'"
    if cell.is_number:
        reasons = ("negative_number", "fractional_number", "not_a_number", "ambiguous_number", "imprecise_number")
        yield f"{form} in {_list(reasons)}", form
        yield f"length(rtrim({decimals}, '0')) > {exponent}", "'fractional_number'"
        # As many digits as the exponent needs were there before a spreadsheet rounded them away.
        yield f"length({decimals}) < {exponent}", "'imprecise_number'"
        yield f"{form} is not null and {bare} is not null and {value} is null", "'number_too_large'"
        yield f"{value} > {highest}", "'number_too_large'"
        yield f"{value} < {lowest}", "'duration_not_positive'"
    elif cell.is_share:
        yield f"{bare} is not null and {value} is null", "'not_a_number'"
        yield f"{value} > {highest}", "'number_too_large'"
    elif cell.is_time:
        zone = "getvariable('time_zone')"
        yield f"{form} = 'not_a_timestamp'", form
        yield f"{form} = 'local' and {zone} is null", "'no_time_zone'"
        yield f"{bare} is not null and coalesce({value} not between {lowest} and {highest}, true)", "'not_a_timestamp'"
        yield f"is_ambiguous_time({bare}, {form}, {value}, {zone})", "'ambiguous_time'"
    elif cell.column.categories:
        yield f"{bare} is not null and {value} is null", "'unknown_category'"


_TEXT_REPAIRS = ("escaped_quotes", "html_entities", "double_encoded")


def _text_repairs(cell: Cell, reading: Reading, *, is_verbatim: bool = False) -> Iterator[tuple[str, str]]:
    """The one list of what a text is repaired or flagged for: (kind, condition); several may hold."""
    text, may_have_entities = cell.text, f"may_have_entities({reading.unescaped})"
    changed = (
        may_have_entities
        if reading.value == text
        else f"{may_have_entities} and {reading.value} <> {reading.unescaped}"
    )
    conditions = (f"has_backslashes({text})", changed, f"is_encoded_twice({text})")
    for kind, condition in zip(_TEXT_REPAIRS, conditions, strict=True):
        yield kind, "false" if is_verbatim else condition


def _plain(cell: Cell) -> str:
    """SQL of a cell's value where it is in plain form and at no fault; an error elsewhere."""
    reading = Reading.in_plain_form(cell)
    if cell.is_number:
        # Spelled as the database spells it: half the cost of a pattern (2026-11).
        odd = [f"cast({reading.value} as varchar) is distinct from {cell.text}"]
    elif cell.is_share:
        odd = [f"not regexp_full_match({cell.text}, '[0-9.]+')"]
    elif cell.is_time:
        odd = [f"not regexp_full_match({cell.text}, '{time_forms.PLAIN}')"]
    elif cell.column.categories:
        odd = [f"{cell.text} not in {_list(cell.column.categories)}"]
    elif not cell.is_prose:
        odd = [f"bare_cell({cell.text}) is null and {cell.text} is not null"]
        odd += [f"{cell.text}[1] <= ' '", f"{cell.text}[-1] <= ' '"]
    else:
        # Without blanks at its ends, text that is longer than each spelling of NULL is none of them.
        odd = [f"strlen({cell.text}) <= {text_forms.LONGEST_NULL}", f"{cell.text}[1] <= ' '", f"{cell.text}[-1] <= ' '"]
        odd += [condition for _, condition in _text_repairs(cell, reading)]
    odd += [condition for condition, _ in _fault_rules(cell, reading)]
    cases = " ".join(f"when {condition} then error({sql_literal(UNUSUAL)})" for condition in odd)
    return f"case {cases} else {reading.value} end"


def _plain_value(cell: Cell) -> str:
    if cell.is_time:
        return f"timezone('UTC', try_cast({cell.text} as timestamptz))"
    return f"try_cast({cell.text} as {cell.column.data_type})"


def _usual(cell: Cell) -> str:
    return f"with_usual_signs({cell.text})" if cell.is_number else cell.text


def _value(cell: Cell, *, is_verbatim: bool) -> str:
    bare = cell.step("bare")
    if cell.is_number:
        digits = f"digits_of({bare}, {cell.step('form')}, {cell.step('decimals')}, {cell.step('exponent')})"
        return f"try_cast({digits} as bigint)"
    if cell.is_share:
        # A comma can only be decimal here.
        return (
            f"try_cast(if(regexp_full_match({bare}, '[0-9]*[.,]?[0-9]+'), replace({bare}, ',', '.'), null) as double)"
        )
    if cell.is_time:
        return f"utc_of({bare}, {cell.step('form')}, getvariable('time_zone'))"
    if not (cell.column.categories or cell.is_prose):
        return bare
    if cell.column.categories:
        synonyms = {**{name: name for name in cell.column.categories}, **cell.column.category_synonyms}
        cases = " ".join(
            f"when {sql_literal(known)} then {sql_literal(usual)}" for known, usual in synonyms.items() if usual
        )
        return f"case category_of({bare}) {cases} end"
    text = cell.step("unescaped")
    decoded = "" if is_verbatim else f"when may_have_entities({text}) then html_unescaped({text})"
    return f"case when {bare} is null then null {decoded} else {text} end"


def _bare(cell: Cell) -> str:
    """SQL of a trimmed cell, NULL for a spelling of no value, or a category's name that means none."""
    trimmed = cell.step("trimmed")
    if no_values := tuple(name for name, ours in cell.column.category_synonyms.items() if ours is None):
        return f"case when category_of({trimmed}) in {_list(no_values)} then null else bare_cell({trimmed}) end"
    return f"bare_cell({trimmed})"


def _judged_value(cell: Cell) -> str:
    value = cell.step("value")
    return value if cell.is_essential else f"if({cell.step('fault')} is null, {value}, null)"


def _fault(cell: Cell) -> str:
    cases = " ".join(
        f"when {condition} then {reason}" for condition, reason in _fault_rules(cell, Reading.by_steps(cell))
    )
    return f"case {cases} end" if cases else "cast(null as varchar)"


def _record_fault(columns: Sequence[Cell], header: Mapping[str, str]) -> str:
    """The reason to reject a record as a whole: it cannot be split, or is no record but a line about records."""
    key = next(cell for cell in columns if cell.name == "video_id")
    is_header = f"lower({key.step('trimmed')}) = {sql_literal(header[key.name].strip().lower())}"
    totals = ", ".join(sql_literal(name) for name in _TOTALS)
    called = " or ".join(
        # No IN: the planner would make a join of each (2026-11).
        f"list_contains([{totals}], rtrim(lower({cell.step('bare')}), ' :'))"
        for cell in columns
        if not cell.column.categories
    )
    return (
        f"case when structural_reason is not null then structural_reason when {is_header} then 'repeated_header' "
        f"when try_cast({key.step('bare')} as bigint) is null and ({called}) then 'totals_row' end"
    )


def _repair(cell: Cell) -> str:
    bare, value = cell.step("bare"), cell.step("value")
    if cell.is_number:
        repair = f"if({cell.step('form')} = 'plain', if({bare} <> {cell.text}, 'blanks', null), {cell.step('form')})"
    elif cell.is_share:
        repair = f"case when contains({bare}, ',') then 'decimal_comma' when {bare} <> {cell.text} then 'blanks' end"
    elif cell.is_time:
        blanks = f"if({bare} <> {cell.text}, 'blanks', null)"
        repair = f"coalesce(time_repair({bare}, {cell.step('form')}), {blanks})"
    elif cell.column.categories:
        repair = (
            f"case when category_of({bare}) <> {value} then 'category_synonym' "
            f"when {cell.text} <> {value} then 'category_spelling' end"
        )
    else:
        repair = "null" if cell.is_prose else f"if({bare} <> {cell.text}, 'blanks', null)"
    if not cell.is_essential:
        repair = f"if({cell.step('fault')} is null, {repair}, 'unreadable_label')"
    return f"if({bare} is null, if({cell.text} not in ('', '#N/A'), 'null_spelling', null), {repair})"


def _list(values: tuple[str, ...]) -> str:
    return "(" + ", ".join(sql_literal(value) for value in values) + ")"
