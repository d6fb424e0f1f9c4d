"""What the comparison of verified and other accounts says, for readers without statistics."""

from wording import numbers
from wording.rows import Row

EVEN_ODDS = 0.5
CONTRAST = "not verified - verified"
STRATA = {"all": "all labelled videos", "claim": "claims", "opinion": "opinions"}
METRIC_NOUNS = {
    "video_view_count": "views",
    "video_like_count": "likes",
    "video_share_count": "shares",
    "video_download_count": "downloads",
    "video_comment_count": "comments",
    "video_duration_sec": "seconds",
}


def noun(metric: str | None) -> str:
    """What a column counts, in the plural."""
    return METRIC_NOUNS.get(metric or "", (metric or "").replace("_", " "))


def term_text(term: str) -> str:
    """A term of the regression in words."""
    return (
        term.replace("claim_status ", "")
        .replace("author_ban_status ", "author ")
        .replace("opinion", "opinion, not claim")
    )


def headline(results: list[Row]) -> Row | None:
    """The first row that the hypothesis test has written."""
    return next((row for row in results if row["question"] == "hypothesis_test"), None)


def welch(results: list[Row], stratum: str) -> Row | None:
    """Welch's test of the headline's metric in one stratum."""
    first = headline(results)
    return next(
        (
            row
            for row in results
            if first is not None
            and row["question"] == "hypothesis_test"
            and row["metric"] == first["metric"]
            and row["stratum"] == stratum
            and row["term"] == CONTRAST
            and row["method"].startswith("Welch")
        ),
        None,
    )


def odds_ratios(results: list[Row]) -> list[Row]:
    """The terms of the honest regression, strongest first."""
    rows = [
        row
        for row in results
        if row["question"] == "verified_regression"
        and row["log_odds"] is not None
        and row["lower_bound"] is not None
        and "course" not in row["method"]
    ]
    return sorted(rows, key=lambda row: (not excludes(row, 1), -abs(row["log_odds"]), row["term"]))


def excludes(row: Row, reference: float) -> bool:
    """Whether a row's interval leaves a value out."""
    return row["lower_bound"] is not None and not row["lower_bound"] <= reference <= row["upper_bound"]


def gap(row: Row | None, statuses: list[Row]) -> str:
    """The raw difference between the groups."""
    if row is None:
        return "Verified and other accounts have not been compared yet."
    if row["estimate"] is None or row["lower_bound"] is None:
        return "Verified and other accounts cannot be compared on this data: one group has too few videos."
    bounds = numbers.interval(row["lower_bound"], row["upper_bound"])
    words = noun(row["metric"])
    if not excludes(row, 0):
        return (
            f"We found no clear gap in {words} between verified and other accounts. The gap may lie anywhere from"
            f" {bounds}."
        )
    means = _means(row["metric"], statuses)
    more = "more" if row["estimate"] > 0 else "fewer"
    lead = f"Accounts that are not verified get {more} {words} per video{means}."
    return f"{lead} The gap is {numbers.quantity(abs(row['estimate']))}, give or take: it may be {_positive(row)}."


def _means(metric: str, statuses: list[Row]) -> str:
    column = f"mean_{noun(metric)}"
    found = {row["verified_status"]: row[column] for row in statuses if row.get(column) is not None}
    if len(found) < 2:
        return ""
    return f": {numbers.quantity(found['not verified'])} against {numbers.quantity(found['verified'])} on average"


def _positive(row: Row) -> str:
    low, high = sorted((abs(row["lower_bound"]), abs(row["upper_bound"])))
    return numbers.interval(low, high)


def within(results: list[Row]) -> str:
    """Whether the gap stays when claims are compared with claims and opinions with opinions."""
    parts = []
    for stratum in ("claim", "opinion"):
        row = welch(results, stratum)
        if row is None or row["lower_bound"] is None:
            parts.append(f"among {STRATA[stratum]} they cannot be compared")
        elif excludes(row, 0):
            side = "not verified" if row["estimate"] > 0 else "verified"
            parts.append(
                f"among {STRATA[stratum]} the accounts that are {side} get {numbers.quantity(abs(row['estimate']))}"
                " more"
            )
        else:
            parts.append(f"among {STRATA[stratum]} there is no clear gap")
    return f"Like with like: {numbers.listing(parts)}."


def cause(results: list[Row], statuses: list[Row]) -> str:
    """What explains the gap, as far as the analysis tells."""
    row = headline(results)
    verdict = None if row is None else row["assumption_status"]
    shares = {
        status["verified_status"]: status["claim_share"] for status in statuses if status["claim_share"] is not None
    }
    posts = (
        f" ({numbers.share(shares['verified'])} of their videos, against {numbers.share(shares['not verified'])})"
        if len(shares) > 1
        else ""
    )
    fewer = "fewer" if len(shares) < 2 or shares["verified"] <= shares["not verified"] else "more"
    return {
        "explained": (
            f"So the badge is not the cause. Verified accounts post {fewer} claims{posts}, and that explains the gap."
        ),
        "partly explained": (
            f"What the accounts post explains a part of the gap: verified accounts post {fewer} claims{posts}."
        ),
        "not explained": "What the accounts post does not explain the gap.",
        "reversed": "The gap turns around once we compare like with like.",
        "no difference": "There is no gap to explain.",
    }.get(verdict or "", "Whether claims explain the gap cannot be told from this data.")


def regression(results: list[Row]) -> str:
    """What goes with being verified."""
    terms = odds_ratios(results)
    if not terms:
        return "The regression on verified status could not be fitted to this data."
    clear = [row for row in terms if excludes(row, 1)]
    if not clear:
        return "No variable clearly goes with being verified."
    best = clear[0]
    direction = "up" if best["estimate"] > 1 else "down"
    names = numbers.listing([term_text(row["term"]) for row in clear[1:]])
    factor = numbers.decimal(best["estimate"])
    bounds = numbers.interval(best["lower_bound"], best["upper_bound"], 2)
    others = "" if len(clear) == 1 else f" Weaker but clear links: {names}."
    return (
        f"The strongest link with being verified is “{term_text(best['term'])}”. The odds go {direction} by a factor of"
        f" {factor} ({bounds}).{others}"
    )


def performance(rows: list[Row]) -> str:
    """What the regression can and cannot do."""
    known = [row for row in rows if row["method"] == "logistic regression" and row["accuracy"] is not None]
    model = next((row for row in known if row["decision_threshold"] == EVEN_ODDS), None)
    if model is None:
        return "How well the regression tells accounts apart could not be measured."
    actual = model["true_positive_count"] + model["false_negative_count"]
    better = "no better than" if model["accuracy"] <= model["majority_accuracy"] else "better than"
    found = "none" if model["true_positive_count"] == 0 else numbers.count(model["true_positive_count"])
    return (
        f"As a way to tell accounts apart, the model finds {found} of {numbers.things(actual, 'video')} of verified"
        f" accounts. It is right {numbers.share(model['accuracy'])} of the time, {better} saying “not verified” each"
        f" time ({numbers.share(model['majority_accuracy'])})."
    )


def advice(results: list[Row]) -> str:
    """What to do about it."""
    row = headline(results)
    if row is not None and row["assumption_status"] in {"explained", "no difference"}:
        return (
            "Our advice: judge the video, not the badge. Being verified adds nothing on reach once we know what a"
            " video is."
        )
    if row is not None and row["assumption_status"] in {"partly explained", "not explained", "reversed"}:
        return "Our advice: look into the rest of the gap before the badge is used to sort videos."
    return "Our advice: do not use the badge to sort videos on this data."


def summary(results: list[Row], statuses: list[Row], rows: list[Row]) -> list[str]:
    """The executive summary of the page on verified accounts."""
    return [
        gap(welch(results, "all"), statuses),
        within(results),
        cause(results, statuses),
        regression(results),
        performance(rows),
        advice(results),
    ]
