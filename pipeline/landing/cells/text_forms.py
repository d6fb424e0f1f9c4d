"""How a text cell may be written, in SQL: spellings of no value, backslashes, HTML entities, doubled encodings."""

import html.entities
import re
from functools import cache

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

from warehouse.duckdb_engine import sql_literal

NULL_SPELLINGS = ("", "#n/a", "na", "n/a", "null", "nan", "none", "<na>", "-")
LONGEST_NULL = max(map(len, NULL_SPELLINGS))
BLANKS = r"e' \t\r\n'"

# Complete ones only: `&notit;` is no entity, though browsers read the `&not` in it.
_ENTITY = r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]*);"
# UTF-8's bytes, each read as a character of Latin-1 or Windows-1252 and encoded once more.
_HIGH = f"[\u0080-\u00bf{bytes(range(0x80, 0xA0)).decode('cp1252', 'ignore')}]"
_DOUBLED = f"([\u00c2-\u00df]{_HIGH}|[\u00e0-\u00ef]{_HIGH}{{2}}|[\u00f0-\u00f4]{_HIGH}{{3}})"

MACROS = rf"""
-- Looking first is ten times as fast as trimming text that has nothing to trim (2026-11).
create or replace temp macro trimmed_cell(cell) as
    if(cell[1] <= ' ' or cell[-1] <= ' ', trim(cell, {BLANKS}), cell);

-- A CASE, since the planner would make a join of each IN with as many values.
create or replace temp macro bare_cell(trimmed) as case
    when strlen(trimmed) > {LONGEST_NULL} then trimmed
    else case lower(trimmed)
        {" ".join(f"when {sql_literal(spelling)} then null" for spelling in NULL_SPELLINGS)}
        else trimmed
    end
end;

create or replace temp macro category_of(bare) as regexp_replace(lower(bare), '[\s_]+', ' ', 'g');

create or replace temp macro has_backslashes(cell) as
    contains(cell, '\') and (contains(cell, '\"') or contains(cell, '\'''));
create or replace temp macro without_backslashes(cell) as
    if(contains(cell, '\'), replace(replace(cell, '\"', '"'), '\''', ''''), cell);

create or replace temp macro may_have_entities(cell) as contains(cell, '&') and regexp_matches(cell, '{_ENTITY}');

-- Whether every character beyond ASCII belongs to a doubled sequence.
create or replace temp macro is_encoded_twice(cell) as
    strlen(cell) > length(cell) and regexp_matches(cell, '{_DOUBLED}')
    and strlen(regexp_replace(cell, '{_DOUBLED}', '', 'g')) = length(regexp_replace(cell, '{_DOUBLED}', '', 'g'));
"""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a connection the macros and the function `html_unescaped`."""
    connection.create_function("html_unescaped", _html_unescaped, ["varchar"], "varchar", type=PythonUDFType.ARROW)
    connection.execute(MACROS)


def unescaped(text: str) -> str:
    """Decode complete entities that stand for one character each; leave anything else as it stands.

    Args:
        text: For example `R&amp;D &notit; &#0;`.

    Returns:
        For example `R&D &notit; &#0;`.
    """
    return re.sub(_ENTITY, lambda match: _character(match[1]) or match[0], text)


@cache
def _character(name: str) -> str | None:
    if not name.startswith("#"):
        return html.entities.html5.get(f"{name};")
    code = int(f"0{name[1:]}", 0) if name[1] in "xX" else int(name[1:])
    is_control = code < 0x20 and code not in (0x09, 0x0A, 0x0D)
    # Browsers read 128 to 159 as Windows-1252, the standard as control characters: two readings.
    if is_control or 0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF or code & 0xFFFE == 0xFFFE:
        return None
    return chr(code)


def _html_unescaped(texts: pa.ChunkedArray) -> pa.Array:
    return pa.array([text and unescaped(text) for text in texts.to_pylist()], pa.string())
