"""One-page summaries for leadership: markdown in which every number is read from the result tables.

Each page holds the question, the answer in one sentence, the number with its interval, what it does not mean, and what
we recommend. The words follow the verdicts in the tables, so that they stay true on other data.
"""

from collections import Counter
from typing import NamedTuple

from wording import codes, verified_accounts, verified_regression
from wording.numbers import capitalise, things
from wording.rows import Row


class Page(NamedTuple):
    """The parts of a summary, each a paragraph or a list of sentences."""

    title: str
    question: str
    answer: str
    numbers: list[str]
    does_not_mean: list[str]
    recommendations: list[str]
    trust: list[str]


ASSOCIATION = "It does not show what causes what: nobody was assigned to be verified, and authors are not in the data."
SEEN_BEFORE = "Do not repeat the course recipe’s accuracy: it is measured on rows that the model has seen."
NOT_FOUND = (
    "«No clear gap» is not proof of none. Only where the groups are called alike is a gap of the named size ruled out."
)


def render(results: list[Row], checks: list[Row], performance: list[Row]) -> dict[str, str]:
    """Write the summaries.

    Args:
        results: Rows of `ml.statistical_results` in their order.
        checks: Rows of `ml.assumption_checks` in their order.
        performance: Rows of `ml.regression_performance`.

    Returns:
        File name to markdown; empty where nothing has been analysed yet.
    """
    if not any(row["question"] == codes.HYPOTHESIS_TEST for row in results):
        return {}
    return {
        "verified-and-other-accounts.md": _markdown(_difference(results, checks)),
        "what-goes-with-being-verified.md": _markdown(_regression(results, checks, performance)),
        "unlabelled-videos.md": _markdown(_missingness(results)),
    }


def _difference(results: list[Row], checks: list[Row]) -> Page:
    metric = next(row["metric"] for row in results if row["question"] == codes.HYPOTHESIS_TEST)
    chosen = [row for row in results if row["question"] == codes.HYPOTHESIS_TEST and row["metric"] == metric]
    numbers = [row["sentence"] for row in chosen if row["method"] == codes.WELCH]
    numbers += [row["sentence"] for row in chosen if row["term"] == codes.EQUIVALENCE and row["stratum"] != codes.ALL]
    return Page(
        title="Verified and other accounts",
        question="Is there a difference between the videos of verified accounts and those of others?",
        answer=verified_accounts.finding(results),
        numbers=list(dict.fromkeys(numbers)),
        does_not_mean=[ASSOCIATION, NOT_FOUND],
        recommendations=[verified_accounts.advice(results)],
        trust=_trust(checks, codes.HYPOTHESIS_TEST),
    )


def _regression(results: list[Row], checks: list[Row], performance: list[Row]) -> Page:
    rows = [
        row
        for row in results
        if row["question"] == codes.VERIFIED_REGRESSION and not row["method"].startswith(codes.RECIPE)
    ]
    terms = verified_regression.odds_ratios(rows)
    alone = [row for row in rows if row["term"].startswith(("area under", codes.REST))]
    has_copies = any(row["term"] == codes.COPIED and (row["estimate"] or 0) > 0 for row in results)
    advice = "Do not base decisions about accounts on this regression."
    if any(verified_regression.is_link(row) and row["term"] == codes.OPINION_TERM for row in terms):
        advice = "Compare accounts within claims and within opinions: what a video is goes with being verified."
    return Page(
        title="What goes with being verified",
        question="How do the variables of a video go with its author being verified, and by which regression?",
        answer=verified_regression.links(rows) if terms else rows[0]["sentence"],
        numbers=[
            row["sentence"] for row in [*terms, *alone, *(row for row in rows if row["term"] == codes.CHOICE_OF_MODEL)]
        ],
        does_not_mean=[
            ASSOCIATION,
            *(
                f"{line} {verified_regression.performance(performance)}"
                for line in verified_regression.no_tool(performance)
            ),
            (
                f"{things(len(terms), 'term')} were looked at together, so a link is called one only after a "
                "correction for that."
            ),
        ],
        recommendations=[
            advice,
            *([SEEN_BEFORE] if has_copies else []),
        ],
        trust=_trust(checks, codes.VERIFIED_REGRESSION),
    )


def _missingness(results: list[Row]) -> Page:
    rows = [row for row in results if row["question"] == codes.MISSINGNESS]
    last = rows[-1]
    count = last["observation_count"]
    has_missing = count is not None and count > 0
    return Page(
        title="Unlabelled videos",
        question="Are the videos that nobody labelled a random draw, so that they can be left out?",
        answer=rows[0]["sentence"],
        numbers=[row["sentence"] for row in rows[1:]],
        does_not_mean=["It does not say what any single video is: only a person who sees it can."],
        recommendations=[
            "Keep unlabelled videos in the queue and send them to a person; never count them as claims or opinions."
        ]
        if has_missing
        else ["Nothing to do."],
        trust=[f"The estimate {codes.text('assumption', last['assumption_status'])}."]
        if last["assumption_status"]
        else [],
    )


def _trust(checks: list[Row], question: str) -> list[str]:
    """How many checks failed, and for each kind that did, how often and what was done about it."""
    asked = [row for row in checks if row["question"] == question]
    failed = [row for row in asked if row["status"] == "failed"]
    kinds = Counter((row["check_name"], row["action"]) for row in failed)
    return [
        (
            f"{things(len(asked), 'assumption')} were checked; {things(len(failed), 'check')} failed (table "
            "assumption_checks)."
        ),
        *(f"{capitalise(name)}: {things(found, 'failure')}. {action}" for (name, action), found in kinds.items()),
    ]


def _markdown(page: Page) -> str:
    sections = [
        ("Question", [page.question]),
        ("Answer", [page.answer]),
        ("The numbers", page.numbers),
        ("What it does not mean", page.does_not_mean),
        ("What we recommend", page.recommendations),
        ("How far to trust it", page.trust),
    ]
    blocks = [f"# {page.title}"]
    for heading, sentences in sections:
        if not sentences:
            continue
        body = sentences[0] if len(sentences) == 1 else "\n".join(f"- {sentence}" for sentence in sentences)
        blocks += [f"## {heading}", body]
    return "\n\n".join(blocks) + "\n"
