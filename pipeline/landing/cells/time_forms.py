r"""How a moment may be written, in SQL: ISO 8601 with an offset from UTC, or without one where the zone is told."""

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?"
_OFFSET = "[zZ]|[+-][0-9]{2}(:?[0-9]{2})?"

PLAIN = f"{_DAY}[T ][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}([.][0-9]{{1,6}})?Z"
"""The pattern of the form that needs no repair."""

MACROS = rf"""
create or replace temp macro time_form(bare) as case
    when bare is null then null
    when regexp_full_match(bare, '{_DAY}[tT ]{_TIME} ?({_OFFSET})') then 'offset'
    when regexp_full_match(bare, '{_DAY}([tT ]{_TIME})?') then 'local'
    else 'not_a_timestamp'
end;

create or replace temp macro spelled_time(bare) as
    replace(replace(replace(upper(bare), 'T', ' '), ',', '.'), 'Z', '+00');
create or replace temp macro utc_of(bare, form, zone) as case
    when form = 'offset'
        then timezone('UTC', try_cast(regexp_replace(spelled_time(bare), ' ([+-])', '\1') as timestamptz))
    when form = 'local' then timezone('UTC', timezone(zone, try_cast(spelled_time(bare) as timestamp)))
end;

create or replace temp macro local_time(moment, zone) as timezone(zone, timezone('UTC', moment));

-- The hour that summer time takes away never was, and the one that it gives back was twice. Clocks are set back by an
-- hour, on one island by half of it.
create or replace temp macro is_ambiguous_time(bare, form, moment, zone) as form = 'local' and (
    local_time(moment, zone) <> try_cast(spelled_time(bare) as timestamp)
    or local_time(moment + interval 30 minutes, zone) = local_time(moment, zone)
    or local_time(moment - interval 30 minutes, zone) = local_time(moment, zone)
    or local_time(moment + interval 60 minutes, zone) = local_time(moment, zone)
    or local_time(moment - interval 60 minutes, zone) = local_time(moment, zone)
);

create or replace temp macro time_repair(bare, form) as case
    when form = 'local' then 'time_zone'
    when not regexp_full_match(bare, '.*([zZ]|[+-]00(:?00)?)') then 'time_offset'
end;
"""
