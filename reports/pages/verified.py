"""The page on verified accounts: the hypothesis test and the regression."""

from reports import charts, numbers
from reports.content import Block, Bullets, Data, Figure, Grid, Page, Row, Section, Table, Text
from reports.sentences import verified as say


def build(data: Data) -> Page:
    """Lay the page out."""
    results = data["statistics"]
    return Page(
        "verified",
        "Verified accounts",
        "Verified accounts against the others",
        "Executive summary",
        say.summary(results, data["verified_statuses"], data["regression_performance"]),
        [
            Section("Is there a difference in reach?", [*_gap_figure(results), Text([WHY_THIS_TEST])]),
            Section("On which variable do the groups differ most?", _ranking(data["ranking"])),
            Section("What goes with being verified?", [Text([WHY_LOGISTIC]), *_odds_figure(results)]),
            Section(
                "How well can the regression tell?",
                [*_performance(data["regression_performance"]), *_calibration(data["regression_calibration"])],
            ),
            Section("Do the assumptions hold?", _assumptions(data["assumptions"])),
            Section("Are the unlabelled videos like the others?", _missingness(results)),
            Section("Every estimate", [_all_results(results)]),
        ],
    )


WHY_THIS_TEST = (
    "We compare means with Welch’s t-test, since the two groups differ in size and in spread. Each line is an interval"
    " that would hold the true gap in most repeats of such a study; a line that crosses zero shows no clear gap. We"
    " test all videos first, then claims and opinions apart, because the two groups post them in different shares."
)
WHY_LOGISTIC = (
    "Being verified is a yes or a no, so we use a logistic regression; a linear one could predict less than none or"
    " more than all. It gives odds ratios: above one, the odds of being verified rise with the variable; below one,"
    " they fall. The other variables are held fixed. This shows links, not causes."
)


def _gap_figure(results: list[Row]) -> list[Block]:
    rows = [(stratum, row) for stratum in say.STRATA if (row := say.welch(results, stratum)) is not None]
    known = [row for _, row in rows if row["lower_bound"] is not None]
    if not known:
        return [Text([say.gap(say.welch(results, "all"), [])])]
    unit = say.noun(known[0]["metric"])
    estimates = [
        charts.Estimate(
            say.STRATA[stratum],
            row["estimate"],
            row["lower_bound"],
            row["upper_bound"],
            f"{numbers.quantity(row['estimate'])} ({numbers.interval(row['lower_bound'], row['upper_bound'])})",
            stratum == "all",
        )
        for stratum, row in rows
    ]
    clear = [say.STRATA[stratum] for stratum, row in rows if say.excludes(row, 0)]
    title = f"There is a clear gap among {numbers.listing(clear)}" if clear else "There is no clear gap in any group"
    if clear == [say.STRATA["all"]] and len(known) == len(say.STRATA):
        title = "There is a clear gap among all labelled videos, but not inside claims and not inside opinions"
    return [
        Figure(
            title,
            charts.intervals(
                estimates,
                f"{unit} more per video of accounts that are not verified",
                "gap",
                "Estimates with intervals: gap between accounts, by class",
                reference=0,
            ),
            say.within(results),
            Table(
                "Gap between accounts (not verified minus verified)",
                ["Videos", "Gap", "From", "To", "t", "Degrees of freedom", "p-value", "Videos compared"],
                [
                    [
                        say.STRATA[stratum],
                        numbers.quantity(row["estimate"]),
                        numbers.quantity(row["lower_bound"]),
                        numbers.quantity(row["upper_bound"]),
                        numbers.decimal(row["statistic"]),
                        numbers.quantity(row["degrees_of_freedom"]),
                        numbers.p_value(row["p_value"]),
                        numbers.count(row["observation_count"]),
                    ]
                    for stratum, row in rows
                ],
            ),
        ),
        Bullets([row["sentence"] for _, row in rows]),
    ]


def _ranking(rows: list[Row]) -> list[Block]:
    if not rows:
        return [Text(["The metrics have not been ranked yet."])]
    figures = []
    for stratum, words in say.STRATA.items():
        chosen = [row for row in rows if row["stratum"] == stratum]
        if not chosen:
            continue
        estimates = [
            charts.Estimate(
                say.noun(row["metric"]),
                row["cohens_d"],
                row["cohens_d_lower_bound"],
                row["cohens_d_upper_bound"],
                f"{numbers.decimal(row['cohens_d'])}"
                f" ({numbers.interval(row['cohens_d_lower_bound'], row['cohens_d_upper_bound'], 2)})",
                place == 0,
            )
            for place, row in enumerate(chosen)
        ]
        first = chosen[0]
        title = (
            f"Among {words}, the groups differ most in {say.noun(first['metric'])}:"
            f" {numbers.decimal(first['cohens_d'])} standard deviations"
            if first["cohens_d"] is not None
            else f"Among {words}, the groups cannot be compared"
        )
        figures.append(
            Figure(
                title,
                charts.intervals(
                    estimates,
                    "gap in standard deviations (Cohen’s d)",
                    f"rank-{stratum}",
                    f"Estimates with intervals: effect by metric, {words}",
                    reference=0,
                ),
                "A gap of zero means that the groups are alike; lines are the intervals.",
                Table(
                    f"Effect sizes among {words}",
                    [
                        "Metric",
                        "Not verified, mean",
                        "Verified, mean",
                        "Cohen’s d",
                        "From",
                        "To",
                        "Cliff’s delta",
                        "p-value after Holm",
                    ],
                    [
                        [
                            say.noun(row["metric"]),
                            numbers.quantity(row["not_verified_mean"]),
                            numbers.quantity(row["verified_mean"]),
                            numbers.decimal(row["cohens_d"]),
                            numbers.decimal(row["cohens_d_lower_bound"]),
                            numbers.decimal(row["cohens_d_upper_bound"]),
                            numbers.decimal(row["cliffs_delta"]),
                            numbers.p_value(row["adjusted_p_value"]),
                        ]
                        for row in chosen
                    ],
                ),
            )
        )
    return [Grid(figures)]


def _odds_figure(results: list[Row]) -> list[Block]:
    terms = say.odds_ratios(results)
    if not terms:
        return [Text([say.regression(results)])]
    estimates = [
        charts.Estimate(
            say.term_text(row["term"]),
            row["estimate"],
            row["lower_bound"],
            row["upper_bound"],
            f"{numbers.decimal(row['estimate'])} ({numbers.interval(row['lower_bound'], row['upper_bound'], 2)})",
            say.excludes(row, 1),
        )
        for row in terms
    ]
    clear = [say.term_text(row["term"]) for row in terms if say.excludes(row, 1)]
    title = (
        f"Clearly linked with being verified: {numbers.listing(clear)}"
        if clear
        else "Nothing is clearly linked with being verified"
    )
    return [
        Figure(
            title,
            charts.intervals(estimates, "odds ratio", "odds", "Odds ratios with intervals", reference=1, is_log=True),
            "Squares mark the variables whose interval leaves out one, that is, no link.",
            Table(
                "Odds ratios of being verified",
                ["Variable", "Odds ratio", "From", "To", "p-value", "Videos", "Method"],
                [
                    [
                        say.term_text(row["term"]),
                        numbers.decimal(row["estimate"], 3),
                        numbers.decimal(row["lower_bound"], 3),
                        numbers.decimal(row["upper_bound"], 3),
                        numbers.p_value(row["p_value"]),
                        numbers.count(row["observation_count"]),
                        row["method"],
                    ]
                    for row in terms
                ],
            ),
        ),
        Bullets([row["sentence"] for row in terms]),
    ]


def _performance(rows: list[Row]) -> list[Block]:
    if not rows:
        return [Text([say.performance(rows)])]
    return [
        Text([say.performance(rows)]),
        Table(
            "Confusion matrix and scores of each way to tell verified accounts",
            [
                "Method",
                "Threshold",
                "Rightly verified",
                "Wrongly verified",
                "Missed",
                "Rightly not verified",
                "Accuracy",
                "Accuracy of the majority",
                "Precision",
                "Recall",
                "Measured on",
            ],
            [
                [
                    row["method"],
                    numbers.decimal(row["decision_threshold"]),
                    numbers.count(row["true_positive_count"]),
                    numbers.count(row["false_positive_count"]),
                    numbers.count(row["false_negative_count"]),
                    numbers.count(row["true_negative_count"]),
                    numbers.share(row["accuracy"]),
                    numbers.share(row["majority_accuracy"]),
                    numbers.share(row["precision"]),
                    numbers.share(row["recall"]),
                    row["evaluation"],
                ]
                for row in rows
            ],
        ),
        Bullets([row["sentence"] for row in rows]),
    ]


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
    return [
        Figure(
            f"What the regression says agrees with what was seen in {numbers.count(len(held))} of"
            f" {numbers.count(len(known))} groups",
            charts.calibration(points, limit, "verified-calibration", "Said against seen share of verified accounts"),
            "Videos are put into groups by what the model says; lines are the intervals of what was seen.",
            Table(
                "Calibration of the regression",
                ["Group", "Said", "Seen", "From", "To", "Videos"],
                [
                    [
                        numbers.count(row["bin_number"]),
                        numbers.share(row["predicted_share"]),
                        numbers.share(row["observed_share"]),
                        numbers.share(row["lower_bound"]),
                        numbers.share(row["upper_bound"]),
                        numbers.count(row["observation_count"]),
                    ]
                    for row in known
                ],
            ),
        )
    ]


def _assumptions(rows: list[Row]) -> list[Block]:
    if not rows:
        return [Text(["The assumptions have not been checked yet."])]
    failed = [row for row in rows if row["status"] == "failed"]
    lead = (
        f"We checked {numbers.count(len(rows))} points. {numbers.count(len(failed))} of them failed; what was done"
        " stands beside each."
        if failed
        else f"We checked {numbers.count(len(rows))} points, and none of them failed."
    )
    return [
        Text([lead]),
        Table(
            "Assumptions, what they mean here and what was done",
            ["Assumption", "Where", "Result", "Meaning", "What was done"],
            [[row["check_name"], row["term"] or "–", row["status"], row["meaning"], row["action"]] for row in rows],
        ),
    ]


def _missingness(results: list[Row]) -> list[Block]:
    rows = [row for row in results if row["question"] == "missingness"]
    return [Bullets([row["sentence"] for row in rows])] if rows else [Text(["This has not been tested on this data."])]


def _all_results(results: list[Row]) -> Table:
    return Table(
        "Every estimate of this release",
        ["What", "Variable", "Among", "Method", "Estimate", "From", "To", "p-value", "Videos"],
        [
            [
                row["term"] or "–",
                row["metric"] or "–",
                row["stratum"] or "–",
                row["method"] or "–",
                numbers.quantity(row["estimate"]),
                numbers.quantity(row["lower_bound"]),
                numbers.quantity(row["upper_bound"]),
                numbers.p_value(row["p_value"]),
                numbers.count(row["observation_count"]),
            ]
            for row in results
        ],
        is_folded=True,
    )
