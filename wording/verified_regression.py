"""What goes with being verified: rows of the regression in plain sentences, and how well it tells accounts apart."""

from collections.abc import Sequence

from wording import codes
from wording.numbers import (
    capitalise,
    confidence,
    count,
    decimal,
    interval,
    listing,
    p_text,
    quantity,
    share,
    things,
)
from wording.rows import Row

REFERENCES = {"opinion": "claim", "banned": "active", "under review": "active"}
"""Value of a category to the value that it is compared with."""
NEAR_ONE = 0.05
"""Of an odds ratio: closer to one a third decimal is printed."""


def term_text(term: str) -> str:
    """A term in words, as it stands inside a sentence."""
    name = term.removeprefix("claim_status ").removeprefix("author_ban_status ")
    if name in REFERENCES:
        prefix = "author " if term.startswith("author_ban_status ") else ""
        return f"{prefix}{name} (against {REFERENCES[name]})"
    noun, _, unit = term.partition(" per ")
    if not unit:
        return term.replace("_", " ")
    return f"each further {unit} of {noun}" if unit == "second" else f"each further {unit} {noun}"


def sentence(row: Row, rows: Sequence[Row]) -> str:
    """Say one result of the regression.

    Args:
        row: The result.
        rows: All results, for the prevalence.

    Returns:
        One or two plain sentences; where there is no number, why.
    """
    term = row["term"]
    if row["verdict"] == codes.LEFT_OUT:
        return f"{capitalise(term_text(term))} was left out: {codes.text('reason', row['reason'])}."
    if row["reason"]:
        return f"Not fitted ({term}): {codes.text('reason', row['reason'])}."
    if row["method"].startswith(codes.RECIPE):
        return _recipe(row)
    return _odds(row) if row["estimate_unit"] == "odds ratio" else _whole_model(row, rows)


def _whole_model(row: Row, rows: Sequence[Row]) -> str:
    term = row["term"]
    if row["method"].startswith("likelihood-ratio"):
        found = "improves the fit" if row["verdict"] == codes.CLEAR else "does not improve the fit beyond chance"
        return f"Adding {term} to the other terms {found} ({p_text(row['p_value'])})."
    if term.startswith(codes.PSEUDO_R_SQUARED):
        return (
            f"With {term.partition(', ')[2]} the fit is {share(row['estimate'])} of the way from knowing nothing to a "
            "perfect log-likelihood."
        )
    if term == codes.PREVALENCE:
        return f"{share(row['estimate'])} of the labelled videos are of verified accounts."
    if term == codes.CHOICE_OF_MODEL:
        return (
            "Logistic, not linear: the outcome is a yes or a no. A straight line fitted to it gives an impossible "
            f"probability, below none or above all, for {share(row['estimate'])} of the videos, and its coefficients "
            "are no odds."
        )
    return _score(row, rows)


def _odds(row: Row) -> str:
    name = capitalise(term_text(row["term"]))
    if row["lower_bound"] is None:
        return (
            f"{name} goes with about {quantity(row['estimate'])} times the odds of being verified; the penalty shrinks "
            "this and allows no interval or p-value, since maximum likelihood has no answer on these data."
        )
    digits = _digits(row)
    odds = decimal(row["estimate"], digits)
    bounds = f"{confidence(row['confidence_level'])} {interval(row['lower_bound'], row['upper_bound'], digits)}"
    if row["verdict"] == codes.GOES_WITH:
        often = "more" if row["estimate"] > 1 else "less"
        return f"{name} goes with {odds} times the odds of being verified ({bounds}): {often} often."
    return (
        f"{name} is not found to go with being verified once all terms are looked at together "
        f"(odds ratio {odds}, {bounds})."
    )


def ratio(row: Row) -> str:
    """An odds ratio with its interval, both to the same digits."""
    digits = _digits(row)
    return f"{decimal(row['estimate'], digits)} ({interval(row['lower_bound'], row['upper_bound'], digits)})"


def _digits(row: Row) -> int:
    """Decimals of an odds ratio and its bounds: two, or three where one of them is so close to one that two hide it."""
    return 3 if any(abs(row[name] - 1) < NEAR_ONE for name in ("estimate", "lower_bound", "upper_bound")) else 2


def _recipe(row: Row) -> str:
    method = row["method"]
    if row["term"] == codes.COPIED:
        copies = "" if row["estimate"] == 0 else ": the test asks what the model was shown"
        return (
            f"In the {method}, {share(row['estimate'])} of the verified test rows also stand in the training rows"
            f"{copies}."
        )
    if row["term"] == codes.TEST_PREVALENCE:
        return f"In the {method}, {share(row['estimate'])} of the test rows are of verified accounts."
    return (
        f"The {method} puts the odds ratio of {row['term'].replace('_', ' ')} at {quantity(row['estimate'])}; it "
        "allows no interval, since its rows are copies."
    )


def _score(row: Row, rows: Sequence[Row]) -> str:
    score, _, model = row["term"].partition(", ")
    prevalence = next((other["estimate"] for other in rows if other["term"] == codes.PREVALENCE), None)
    chance = decimal(0.5, 3) if score.startswith("area") else decimal(prevalence, 3)
    return f"On held-out videos, {model} reaches {decimal(row['estimate'], 3)} ({score}; chance gives {chance})."


def performance_sentence(row: Row) -> str:
    """A row of `ml.regression_performance` in words."""
    positives = row["true_positive_count"] + row["false_negative_count"]
    lead = f"At {share(row['decision_threshold'])} probability, {row['method']}"
    if row["true_positive_count"] + row["false_positive_count"] == 0:
        return f"{lead} names nobody verified; its accuracy of {share(row['accuracy'] or 0)} is the majority’s."
    return (
        f"{lead} finds {count(row['true_positive_count'])} of {count(positives)} videos of verified accounts, and "
        f"{share(row['precision'] or 0)} of those it names are; accuracy {share(row['accuracy'] or 0)} against the "
        f"majority’s {share(row['majority_accuracy'] or 0)}."
    )


def odds_ratios(results: Sequence[Row]) -> list[Row]:
    """The terms of the regression that have an interval, the strongest link on a common scale first.

    The scale is the change of the log-odds per standard deviation of the term.
    """
    rows = [
        row
        for row in results
        if row["question"] == codes.VERIFIED_REGRESSION
        and row["estimate_unit"] == "odds ratio"
        and row["lower_bound"] is not None
        and not row["method"].startswith(codes.RECIPE)
    ]
    return sorted(rows, key=lambda row: (not is_link(row), -abs(row["standardised_log_odds"] or 0), row["term"]))


def is_link(row: Row) -> bool:
    """Whether a term clearly goes with being verified."""
    return bool(row["verdict"] == codes.GOES_WITH)


def links(results: Sequence[Row]) -> str:
    """What goes with being verified, in one to three sentences."""
    terms = odds_ratios(results)
    if not terms:
        return "The regression on verified status could not be fitted to this data."
    clear = [row for row in terms if is_link(row)]
    rest = _rest(results)
    if not clear:
        return f"No variable clearly goes with being verified.{rest}"
    best = clear[0]
    direction = "higher" if best["estimate"] > 1 else "lower"
    others = [term_text(row["term"]) for row in clear[1:]]
    more = f" Weaker but clear links: {listing(others)}." if others else rest
    return (
        f"The strongest link with being verified is “{term_text(best['term'])}”. The odds are {direction} by a factor "
        f"of {ratio(best)}.{more}"
    )


def _rest(results: Sequence[Row]) -> str:
    test = next((row for row in results if row["term"] == codes.REST and row["p_value"] is not None), None)
    if test is None:
        return ""
    if test["verdict"] == codes.CLEAR:
        return f" The other variables matter together, but no single one stands out ({p_text(test['p_value'])})."
    return f" The other variables together show no clear link ({p_text(test['p_value'])})."


def no_tool(rows: Sequence[Row]) -> list[str]:
    """That it tells nobody who is verified, where it is right no more often than one word for everybody."""
    return [
        "It is no tool for telling who is verified: the same word for everybody is right as often."
        for row in rows
        if row["method"] == codes.FULL
        and row["decision_threshold"] == codes.EVEN_ODDS
        and row["accuracy"] is not None
        and row["accuracy"] <= row["majority_accuracy"]
    ]


def performance(rows: Sequence[Row]) -> str:
    """What the regression can and cannot do."""
    known = [row for row in rows if row["method"] == codes.FULL and row["accuracy"] is not None]
    model = next((row for row in known if row["decision_threshold"] == codes.EVEN_ODDS), None)
    if model is None:
        return "How well the regression tells accounts apart could not be measured."
    actual = model["true_positive_count"] + model["false_negative_count"]
    better = "no better than" if no_tool(rows) else "against"
    others = model["false_positive_count"] + model["true_negative_count"]
    larger = "verified" if actual > others else "not verified"
    found = "none" if model["true_positive_count"] == 0 else count(model["true_positive_count"])
    return (
        f"As a way to tell accounts apart, the model finds {found} of {things(actual, 'video')} of verified"
        f" accounts. It is right {share(model['accuracy'])} of the time, {better} saying “{larger}” each"
        f" time ({share(model['majority_accuracy'])})."
    )
