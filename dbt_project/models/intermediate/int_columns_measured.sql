-- One row per delivered column but the key: how many values it has, and how they spread.
with

measured_values as (

    select * from {{ ref('int_column_values_counted') }}

),

sums as (

    select
        column_number,
        cast(sum(video_count) as bigint) as non_null_count,
        count(*) as distinct_count,
        min(measured_value) as minimum,
        max(measured_value) as maximum,
        {{ exact_sum_of_counted('measured_value') }} / cast(sum(video_count) as double) as mean
    from measured_values
    group by column_number

),

-- Squares are of whole distances from the mean, in units that keep them below a trillion: exact, without cancellation
-- and within 38 digits whatever the values are.
centres as (

    select
        column_number,
        cast(round(mean, 0) as bigint) as centre,
        cast(ceil((maximum - minimum + 1) / 1000000000000.0) as bigint) as unit
    from sums

),

distances as (

    select
        measured_values.column_number,
        measured_values.video_count,
        centres.unit,
        cast(
            round(cast(measured_values.measured_value - centres.centre as double) / centres.unit, 0) as decimal(19, 0)
        ) as distance
    from measured_values
    inner join centres on measured_values.column_number = centres.column_number

),

deviations as (

    select
        column_number,
        max(unit) * sqrt(
            (
                cast(sum(cast(distance * distance as decimal(26, 0)) * cast(video_count as decimal(12, 0))) as double)
                - power(cast(sum(distance * cast(video_count as decimal(19, 0))) as double), 2) / sum(video_count)
            ) / nullif(sum(video_count) - 1, 0)
        ) as standard_deviation
    from distances
    group by column_number

),

final as (

    select
        sums.*,
        deviations.standard_deviation
    from sums
    inner join deviations on sums.column_number = deviations.column_number

)

select * from final
