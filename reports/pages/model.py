"""The page on the claim model: models from the simplest rule on, errors, calibration and limits."""

import json

from reports import charts, numbers
from reports.content import Block, Bullets, Data, Figure, Grid, Page, Row, Section, Table, Text
from reports.sentences import model as say


def build(data: Data) -> Page:
    """Lay the page out."""
    metrics, runs = data["model_metrics"], data["model_runs"]
    return Page(
        "model",
        "Claim model",
        "Telling claims from opinions",
        "Executive summary",
        say.summary(metrics, data["model_comparisons"], runs, data["robustness"]),
        [
            Section("The random forest, and what a simple rule does", _comparison(metrics, data["model_comparisons"])),
            Section("Which errors are made", [*_confusion(metrics), *_thresholds(runs)]),
            Section("Does it mean what it says?", _calibration(data["model_calibration"])),
            Section("What it uses", [*_importance(data["feature_importance"]), *_features(runs)]),
            Section("How early it can act", _early(data)),
            Section("Is it as good for every group?", _slices(metrics)),
            Section("Limits", _limits(data["robustness"])),
            Section("How it was made", [_runs(runs), _all_metrics(metrics)]),
        ],
    )


NO_MODEL = Text(["No model has been trained on this data, so there is nothing to show here."])
WHY_FOREST = (
    "A random forest was asked for: it takes numbers and categories as they are and needs little tuning. We show it on"
    " a comparison of models, each measured on the same videos, because a model earns its place only by beating a"
    " simpler one."
)


def _comparison(metrics: list[Row], comparisons: list[Row]) -> list[Block]:
    figures = []
    for feature_set in say.feature_sets(metrics):
        rows = [
            row
            for row in metrics
            if row["feature_set"] == feature_set
            and row["evaluation"] == "test"
            and row["slice"] == "all"
            and row["metric"] == "accuracy"
            and row["metric_value"] is not None
        ]
        best = max(row["metric_value"] for row in rows)
        leaders = [say.model_text(row["model_name"]) for row in rows if row["metric_value"] == best]
        estimates = [
            charts.Estimate(
                say.model_text(row["model_name"]),
                row["metric_value"],
                row["lower_bound"],
                row["upper_bound"],
                numbers.share(row["metric_value"]),
                row["model_name"] == say.FOREST,
            )
            for row in rows
        ]
        figures.append(
            Figure(
                f"From {say.feature_set_text(feature_set)}: {numbers.listing(leaders)} on top with"
                f" {numbers.share(best)}",
                charts.intervals(
                    estimates,
                    "share of unseen videos told rightly",
                    f"comparison-{feature_set}",
                    f"Accuracies with intervals: comparison of models, {feature_set}",
                ),
                "From the simplest to the richest; the square is the random forest.",
                _feature_set_table(feature_set, metrics),
            )
        )
    if not figures:
        return [NO_MODEL]
    notes = [
        row["sentence"]
        for row in comparisons
        if row["comparison"] == "against_rule" and row["model_name"] == say.FOREST
    ]
    return [Text([WHY_FOREST]), Grid(figures), *([Bullets(notes)] if notes else [])]


SCORES = ("accuracy", "precision", "recall", "f1", "roc_auc", "average_precision", "brier", "wrong_count")


def _feature_set_table(feature_set: str, metrics: list[Row]) -> Table:
    rows = [
        row
        for row in metrics
        if row["feature_set"] == feature_set and row["evaluation"] == "test" and row["slice"] == "all"
    ]
    names = list(dict.fromkeys(row["model_name"] for row in rows))
    found = {(row["model_name"], row["metric"]): row for row in rows}
    present = [metric for metric in SCORES if any((name, metric) in found for name in names)]

    def cell(name: str, metric: str) -> str:
        row = found.get((name, metric))
        if row is None or row["metric_value"] is None:
            return "–"
        return (
            numbers.count(row["metric_value"]) if metric.endswith("_count") else numbers.decimal(row["metric_value"], 4)
        )

    return Table(
        f"Scores on unseen videos, from {say.feature_set_text(feature_set)}",
        ["Model", *(metric.replace("_", " ") for metric in present)],
        [[say.model_text(name), *(cell(name, metric) for metric in present)] for name in names],
    )


def _confusion(metrics: list[Row]) -> list[Block]:
    cells = ("true_claim_count", "missed_claim_count", "false_claim_count", "true_opinion_count")
    rows = []
    for feature_set in say.feature_sets(metrics):
        for model in (say.MAJORITY, say.RULE, say.FOREST):
            found = [say.value(metrics, feature_set, model, cell) for cell in cells]
            if all(row is not None for row in found):
                counts = [numbers.count(row["metric_value"]) for row in found if row is not None]
                rows.append([say.feature_set_text(feature_set), say.model_text(model), *counts])
    if not rows:
        return [Text(["No confusion matrix was recorded for this release."])]
    return [
        Text([ERRORS]),
        Table(
            "Confusion matrices on unseen videos",
            [
                "What is known",
                "Model",
                "Claims found",
                "Claims missed",
                "Opinions taken for claims",
                "Opinions left alone",
            ],
            rows,
        ),
    ]


ERRORS = (
    "A missed claim may go on misleading people who watch it. An opinion taken for a claim costs a moderator’s time and"
    " is unfair to its author if anybody acts on it without looking. Nothing is removed by the model: a person looks"
    " first."
)


def _thresholds(runs: list[Row]) -> list[Block]:
    rows = [run for run in runs if run["model_name"] == say.FOREST and run["decision_threshold"] is not None]
    if not rows:
        return []
    return [
        Text([say.costs(runs)]),
        Table(
            "From which probability on a video counts as a claim",
            [
                "What is known",
                "Threshold",
                "A person decides from",
                "to",
                "Cost of a missed claim",
                "Cost of a needless review",
            ],
            [
                [
                    say.feature_set_text(run["feature_set"]),
                    numbers.decimal(run["decision_threshold"], 3),
                    numbers.decimal(run["review_lower_bound"], 3),
                    numbers.decimal(run["review_upper_bound"], 3),
                    numbers.quantity(run["missed_claim_cost"]),
                    numbers.quantity(run["wasted_review_cost"]),
                ]
                for run in rows
            ],
        ),
    ]


def _calibration(rows: list[Row]) -> list[Block]:
    figures = []
    for feature_set in say.FEATURE_SETS:
        known = [
            row
            for row in rows
            if row["feature_set"] == feature_set
            and row["mean_probability"] is not None
            and row["claim_share"] is not None
        ]
        if not known:
            continue
        held = [
            row
            for row in known
            if row["lower_bound"] is not None and row["lower_bound"] <= row["mean_probability"] <= row["upper_bound"]
        ]
        points = [
            (row["mean_probability"], row["claim_share"], row["lower_bound"], row["upper_bound"]) for row in known
        ]
        title = (
            f"From {say.feature_set_text(feature_set)}: what the forest says agrees with what was seen in"
            f" {numbers.count(len(held))} of {numbers.things(len(known), 'group')}"
        )
        figures.append(
            Figure(
                title,
                charts.calibration(
                    points, 1.0, f"calibration-{feature_set}", f"Said against seen share of claims, {feature_set}"
                ),
                "On the dashed line the forest’s probability is what really happens.",
                Table(
                    f"Calibration from {say.feature_set_text(feature_set)}",
                    ["Group", "Said", "Seen", "From", "To", "Videos"],
                    [
                        [
                            numbers.count(row["bin_number"]),
                            numbers.share(row["mean_probability"]),
                            numbers.share(row["claim_share"]),
                            numbers.share(row["lower_bound"]),
                            numbers.share(row["upper_bound"]),
                            numbers.count(row["observation_count"]),
                        ]
                        for row in known
                    ],
                ),
            )
        )
    return [Grid(figures)] if figures else [Text(["Calibration was not measured for this release."])]


def _importance(rows: list[Row]) -> list[Block]:
    figures = []
    for feature_set in say.FEATURE_SETS:
        chosen = [
            row
            for row in rows
            if row["feature_set"] == feature_set
            and row["importance_kind"] == "permutation"
            and row["importance"] is not None
        ]
        if not chosen:
            continue
        first = chosen[0]
        estimates = [
            charts.Estimate(
                row["feature"],
                row["importance"],
                row["lower_bound"],
                row["upper_bound"],
                numbers.decimal(row["importance"], 4),
                place == 0,
            )
            for place, row in enumerate(chosen)
        ]
        every = [row for row in rows if row["feature_set"] == feature_set]
        figures.append(
            Figure(
                f"From {say.feature_set_text(feature_set)}: the forest leans most on {first['feature']}",
                charts.intervals(
                    estimates,
                    "accuracy lost without it",
                    f"importance-{feature_set}",
                    f"Permutation importance with intervals, {feature_set}",
                    reference=0,
                ),
                "Each line shows how much accuracy is lost on unseen videos when one column is shuffled.",
                Table(
                    f"Importance from {say.feature_set_text(feature_set)}",
                    ["Column", "Kind", "Known", "Importance", "From", "To", "Rank"],
                    [
                        [
                            row["feature"],
                            row["importance_kind"].replace("_", " "),
                            row["known_when"].replace("_", " "),
                            numbers.decimal(row["importance"], 4),
                            numbers.decimal(row["lower_bound"], 4),
                            numbers.decimal(row["upper_bound"], 4),
                            numbers.count(row["importance_rank"]),
                        ]
                        for row in every
                    ],
                ),
            )
        )
    return [Grid(figures)] if figures else [Text(["Importance was not measured for this release."])]


def _features(runs: list[Row]) -> list[Block]:
    rows = [
        [
            say.feature_set_text(run["feature_set"]),
            (run["known_when"] or "").replace("_", " "),
            numbers.listing(json.loads(run["features"] or "[]")),
        ]
        for run in runs
        if run["model_name"] == say.FOREST
    ]
    return [Table("Columns that each forest may use", ["What is known", "When", "Columns"], rows)] if rows else []


def _early(data: Data) -> list[Block]:
    metrics = data["model_metrics"]
    known = {run["feature_set"]: run["known_when"] for run in data["model_runs"]}
    found = say.feature_sets(metrics)
    if not found:
        return [NO_MODEL]
    estimates, rows = [], []
    for feature_set in found:
        recall = say.value(metrics, feature_set, say.FOREST, "recall")
        accuracy = say.value(metrics, feature_set, say.FOREST, "accuracy")
        chosen = recall or accuracy
        if chosen is None:
            continue
        estimates.append(
            charts.Estimate(
                say.feature_set_text(feature_set),
                chosen["metric_value"],
                chosen["lower_bound"],
                chosen["upper_bound"],
                numbers.share(chosen["metric_value"]),
                known.get(feature_set) == "publication",
            )
        )
        rows.append(
            [
                say.feature_set_text(feature_set),
                (known.get(feature_set) or "").replace("_", " "),
                *(numbers.share(row["metric_value"]) if row else "–" for row in (accuracy, recall)),
            ]
        )
    growth = [row["sentence"] for row in data["robustness"] if row["check_name"] == "growth_curve"]
    return [
        Text([say.early(metrics, data["model_runs"])]),
        Figure(
            "Waiting for counts helps, but by then people have seen the video",
            charts.intervals(estimates, "share of claims found", "early", "Share of claims found by what is known"),
            "Squares mark what is known when a video is published.",
            Table("What can be told, and when", ["What is known", "When", "Accuracy", "Claims found"], rows),
        ),
        *([Bullets(growth)] if growth else []),
    ]


def _slices(metrics: list[Row]) -> list[Block]:
    feature_set = say.main_feature_set(metrics)
    rows = [
        row
        for row in metrics
        if row["feature_set"] == feature_set
        and row["model_name"] == say.FOREST
        and row["evaluation"] == "test"
        and row["slice"] != "all"
    ]
    accuracies = [row for row in rows if row["metric"] == "accuracy" and row["metric_value"] is not None]
    if not accuracies:
        return [Text(["Groups were not measured apart for this release."])]
    worst = min(accuracies, key=lambda row: (row["metric_value"], row["slice"]))
    estimates = [
        charts.Estimate(
            row["slice"],
            row["metric_value"],
            row["lower_bound"],
            row["upper_bound"],
            f"{numbers.share(row['metric_value'])} of {numbers.count(row['observation_count'])}",
            row is worst,
        )
        for row in accuracies
    ]
    kept = [row for row in rows if row["metric"] in {"accuracy", "recall", "precision"}]
    return [
        Figure(
            f"The forest does least well for {worst['slice']}: {numbers.share(worst['metric_value'])} right",
            charts.intervals(
                estimates, "share of unseen videos told rightly", "slices", "Accuracies with intervals, by group"
            ),
            "Intervals that overlap show no clear difference between groups.",
            Table(
                "Scores by group",
                ["Group", "Score", "Value", "From", "To", "Videos"],
                [
                    [
                        row["slice"],
                        row["metric"],
                        numbers.decimal(row["metric_value"], 4),
                        numbers.decimal(row["lower_bound"], 4),
                        numbers.decimal(row["upper_bound"], 4),
                        numbers.count(row["observation_count"]),
                    ]
                    for row in kept
                ],
            ),
        )
    ]


def _limits(rows: list[Row]) -> list[Block]:
    if not rows:
        return [Text([say.caution(rows)])]
    warnings = [row["sentence"] for row in rows if row["is_warning"]]
    return [
        Text([say.caution(rows)]),
        *([Bullets(list(dict.fromkeys(warnings)))] if warnings else []),
        Table(
            "Every audit of the models",
            ["Audit", "Subject", "Model", "Metric", "Value", "Videos", "Finding"],
            [
                [
                    row["check_name"].replace("_", " "),
                    row["subject"],
                    say.model_text(row["model_name"]),
                    row["metric"].replace("_", " "),
                    numbers.decimal(row["metric_value"], 4),
                    numbers.count(row["observation_count"]),
                    row["sentence"],
                ]
                for row in rows
            ],
            is_folded=True,
        ),
    ]


def _runs(runs: list[Row]) -> Table:
    return Table(
        "Every fitted model of this release",
        ["Model", "What is known", "Trained on", "Measured on", "Simplest that nothing beats clearly", "In words"],
        [
            [
                say.model_text(run["model_name"]),
                say.feature_set_text(run["feature_set"]),
                numbers.count(run["train_count"]),
                numbers.count(run["test_count"]),
                "yes" if run["is_champion"] else "no",
                run["summary"] or "–",
            ]
            for run in runs
        ],
    )


def _all_metrics(metrics: list[Row]) -> Table:
    rows = [row for row in metrics if row["model_name"] == say.FOREST and row["slice"] == "all"]
    return Table(
        "Every score of the random forests",
        ["What is known", "Measured on", "Score", "Value", "From", "To", "Videos"],
        [
            [
                say.feature_set_text(row["feature_set"]),
                row["evaluation"].replace("_", " "),
                row["metric"].replace("_", " "),
                numbers.decimal(row["metric_value"], 4),
                numbers.decimal(row["lower_bound"], 4),
                numbers.decimal(row["upper_bound"], 4),
                numbers.count(row["observation_count"]),
            ]
            for row in rows
        ],
        is_folded=True,
    )
