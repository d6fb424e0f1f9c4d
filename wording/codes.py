"""Codes that result tables hold and sentences speak of: written by `ml`, read by `wording`, spelled here alone.

The contract lists the categories of each column; the short text of a code stands in the seed `code_texts`.
"""

from functools import cache

from warehouse import contract

HYPOTHESIS_TEST, VERIFIED_REGRESSION, MISSINGNESS = "hypothesis_test", "verified_regression", "missingness"
"""Questions of `ml.statistical_results`."""

ALL, CLAIM, OPINION, UNLABELLED = "all", "claim", "opinion", "unlabelled"
CLASSES = (CLAIM, OPINION)

NO_DIFFERENCE = "no_difference"
EXPLAINED = "explained"
PARTLY_EXPLAINED = "partly_explained"
NOT_EXPLAINED = "not_explained"
MASKED = "masked"
REVERSED = "reversed"
DIFFERS_IN_ONE_CLASS = "differs_in_one_class"
UNDECIDED = "undecided"
NOT_TESTABLE = "not_testable"
DIFFERENCE_VERDICTS = (
    NO_DIFFERENCE,
    EXPLAINED,
    PARTLY_EXPLAINED,
    NOT_EXPLAINED,
    MASKED,
    REVERSED,
    DIFFERS_IN_ONE_CLASS,
    UNDECIDED,
    NOT_TESTABLE,
)
"""Verdicts on the comparison of verified and other accounts, overall and within each class."""

GAP_VERDICTS = ALIKE, DIFFERS, OPEN = "alike", "differs", "open"
"""Verdicts on one group of videos: equivalent within the margin, a clear difference, neither shown."""

TEST_VERDICTS = CLEAR, NOT_CLEAR = "clear", "not_clear"
"""Verdicts of a single test."""

TERM_VERDICTS = GOES_WITH, NOT_FOUND, LEFT_OUT = "goes_with", "not_found", "left_out"
"""Verdicts on a term of the regression."""

SIZE_VERDICTS = ENOUGH_ROWS, TOO_FEW_ROWS = "enough_rows", "too_few_rows"

CHECK_STATUSES = PASSED, FAILED, NOT_APPLICABLE = "passed", "failed", "not applicable"
"""What became of an assumption check."""

DECISION_RULES = PROMISE, COSTS, PERSON = "promise", "costs", "person"
"""What decides about the videos of a feature set."""

# Checks of ml.assumption_checks, a number of one, and why one cannot be done (beside the seed's reasons).
INDEPENDENCE, NORMALITY, EQUAL_VARIANCES, SAMPLE_SIZE = "independence", "normality", "equal variances", "sample size"
LINEARITY, MULTICOLLINEARITY, INFLUENCE = "linearity of the logit", "multicollinearity", "influential points"
EVENTS, CALIBRATION, CONVERGENCE, SEPARATION = "events per variable", "calibration", "convergence", "separation"
CONDITION_NUMBER = "condition number"
NO_TRANSCRIPT, FEW_OR_CONSTANT, VARIANCE_UNKNOWN = "no_transcript", "few_or_constant", "variance_unknown"
NO_CONTINUOUS_TERM, DISTANCE_UNDEFINED = "no_continuous_term", "distance_undefined"

# Terms of ml.statistical_results.
EXPLAINED_TERM = "explained by claim status"
CONTRAST = "not verified - verified"
ADJUSTED_CONTRAST = "verified - not verified"
COMPOSITION, WITHIN = "composition", "within classes"
COHENS_D, EQUIVALENCE, CLIFFS_DELTA = "Cohen's d", "equivalence", "Cliff's delta"
POWER, DETECTABLE, NEEDED = "power", "smallest detectable effect", "videos needed"
CLAIM_SHARE = "share of claims"
CHOICE_OF_TEST, CHOICE_OF_MODEL = "choice of test", "choice of model"
PREVALENCE = "prevalence"
PSEUDO_R_SQUARED = "McFadden pseudo-R²"
REST = "all terms but claim status"
OPINION_TERM = "claim_status opinion"
WELCH, STUDENT = "Welch t-test", "Student t-test"
COPIED, TEST_PREVALENCE = "verified test rows with a copy in train", "prevalence among test rows"
SAME_PROFILE = "same verified and author status as"

FULL, ALONE, MAJORITY = "logistic regression", "claim status alone", "majority"
RECIPE = "course recipe"
EVEN_ODDS = 0.5
"""The threshold that software takes when nobody chooses one."""
SIGNIFICANCE = 0.05

FOREST, RULE = "random_forest", "one_line_rule"
"""Candidates that sentences speak of by name; the third is the majority."""


def text(kind: str, code: str) -> str:
    """A code in words that stand inside a sentence.

    Args:
        kind: What the code answers, for example `reason`.
        code: The code.

    Returns:
        Its text in the seed; the code itself, with spaces, where the seed has none.
    """
    return _texts().get((kind, code), code.replace("_", " "))


def codes(kind: str) -> tuple[str, ...]:
    """The codes of a kind in the order of the seed."""
    return tuple(code for found, code in _texts() if found == kind)


@cache
def _texts() -> dict[tuple[str, str], str]:
    return {(row["code_kind"], row["code"]): row["code_text"] for row in contract.seed_rows("code_texts")}
