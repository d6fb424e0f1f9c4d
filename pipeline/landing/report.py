"""What people and programs are told about deliveries: the summary, and what a file would do."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.landing.cells.rules import EXPLANATIONS
from pipeline.landing.folder import Delivery
from pipeline.landing.reading.dialect import NO_OPTIONS
from pipeline.landing.reading.options import Options
from warehouse.errors import DataError
from warehouse.settings import Settings

# What records of known videos do, beside changing them or not.
_CHANGES = {
    "label_set_count": "labelled for the first time",
    "kept_count": "with older values kept against a blank",
    "reverted_count": "gone back to an earlier value",
    "falling_count": "with a falling count",
}


def describe(deliveries: Sequence[Delivery], origin: str) -> str:
    """One line about what was landed.

    Args:
        deliveries: Those of this run, new or not.
        origin: How their files were found.

    Returns:
        Counts, the kinds of repair, and what had to go.
    """
    if not deliveries:
        return origin
    records = sum(delivery.record_count for delivery in deliveries)
    rejected = sum(delivery.rejected_count for delivery in deliveries)
    new = sum(delivery.is_new for delivery in deliveries)
    parts = [
        f"{records:,} records in {len(deliveries)} file(s), {rejected:,} rejected, {new} new",
        *(
            f"{delivery.repeated_by} holds what landed as delivery {delivery.number} ({delivery.file_name}): "
            "nothing changes"
            for delivery in deliveries
            if delivery.repeated_by
        ),
        _repairs_in_words(deliveries),
        _absent_in_words(deliveries),
        _replaced_in_words(deliveries),
        origin,
    ]
    return "; ".join(part for part in parts if part)


def changes_in_words(changes: Mapping[str, Any]) -> str:
    """What a delivery changes in what older records say.

    Args:
        changes: Its row of `quality.delivery_changes`, or sums over several, under the name in `delivery_file_name`.

    Returns:
        A phrase; what did not happen is left out beyond the first three counts.
    """
    counts = [f"{changes[f'{kind}_count']:,} {kind}" for kind in ("new", "changed", "unchanged")]
    counts += [f"{changes[column]:,} {words}" for column, words in _CHANGES.items() if changes[column]]
    return f"{changes['delivery_file_name']}: {', '.join(counts)}"


def trial(settings: Settings, path: Path, options: Options = NO_OPTIONS) -> dict[str, Any]:
    """What landing a file would do, without doing it.

    Args:
        settings: The limits.
        path: A delivered file.

        options: What a person says about it.

    Returns:
        Whether it `would_land`; then its dialect, counts, repairs and rejects, otherwise the `refusal`.
    """
    from pipeline.landing.folder import landed_deliveries
    from pipeline.landing.ingest import try_delivery
    from pipeline.landing.reading.delivery_file import content_hash, display_name

    before = [delivery for delivery in landed_deliveries(settings) if delivery.hash == content_hash(path)]
    report: dict[str, Any] = {"file": display_name(path), "landed_before_as": before[0].number if before else None}
    try:
        loaded = try_delivery(settings, path, options)
    except DataError as error:
        return {**report, "would_land": False, "refusal": str(error)}
    return {
        **report,
        "would_land": True,
        "dialect": loaded.dialect,
        "record_count": loaded.record_count,
        "landed_count": loaded.landed_count,
        "rejected_count": loaded.rejected_count,
        "column_names": dict(loaded.column_names),
        "repairs": [repair._asdict() for repair in loaded.repairs],
        "rejects": [reject._asdict() for reject in loaded.rejects],
    }


def trial_lines(report: dict[str, Any]) -> Iterator[str]:
    """A trial in words, a line each."""
    if not report["would_land"]:
        yield f"would be refused: {report['refusal']}"
        return
    counts = [f"{report[f'{count}_count']:,}" for count in ("record", "landed", "rejected")]
    yield report["dialect"]
    yield "{} records: {} would land, {} would be rejected".format(*counts)
    if number := report["landed_before_as"]:
        yield f"It has landed before, as delivery {number}: nothing would change."
    for repair in report["repairs"]:
        example = f"{repair['example_before']!r} -> {repair['example_after']!r}"
        yield f"repair  {repair['repaired_count']:>9,}  {repair['repair_kind']}  {repair['column_name']}  {example}"
    for reject in report["rejects"]:
        column, line = reject["rejected_column"] or "*", reject["line_number"]
        column = report["column_names"].get(column, column)
        where = f", first on line {line:,}" if line else ""
        meaning = EXPLANATIONS[reject["reject_reason"]]
        yield f"reject  {reject['reject_count']:>9,}  {reject['reject_reason']}  {column}{where}: {meaning}"


def _repairs_in_words(deliveries: Sequence[Delivery]) -> str:
    counts: Counter[str] = Counter()
    for delivery in deliveries:
        for repair in delivery.repairs:
            if repair.repair_kind == "absent_column":
                continue
            counts[repair.repair_kind] += repair.repaired_count
    words = ", ".join(f"{kind} {count:,}" for kind, count in counts.most_common())
    return words and f"repaired: {words}"


def _absent_in_words(deliveries: Sequence[Delivery]) -> str:
    absent = {
        repair.column_name: None
        for delivery in deliveries
        for repair in delivery.repairs
        if repair.repair_kind == "absent_column"
    }
    return (absent and f"without {', '.join(absent)}, which stay empty everywhere") or ""


def _replaced_in_words(deliveries: Sequence[Delivery]) -> str:
    replaced = [name for delivery in deliveries for name in delivery.replaced]
    return f"synthetic rows removed ({', '.join(replaced)})" if replaced else ""
