"""The page on the claim model: models from the simplest rule on, errors, calibration and limits."""

import json
from functools import partial

from reports import charts
from reports.content import (
    Block,
    Bullets,
    Format,
    Grid,
    Page,
    Reading,
    Section,
    Table,
    Text,
    figure,
    number,
    text,
    words,
    yes_no,
)
from reports.estimates import estimates, interval_columns
from wording import claim_model as say
from wording import codes, missing, names, numbers
from wording.numbers import decimal, quantity, share
from wording.rows import Data, Row

SCORES = ("accuracy", "precision", "recall", "f1", "roc_auc", "average_precision", "brier", "wrong_count")
CONFUSION = ("true_claim_count", "missed_claim_count", "false_claim_count", "true_opinion_count")
KNOWN = text("What is known", lambda row: names.feature_set(row["feature_set"]))
MODEL = text("Model", lambda row: names.model(row["model_name"]))
VIDEOS = number("Videos", "observation_count")
VIDEO_COUNT = number("Videos", "video_count")
score = partial(decimal, digits=4)


def build(data: Data) -> Page:
    """Lay the page out."""
    metrics, runs = data["model_metrics"], data["model_runs"]
    return Page(
        name="model",
        label="Claim model",
        title="Telling claims from opinions",
        summary_heading="Executive summary",
        summary=say.summary(metrics, data["model_comparisons"], runs, data["robustness"]),
        sections=[
            Section("What is written", _written(data["written"]), "decisions"),
            Section(
                "The random forest, and what a simple rule does",
                _comparison(metrics),
                "comparison",
            ),
            Section("Which errors are made", _confusion(metrics), "errors"),
            Section("How early it can act", _early(data), "early"),
            Section("Is it as good for every group?", _slices(metrics), "groups"),
            Section("Limits", [Text(["Each warning stands in the appendix, with every check of robustness."])]),
        ],
        appendix=[
            Section("The forest beside the rule, set by set", _against_rule(data["model_comparisons"]), "rule"),
            Section("Errors of what is written, group by group", _errors_by_group(data["written"]), "group-errors"),
            Section("What it costs to be wrong, and where the threshold lies", _thresholds(runs), "thresholds"),
            Section("Does it mean what it says?", _calibration(data["model_calibration"]), "calibration"),
            Section("What it uses", [*_importance(data["feature_importance"]), *_features(runs)], "importance"),
            Section("Every check of robustness", _limits(data["robustness"]), "robustness"),
            Section("How fast it could act while counts grow", _growth(data["robustness"]), "growth"),
            Section("How it was made", [Text([WHY_FOREST]), _runs(runs), _all_metrics(metrics)], "runs"),
        ],
    )


NO_MODEL = Text([missing.MODEL])
WHY_FOREST = (
    "A random forest was asked for: it takes numbers and categories as they are and needs little tuning. We show it on"
    " a comparison of models, each measured on the same videos, because a model earns its place only by beating a"
    " simpler one."
)
ERRORS = (
    "A missed claim may go on misleading people who watch it. An opinion taken for a claim costs a moderator’s time and"
    " is unfair to its author if anybody acts on it without looking. Nothing is removed by the model: a person looks"
    " first."
)


def _measured(metrics: list[Row], feature_set: str) -> list[Row]:
    """Scores of one feature_set on all unseen videos."""
    return [
        row
        for row in metrics
        if row["feature_set"] == feature_set and row["evaluation"] == "test" and row["slice"] == "all"
    ]


def _comparison(metrics: list[Row]) -> list[Block]:
    figures = []
    for feature_set in say.feature_sets(metrics):
        measured = _measured(metrics, feature_set)
        rows = [row for row in measured if row["metric"] == "accuracy" and row["metric_value"] is not None]
        best = max(row["metric_value"] for row in rows)
        leaders = [names.model(row["model_name"]) for row in rows if row["metric_value"] == best]
        drawn = estimates(
            rows,
            lambda row: names.model(row["model_name"]),
            "metric_value",
            share,
            text=lambda row: share(row["metric_value"]),
            highlighted=lambda row: row["model_name"] == codes.FOREST,
        )
        figures.append(
            figure(
                f"comparison-{feature_set}",
                f"From {names.feature_set(feature_set)}: {numbers.listing(leaders)} on top with {share(best)}",
                charts.intervals(drawn, "share of unseen videos told rightly", is_share=True),
                table=_feature_set_table(feature_set, measured),
            )
        )
    if not figures:
        return [NO_MODEL]
    return [Reading("The square is the random forest."), Grid(figures)]


def _against_rule(comparisons: list[Row]) -> list[Block]:
    notes = [
        f"From {names.feature_set(row['feature_set'])}: {row['sentence']}"
        for row in comparisons
        if row["comparison"] == "against_rule" and row["model_name"] == codes.FOREST
    ]
    return [Bullets(notes)] if notes else [NO_MODEL]


def _feature_set_table(feature_set: str, rows: list[Row]) -> Table:
    by_model: dict[str, Row] = {}
    for row in rows:
        by_model.setdefault(row["model_name"], {"model_name": row["model_name"]})[row["metric"]] = row["metric_value"]

    def cell(metric: str) -> Format:
        write = numbers.count if metric.endswith("_count") else score
        return lambda value: "–" if value is None else write(value)

    present = [metric for metric in SCORES if any(metric in found for found in by_model.values())]
    columns = [number(words(metric), partial(_get, metric), cell(metric)) for metric in present]
    return Table(
        f"Scores on unseen videos, from {names.feature_set(feature_set)}", [MODEL, *columns], list(by_model.values())
    )


def _get(key: str, row: Row) -> object:
    return row.get(key)


def _written(rows: list[Row]) -> list[Block]:
    whole = [row for row in rows if row["slice"] == "all" and row["label_count"]]
    if not whole:
        return [Text([say.written(rows)])]
    columns = [
        text("They are", lambda row: f"{row['claim_status']}s"),
        text("What is written", lambda row: names.decision(row["decision"])),
        VIDEO_COUNT,
        *interval_columns("Share", "share", share),
        number("Cost in reviews", "cost", quantity),
    ]
    return [Text([say.written(rows)]), Table("What is written about videos with a known label", columns, whole)]


def _errors_by_group(rows: list[Row]) -> list[Block]:
    wrong = [
        row
        for row in rows
        if row["slice"] != "all"
        and row["label_count"]
        and {row["claim_status"], row["decision"]} == {"claim", "opinion"}
    ]
    columns = [
        text("Group", lambda row: names.group(row["slice"])),
        text("They are", lambda row: f"{row['claim_status']}s"),
        text("What is written", lambda row: names.decision(row["decision"])),
        VIDEO_COUNT,
        number("Of", "label_count"),
        *interval_columns("Share", "share", share),
    ]
    if not wrong:
        return [Text([say.written(rows)])]
    return [Table("Errors of what is written, by group", columns, wrong)]


def _confusion(metrics: list[Row]) -> list[Block]:
    rows = []
    for feature_set in say.feature_sets(metrics):
        for model in (codes.MAJORITY, codes.RULE, codes.FOREST):
            found = {
                name: row for name in CONFUSION if (row := say.value(metrics, feature_set, model, name)) is not None
            }
            if len(found) == len(CONFUSION):
                counts = {name: row["metric_value"] for name, row in found.items()}
                rows.append({"feature_set": feature_set, "model_name": model, **counts})
    if not rows:
        return [Text([missing.CONFUSION])]
    headers = ("Claims found", "Claims missed", "Opinions taken for claims", "Opinions left alone")
    columns = [number(header, name) for header, name in zip(headers, CONFUSION, strict=True)]
    return [Text([ERRORS]), Table("Confusion matrices on unseen videos", [KNOWN, MODEL, *columns], rows)]


def _thresholds(runs: list[Row]) -> list[Block]:
    rows = [run for run in runs if run["model_name"] == codes.FOREST and run["decision_threshold"] is not None]
    if not rows:
        return []
    third = partial(decimal, digits=3)
    columns = [
        KNOWN,
        number("Opinion below", "review_lower_bound", third),
        number("Claim from", "review_upper_bound", third),
        number("Cost of a missed claim", "missed_claim_cost", quantity),
        number("Cost of a needless review", "wasted_review_cost", quantity),
    ]
    return [
        Bullets([say.rule_in_force(run) for run in rows]),
        Table("From which probability on a video counts as a claim", columns, rows),
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
        columns = [
            number("Group", "bin_number"),
            number("Said", "mean_probability", share),
            *interval_columns("Seen", "claim_share", share),
            VIDEOS,
        ]
        figures.append(
            figure(
                f"calibration-{feature_set}",
                f"From {names.feature_set(feature_set)}: what the forest says agrees with what was seen in"
                f" {numbers.count(len(held))} of {numbers.things(len(known), 'group')}",
                charts.calibration(points, 1.0, ("share that the forest says", "share of claims seen")),
                table=Table(f"Calibration from {names.feature_set(feature_set)}", columns, known),
            )
        )
    if not figures:
        return [Text([missing.CALIBRATION])]
    return [Reading("On the dashed line the forest’s probability is what really happens."), Grid(figures)]


def _importance(rows: list[Row]) -> list[Block]:
    columns = [
        text("Column", "feature", names.column),
        text("Kind", "importance_kind", words),
        text("Known", "known_when", words),
        *interval_columns("Importance", "importance", score),
        number("Rank", "importance_rank"),
    ]
    figures = []
    for feature_set in say.FEATURE_SETS:
        every = [row for row in rows if row["feature_set"] == feature_set]
        chosen = [row for row in every if row["importance_kind"] == "permutation" and row["importance"] is not None]
        if not chosen:
            continue
        first = chosen[0]
        drawn = estimates(
            chosen,
            lambda row: names.column(row["feature"]),
            "importance",
            score,
            text=lambda row: score(row["importance"]),
            highlighted=lambda row, first=first: row is first,  # type: ignore[misc]
        )
        figures.append(
            figure(
                f"importance-{feature_set}",
                say.leans_on(feature_set, first),
                charts.intervals(drawn, "accuracy lost without it", reference=0, is_share=True),
                table=Table(f"Importance from {names.feature_set(feature_set)}", columns, every),
            )
        )
    if not figures:
        return [Text([missing.IMPORTANCE])]
    told = "Each line shows how much accuracy is lost on unseen videos when one column is shuffled."
    return [Reading(told), Grid(figures)]


def _features(runs: list[Row]) -> list[Block]:
    rows = [run for run in runs if run["model_name"] == codes.FOREST]
    columns = [
        KNOWN,
        text("When", "known_when", words),
        text(
            "Columns", lambda run: numbers.listing([names.column(name) for name in json.loads(run["features"] or "[]")])
        ),
    ]
    return [Table("Columns that each forest may use", columns, rows)] if rows else []


def _early(data: Data) -> list[Block]:
    metrics = data["model_metrics"]
    known = {run["feature_set"]: run["known_when"] for run in data["model_runs"]}
    found = say.feature_sets(metrics)
    if not found:
        return [NO_MODEL]
    rows = []
    for feature_set in found:
        accuracy, recall = (say.value(metrics, feature_set, codes.FOREST, metric) for metric in ("accuracy", "recall"))
        if (chosen := recall or accuracy) is not None:
            scores = {"accuracy": accuracy and accuracy["metric_value"], "recall": recall and recall["metric_value"]}
            rows.append({**chosen, **scores, "known_when": known.get(feature_set)})
    drawn = estimates(
        rows,
        lambda row: names.feature_set(row["feature_set"]),
        "metric_value",
        share,
        text=lambda row: share(row["metric_value"]),
        highlighted=lambda row: row["known_when"] == "publication",
    )
    columns = [
        KNOWN,
        text("When", "known_when", words),
        number("Accuracy", "accuracy", share),
        number("Claims found", "recall", share),
    ]
    return [
        figure(
            "early",
            say.waiting_for_counts(metrics, data["model_runs"]),
            charts.intervals(drawn, "share of claims found", is_share=True),
            reading="Squares mark what is known when a video is published.",
            table=Table("What can be told, and when", columns, rows),
        ),
    ]


def _growth(rows: list[Row]) -> list[Block]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        if (row["check_name"], row["metric"]) == ("growth_curve", "recall") and row["metric_value"] is not None:
            found.setdefault(row["model_name"], []).append(row)
    if not found:
        return [NO_MODEL]
    series = [
        charts.Line(names.model(name), sorted((say.growth_share(row), row["metric_value"]) for row in points))
        for name, points in list(found.items())[: charts.MOST_LINES]
    ]
    columns = [
        MODEL,
        number("Share of the final counts", say.growth_share, share),
        number("Claims found", "metric_value", share),
        VIDEOS,
    ]
    return [
        figure(
            "growth",
            say.growth(rows),
            charts.lines(series, ("share of the final counts", "share of claims found")),
            "The counts of held-out videos are cut to a share of what they came to.",
            Table("Claims found while counts grow", columns, [row for points in found.values() for row in points]),
        )
    ]


def _slices(metrics: list[Row]) -> list[Block]:
    feature_set = say.main_feature_set(metrics)
    rows = [
        row
        for row in metrics
        if row["feature_set"] == feature_set
        and row["model_name"] == codes.FOREST
        and row["evaluation"] == "test"
        and row["slice"] != "all"
    ]
    accuracies = [row for row in rows if row["metric"] == "accuracy" and row["metric_value"] is not None]
    if not accuracies:
        return [Text([missing.GROUPS])]
    drawn = estimates(
        accuracies,
        lambda row: names.group(row["slice"]),
        "metric_value",
        share,
        text=lambda row: f"{share(row['metric_value'])} of {numbers.count(row['observation_count'])}",
    )
    columns = [
        text("Group", "slice", names.group),
        text("Score", "metric"),
        *interval_columns("Value", "metric_value", score),
    ]
    kept = [row for row in rows if row["metric"] in {"accuracy", "recall", "precision"}]
    return [
        figure(
            "slices",
            say.groups(accuracies),
            charts.intervals(drawn, "share of unseen videos told rightly", is_share=True),
            reading="Lines are intervals; where they overlap, no clear difference was found.",
            table=Table("Scores by group", [*columns, VIDEOS], kept),
        )
    ]


def _limits(rows: list[Row]) -> list[Block]:
    if not rows:
        return [Text([missing.CHECKS])]
    warnings = say.warning_sentences(rows)
    columns = [
        text("Check", "check_name", words),
        text("Subject", "subject", names.spelled),
        MODEL,
        text("Metric", "metric", words),
        number("Value", "metric_value", score),
        VIDEOS,
    ]
    return [
        Bullets(warnings) if warnings else Text(["No check gave a warning."]),
        Table("Every robustness check of the models", columns, rows),
    ]


def _runs(runs: list[Row]) -> Table:
    columns = [
        MODEL,
        KNOWN,
        number("Trained on", "train_count"),
        number("Measured on", "test_count"),
        text("Simplest that nothing beats clearly", "is_champion", yes_no),
        text("In words", "summary"),
    ]
    return Table("Every fitted model of this release", columns, runs)


def _all_metrics(metrics: list[Row]) -> Table:
    rows = [row for row in metrics if row["model_name"] == codes.FOREST and row["slice"] == "all"]
    columns = [
        KNOWN,
        text("Measured on", "evaluation", words),
        text("Score", "metric", words),
        *interval_columns("Value", "metric_value", score),
        VIDEOS,
    ]
    return Table("Every score of the random forests", columns, rows)
