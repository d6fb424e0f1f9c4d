"""One-page summaries for leadership: markdown in which every number is read from the result tables.

Each page holds the question, the answer in one sentence, the number with its interval, what it does not mean, and what
we recommend. The words follow the verdicts in the tables, so that they stay true on other data.
"""

from collections import Counter
from typing import NamedTuple

from wording.codes import (
    EVEN_ODDS,
    EXPLAINED,
    FULL,
    HYPOTHESIS_TEST,
    MASKED,
    MISSINGNESS,
    NO_DIFFERENCE,
    NOT_EXPLAINED,
    NOT_TESTABLE,
    OPINION_TERM,
    PARTLY,
    REVERSED,
    SIGNIFICANCE,
    VERIFIED_REGRESSION,
)
from wording.numbers import capitalise
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


RECOMMENDED = {
    EXPLAINED: (
        "Do not treat verified accounts differently because of their reach; look at whether a video makes a claim."
    ),
    PARTLY: "Compare accounts within claims and within opinions; part of the difference is what they post.",
    NOT_EXPLAINED: "Look for the cause: what accounts post does not explain this difference.",
    REVERSED: "Never report the overall difference alone: inside claims and opinions it points the other way.",
    MASKED: "Report claims and opinions apart: together they hide a difference.",
    NO_DIFFERENCE: "Nothing to do: the data show no difference to act on.",
    NOT_TESTABLE: "Wait for data that hold both kinds of accounts in both classes.",
}
ASSOCIATION = "It does not show what causes what: nobody was assigned to be verified, and authors are not in the data."

NOT_FOUND = (
    "«No difference found» is not proof of none; where the groups are called equivalent, a difference worth acting on "
    "is ruled out at the 5 % level."
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
    if not any(row["question"] == HYPOTHESIS_TEST for row in results):
        return {}
    return {
        "verified-and-other-accounts.md": _markdown(_difference(results, checks)),
        "what-goes-with-being-verified.md": _markdown(_regression(results, checks, performance)),
        "unlabelled-videos.md": _markdown(_missingness(results)),
    }


def _difference(results: list[Row], checks: list[Row]) -> Page:
    headline, *rows = [row for row in results if row["question"] == HYPOTHESIS_TEST]
    chosen = [row for row in rows if row["metric"] == headline["metric"]]
    verdict = headline["assumption_status"]
    numbers = [row["sentence"] for row in chosen if row["method"] == "Welch t-test"]
    numbers += [row["sentence"] for row in chosen if row["term"] == "equivalence" and row["stratum"] != "all"]
    return Page(
        "Verified and other accounts",
        "Is there a difference between the videos of verified accounts and those of others?",
        headline["sentence"],
        numbers,
        [
            ASSOCIATION,
            NOT_FOUND,
        ],
        [RECOMMENDED[verdict]],
        _trust(checks, HYPOTHESIS_TEST),
    )


def _regression(results: list[Row], checks: list[Row], performance: list[Row]) -> Page:
    rows = [row for row in results if row["question"] == VERIFIED_REGRESSION and "course" not in row["method"]]
    terms = [row for row in rows if row["estimate_unit"] == "odds ratio"]
    found = [row for row in terms if row["p_value"] is not None and row["p_value"] < SIGNIFICANCE]
    strongest = min(found, key=lambda row: row["p_value"], default=None)
    if strongest is not None:
        answer = strongest["sentence"]
    elif any(row["p_value"] is not None for row in terms):
        answer = "Nothing in the data is found to go with being verified."
    else:
        answer = rows[0]["sentence"]
    alone = [row for row in rows if row["term"].startswith(("area under", "all terms but"))]
    scores = [row for row in performance if row["method"] == FULL and row["decision_threshold"] == EVEN_ODDS]
    no_tool = [
        f"It is no tool to tell verified accounts. {row['sentence']}"
        for row in scores
        if row["accuracy"] <= row["majority_accuracy"]
    ]
    rest_adds_nothing = any(
        row["p_value"] is not None and row["p_value"] >= SIGNIFICANCE for row in alone if "all terms but" in row["term"]
    )
    leads = strongest is not None and strongest["term"] == OPINION_TERM
    advice = "Do not base decisions about accounts on this regression."
    if leads:
        advice = "Compare accounts within claims and within opinions: claim status goes with being verified"
        advice += ", and the other variables add nothing beyond chance." if rest_adds_nothing else " most clearly."
    return Page(
        "What goes with being verified",
        "How do the variables of a video go with its author being verified, and by which regression?",
        answer,
        [row["sentence"] for row in [*terms, *alone, *(row for row in rows if row["term"] == "choice of model")]],
        [
            ASSOCIATION,
            *no_tool,
            f"{len(terms)} terms were looked at; a single p-value just below .05 among them may be chance.",
        ],
        [
            advice,
            "Do not repeat the course recipe's accuracy: it is measured on rows that the model has seen.",
        ],
        _trust(checks, VERIFIED_REGRESSION),
    )


def _missingness(results: list[Row]) -> Page:
    rows = [row for row in results if row["question"] == MISSINGNESS]
    last = rows[-1]
    count = last["observation_count"]
    has_missing = count is not None and count > 0
    return Page(
        "Unlabelled videos",
        "Are the videos that nobody labelled a random draw, so that they can be left out?",
        rows[0]["sentence"],
        [row["sentence"] for row in rows[1:]],
        ["It does not say what any single video is: only a person who sees it can."],
        ["Keep unlabelled videos in the queue and send them to a person; never count them as claims or opinions."]
        if has_missing
        else ["Nothing to do."],
        [f"The estimate {last['assumption_status']}."] if last["assumption_status"] else [],
    )


def _trust(checks: list[Row], question: str) -> list[str]:
    """How many checks failed, and for each kind that did, how often and what was done about it."""
    asked = [row for row in checks if row["question"] == question]
    failed = [row for row in asked if row["status"] == "failed"]
    kinds = Counter((row["check_name"], row["action"]) for row in failed)
    return [
        f"{len(asked)} assumptions were checked; {len(failed)} checks failed (table assumption_checks).",
        *(f"{capitalise(name)} failed {count} times. {action}" for (name, action), count in kinds.items()),
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
