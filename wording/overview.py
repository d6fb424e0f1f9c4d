"""The report in five sentences, and what has changed since the release before."""

from wording import claim_model, claims_and_opinions, delivery, numbers, review_queue, verified_accounts
from wording.rows import Data, Row


def headlines(data: Data) -> list[str]:
    """The three main findings, as the terminal ends with them and the first page begins with them.

    Args:
        data: Rows of claim_statuses, statistics, model_metrics and model_comparisons.
    """
    metrics = data["model_metrics"]
    model = f"{claim_model.forest(metrics)} {claim_model.against_rule(metrics, data['model_comparisons'])}"
    found = [
        claims_and_opinions.status_counts(data["claim_statuses"]),
        verified_accounts.finding(data["statistics"]),
        model,
    ]
    # Where nothing tells the classes apart, that is the first thing to know.
    return [model, *found[:2]] if claim_model.is_no_better_than_majority(metrics) else found


def findings(data: Data) -> list[str]:
    """What was found, one sentence or two for each topic."""
    capacity = review_queue.usual(data["coverage"])
    return [
        *headlines(data),
        claims_and_opinions.view_share(data["claim_statuses"]),
        (
            review_queue.covered(data["coverage"], capacity)
            if capacity is not None
            else "The review queue has not been measured on this data."
        ),
    ]


def changes(data: Data, before: Data | None) -> list[str]:
    """What is different from the release before, in numbers that readers know from the page."""
    if before is None:
        return ["There is no release before this one that it could be compared with."]
    found = [
        line
        for line in (
            _change("records delivered", _records(before), _records(data)),
            *(
                _change(words, _videos(before, status), _videos(data, status))
                for status, words in (
                    ("claim", "claims"),
                    ("opinion", "opinions"),
                    ("unlabelled", "videos without a label"),
                )
            ),
            _text_change(
                "The result on verified accounts",
                verified_accounts.finding(before["statistics"]),
                verified_accounts.finding(data["statistics"]),
            ),
            _text_change(
                "The result of the random forest",
                claim_model.forest(before["model_metrics"]),
                claim_model.forest(data["model_metrics"]),
            ),
            _text_change(
                "The result of the checks", delivery.audits(before["audits"]), delivery.audits(data["audits"])
            ),
        )
        if line
    ]
    return found or ["Nothing has changed since the release before: same records, same counts, same results."]


def _change(words: str, before: int, now: int) -> str:
    if before == now:
        return ""
    direction = "more" if now > before else "fewer"
    return (
        f"{numbers.count(abs(now - before))} {direction} {words}: {numbers.count(now)} now, {numbers.count(before)}"
        " before."
    )


def _text_change(words: str, before: str, now: str) -> str:
    return "" if before == now else f"{words} has changed. Before: {before} Now: {now}"


def _records(data: Data) -> int:
    return sum(row["record_count"] for row in data["reconciliation"])


def _videos(data: Data, status: str) -> int:
    return sum(row["video_count"] for row in data["claim_statuses"] if row["claim_status"] == status)


def health(data: Data) -> list[str]:
    """Whether the numbers can be trusted."""
    rows = data["reconciliation"]
    return [
        delivery.delivered(rows),
        delivery.origin(rows, data["robustness"]),
        _latest(rows),
        delivery.audits(data["audits"]),
        delivery.flags(data["flags"]),
    ]


def _latest(rows: list[Row]) -> str:
    if not rows:
        return "No file has been delivered yet."
    last = max(rows, key=lambda row: row["delivery_number"])
    return f"The latest delivery is {last['delivery_file_name']}, number {numbers.count(last['delivery_number'])}."


def talking_points(data: Data) -> list[tuple[str, list[str]]]:
    """Headings with the sentences to say, for the presentation to leadership."""
    results, metrics = data["statistics"], data["model_metrics"]
    coverage = data["coverage"]
    capacity = review_queue.usual(coverage)
    return [
        (
            "Why we did this",
            [
                "Reports can come in faster than people can read them.",
                "We want the videos that may mislead most people to be seen first.",
            ],
        ),
        (
            "What we worked with",
            [
                delivery.delivered(data["reconciliation"]),
                delivery.origin(data["reconciliation"], data["robustness"]),
                claims_and_opinions.status_counts(data["claim_statuses"]),
            ],
        ),
        (
            "What we saw",
            [
                claims_and_opinions.view_share(data["claim_statuses"]),
                f"{claims_and_opinions.typical('views', data['quantiles'])}.",
                f"{claims_and_opinions.author_finding(data['author_statuses'])}.",
            ],
        ),
        (
            "Verified accounts",
            [
                verified_accounts.finding(results),
                verified_accounts.advice(results),
            ],
        ),
        (
            "The model",
            [
                claim_model.forest(metrics),
                claim_model.against_rule(metrics, data["model_comparisons"]),
                claim_model.champion(metrics, data["model_runs"]),
                claim_model.early(metrics, data["model_runs"]),
                claim_model.words(data["robustness"]),
            ],
        ),
        (
            "What changes for moderators",
            [
                *([review_queue.covered(coverage, capacity)] if capacity is not None else []),
                review_queue.gain(coverage),
            ],
        ),
        (
            "What we ask leadership to decide",
            [
                "Whether the queue is worked in the order shown.",
                "How much worse a missed claim is than a needless review: the threshold follows from it.",
                "Who checks a sample of labels and of errors, for each group of authors, at every release.",
            ],
        ),
        (
            "What we do not say",
            [
                "That a video is false: a claim is a statement without a source, not a lie.",
                "That one thing causes another: these are links in one set of data.",
                "That the model decides: it puts videos in order, and people decide.",
            ],
        ),
    ]
