"""What sqlfluff renders in place of dbt's own macros, which it does not know."""


def datediff(first: str, second: str, part: str) -> str:
    """Whole parts between two moments."""
    return f"date_diff('{part}', {first}, {second})"


def dateadd(part: str, interval: object, moment: str) -> str:
    """A moment some parts later."""
    return f"{moment} + {interval} * interval 1 {part}"
