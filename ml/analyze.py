"""`claims analyze`: reads marts, answers the two questions about verified accounts, writes the result tables."""

from collections.abc import Callable

import pandas as pd
from threadpoolctl import threadpool_limits

from ml.questions import (
    choice_of_test,
    course_results,
    metric_ranking,
    missingness,
    regression_terms,
    sufficient_statistics,
    verified_difference,
    verified_regression,
)
from ml.questions.results import Result, as_rows
from ml.questions.sufficient_statistics import CANDIDATE_METRICS, STRATA
from ml.questions.verified_difference import MetricData
from ml.statistics import resampling
from warehouse import contract
from warehouse.protocol import Engine
from warehouse.sampling import hashed_sample
from wording import assumption_checks, statistical_results
from wording import metric_ranking as ranking_words
from wording import verified_regression as verified_words
from wording.codes import HYPOTHESIS_TEST, VERIFIED_REGRESSION
from wording.rows import Row

DEFAULT_METRIC = "video_view_count"


def run(engine: Engine, metric: str = DEFAULT_METRIC, sample_rows: int = 200_000) -> int:
    """Answer the two questions about verified accounts, and whether the unlabelled videos are random.

    Args:
        engine: The working warehouse.
        metric: Column of fct_videos whose means are compared.
        sample_rows: Above this many labelled videos the regression is fitted to a sample of that size, chosen by the
            hash of video_id.

    Returns:
        The number of estimates written.

    Raises:
        UsageError: The metric is not a measure of fct_videos.
    """
    sufficient_statistics.require_metric(metric)
    metrics = tuple(dict.fromkeys((metric, *CANDIDATE_METRICS)))
    moments = sufficient_statistics.read_moments(engine, metrics)
    data = [MetricData(name, moments[name], sufficient_statistics.read_rank_counts(engine, name)) for name in metrics]
    # One thread for linear algebra: the same data give the same digits on any machine of a kind.
    with threadpool_limits(limits=1):
        sample, sample_words = _read_sample(engine, metrics, sample_rows)
        ranking = metric_ranking.rank_metrics(data)
        regression = verified_regression.report(sample, sample_words)
        course, course_performance = course_results.report(_file_order(sample))
        known = sample.dropna(subset=[metric])
        resampled = known.sort_values("sample_digest").head(resampling.SAMPLE_ROWS).sort_values("video_id")
        results = [
            *_difference_results(data, ranking, resampled),
            *regression.results,
            *course,
            *missingness.missingness_results(_read(engine, "agg_missingness", "verified_status, author_ban_status")),
        ]
    transcripts = _transcripts(engine)
    checks = [
        (HYPOTHESIS_TEST, choice_of_test.independence_check(*transcripts)),
        *((HYPOTHESIS_TEST, check) for check in choice_of_test.mean_checks(metric, data[0].moments, resampled)),
        (VERIFIED_REGRESSION, choice_of_test.independence_check(*transcripts)),
        *((VERIFIED_REGRESSION, check) for check in regression.checks),
    ]
    tables = {
        "statistical_results": statistical_results.with_sentences(as_rows(results, "result_number")),
        "metric_ranking": _said(as_rows(ranking), ranking_words.sentence),
        "assumption_checks": assumption_checks.with_texts(
            {"question": question, **row}
            for (question, _), row in zip(checks, as_rows((check for _, check in checks), "check_number"), strict=True)
        ),
        "regression_performance": _said(
            as_rows([*regression.performance, *course_performance]), verified_words.performance_sentence
        ),
        "regression_calibration": as_rows(regression.calibration, "bin_number"),
    }
    for name, rows in tables.items():
        engine.write(contract.from_rows(rows, name), name)
    return len(results)


def _said(rows: list[Row], sentence: Callable[[Row], str]) -> list[Row]:
    return [{**row, "sentence": sentence(row)} for row in rows]


def _difference_results(
    data: list[MetricData], ranking: list[metric_ranking.RankedMetric], sample: pd.DataFrame
) -> list[Result]:
    """Every test of the chosen metric, which stands first, and Welch's of the others."""
    chosen, *others = data
    adjusted = {(row.metric, row.stratum): row.adjusted_p_value for row in ranking}
    results = verified_difference.metric_results(
        chosen, {stratum: adjusted[chosen.metric, stratum] for stratum in STRATA}, sample
    )
    results.append(choice_of_test.choice(chosen.metric, chosen.moments))
    return results + [
        verified_difference.welch_result(item, stratum, adjusted[item.metric, stratum])
        for item in others
        for stratum in STRATA
    ]


def _read_sample(engine: Engine, metrics: tuple[str, ...], sample_rows: int) -> tuple[pd.DataFrame, str]:
    """At most so many labelled videos, ordered by video_id, and which they are in words."""
    videos = contract.relation("fct_videos")
    known = "label is not null and is_verified is not null"
    total = engine.query(f"select count(*) as row_count from {videos} where {known}").to_pylist()[0]["row_count"]
    columns = ", ".join(
        dict.fromkeys(
            [
                *("video_id", "is_verified", "is_claim", "delivery_number", "delivery_row_number"),
                *regression_terms.COLUMNS,
                *metrics,
            ]
        )
    )
    chosen = hashed_sample(
        f"{columns}, md5(cast(video_id as string)) as sample_digest",
        videos,
        sample_rows,
        total,
        where=known,
    )
    frame = engine.query(f"select * from ({chosen}) as chosen order by video_id").to_pandas()
    words = f"all {total:,} labelled videos"
    if total > sample_rows:
        words = f"{len(frame):,} of {total:,} labelled videos, chosen by key hash"
    return frame, words


def _file_order(sample: pd.DataFrame) -> pd.DataFrame:
    """The course recipe's split depends on the order of the file; nothing else may."""
    ordered = sample.sort_values(["delivery_number", "delivery_row_number"])
    return ordered[["is_verified", "video_like_count", *regression_terms.COLUMNS]]


def _transcripts(engine: Engine) -> tuple[int, int]:
    """Delivered and distinct transcripts, as the column profile counts them."""
    profile = contract.relation("agg_column_profile")
    (row,) = engine.query(
        f"select non_null_count, distinct_count from {profile} where column_name = 'video_transcription_text'"
    ).to_pylist()
    return row["non_null_count"], row["distinct_count"]


def _read(engine: Engine, table: str, order: str) -> pd.DataFrame:
    return pd.DataFrame(engine.query(f"select * from {contract.relation(table)} order by {order}").to_pandas())
