"""Commands for people who review: the queue, the reasons behind a score, the models."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from warehouse.protocol import Engine
    from warehouse.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
# A contribution that would print as 0.000 says nothing.
SHOWN = 0.0005


def queue(
    limit: Annotated[int, typer.Option(help="How many cases to show.", min=1)] = 20,
    author_status: Annotated[str | None, typer.Option(help="Only authors of this status: active, banned, ...")] = None,
    reason: Annotated[str | None, typer.Option(help="Only cases that stand here for this reason, by its code.")] = None,
    waiting_hours: Annotated[float | None, typer.Option(help="Only cases that have waited this long.", min=0)] = None,
    as_json: AsJson = False,
    csv: Annotated[Path | None, typer.Option(help="Write them into this CSV file instead.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the CSV file if it exists.")] = False,
) -> None:
    """Show the open cases to review first, from the current release."""
    from pipeline.cli.console import console, show_json
    from pipeline.cli.session import home_to_read
    from pipeline.state.outputs import require_writable
    from warehouse import contract
    from warehouse.csv_export import write_csv
    from warehouse.duckdb_engine import DuckDBEngine
    from warehouse.errors import UsageError
    from wording import codes
    from wording.review_queue import why

    if as_json and csv is not None:
        raise UsageError("--json prints, --csv writes a file: choose one of them.")
    known = contract.categories("author_ban_status")
    if author_status is not None and author_status not in known:
        raise UsageError(f"--author-status is {author_status!r}; it is one of: {', '.join(known)}.")
    if reason is not None and reason not in (reasons := codes.codes("queue_reason")):
        raise UsageError(f"--reason is {reason!r}; it is one of: {', '.join(reasons)}.")
    settings = home_to_read()
    if csv is not None:
        require_writable(settings, csv, is_forced=force)
    wanted = {
        "author_ban_status = $author": author_status,
        "reason = $reason": reason,
        "waiting_hours >= $hours": waiting_hours,
    }
    conditions = [condition for condition, value in wanted.items() if value is not None]
    bound = {"author": author_status, "reason": reason, "hours": waiting_hours, "limit": limit}
    with DuckDBEngine.open_release(settings) as engine:
        _require_columns(engine, "fct_review_queue")
        relation = contract.relation("fct_review_queue")
        table = engine.query(
            # The relation comes from the contract, values are bound.
            f"select * from {relation} {'where ' if conditions else ''}{' and '.join(conditions)} "  # noqa: S608
            "order by queue_rank limit $limit",
            {name: value for name, value in bound.items() if value is not None},
        )
    if csv is not None:
        try:
            write_csv(table, csv)
        except OSError as error:
            raise UsageError(f"{csv} cannot be written: {error.strerror}.") from error
        console.print(f"{table.num_rows:,} cases written to {csv}")
        return
    if as_json:
        show_json(table.to_pylist())
        return
    if not table.num_rows:
        console.print("No open case." if not conditions else "No open case like that.")
    for case in table.to_pylist():
        console.print(
            f"{case['queue_rank']:>8,}  video {case['video_id']}  {case['claim_probability']:6.1%}  "
            f"{_views(case['video_view_count'])}  {why(case)}"
        )


def explain(
    video_id: Annotated[int, typer.Argument(help="Identifier of the video.")],
    as_json: AsJson = False,
) -> None:
    """Replay one score of the current release: from the delivered record to the place in the queue."""
    from pipeline.cli.console import console, show_json
    from pipeline.cli.session import home_to_read

    found = _replay(home_to_read(), video_id)
    if as_json:
        show_json(found)
        return
    for heading, lines in _in_words(found):
        for number, line in enumerate(lines):
            console.print(f"{heading if number == 0 else '':<11}{line}")


def models(
    as_json: AsJson = False,
    history: Annotated[
        bool, typer.Option("--history", help="How the scores of each release did, instead.", show_default=False)
    ] = False,
) -> None:
    """List the models of the current release, feature set by feature set, with what they get wrong."""
    from pipeline.cli.console import console, show_json
    from pipeline.cli.session import home_to_read
    from warehouse import contract
    from warehouse.duckdb_engine import DuckDBEngine

    with DuckDBEngine.open_release(home_to_read()) as engine:
        _require_columns(engine, "model_runs", "model_metrics")
        runs = engine.query(
            f"select runs.*, accuracy.metric_value as accuracy from {contract.relation('model_runs')} as runs "  # noqa: S608
            f"left join {contract.relation('model_metrics')} as accuracy on runs.model_run_id = accuracy.model_run_id "
            "and accuracy.metric = 'accuracy' and accuracy.evaluation = 'test' and accuracy.slice = 'all' "
            "order by runs.known_when desc, runs.feature_set, runs.candidate"
        ).to_pylist()
        if history:
            _require_columns(engine, "agg_score_monitor")
            runs = engine.query(
                f"select * from {contract.relation('agg_score_monitor')} order by release_number"  # noqa: S608
            ).to_pylist()
    if as_json:
        show_json(runs)
        return
    if history:
        from wording.claim_results import score_history

        for line in [score_history(row) for row in runs] or ["No scores are remembered yet."]:
            console.print(line, markup=False)
        return
    feature_set = ""
    for run in runs:
        if run["feature_set"] != feature_set:
            feature_set = run["feature_set"]
            console.print(
                f"\n{feature_set} (known {_moment(run['known_when'])}, {run['test_count']:,} held-out videos)"
            )
        marks = [
            *(["champion"] if run["is_champion"] else []),
            *(["writes predictions"] if run["is_written_back"] else []),
        ]
        name, run_id = run["model_name"].replace("_", " "), run["model_run_id"][:8]
        console.print(f"  {name:<28} {run['accuracy']:8.3%}  {run_id}  {', '.join(marks)}")
        if run["is_written_back"]:
            console.print(f"    {run['summary']}")


def _require_columns(engine: "Engine", *names: str) -> None:
    """Refuse a release of older code, whose columns have other names."""
    from warehouse import contract
    from warehouse.errors import DataError

    for name in names:
        found = engine.query(f"select * from {contract.relation(name)} limit 0").column_names  # noqa: S608
        if missing := [column.name for column in contract.columns(name) if column.name not in found]:
            raise DataError(
                f"The current release was written by older code: its {name} has no column {', '.join(missing)}. "
                "Run `claims run` to publish one of this code."
            )


def _replay(settings: "Settings", video_id: int) -> dict[str, Any]:
    from ml.classifier import registry
    from ml.classifier.explain import explain as explain_score
    from ml.classifier.feature_sets import SOURCE
    from warehouse.duckdb_engine import DuckDBEngine
    from warehouse.errors import DataError, UsageError

    with DuckDBEngine.open_release(settings) as engine:
        _require_columns(engine, "fct_videos", "fct_claim_predictions", "fct_review_queue", SOURCE)
        video = _one(engine, "fct_videos", video_id)
        if video is None:
            raise UsageError(f"There is no video {video_id} in the current release. `claims queue` shows some.")
        place = _one(engine, "fct_review_queue", video_id) or {}
        prediction = _one(engine, "fct_claim_predictions", video_id) or {}
        total = engine.query(f"select count(*) as row_count from {_relation('fct_review_queue')}").to_pylist()  # noqa: S608
        row = engine.query(
            f"select * from {_relation(SOURCE)} where video_id = $video_id",  # noqa: S608
            {"video_id": video_id},
        ).to_pandas()
    if prediction.get("feature_set") in {None, "unscored"}:
        raise DataError(f"Video {video_id} has not been scored in the current release. Run `claims run` first.")
    model = registry.load(settings.current / "models", prediction["feature_set"])
    found = explain_score(model, row)
    moved = found.contributions
    return {
        "video": video,
        "prediction": prediction,
        "queue": {**place, "video_count": total[0]["row_count"]},
        "features": {name: _plain(value) for name, value in found.features.items()},
        "base_rate": moved.base_rate,
        "contributions": moved.by_feature,
        "raw_probability": moved.raw_probability,
        "model_probability": moved.probability,
        "one_line_rule": {"rule": found.rule, "decision": found.rule_decision},
        "majority_decision": found.majority_decision,
        "decision_threshold": model.manifest.decision_threshold,
        "review_lower_bound": model.manifest.review_lower_bound,
        "review_upper_bound": model.manifest.review_upper_bound,
        "decides": model.feature_set.decides,
    }


def _in_words(found: dict[str, Any]) -> list[tuple[str, list[str]]]:
    video, prediction, place = found["video"], found["prediction"], found["queue"]
    from wording.review_queue import why

    cleaned = ("claim_status", "verified_status", "author_ban_status", "flag_reason")
    moved = sorted(found["contributions"].items(), key=lambda item: -abs(item[1]))
    score = f"{prediction['claim_probability']:.4f} probability of a claim"
    if prediction["is_out_of_fold"]:
        score += (
            f", by the trees that did not see the video; the saved model, which was fitted on it, says "
            f"{found['model_probability']:.4f} and is explained here"
        )
    lines = [f"{found['base_rate']:.4f}  base rate of the forest"]
    lines += [
        f"{change:+.4f}  {name} = {_shown(found['features'][name])}" for name, change in moved if abs(change) >= SHOWN
    ]
    lines.append(f"{found['raw_probability']:.4f}  the forest's own probability")
    if found["model_probability"] != found["raw_probability"]:
        lines.append(f"{found['model_probability']:.4f}  after calibration")
    band = f"a person decides from {found['review_lower_bound']:.2f} to {found['review_upper_bound']:.2f}"
    rule = (
        f"from {found['decision_threshold']:.3f} a claim; {band}"
        if found["decides"]
        else "this feature set never decides alone"
    )
    # Not a line: the header takes some, and a text may run over several.
    delivered = f"record {video['delivery_row_number']:,}, counted after the header, of the file "
    delivered += _safe(video["delivery_file_name"])
    position = "it is not in the queue: nothing about it is open"
    if "queue_rank" in place:
        position = f"place {place['queue_rank']:,} of {place['video_count']:,} open cases. {why(place)}"
    baselines = [
        f"one-line rule ({found['one_line_rule']['rule']}): {found['one_line_rule']['decision']}",
        f"majority of the training videos: {found['majority_decision']}",
    ]
    return [
        ("Video", [str(video["video_id"])]),
        ("Delivered", [f"{delivered}, delivery {video['delivery_number']}"]),
        ("Cleaned", ["; ".join(f"{name} {_shown(video[name])}" for name in cleaned)]),
        ("Features", [f"{prediction['feature_set']}: the most complete one whose features the video has"]),
        ("Score", [score]),
        ("Reasons", lines),
        ("Baselines", baselines),
        ("Decision", [f"{prediction['decision']} ({rule})"]),
        ("Queue", [position]),
        ("Run", [prediction["model_run_id"]]),
    ]


def _one(engine: "Engine", name: str, video_id: int) -> dict[str, Any] | None:
    rows: list[dict[str, Any]] = engine.query(
        f"select * from {_relation(name)} where video_id = $video_id",  # noqa: S608
        {"video_id": video_id},
    ).to_pylist()
    return rows[0] if rows else None


def _relation(name: str) -> str:
    from warehouse import contract

    return contract.relation(name)


def _plain(value: Any) -> Any:
    """A Python value for JSON; NaN is nothing."""
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and plain != plain else plain


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        return _safe(value)
    return f"{value:,.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"


def _safe(text: str) -> str:
    """Delivered text without control characters, which a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _views(count: int | None) -> str:
    return "  no view count" if count is None else f"{count:>9,} views"


def _moment(known_when: str) -> str:
    return known_when.replace("publication", "at publication").replace("_", " ")
