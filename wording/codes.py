"""Codes that result tables hold and sentences speak of: written by `ml`, read by `wording`, spelled here alone."""

HYPOTHESIS_TEST, VERIFIED_REGRESSION, MISSINGNESS = "hypothesis_test", "verified_regression", "missingness"
"""Questions of `ml.statistical_results`."""

NO_DIFFERENCE, EXPLAINED, PARTLY, NOT_EXPLAINED, REVERSED, MASKED, NOT_TESTABLE = (
    "no difference",
    "explained",
    "partly explained",
    "not explained",
    "reversed",
    "masked",
    "not testable",
)
"""Verdicts on a difference between verified and other accounts."""

OPINION_TERM = "claim_status opinion"
FULL, ALONE, MAJORITY = "logistic regression", "claim status alone", "majority"
EVEN_ODDS = 0.5
"""The threshold that software takes when nobody chooses one."""
SIGNIFICANCE = 0.05
