"""The page on verified accounts: the hypothesis test and the regression."""

from functools import partial

from reports import charts
from reports.content import Block, Bullets, Grid, Page, Reading, Section, Table, Text, figure, number, plain, text
from reports.estimates import estimates, interval_columns
from wording import missing, numbers
from wording import verified_accounts as say
from wording import verified_regression as regression
from wording.names import noun, spelled, stratum
from wording.numbers import decimal, p_value, quantity, share
from wording.rows import Data, Row

STRATA = ("all", "claim", "opinion")


def build(data: Data) -> Page:
    """Lay the page out."""
    results = data["statistics"]
    return Page(
        name="verified",
        label="Verified accounts",
        title="Verified accounts against the others",
        summary_heading="Executive summary",
        summary=say.summary(results, data["regression_performance"]),
        sections=[
            Section("Is there a difference in reach?", [*_gap_figure(results), Text([WHY_THIS_TEST])], "reach"),
            Section("On which variable do the groups differ most?", _ranking(data["ranking"]), "ranking"),
            Section("What goes with being verified?", [Text([WHY_LOGISTIC]), *_odds_figure(results)], "odds-ratios"),
            Section("How well can the regression tell?", _performance(data["regression_performance"]), "accuracy"),
            Section("Do the assumptions hold?", [Text([_checked(data["assumptions"])])], "assumptions"),
        ],
        appendix=[
            Section("The gap, sentence by sentence", _gap_sentences(results), "gap-sentences"),
            Section("The regression, sentence by sentence", _odds_sentences(data), "odds-sentences"),
            Section(
                "Does the regression mean what it says?", _calibration(data["regression_calibration"]), "calibration"
            ),
            Section("Every assumption", _assumptions(data["assumptions"]), "checks"),
            Section("Are the unlabelled videos like the others?", _missingness(results), "unlabelled"),
            Section("Every estimate", [_all_results(results)], "estimates"),
        ],
    )


NOT_TESTED = "This has not been tested on this data."
WHY_THIS_TEST = (
    "We compare means with Welch’s t-test, which needs neither equal sizes nor equal spreads. We test all videos"
    " first, then claims and opinions apart, because the two groups may post them in different shares."
)
HOW_TO_READ_GAPS = (
    "Each line is an interval that would hold the true gap in most repeats of such a study. Right of zero, accounts"
    " that are not verified have more; left of it, fewer; a line that crosses zero shows no clear gap."
)
WHY_LOGISTIC = (
    "Being verified is a yes or a no, so we use a logistic regression; a linear one could predict less than none or"
    " more than all. It gives odds ratios: above one, the odds of being verified rise with the variable; below one,"
    " they fall. The other variables are held fixed. This shows links, not causes."
)


def _gap_figure(results: list[Row]) -> list[Block]:
    rows = [row for name in STRATA if (row := say.welch(results, name)) is not None]
    known = [row for row in rows if row["lower_bound"] is not None]
    if not known:
        return [Text([missing.GAP])]

    def among(row: Row) -> str:
        return stratum(row["stratum"])

    drawn = estimates(rows, among, "estimate", quantity, highlighted=lambda row: row["stratum"] == "all")
    axis = f"{noun(known[0]['metric'])} more per video of accounts that are not verified"
    columns = [
        text("Videos", among),
        *interval_columns("Gap", "estimate", quantity),
        number("t", "statistic", decimal),
        number("Degrees of freedom", "degrees_of_freedom", quantity),
        number("p-value", "p_value", p_value),
        number("Videos compared", "observation_count"),
    ]
    return [
        figure(
            "gap",
            say.where_gaps_are(results),
            charts.intervals(drawn, axis, reference=0),
            reading=HOW_TO_READ_GAPS,
            table=Table("Gap between accounts (not verified minus verified)", columns, rows),
        ),
    ]


def _gap_sentences(results: list[Row]) -> list[Block]:
    rows = [row for name in STRATA if (row := say.welch(results, name)) is not None]
    return [Bullets([row["sentence"] for row in rows])] if rows else [Text([NOT_TESTED])]


def _odds_sentences(data: Data) -> list[Block]:
    rows = [*regression.odds_ratios(data["statistics"]), *data["regression_performance"]]
    return [Bullets([row["sentence"] for row in rows])] if rows else [Text([NOT_TESTED])]


def _ranking(rows: list[Row]) -> list[Block]:
    if not rows:
        return [Text([missing.RANKING])]
    columns = [
        text("Metric", lambda row: noun(row["metric"])),
        number("Not verified, mean", "not_verified_mean", quantity),
        number("Verified, mean", "verified_mean", quantity),
        *interval_columns("Cohen’s d", "cohens_d", decimal, "cohens_d_"),
        number("Cliff’s delta", "cliffs_delta", decimal),
        number("p-value after Holm", "adjusted_p_value", p_value),
    ]
    figures = []
    for name in STRATA:
        chosen, words = [row for row in rows if row["stratum"] == name], stratum(name)
        if not chosen:
            continue
        first = chosen[0]
        title = (
            f"Among {words}, the groups differ most in {noun(first['metric'])}:"
            f" {decimal(first['cohens_d'])} standard deviations"
            if first["cohens_d"] is not None
            else f"Among {words}, the groups cannot be compared"
        )
        drawn = estimates(
            chosen,
            lambda row: noun(row["metric"]),
            "cohens_d",
            decimal,
            prefix="cohens_d_",
            highlighted=lambda row, first=first: row is first,  # type: ignore[misc]
        )
        figures.append(
            figure(
                f"rank-{name}",
                title,
                charts.intervals(drawn, "gap in standard deviations (Cohen’s d)", reference=0),
                table=Table(f"Effect sizes among {words}", columns, chosen),
            )
        )
    return [Reading("A gap of zero means that the groups are alike; lines are the intervals."), Grid(figures)]


def _odds_figure(results: list[Row]) -> list[Block]:
    terms = regression.odds_ratios(results)
    if not terms:
        return [Text([missing.ODDS_RATIO])]

    def term(row: Row) -> str:
        return regression.term_text(row["term"])

    clear = [term(row) for row in terms if regression.is_link(row)]
    title = (
        f"Clearly linked with being verified: {numbers.listing(clear)}"
        if clear
        else "Nothing is clearly linked with being verified"
    )
    drawn = estimates(terms, term, "estimate", decimal, text=regression.ratio, highlighted=regression.is_link)
    columns = [
        text("Variable", term),
        *interval_columns("Odds ratio", "estimate", partial(decimal, digits=3)),
        number("p-value", "p_value", p_value),
        number("p-value after Holm", "adjusted_p_value", p_value),
        number("Log-odds per standard deviation", "standardised_log_odds", decimal),
        number("Videos", "observation_count"),
        text("Method", "method"),
    ]
    return [
        figure(
            "odds",
            title,
            charts.intervals(drawn, "odds ratio", reference=1, is_log=True),
            reading="Squares mark the variables that are called a link once all of them are looked at together.",
            table=Table("Odds ratios of being verified", columns, terms),
        ),
    ]


def _performance(rows: list[Row]) -> list[Block]:
    if not rows:
        return [Text([missing.REGRESSION])]
    columns = [
        text("Method", "method"),
        number("Threshold", "decision_threshold", decimal),
        number("Rightly verified", "true_positive_count"),
        number("Wrongly verified", "false_positive_count"),
        number("Missed", "false_negative_count"),
        number("Rightly not verified", "true_negative_count"),
        number("Accuracy", "accuracy", share),
        number("Accuracy of the majority", "majority_accuracy", share),
        number("Precision", "precision", lambda value: "–" if value is None else share(value)),
        number("Recall", "recall", share),
        text("Measured on", "evaluation", lambda text: text.partition(",")[0]),
    ]
    return [Table("Confusion matrix and scores of each way to tell verified accounts", columns, rows)]


def _calibration(rows: list[Row]) -> list[Block]:
    known = [row for row in rows if row["predicted_share"] is not None and row["observed_share"] is not None]
    if not known:
        return []
    points = [(row["predicted_share"], row["observed_share"], row["lower_bound"], row["upper_bound"]) for row in known]
    held = [
        row
        for row in known
        if row["lower_bound"] is not None and row["lower_bound"] <= row["predicted_share"] <= row["upper_bound"]
    ]
    limit = min(1.0, 1.1 * max(max(point[0], point[1], point[3] or 0) for point in points))
    axes_names = ("share that the regression says", "share seen to be verified")
    columns = [
        number("Group", "bin_number"),
        number("Said", "predicted_share", share),
        *interval_columns("Seen", "observed_share", share),
        number("Videos", "observation_count"),
    ]
    return [
        figure(
            "verified-calibration",
            f"What the regression says agrees with what was seen in {numbers.count(len(held))} of"
            f" {numbers.count(len(known))} groups",
            charts.calibration(points, limit, axes_names),
            "Videos are put into groups by what the model says.",
            reading="Lines are the intervals of what was seen.",
            table=Table("Calibration of the regression", columns, known),
        )
    ]


def _checked(rows: list[Row]) -> str:
    failed = [row for row in rows if row["status"] == "failed"]
    if not rows:
        return "The assumptions have not been checked yet."
    if not failed:
        return f"We checked {numbers.count(len(rows))} points, and none of them failed."
    return (
        f"We checked {numbers.count(len(rows))} points. {numbers.count(len(failed))} of them failed; what was done"
        " stands beside each in the appendix."
    )


def _assumptions(rows: list[Row]) -> list[Block]:
    columns = [
        text("Assumption", "check_name"),
        text("Where", "term", spelled),
        text("Result", "status"),
        text("Meaning", "meaning"),
        text("What was done", "action"),
    ]
    return [Table("Assumptions, what they mean here and what was done", columns, rows)]


def _missingness(results: list[Row]) -> list[Block]:
    rows = [row for row in results if row["question"] == "missingness"]
    return [Bullets([row["sentence"] for row in rows])] if rows else [Text([NOT_TESTED])]


def _all_results(results: list[Row]) -> Table:
    columns = [
        text("What", "term", spelled),
        text("Variable", "metric", lambda name: plain(spelled(name))),
        text("Among", "stratum", stratum),
        text("Method", "method"),
        *interval_columns("Estimate", "estimate", quantity),
        number("p-value", "p_value", p_value),
        number("Videos", "observation_count"),
    ]
    return Table("Every estimate of this release", columns, results)
