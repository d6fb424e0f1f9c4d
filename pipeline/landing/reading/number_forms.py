r"""How a number may be written, in SQL: its form, what the whole file shows about its signs, and its digits.

A sign between digits is a group sign or a decimal sign; before exactly three digits it may be either. What the file
shows elsewhere decides, and where it shows nothing, or both, the cell has two readings.
"""
# ruff: noqa: S608 - composed SQL holds literals and the contract's names

from collections.abc import Sequence

import duckdb

APPROXIMATE = "≈"
"""Stands in front of a staged number whose stored type could not hold it exactly."""

_BLANK, _APOSTROPHE = " ", "'"
# Other spellings of the two: no-break, figure, thin and narrow blanks; the typographic apostrophe.
_SPELLINGS = {_BLANK: "\u00a0\u2007\u2009\u202f", _APOSTROPHE: "\u2019"}
_FROM = "".join(_SPELLINGS.values())
_TO = "".join(sign * len(others) for sign, others in _SPELLINGS.items())
_OTHER = {",": r"\.", ".": ","}
_GROUP_START = "[1-9][0-9]{0,2}"


def _escaped(sign: str) -> str:
    return r"\." if sign == "." else sign


def _shows_groups(sign: str) -> str:
    """The pattern of a cell in which the sign can only group thousands."""
    sign_ = _escaped(sign)
    group = f"({sign_}[0-9]{{3}})"
    decimals = f"{_OTHER[sign]}[0-9]*" if sign in _OTHER else "[.,][0-9]*"
    several = f"{_GROUP_START}{group}{{2,}}({decimals})?"
    return several if sign not in _OTHER else f"{several}|{_GROUP_START}{group}{decimals}"


def _shows_decimals(sign: str) -> str:
    """The pattern of a cell in which the sign can only begin the decimals."""
    sign_ = _escaped(sign)
    others = "|".join(_escaped(other) for other in (",", ".", _BLANK, _APOSTROPHE) if other != sign)
    return (
        f"[0-9]+{sign_}([0-9]{{1,2}}|[0-9]{{4,}})|[0-9]{{4,}}{sign_}[0-9]+|0[0-9]*{sign_}[0-9]+|"
        f"{_GROUP_START}(({others})[0-9]{{3}})+{sign_}[0-9]*|[0-9]{sign_}[0-9]+[eE][+-]?[0-9]+"
    )


def _suggests_groups(sign: str) -> str:
    """The pattern of a count that would have a fraction if the sign began its decimals."""
    return f"{_GROUP_START}{_escaped(sign)}([1-9][0-9]{{2}}|0[1-9][0-9]|00[1-9])"


MACROS = rf"""
create or replace temp macro with_usual_signs(bare) as
    if(strlen(bare) > length(bare), translate(bare, '{_FROM}', '{_TO.replace("'", "''")}'), bare);

-- What a sign before exactly three digits, and nothing else, makes of a number.
create or replace temp macro form_by_sign(bare, sign_use, decimal_form) as case sign_use
    when 'group' then 'thousands_separator'
    when 'decimal' then if(regexp_full_match(bare, '[0-9]+[.,]0*'), decimal_form, 'fractional_number')
    else 'ambiguous_number'
end;

-- The spelling of a number, or the reason why it is none.
create or replace temp macro number_form(bare, comma_use, dot_use, blank_use, apostrophe_use) as case
    when bare is null then null
    when regexp_full_match(bare, '0|[1-9][0-9]*') then 'plain'
    when regexp_full_match(bare, '0[0-9]+') then 'leading_zeros'
    when regexp_full_match(bare, '{_GROUP_START}\.[0-9]{{3}}') then form_by_sign(bare, dot_use, 'decimal_point')
    when regexp_full_match(bare, '{_GROUP_START},[0-9]{{3}}') then form_by_sign(bare, comma_use, 'decimal_comma')
    when regexp_full_match(bare, '[0-9]+\.0*') then 'decimal_point'
    when regexp_full_match(bare, '[0-9]+,0+') then 'decimal_comma'
    when regexp_full_match(bare, '{_GROUP_START}((,[0-9]{{3}})+(\.0*)?|(\.[0-9]{{3}})+(,0*)?)')
        then 'thousands_separator'
    when regexp_full_match(bare, '{_GROUP_START}( [0-9]{{3}})+([.,]0*)?')
        then if(blank_use = 'group', 'thousands_separator', 'ambiguous_number')
    when regexp_full_match(bare, '{_GROUP_START}(''[0-9]{{3}})+([.,]0*)?')
        then if(apostrophe_use = 'group', 'thousands_separator', 'ambiguous_number')
    when regexp_full_match(bare, '[0-9]([.,][0-9]+)?[eE]\+?[0-9]{{1,2}}') then 'scientific_notation'
    when regexp_full_match(bare, '-[0-9]+([., ''][0-9]+)*([eE][+-]?[0-9]+)?') then 'negative_number'
    when regexp_full_match(bare, '[0-9]*[.,][0-9]+|[0-9]+([.,][0-9]+)?[eE]-[0-9]+') then 'fractional_number'
    when regexp_full_match(bare, '{_GROUP_START}([., ''][0-9]{{3}})+[.,][0-9]+') then 'fractional_number'
    when bare[1] = '{APPROXIMATE}' then 'imprecise_number'
    else 'not_a_number'
end;

-- The decimals and the exponent of 3.43296e5, where the number is written so.
create or replace temp macro decimals_of(bare, form) as
    if(form = 'scientific_notation', regexp_extract(bare, '[.,]([0-9]+)', 1), null);
create or replace temp macro exponent_of(bare, form) as
    if(form = 'scientific_notation', try_cast(regexp_extract(bare, '[eE]\+?([0-9]+)$', 1) as integer), null);

-- The last sign of 1,234.0 begins its decimals, that of 1,234,000 does not.
create or replace temp macro without_zero_decimals(bare) as case
    when regexp_full_match(bare, '[0-9]+(,[0-9]{{3}})+\.0*') then split_part(bare, '.', 1)
    when regexp_full_match(bare, '[0-9]+(\.[0-9]{{3}})+,0*') then split_part(bare, ',', 1)
    when regexp_matches(bare, '[ '']') then regexp_replace(bare, '[.,].*$', '')
    else bare
end;

create or replace temp macro digits_of(bare, form, decimals, exponent) as case form
    when 'plain' then bare
    when 'leading_zeros' then bare
    when 'decimal_comma' then split_part(bare, ',', 1)
    when 'decimal_point' then split_part(bare, '.', 1)
    when 'thousands_separator' then regexp_replace(without_zero_decimals(bare), '[., '']', '', 'g')
    when 'scientific_notation' then left(bare, 1) || rpad(decimals, exponent, '0')
end;
"""


def set_sign_uses(connection: duckdb.DuckDBPyConnection, staged: str, columns: Sequence[str]) -> None:
    """Decide by all numbers of a file what each sign between digits stands for.

    Args:
        connection: A private connection; it receives the variables that `form_of` reads.
        staged: SQL of a relation with the cells as text.
        columns: The columns of numbers, as SQL names.
    """
    shown = ", ".join(
        f"{_any(sign, pattern(sign))} as {name}_{evidence}"
        for name, sign in (("comma", ","), ("dot", "."), ("blank", _BLANK), ("apostrophe", _APOSTROPHE))
        for evidence, pattern in (
            ("groups", _shows_groups),
            *((("decimals", _shows_decimals), ("suggests", _suggests_groups)) if sign in _OTHER else ()),
        )
    )
    listed = ", ".join(columns)
    connection.execute(
        f"""
        create or replace temp table sign_evidence as
        with signed as (select {listed} from {staged} where not regexp_full_match(concat_ws('', {listed}), '[0-9]*')),
        cells as (select unnest([{listed}]) as cell from signed),
        numbers as (select trim(with_usual_signs(cell), e' \\t\\r\\n') as number from cells)
        select {shown} from numbers;
        set variable comma_use = (select case
            when comma_decimals and (comma_groups or comma_suggests) then 'both'
            when comma_decimals then 'decimal'
            when comma_groups or not dot_groups then 'group'
            else 'unknown' end from sign_evidence);
        set variable dot_use = (select case
            when dot_decimals and (dot_groups or dot_suggests) then 'both'
            when dot_decimals then 'decimal'
            when dot_groups or comma_decimals then 'group'
            else 'unknown' end from sign_evidence);
        set variable blank_use = (select if(blank_groups, 'group', 'unknown') from sign_evidence);
        set variable apostrophe_use = (select if(apostrophe_groups, 'group', 'unknown') from sign_evidence);
        drop table sign_evidence;
        """
    )


def forms_of(bares: Sequence[str]) -> str:
    """SQL of the list of some cells' forms, by the signs' uses in the file; planned once, whatever their number."""
    uses = ", ".join(f"getvariable('{sign}_use')" for sign in ("comma", "dot", "blank", "apostrophe"))
    return f"list_transform([{', '.join(bares)}], lambda bare: number_form(bare, {uses}))"


def _any(sign: str, pattern: str) -> str:
    """SQL: whether any number matches. A CASE, since an AND would match those without the sign as well."""
    literal, pattern = sign.replace("'", "''"), pattern.replace("'", "''")
    return (
        f"coalesce(bool_or(case when contains(number, '{literal}') then regexp_full_match(number, '{pattern}') end), "
        "false)"
    )
