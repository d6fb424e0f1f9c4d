"""What each check of an assumption means and what was done about it, from its name, status, code and numbers."""

from collections.abc import Callable, Iterable

from wording import codes
from wording.names import spelled
from wording.numbers import capitalise, count, decimal
from wording.rows import Row

NOTHING_NEEDED = "None needed."
KEPT = "Kept."


def with_texts(checks: Iterable[Row]) -> list[Row]:
    """Put the meaning and the action in place of what only they need.

    Args:
        checks: Rows of `ml.assumption_checks` without their texts, each with `code` and `details` beside.

    Returns:
        The rows as the table holds them.
    """
    rows = []
    for check in checks:
        meaning, action = texts(check)
        kept = {name: value for name, value in check.items() if name not in {"code", "details"}}
        rows.append({**kept, "meaning": meaning, "action": action})
    return rows


def texts(check: Row) -> tuple[str, str]:
    """Meaning and action of one check."""
    if check["status"] == codes.NOT_APPLICABLE:
        return _not_applicable(check), "Nothing."
    return _TEXTS[check["check_name"]](check, check["status"] == codes.PASSED)


def _not_applicable(check: Row) -> str:
    known = _NOT_APPLICABLE.get(check["code"])
    if known is not None:
        return known.format(**(check["details"] or {}))
    return f"{_COMPUTED[check['check_name']]}: {codes.text('reason', check['code'])}."


_NOT_APPLICABLE = {
    codes.NO_TRANSCRIPT: "No transcript was delivered, so that repeats cannot be counted.",
    codes.FEW_OR_CONSTANT: "Fewer than {minimum} videos, or no variation.",
    codes.VARIANCE_UNKNOWN: "One group's variance is zero or unknown.",
    codes.NO_CONTINUOUS_TERM: "There is no continuous term.",
    codes.DISTANCE_UNDEFINED: "Cook's distance is not defined for some row.",
}
_COMPUTED = {
    codes.LINEARITY: "Box-Tidwell could not be computed",
    codes.CALIBRATION: "Hosmer-Lemeshow could not be computed",
    codes.CONVERGENCE: "Not fitted",
}


def _independence(check: Row, _: bool) -> tuple[str, str]:
    total = check["observation_count"]
    return (
        (
            f"{count(check['statistic'] * total)} of {count(total)} transcripts repeat another. Who posted a video is "
            "not in the data: videos of one author may be alike, and then intervals are too narrow. This cannot be "
            "checked."
        ),
        "One row per video; repeats were kept.",
    )


def _normality(check: Row, passed: bool) -> tuple[str, str]:
    words = "no sign against a normal distribution" if passed else "not normal (large samples show any departure)"
    action = "The t-test rests on the means being near normal, see sample size; ranks stand beside it."
    kurtosis = check["details"]["excess_kurtosis"]
    return (
        f"Skewness {decimal(check['statistic'])}, excess kurtosis {decimal(kurtosis)}: {words}.",
        NOTHING_NEEDED if passed else action,
    )


def _variances(check: Row, _: bool) -> tuple[str, str]:
    return (
        f"One group's variance is {decimal(check['statistic'])} times the other's.",
        "Welch's test is used in any case, since it needs no equal variances.",
    )


def _size(check: Row, passed: bool) -> tuple[str, str]:
    found = "enough for its mean to be near normal." if passed else "too few to trust a t-test on skewed counts."
    return (
        f"The smaller group has {count(check['statistic'])} videos: {found}",
        NOTHING_NEEDED if passed else "Trust the rank and permutation tests more.",
    )


def _linearity(check: Row, passed: bool) -> tuple[str, str]:
    if passed:
        return "No sign that the logit bends here.", "Kept linear."
    if check["details"]:
        omitted = spelled(check["details"]["omitted"])
        return (
            f"With {omitted} left out the logit bends: the curve would stand in for the missing term.",
            f"{capitalise(omitted)} is in the model.",
        )
    return (
        "The logit bends here, so one odds ratio per unit is an average over the range.",
        "Kept linear, so that the odds ratio stays readable; read it as an average.",
    )


def _multicollinearity(check: Row, passed: bool) -> tuple[str, str]:
    if check["code"] is not None:
        why = codes.text("reason", check["code"])
        return f"The term carries no information of its own: {why}.", "Left out."
    if check["statistic_name"] == codes.CONDITION_NUMBER:
        return (
            f"The terms together are {'far from' if passed else 'close to'} determining each other.",
            KEPT if passed else "Kept; read single odds ratios with care.",
        )
    factor = decimal(check["statistic"])
    return (
        f"Overlap with the other terms makes this estimate's variance {factor} times as large.",
        KEPT if passed else "Kept; its interval already carries the extra uncertainty.",
    )


def _influence(check: Row, passed: bool) -> tuple[str, str]:
    named = ", ".join(f"{key} ({decimal(distance, 4)})" for key, distance in check["details"]["largest"])
    verdict = "No single video moves the estimates much." if passed else "Some video moves the estimates by itself."
    return f"Largest Cook's distances, by the video's id: {named}. {verdict}", "No row was removed."


def _events(check: Row, passed: bool) -> tuple[str, str]:
    return (
        f"{count(check['details']['events'])} rows of the rarer class carry {count(check['details']['terms'])} terms.",
        NOTHING_NEEDED if passed else "Estimates of so few events are biased away from one; do not act on them.",
    )


def _calibration(_: Row, passed: bool) -> tuple[str, str]:
    return (
        (
            f"{'No sign' if passed else 'There are signs'} that predicted shares miss the observed ones. The test "
            "depends on the number of groups, has little power in small samples and finds trifles in large ones; the "
            "reliability table shows the sizes."
        ),
        "See regression_calibration.",
    )


def _convergence(check: Row, passed: bool) -> tuple[str, str]:
    if not passed:
        return f"No estimate: {codes.text('reason', check['code'])}.", _penalised(check)
    return (
        "Newton's method reached the maximum of the likelihood; a fit that does not is an error here, never a number.",
        NOTHING_NEEDED,
    )


def _separation(check: Row, passed: bool) -> tuple[str, str]:
    if passed:
        return (
            "No combination of the terms separates verified from other accounts, so that the estimates exist.",
            NOTHING_NEEDED,
        )
    return (
        (
            "Some combination of the terms tells verified accounts apart without error in part of the data, so that no "
            "maximum-likelihood estimate exists."
        ),
        _penalised(check),
    )


def _penalised(check: Row) -> str:
    return f"Fitted with an L2 penalty (C = {check['details']['penalty']:g}) instead, without p-values."


_TEXTS: dict[str, Callable[[Row, bool], tuple[str, str]]] = {
    codes.INDEPENDENCE: _independence,
    codes.NORMALITY: _normality,
    codes.EQUAL_VARIANCES: _variances,
    codes.SAMPLE_SIZE: _size,
    codes.LINEARITY: _linearity,
    codes.MULTICOLLINEARITY: _multicollinearity,
    codes.INFLUENCE: _influence,
    codes.EVENTS: _events,
    codes.CALIBRATION: _calibration,
    codes.CONVERGENCE: _convergence,
    codes.SEPARATION: _separation,
}
