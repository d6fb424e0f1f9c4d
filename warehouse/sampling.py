"""A sample of videos that depends on their ids alone: the same data give the same rows on every engine."""

# How much further than the sample the hash is cut off, so that the cut never takes a row of the sample: over 40
# standard deviations for samples of 200,000 rows, 7 for the smallest.
MARGIN_SHARE = 0.2
MARGIN_ROWS = 200


def hashed_sample(
    select: str, relation: str, sample_rows: int, row_count: int, *, where: str = "", salt: str = ""
) -> str:
    """SQL of the rows with the smallest md5 of `video_id`, in that order.

    A cut on the hash comes before the sort, so that only a little more than the sample is sorted and held, not the
    whole table.

    Args:
        select: Columns, as they stand after `select`.
        relation: A table with a `video_id`.
        sample_rows: Rows wanted.
        row_count: Rows of the table that meet `where`; with no more than wanted, all of them are the sample.
        where: A condition without the word; every row by default.
        salt: Makes another sample than the hash of the bare id; letters and blanks.

    Returns:
        One SELECT.
    """
    digest = "md5(cast(video_id as string))" if not salt else f"md5('{salt}' || cast(video_id as string))"
    conditions = [condition for condition in (where, _cut(digest, sample_rows, row_count)) if condition]
    filtered = f" where {' and '.join(conditions)}" if conditions else ""
    return f"select {select} from {relation}{filtered} order by {digest}, video_id limit {int(sample_rows)}"  # noqa: S608


def _cut(digest: str, sample_rows: int, row_count: int) -> str:
    """The condition that only so small hashes meet; none where it would spare little."""
    share = (sample_rows * (1 + MARGIN_SHARE) + MARGIN_ROWS) / max(row_count, 1)
    return f"{digest} < '{int(share * 16**8):08x}'" if share < 0.5 else ""
