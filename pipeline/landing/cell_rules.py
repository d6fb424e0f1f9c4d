r"""From text to types, in SQL: what a cell may look like, what is repaired, and what is rejected.

`write_typed` types staged text, names each cell's repair and finds the first fault of a record. `plain_select` is the
shortcut for files that need none of it: it fails on the first cell that is not in plain form.
"""
# ruff: noqa: S608 - composed SQL holds literals that are quoted and the contract's names

import html
import re
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

from pipeline.landing.dialect import delivered_columns
from warehouse import contract
from warehouse.duckdb_engine import sql_literal

NULL_SPELLINGS = ("", "#n/a", "na", "n/a", "null", "nan", "none", "<na>", "-")
# Known other names of a category, in lower case.
CATEGORY_SYNONYMS = {"under scrutiny": "under review"}
UNUSUAL = "this file needs care"
"""What the shortcut's error says."""

_LONGEST_NULL = max(map(len, NULL_SPELLINGS))
_BLANKS = r"e' \t\r\n'"
_ENTITY = r"&(#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);"

# Each macro is used once per cell on the columns of the step before: nested calls would multiply the plan.
_MACROS = rf"""
-- Looking first is ten times as fast as trimming text that has nothing to trim (2026-11).
create temp macro trimmed_cell(cell) as
    if(cell[1] <= ' ' or cell[-1] <= ' ', trim(cell, {_BLANKS}), cell);

-- A CASE, since the planner would make a join of each IN with as many values.
create temp macro bare_cell(trimmed) as case
    when strlen(trimmed) > {_LONGEST_NULL} then trimmed
    else case lower(trimmed)
        {" ".join(f"when {sql_literal(spelling)} then null" for spelling in NULL_SPELLINGS)}
        else trimmed
    end
end;

-- The spelling of a number, or the reason why it is none.
create temp macro number_form(bare, has_decimal_commas) as case
    when bare is null then null
    when regexp_full_match(bare, '0|[1-9][0-9]*') then 'plain'
    when regexp_full_match(bare, '0[0-9]+') then 'leading_zeros'
    when regexp_full_match(bare, '[0-9]+\.0*') then 'decimal_point'
    when has_decimal_commas and regexp_full_match(bare, '[1-9][0-9]{{0,2}},[0-9]{{3}}') then 'ambiguous_number'
    when has_decimal_commas and regexp_full_match(bare, '[0-9]+,0*') then 'decimal_comma'
    when regexp_full_match(bare, '[1-9][0-9]{{0,2}}(,[0-9]{{3}})+(\.0*)?') then 'thousands_separator'
    when regexp_full_match(bare, '[0-9](\.[0-9]+)?[eE]\+?[0-9]{{1,2}}') then 'scientific_notation'
    when regexp_full_match(bare, '-[0-9]+([.,][0-9]+)*([eE][+-]?[0-9]+)?') then 'negative_number'
    when regexp_full_match(bare, '[0-9]*[.,][0-9]+|[0-9]+(\.[0-9]+)?[eE]-[0-9]+') then 'fractional_number'
    else 'not_a_number'
end;

-- The decimals and the exponent of 3.43296e5, where the number is written so.
create temp macro decimals_of(bare, form) as
    if(form = 'scientific_notation', rtrim(regexp_extract(bare, '\.([0-9]+)', 1), '0'), null);
create temp macro exponent_of(bare, form) as
    if(form = 'scientific_notation', try_cast(regexp_extract(bare, '[eE]\+?([0-9]+)$', 1) as integer), null);

create temp macro digits_of(bare, form, decimals, exponent) as case form
    when 'decimal_comma' then split_part(bare, ',', 1)
    when 'decimal_point' then split_part(bare, '.', 1)
    when 'thousands_separator' then replace(split_part(bare, '.', 1), ',', '')
    when 'scientific_notation' then left(bare, 1) || rpad(decimals, exponent, '0')
    when 'plain' then bare
    when 'leading_zeros' then bare
end;

create temp macro number_fault(form, number, minimum, decimals, exponent, is_id) as case
    when form in ('negative_number', 'fractional_number', 'not_a_number', 'ambiguous_number') then form
    when length(decimals) > exponent then 'fractional_number'
    -- Six digits are what spreadsheets and printf keep; a rounded id would be another video's.
    when length(decimals) < exponent and (is_id or length(decimals) >= 5) then 'imprecise_number'
    when form is not null and number is null then 'number_too_large'
    when number < minimum then 'duration_not_positive'
end;

create temp macro category_of(bare) as regexp_replace(lower(bare), '[\s_]+', ' ', 'g');

create temp macro without_backslashes(cell) as
    if(contains(cell, '\'), replace(replace(cell, '\"', '"'), '\''', ''''), cell);
create temp macro has_entities(cell) as contains(cell, '&') and regexp_matches(cell, '{_ENTITY}');
"""


class Cell(NamedTuple):
    """What is expected of one column, as `landed_videos` declares it."""

    name: str
    is_number: bool
    is_required: bool
    minimum: int
    categories: tuple[str, ...]

    @property
    def text(self) -> str:
        """The staged column, as an SQL name."""
        return f'"{self.name}"'

    def step(self, step: str) -> str:
        """The column that a step of the cleaning makes of it, as an SQL name."""
        return f'"{self.name}__{step}"'


def cells() -> list[Cell]:
    """The delivered columns, in the order of the contract."""
    delivered = delivered_columns()
    return [
        Cell(
            column.name,
            column.data_type == "bigint",
            bool(column.meta.get("is_required")),
            int(column.meta.get("minimum", 0)),
            tuple(column.meta.get("categories", ())),
        )
        for column in contract.columns("landed_videos")
        if column.name in delivered
    ]


def plain_select(relation: str) -> str:
    """The SELECT that types cells in their plain form and fails on any other.

    Args:
        relation: A SELECT of a text column for each cell, NULL for the published file's spellings of it.

    Returns:
        One SELECT.
    """
    # In a SELECT of their own, or each would be cast twice.
    numbers = ", ".join(
        f"try_cast({cell.text} as bigint) as {cell.step('value')}" for cell in cells() if cell.is_number
    )
    values = ", ".join(f"{_plain(cell)} as {cell.text}" for cell in cells())
    return f"select {values} from (select *, {numbers} from ({relation}))"


def repair_columns() -> list[tuple[str, str]]:
    """The columns of typed records that name a repair: (landed column, repair's column)."""
    pairs = [(cell.name, f"{cell.name}__repair") for cell in cells()]
    return pairs + [(cell.name, f"{cell.name}__entities") for cell in cells() if _is_free_text(cell)]


def write_typed(connection: duckdb.DuckDBPyConnection, staged: str, target: Path) -> None:
    """Type staged records.

    Args:
        connection: A private connection; it receives macros of our own.
        staged: SQL of a relation with `record_number`, `line_number`, `structural_reason` and the cells as text.
        target: The Parquet file to write: the numbers, a typed column and a repair column for each cell (see
            `repair_columns`), `rejected_column` and `reject_reason`.
    """
    connection.create_function("html_unescaped", _html_unescaped, ["varchar"], "varchar", type=PythonUDFType.ARROW)
    connection.execute(_MACROS)
    columns = cells()
    numbers = [cell for cell in columns if cell.is_number]
    connection.execute(f"set variable has_decimal_commas = (select {_comma_evidence(numbers)} from {staged})")
    trimmed = [f"trimmed_cell({cell.text}) as {cell.step('trimmed')}" for cell in columns]
    bare = [f"bare_cell({cell.step('trimmed')}) as {cell.step('bare')}" for cell in columns]
    forms = [
        f"number_form({cell.step('bare')}, getvariable('has_decimal_commas')) as {cell.step('form')}"
        for cell in numbers
    ]
    exponents = [
        f"{part}_of({cell.step('bare')}, {cell.step('form')}) as {cell.step(part)}"
        for cell in numbers
        for part in ("decimals", "exponent")
    ]
    values = [f"{_value(cell)} as {cell.step('value')}" for cell in columns]
    faults = [f"{_fault(cell)} as {cell.step('fault')}" for cell in columns]
    fault_names = ", ".join(cell.step("fault") for cell in columns)
    first_column = " ".join(f"when {cell.step('fault')} is not null then '{cell.name}'" for cell in columns)
    final = [f"{cell.step('value')} as {cell.text}" for cell in columns]
    final += [f"{_repair(cell)} as {cell.step('repair')}" for cell in columns]
    final += [
        f"if(has_entities({cell.step('unescaped')}), 'html_entities', null) as {cell.step('entities')}"
        for cell in columns
        if _is_free_text(cell)
    ]
    connection.execute(
        f"""
        copy (
            with trimmed as (select *, {", ".join([*trimmed, *_unescaped(columns)])} from {staged}),
            bare as (select *, {", ".join(bare)} from trimmed),
            formed as (select *, {", ".join(forms)} from bare),
            measured as (select *, {", ".join(exponents)} from formed),
            valued as (select *, {", ".join(values)} from measured),
            judged as (select *, {", ".join(faults)} from valued)
            select
                record_number,
                line_number,
                case when structural_reason is null then case {first_column} end end as rejected_column,
                coalesce(structural_reason, {fault_names}) as reject_reason,
                {", ".join(final)}
            from judged
        ) to {sql_literal(target)} (format parquet)
        """
    )


def _plain(cell: Cell) -> str:
    missing = "false" if cell.is_required else f"{cell.text} is null"
    value = cell.text
    if cell.is_number:
        # Spelled as the database spells it: half the cost of a pattern (2026-11).
        value = cell.step("value")
        plain = f"{value} >= {cell.minimum} and cast({value} as varchar) = {cell.text}"
    elif cell.categories:
        plain = f"{cell.text} in {_list(cell.categories)}"
    else:
        # Without blanks at its ends, text that is longer than each spelling of NULL is none of them.
        plain = (
            f"strlen({cell.text}) > {_LONGEST_NULL} and {cell.text}[1] > ' ' and {cell.text}[-1] > ' ' "
            f"and not contains({cell.text}, '\\') "
            f"and not (contains({cell.text}, '&') and regexp_matches({cell.text}, '{_ENTITY}'))"
        )
    return f"case when {missing} or {plain} then {value} else error({sql_literal(UNUSUAL)}) end"


def _is_free_text(cell: Cell) -> bool:
    return not cell.is_number and not cell.categories


def _comma_evidence(numbers: list[Cell]) -> str:
    """Commas are decimal where any cell holds one that cannot group thousands."""
    pattern = "[0-9]+,([0-9]{1,2}|[0-9]{4,})|[0-9]{4,},[0-9]+|0[0-9]*,[0-9]+"
    return " or ".join(
        # A CASE, since an AND would trim and match the cells without a comma as well.
        f"coalesce(bool_or(case when contains({cell.text}, ',') "
        f"then regexp_full_match(trim({cell.text}, {_BLANKS}), '{pattern}') end), false)"
        for cell in numbers
    )


def _unescaped(columns: list[Cell]) -> list[str]:
    return [f"without_backslashes({cell.text}) as {cell.step('unescaped')}" for cell in columns if _is_free_text(cell)]


def _value(cell: Cell) -> str:
    bare = cell.step("bare")
    if cell.is_number:
        digits = f"digits_of({bare}, {cell.step('form')}, {cell.step('decimals')}, {cell.step('exponent')})"
        return f"try_cast({digits} as bigint)"
    if cell.categories:
        synonyms = {**{name: name for name in cell.categories}, **CATEGORY_SYNONYMS}
        cases = " ".join(
            f"when {sql_literal(known)} then {sql_literal(usual)}"
            for known, usual in synonyms.items()
            if usual in cell.categories
        )
        return f"case category_of({bare}) {cases} end"
    text = cell.step("unescaped")
    return f"case when {bare} is null then null when has_entities({text}) then html_unescaped({text}) else {text} end"


def _fault(cell: Cell) -> str:
    """The reason to reject that a cell gives, if any; the first that holds."""
    bare, value = cell.step("bare"), cell.step("value")
    missing = f"{bare} is null" if cell.is_required else "false"
    found = "cast(null as varchar)"
    if cell.is_number:
        is_id = "true" if cell.name == "video_id" else "false"
        found = (
            f"number_fault({cell.step('form')}, {value}, {cell.minimum}, {cell.step('decimals')}, "
            f"{cell.step('exponent')}, {is_id})"
        )
    elif cell.categories:
        found = f"if({bare} is not null and {value} is null, 'unknown_category', null)"
    return f"if({missing}, 'missing_value', {found})"


def _repair(cell: Cell) -> str:
    bare = cell.step("bare")
    if cell.is_number:
        repair = f"if({cell.step('form')} = 'plain', if({bare} <> {cell.text}, 'blanks', null), {cell.step('form')})"
    elif cell.categories:
        value = cell.step("value")
        repair = (
            f"case when category_of({bare}) <> {value} then 'category_synonym' "
            f"when {cell.text} <> {value} then 'category_spelling' end"
        )
    else:
        repair = f"if({cell.step('unescaped')} <> {cell.text}, 'escaped_quotes', null)"
    return f"if({bare} is null, if({cell.text} not in ('', '#N/A'), 'null_spelling', null), {repair})"


def _html_unescaped(texts: pa.ChunkedArray) -> pa.Array:
    return pa.array(
        [text and re.sub(_ENTITY, lambda match: html.unescape(match[0]), text) for text in texts.to_pylist()],
        pa.string(),
    )


def _list(values: tuple[str, ...]) -> str:
    return "(" + ", ".join(sql_literal(value) for value in values) + ")"
