"""What the comparison of verified and other accounts says, for readers without statistics.

The headline is the only sentence about the verdict: the table's first row, the summary, the pages, the terminal and the
talking points print it.
"""

from collections.abc import Callable, Sequence

from wording import codes, verified_regression
from wording.names import NOT_VERIFIED, VERIFIED, noun, stratum
from wording.numbers import between_more_and_fewer, listing, more_or_fewer, quantity, rounded, share, share_interval
from wording.rows import Row

NOT_COMPARED = "Verified and other accounts have not been compared yet."


def finding(results: Sequence[Row]) -> str:
    """The headline as the results hold it."""
    row = first(results)
    return NOT_COMPARED if row is None else str(row["sentence"])


def first(results: Sequence[Row]) -> Row | None:
    """The first row that the hypothesis test has written: the verdict on the chosen metric."""
    return next((row for row in results if row["question"] == codes.HYPOTHESIS_TEST), None)


def verdict(results: Sequence[Row]) -> str | None:
    """The verdict's code."""
    row = first(results)
    return None if row is None else row["verdict"]


def result(results: Sequence[Row], metric: str, among: str, term: str, method: str = "") -> Row | None:
    """One row of the comparison."""
    return next(
        (
            row
            for row in results
            if (row["question"], row["metric"], row["stratum"], row["term"])
            == (codes.HYPOTHESIS_TEST, metric, among, term)
            and row["method"].startswith(method)
        ),
        None,
    )


def welch(results: Sequence[Row], among: str) -> Row | None:
    """Welch's test of the headline's metric among some videos."""
    row = first(results)
    return None if row is None else result(results, row["metric"], among, codes.CONTRAST, codes.WELCH)


def excludes(row: Row, reference: float) -> bool:
    """Whether a row's interval leaves a value out."""
    return row["lower_bound"] is not None and not row["lower_bound"] <= reference <= row["upper_bound"]


def headline(results: Sequence[Row], metric: str) -> str:
    """The verdict on one metric with the numbers that it rests on.

    Args:
        results: Rows of `ml.statistical_results`; they need no sentences yet.
        metric: The variable.

    Returns:
        One to four short sentences.
    """
    row = result(results, metric, codes.ALL, codes.EXPLAINED_TERM)
    if row is None:
        return NOT_COMPARED
    if row["verdict"] == codes.NOT_TESTABLE:
        return _not_testable(results, metric, row)
    return " ".join(part for part in _HEADLINES[row["verdict"]](results, metric, row) if part)


def _not_testable(results: Sequence[Row], metric: str, row: Row) -> str:
    why = codes.text("reason", row["reason"])
    overall = result(results, metric, codes.ALL, codes.CONTRAST, codes.WELCH)
    if overall is None or overall["estimate"] is None:
        return f"Verified and other accounts cannot be compared on {noun(metric)}: {why}."
    return f"{_lead(results, metric)} Claims and opinions cannot be compared apart: {why}."


def _lead(results: Sequence[Row], metric: str) -> str:
    row = result(results, metric, codes.ALL, codes.CONTRAST, codes.WELCH)
    if row is None or row["estimate"] is None:
        return ""
    bounds = between_more_and_fewer(row["lower_bound"], row["upper_bound"])
    things = noun(metric)
    if row["verdict"] == codes.CLEAR:
        return f"Videos of {NOT_VERIFIED} have on average {more_or_fewer(row['estimate'], things)} ({bounds})."
    return f"No clear gap in {things} was found between verified and other accounts ({bounds} for the others)."


def _posts(results: Sequence[Row], metric: str) -> str:
    shares = [
        row["estimate"]
        for group in ("not verified", "verified")
        if (row := result(results, metric, codes.ALL, f"{codes.CLAIM_SHARE}, {group}")) is not None
    ]
    if len(shares) < 2 or None in shares:
        return ""
    return f"{share(shares[0])} of their videos are claims, against {share(shares[1])} for {VERIFIED}"


def _class_gap(results: Sequence[Row], metric: str, name: str) -> str:
    row = result(results, metric, name, codes.CONTRAST, codes.WELCH)
    if row is None or row["estimate"] is None:
        return ""
    status = class_status(results, metric, name)
    if status == codes.ALIKE:
        return f"among {stratum(name)} they are alike to within {_margin(results, metric, name)} {noun(metric)}"
    bounds = between_more_and_fewer(row["lower_bound"], row["upper_bound"])
    if status == codes.DIFFERS:
        return (
            f"among {stratum(name)} those not verified have {more_or_fewer(row['estimate'], noun(metric))} ({bounds})"
        )
    return f"among {stratum(name)} the gap may lie anywhere {bounds}"


def class_status(results: Sequence[Row], metric: str, name: str) -> str | None:
    """Whether the groups are alike, differ, or neither is shown among some videos."""
    row = result(results, metric, name, codes.EQUIVALENCE)
    return None if row is None else row["verdict"]


def _margin(results: Sequence[Row], metric: str, name: str) -> str:
    row = result(results, metric, name, codes.EQUIVALENCE)
    return quantity(None if row is None else row["margin"])


def _gaps(results: Sequence[Row], metric: str) -> str:
    return listing([text for name in codes.CLASSES if (text := _class_gap(results, metric, name))])


def where_gaps_are(results: Sequence[Row]) -> str:
    """Among which videos the groups clearly differ, as a chart's title."""
    row = first(results)
    overall = welch(results, codes.ALL)
    if row is None or overall is None:
        return NOT_COMPARED.removesuffix(".")
    clear = [stratum(codes.ALL)] if overall["verdict"] == codes.CLEAR else []
    clear += differing_classes(results, row["metric"])
    if not clear:
        return "There is no clear gap in any group"
    if clear == [stratum(codes.ALL)]:
        return "There is a clear gap among all labelled videos; within claims and within opinions none is clear"
    return f"There is a clear gap among {listing(clear)}"


def _no_difference(results: Sequence[Row], metric: str, _: Row) -> list[str]:
    margin = _margin(results, metric, codes.ALL)
    return [
        f"Verified and other accounts have the same number of {noun(metric)} on average, to within {margin}.",
        f"Like with like: {_gaps(results, metric)}.",
    ]


def _explained(results: Sequence[Row], metric: str, _: Row) -> list[str]:
    posts = _posts(results, metric)
    return [
        _lead(results, metric),
        f"The gap goes with what they post: {posts}." if posts else "The gap goes with what they post.",
        f"Like with like, it closes: {_gaps(results, metric)}.",
    ]


def _partly_explained(results: Sequence[Row], metric: str, row: Row) -> list[str]:
    part = (
        f"{share(row['estimate'])} of this gap ({share_interval(row['lower_bound'], row['upper_bound'])}) goes with "
        f"what they post: {_posts(results, metric)}."
        if row["estimate"] is not None
        else ""
    )
    return [_lead(results, metric), part, f"Like with like: {_gaps(results, metric)}."]


def _not_explained(results: Sequence[Row], metric: str, _: Row) -> list[str]:
    return [
        _lead(results, metric),
        f"What they post does not account for this. Like with like: {_gaps(results, metric)}.",
    ]


def _masked(results: Sequence[Row], metric: str, _: Row) -> list[str]:
    return [_lead(results, metric), f"Yet like with like there is one: {_gaps(results, metric)}."]


def _reversed(results: Sequence[Row], metric: str, _: Row) -> list[str]:
    return [_lead(results, metric), f"Like with like, it points the other way: {_gaps(results, metric)}."]


def _one_class(results: Sequence[Row], metric: str, _: Row) -> list[str]:
    named = differing_classes(results, metric)
    return [_lead(results, metric), f"Like with like, they differ among {listing(named)}: {_gaps(results, metric)}."]


def differing_classes(results: Sequence[Row], metric: str) -> list[str]:
    """The classes in which the groups clearly differ, in words."""
    return [stratum(name) for name in codes.CLASSES if class_status(results, metric, name) == codes.DIFFERS]


def _undecided(results: Sequence[Row], metric: str, _: Row) -> list[str]:
    needs = [
        f"about {rounded(row['estimate'])} videos of the smaller group among {stratum(name)} (there are "
        f"{quantity(row['observation_count'])})"
        for name in codes.CLASSES
        if class_status(results, metric, name) == codes.OPEN
        and (row := result(results, metric, name, codes.NEEDED)) is not None
        and row["estimate"] is not None
        and row["estimate"] > row["observation_count"]
    ]
    return [
        _lead(results, metric),
        f"Like with like, this data cannot decide it: {_gaps(results, metric)}.",
        f"It would take {listing(needs)}." if needs else "",
    ]


_HEADLINES: dict[str, Callable[[Sequence[Row], str, Row], list[str]]] = {
    codes.NO_DIFFERENCE: _no_difference,
    codes.EXPLAINED: _explained,
    codes.PARTLY_EXPLAINED: _partly_explained,
    codes.NOT_EXPLAINED: _not_explained,
    codes.MASKED: _masked,
    codes.REVERSED: _reversed,
    codes.DIFFERS_IN_ONE_CLASS: _one_class,
    codes.UNDECIDED: _undecided,
}

ADVICE = {
    codes.NO_DIFFERENCE: "Our advice: sort by the video, not by the badge; there is no gap to act on.",
    codes.EXPLAINED: "Our advice: sort by what a video is, not by the badge, and compare accounts within one class.",
    codes.PARTLY_EXPLAINED: (
        "Our advice: compare accounts within claims and within opinions; part of the gap is what they post."
    ),
    codes.NOT_EXPLAINED: "Our advice: look into the gap within each class before the badge is used to sort videos.",
    codes.MASKED: "Our advice: report claims and opinions apart; taken together they hide a gap.",
    codes.REVERSED: (
        "Our advice: never report the overall gap alone; within claims and opinions it points the other way."
    ),
    codes.DIFFERS_IN_ONE_CLASS: "Our advice: report claims and opinions apart; the groups differ in one of them.",
    codes.UNDECIDED: "Our advice: do not use the badge to sort videos before more of them are in.",
    codes.NOT_TESTABLE: "Our advice: wait for data that hold both kinds of accounts in both classes.",
}


def advice(results: Sequence[Row]) -> str:
    """What to do about it."""
    return ADVICE.get(verdict(results) or "", ADVICE[codes.UNDECIDED])


def summary(results: Sequence[Row], rows: Sequence[Row]) -> list[str]:
    """The executive summary of the page on verified accounts.

    Args:
        results: Rows of `ml.statistical_results`.
        rows: Rows of `ml.regression_performance`.
    """
    return [
        finding(results),
        advice(results),
        verified_regression.links(results),
        verified_regression.performance(rows),
    ]
