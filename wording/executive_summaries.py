"""Five executive summaries of one page each, in the words of the pages: what was asked, answered, and advised."""

from typing import NamedTuple

from wording import (
    backlog,
    claim_model,
    claims_and_opinions,
    delivery,
    first_screen,
    names,
    numbers,
    overview,
    review_queue,
    verified_accounts,
    verified_regression,
)
from wording.rows import Data, Row

COUNTS_ONLY = "These are counts: they show what goes together, not what causes what."
ASSOCIATION = "It does not show what causes what: nobody was assigned to be verified, and authors are not in the data."


class Summary(NamedTuple):
    """The parts of a summary; lists hold sentences."""

    title: str
    question: str
    answer: str
    numbers: list[str]
    does_not_mean: list[str]
    recommendation: list[str]
    variables: list[str]
    assumptions: list[str]

    def parts(self) -> list[tuple[str, list[str]]]:
        """What follows the answer, each with its heading."""
        return [
            ("The numbers", self.numbers),
            ("What it does not mean", self.does_not_mean),
            ("What we recommend", self.recommendation),
            ("Variables", self.variables),
            ("Assumptions and data", self.assumptions),
        ]


def summaries(data: Data, minutes: float) -> dict[str, Summary]:
    """File name without ending to summary.

    Args:
        data: Rows of every query.
        minutes: Minutes per review, an assumption.
    """
    return {
        "exploration": _exploration(data),
        "hypothesis-test": _hypothesis_test(data),
        "regression": _regression(data),
        "claim-model": _claim_model(data),
        "backlog": _backlog(data, minutes),
    }


def _sound(data: Data) -> list[str]:
    return [delivery.origin(data["reconciliation"], data["robustness"]), delivery.audits(data["audits"])]


def _sentence(finding: str) -> str:
    return finding if finding.endswith(".") else f"{finding}."


def _exploration(data: Data) -> Summary:
    statuses = data["claim_statuses"]
    return Summary(
        title="Claims against opinions",
        question="How do videos that make claims differ from videos that state opinions?",
        answer=claims_and_opinions.view_share(statuses),
        numbers=[
            claims_and_opinions.status_counts(statuses),
            *(_sentence(claims_and_opinions.typical(name, data["quantiles"])) for name in ("views", "duration")),
            _sentence(claims_and_opinions.author_finding(data["author_statuses"])),
            _sentence(claims_and_opinions.verified_finding(data["verified_statuses"])),
        ],
        does_not_mean=[COUNTS_ONLY],
        recommendation=[claims_and_opinions.advice(data["quantiles"])],
        variables=["Claim status, verified status, author status, length, views, likes, shares, downloads, comments."],
        assumptions=[delivery.missing(data["columns"]), delivery.flags(data["flags"]), *_sound(data)],
    )


def _checked(data: Data, question: str) -> list[str]:
    rows = [row for row in data["assumptions"] if row["question"] == question]
    failed = [row for row in rows if row["status"] == "failed"]
    kinds = list(dict.fromkeys(row["check_name"] for row in failed))
    lead = f"{numbers.things(len(rows), 'assumption')} checked, {numbers.count(len(failed))} failed"
    return [f"{lead}: {numbers.listing(kinds)}." if kinds else f"{lead}."] if rows else []


def _chosen(results: list[Row], question: str) -> list[Row]:
    return [row for row in results if row["question"] == question and row["estimate"] is not None]


def _hypothesis_test(data: Data) -> Summary:
    rows = _chosen(data["statistics"], "hypothesis_test")
    welch = [row["sentence"] for row in rows if row["method"].startswith("Welch")][:3]
    metrics = numbers.listing(list(dict.fromkeys(names.column(row["metric"]) for row in rows if row["metric"]))[:6])
    return Summary(
        title="Verified and other accounts",
        question=(
            "Is there a difference between the videos of verified accounts and those of others, and on which variable?"
        ),
        answer=verified_accounts.finding(data["statistics"]),
        numbers=welch,
        does_not_mean=[ASSOCIATION],
        recommendation=[verified_accounts.advice(data["statistics"])],
        variables=[f"Verified status against {metrics}, over all videos and within claims and opinions."]
        if metrics
        else [],
        assumptions=[*_checked(data, "hypothesis_test"), *_sound(data)],
    )


def _regression(data: Data) -> Summary:
    terms = verified_regression.odds_ratios(data["statistics"])
    linked = [row for row in terms if verified_regression.is_link(row)]
    named = numbers.listing(list(dict.fromkeys(verified_regression.term_text(row["term"]) for row in terms)))
    return Summary(
        title="What goes with being verified",
        question="How do the variables of a video go with its author being verified, and by which regression?",
        answer=verified_regression.links(data["statistics"]),
        numbers=[
            *(row["sentence"] for row in linked[:4]),
            verified_regression.performance(data["regression_performance"]),
        ],
        does_not_mean=[
            ASSOCIATION,
            *verified_regression.no_tool(data["regression_performance"]),
        ],
        recommendation=["Use the regression to understand who posts what; base no decision about an account on it."],
        variables=[f"Outcome: verified status. In the model: {named}."] if named else [],
        assumptions=[
            "A logistic regression, since the outcome is a yes or a no; a linear one could predict less than none.",
            *_checked(data, "verified_regression"),
            *_sound(data),
        ],
    )


def _claim_model(data: Data) -> Summary:
    metrics, runs = data["model_metrics"], data["model_runs"]
    used = [row["feature"] for row in data["feature_importance"] if row["importance_kind"] == "permutation"]
    return Summary(
        title="Telling claims from opinions",
        question="How well can a model tell claims from opinions, and is it better than a simple rule?",
        answer=claim_model.forest(metrics),
        numbers=[
            claim_model.against_rule(metrics, data["model_comparisons"]),
            claim_model.champion(metrics, runs),
            claim_model.early(metrics, runs),
        ],
        does_not_mean=[claim_model.caution(data["robustness"])],
        recommendation=[
            claim_model.costs(runs),
            "Let people decide on every video; the model only puts them in order.",
        ],
        variables=[f"The forests may use {numbers.listing(sorted({names.column(name) for name in used}))}."]
        if used
        else [],
        assumptions=[claim_model.words(data["robustness"]), *_sound(data)],
    )


def _backlog(data: Data, minutes: float) -> Summary:
    coverage = data["coverage"]
    capacity = review_queue.usual(coverage)
    measured = [] if capacity is None else [review_queue.covered(coverage, capacity), review_queue.gain(coverage)]
    return Summary(
        title="What to review first",
        question="In which order should reported videos be reviewed, and what does the order save?",
        answer=measured[0] if measured else overview.findings(data)[-1],
        numbers=[*measured[1:], review_queue.saved(coverage, minutes), review_queue.waiting(data["predictions"])],
        does_not_mean=[
            "No order removes a video; a person looks at each before anything is done.",
            backlog.assumptions(data["backlog"]),
        ],
        recommendation=[numbers.capitalise(first_screen.recommendation(data).removeprefix("Recommendation: "))],
        variables=["Chance of a claim, views, reports weighted by their reporters’ record, hours waited."],
        assumptions=[
            first_screen.certainty(coverage),
            backlog.came_in(data["reconciliation"], data["backlog"]),
            *_sound(data),
        ],
    )
