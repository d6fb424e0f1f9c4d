"""A row of `ml.statistical_results` in one plain sentence: the comparison of accounts and the missing labels."""

from collections.abc import Callable, Sequence

from wording import codes, verified_accounts, verified_regression
from wording.names import NOT_VERIFIED, VERIFIED, noun, stratum
from wording.numbers import (
    between_more_and_fewer,
    capitalise,
    confidence,
    decimal,
    interval,
    more_or_fewer,
    p_text,
    points,
    quantity,
    share,
    share_interval,
)
from wording.rows import Row

Maker = Callable[[Row, Sequence[Row]], str]
SIZES = ((0.2, "negligible"), (0.5, "small"), (0.8, "medium"))
"""Cohen's words for a size in standard deviations, by the bound below which they hold."""


def with_sentences(rows: Sequence[Row]) -> list[Row]:
    """Give every row its sentence.

    Args:
        rows: All rows of the table without sentences, in their order.

    Returns:
        The rows with `sentence`.
    """
    return [{**row, "sentence": sentence(row, rows)} for row in rows]


def sentence(row: Row, rows: Sequence[Row]) -> str:
    """Say one result.

    Args:
        row: The result.
        rows: All results, for the few sentences that speak of more than one.

    Returns:
        One to three plain sentences; where there is no number, why.
    """
    if row["question"] == codes.VERIFIED_REGRESSION:
        return verified_regression.sentence(row, rows)
    if row["question"] == codes.MISSINGNESS:
        return _missingness(row)
    if row["term"] == codes.EXPLAINED_TERM:
        return verified_accounts.headline(rows, row["metric"])
    if row["reason"]:
        return (
            f"Not testable for {noun(row['metric'])} among {stratum(row['stratum'])}: "
            f"{codes.text('reason', row['reason'])}."
        )
    key = row["method"] if row["term"] == codes.CONTRAST else row["term"]
    maker = next(make for beginning, make in _MAKERS.items() if key.startswith(beginning))
    return maker(row, rows)


def _means(row: Row, _: Sequence[Row]) -> str:
    where, things = stratum(row["stratum"]), noun(row["metric"])
    bounds = between_more_and_fewer(row["lower_bound"], row["upper_bound"])
    tested = f"({confidence(row['confidence_level'])}: {bounds}; {p_text(row['p_value'])})"
    if row["verdict"] == codes.CLEAR:
        return (
            f"Among {where}, those of {NOT_VERIFIED} have on average {more_or_fewer(row['estimate'], things)} {tested}."
        )
    return (
        f"Among {where}, no clear difference in mean {things} was found: "
        f"{more_or_fewer(row['estimate'], things)} for {NOT_VERIFIED} {tested}."
    )


def _standardised(row: Row, _: Sequence[Row]) -> str:
    found = "there is a clear difference" if row["verdict"] == codes.CLEAR else "no clear difference is found"
    bounds = between_more_and_fewer(row["lower_bound"], row["upper_bound"])
    return (
        f"With claims in the same share in both groups, {found}: {more_or_fewer(row['estimate'], noun(row['metric']))} "
        f"for {NOT_VERIFIED} ({confidence(row['confidence_level'])}: {bounds}; {p_text(row['p_value'])})."
    )


def _linear(row: Row, _: Sequence[Row]) -> str:
    found = "there is a clear difference" if row["verdict"] == codes.CLEAR else "no clear difference is found"
    bounds = between_more_and_fewer(row["lower_bound"], row["upper_bound"])
    return (
        f"With claim status held fixed in a linear regression, {found}: "
        f"{more_or_fewer(row['estimate'], noun(row['metric']))} for {VERIFIED} "
        f"({confidence(row['confidence_level'])}: {bounds}; {p_text(row['p_value'])})."
    )


def _part(cause: str) -> Maker:
    def make(row: Row, rows: Sequence[Row]) -> str:
        parts = [
            other["estimate"] for other in rows if (other["metric"], other["method"]) == (row["metric"], row["method"])
            and other["term"] in {codes.COMPOSITION, codes.WITHIN}
        ]  # fmt: skip
        return (
            f"Of the difference of {quantity(sum(parts))} {noun(row['metric'])}, {quantity(row['estimate'])} go with "
            f"{cause} ({row['method'].partition(', ')[2]})."
        )

    return make


def _claim_share(row: Row, _: Sequence[Row]) -> str:
    group = row["term"].removeprefix(f"{codes.CLAIM_SHARE}, ")
    return f"{capitalise(share(row['estimate']))} of the labelled videos of accounts that are {group} are claims."


def _effect_size(row: Row, _: Sequence[Row]) -> str:
    size = next((name for limit, name in SIZES if abs(row["estimate"]) < limit), "large")
    return (
        f"Among {stratum(row['stratum'])} the difference in {noun(row['metric'])} is {decimal(row['estimate'], 3)} "
        f"standard deviations ({confidence(row['confidence_level'])} "
        f"{interval(row['lower_bound'], row['upper_bound'], 3)}): {size}."
    )


def _equivalence(row: Row, _: Sequence[Row]) -> str:
    where, things = stratum(row["stratum"]), noun(row["metric"])
    if row["p_value"] < codes.SIGNIFICANCE:
        return (
            f"Among {where} the two groups have the same mean {things} to within {quantity(row['margin'])} "
            f"({p_text(row['p_value'])})."
        )
    return (
        f"Among {where} the data do not show that the two groups have the same mean {things} to within "
        f"{quantity(row['margin'])} ({p_text(row['p_value'])})."
    )


def _ranks(row: Row, _: Sequence[Row]) -> str:
    found = "differs clearly" if row["verdict"] == codes.CLEAR else "is not found to differ"
    return (
        f"Among {stratum(row['stratum'])} the rank order of {noun(row['metric'])} {found} between the groups "
        f"({p_text(row['p_value'])})."
    )


def _dominance(row: Row, _: Sequence[Row]) -> str:
    often = "more" if row["estimate"] >= 0 else "less"
    bounds = between_more_and_fewer(100 * row["lower_bound"], 100 * row["upper_bound"])
    return (
        f"Among {stratum(row['stratum'])}, a random video of {NOT_VERIFIED} has more {noun(row['metric'])} than one "
        f"of {VERIFIED} {points(abs(row['estimate']), 0)} {often} often than the reverse "
        f"({confidence(row['confidence_level'])}: {bounds})."
    )


def _permutation(row: Row, _: Sequence[Row]) -> str:
    found = "differ clearly" if row["verdict"] == codes.CLEAR else "are not found to differ"
    return (
        f"Without any assumption on the distribution, mean {noun(row['metric'])} among {stratum(row['stratum'])} "
        f"{found} ({p_text(row['p_value'])})."
    )


def _bootstrap(row: Row, _: Sequence[Row]) -> str:
    bounds = between_more_and_fewer(row["lower_bound"], row["upper_bound"])
    return (
        f"Among {stratum(row['stratum'])}, redrawing the videos gives {NOT_VERIFIED} "
        f"{more_or_fewer(row['estimate'], noun(row['metric']))} on average "
        f"({confidence(row['confidence_level'])}: {bounds})."
    )


def _power(row: Row, _: Sequence[Row]) -> str:
    return (
        f"Among {stratum(row['stratum'])}, a difference of {quantity(row['margin'])} standard deviations would be "
        f"found with {share(row['estimate'])} probability."
    )


def _detectable(row: Row, _: Sequence[Row]) -> str:
    return (
        f"Among {stratum(row['stratum'])}, a difference below {decimal(row['estimate'], 3)} standard deviations "
        "could well be missed."
    )


def _needed(row: Row, _: Sequence[Row]) -> str:
    return (
        f"Among {stratum(row['stratum'])}, some {quantity(row['estimate'])} videos of the smaller group are enough to "
        f"decide whether the groups are alike; there are {quantity(row['observation_count'])}."
    )


def _choice_of_test(row: Row, _: Sequence[Row]) -> str:
    variances = (
        "one group’s variance is zero or not known"
        if row["estimate"] is None
        else f"their variances differ by a factor of {decimal(row['estimate'])}"
    )
    enough = (
        "Both groups have enough videos for their means to be near normal."
        if row["verdict"] == codes.ENOUGH_ROWS
        else "One group has too few videos for its mean to be near normal: trust ranks and permutation more."
    )
    return (
        f"Welch’s t-test comes first: the question is about mean {noun(row['metric'])}, the groups differ in size, and "
        f"{variances}. {enough} Ranks, permutation and bootstrap stand beside it as checks."
    )


_MAKERS: dict[str, Maker] = {
    codes.WELCH: _means,
    codes.STUDENT: _means,
    "direct standardisation": _standardised,
    "Mann-Whitney": _ranks,
    "permutation": _permutation,
    "percentile bootstrap": _bootstrap,
    codes.ADJUSTED_CONTRAST: _linear,
    codes.COMPOSITION: _part("what the groups post"),
    codes.WITHIN: _part("differences inside claims and opinions"),
    codes.CLAIM_SHARE: _claim_share,
    codes.COHENS_D: _effect_size,
    codes.EQUIVALENCE: _equivalence,
    codes.CLIFFS_DELTA: _dominance,
    codes.POWER: _power,
    codes.DETECTABLE: _detectable,
    codes.NEEDED: _needed,
    codes.CHOICE_OF_TEST: _choice_of_test,
}
"""By the beginning of the term, or of the method where the term is the contrast of the two groups."""


def _missingness(row: Row) -> str:
    if row["reason"] == "nothing_unlabelled":
        return "Every video is labelled."
    if row["term"] == codes.CLAIM_SHARE:
        if row["reason"]:
            return (
                "The share of claims among unlabelled videos cannot be estimated: "
                f"{codes.text('reason', row['reason'])}."
            )
        return (
            f"An estimated {share(row['estimate'])} of the unlabelled videos are claims "
            f"({confidence(row['confidence_level'])} {share_interval(row['lower_bound'], row['upper_bound'])}), if "
            "labels do not change the profiles."
        )
    group = row["term"].removeprefix(f"{codes.SAME_PROFILE} ")
    if row["reason"]:
        return f"The unlabelled videos cannot be compared with {group}: {codes.text('reason', row['reason'])}."
    found = "do not look like" if row["verdict"] == codes.CLEAR else "cannot be told from"
    return f"By verified and author status, the unlabelled videos {found} {group} ({p_text(row['p_value'])})."
