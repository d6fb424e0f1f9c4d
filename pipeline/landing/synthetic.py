"""Write the synthetic twin of the published dataset; SQL and phrase lists are in `data/synthetic/`."""
# ruff: noqa: S608 - composed SQL holds quoted names of files

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from warehouse.settings import ROOT, Settings

if TYPE_CHECKING:
    import duckdb

SOURCES = ROOT / "data" / "synthetic"
PHRASE_LISTS = ("claim_lead_ins", "opinion_lead_ins", "facts")
# Ids are 10 digits and distinct: there are 8.7 billion of them.
MAXIMUM_ROWS = 1_000_000_000
# With which ids of the twin's reports and decisions begin, and those about videos that are not the twin's.
_OURS, _MADE = "twin", "made"

_LINE_END = b"\r\n"
_COPY = {
    # The published file's dialect. The view quotes what needs quotes: DuckDB's writer would also quote each
    # leading `#`, which the published file does not.
    ".csv": """
        copy (from {view}) to $output
        (
            format csv, header true, delimiter ',', quote '', escape '', new_line E'\\r\\n', nullstr '',
            use_tmp_file false
        )
    """,
    ".parquet": "copy (from {view}) to $output (format parquet, compression zstd, use_tmp_file false)",
}
_TYPED_VIEWS = {
    "videos": "delivered_videos",
    "reports": "synthetic_reports",
    "decisions": "synthetic_decisions",
    "truth": "truth",
}


class Twin(NamedTuple):
    """Which twin: the same values give the same bytes, whatever the number of threads."""

    rows: int
    """How many videos, of which 1.5 % are without label and the rest half claims, half opinions."""
    seed: int
    """Any whole number of 64 bits."""
    hold_labels: float = 0.0
    """The share of the labelled videos, by hash of the id, that arrive complete but without label."""
    is_young: bool = False
    """Whether the counts of those are cut to a young age."""
    videos: Path | None = None
    """A delivery of videos that stands for the twin's own; `rows` is then of no account."""


def write_synthetic(output: Path, rows: int, seed: int, threads: int | None = None) -> int:
    """Write a file with the header, the quirks and the generative process of the published dataset.

    Args:
        output: The file to write (see `write_feed`).
        rows: How many videos.
        seed: Any whole number of 64 bits.
        threads: Worker threads; DuckDB's own choice when None.

    Returns:
        The number of rows written.
    """
    return write_feed(Twin(rows, seed), {"videos": output}, threads)["videos"]


def write_feed(twin: Twin, outputs: dict[str, Path], threads: int | None = None) -> dict[str, int]:
    """Write deliveries of one twin.

    Each file appears whole or not at all; an older file of that name is replaced.

    Args:
        twin: Which twin.
        outputs: What to write: `videos`, `reports`, `decisions` or `truth` (the labels held back and the later counts)
            -> the file. `.csv` is in the published dialect (CRLF; videos have no final newline and `#N/A`), `.parquet`
            typed with NULLs. Its folder is made when absent.
        threads: Worker threads; DuckDB's own choice when None.

    Returns:
        What was asked for -> the number of rows written.

    Raises:
        ValueError: A suffix is none of the two, or a number is out of range.
        DataError: `twin.videos` is no delivery of videos.
        OSError: A file cannot be made there.
    """
    for output in outputs.values():
        if output.suffix.lower() not in _COPY:
            raise ValueError(f"{output} ends with neither .csv nor .parquet. Name a file with one of these suffixes.")
    if not 1 <= twin.rows <= MAXIMUM_ROWS:
        raise ValueError(f"{twin.rows:,} rows cannot be written. Ask for 1 to {MAXIMUM_ROWS:,} rows.")
    if not -(2**63) <= twin.seed < 2**63:
        raise ValueError(f"The seed {twin.seed} has more than 64 bits. Choose a smaller one.")

    # DuckDB is not loaded before somebody needs it.
    from warehouse.duckdb_engine import connect_memory

    beside = next(iter(outputs.values())).parent
    beside.mkdir(parents=True, exist_ok=True)
    with connect_memory(threads) as connection, tempfile.TemporaryDirectory(prefix=".twin-", dir=beside) as folder:
        _define(connection, twin, outputs, Path(folder))
        return {what: _write(connection, what, output) for what, output in outputs.items()}


def read_phrases(name: str) -> list[str]:
    """Read one of the `PHRASE_LISTS`, one phrase per line, double spaces kept."""
    return (SOURCES / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def sounds_synthetic(texts: Sequence[str]) -> bool:
    """Recognise the twin by what it says, whatever its file is called and however it is written.

    Args:
        texts: Some transcripts of a delivery; of reports and decisions, their ids.

    Returns:
        Whether most of them are one of our lead-ins followed by one of our facts, or ids of ours.
    """
    lead_ins = tuple(f"{phrase} " for name in PHRASE_LISTS[:2] for phrase in read_phrases(name))
    facts = tuple(f" {phrase}" for phrase in read_phrases(PHRASE_LISTS[2]))
    ours = sum((text.startswith(lead_ins) and text.endswith(facts)) or text.startswith(f"{_OURS}-") for text in texts)
    return ours > len(texts) / 2


def _define(connection: "duckdb.DuckDBPyConnection", twin: Twin, outputs: dict[str, Path], folder: Path) -> None:
    """Make the views that the outputs need."""
    variables = {
        "row_total": twin.rows,
        "seed": twin.seed,
        "hold_share": twin.hold_labels,
        "is_young": twin.is_young,
        **{name: read_phrases(name) for name in PHRASE_LISTS},
    }
    for name, value in variables.items():
        _set(connection, name, value)
    scripts = ["generate"]
    given, total, prefix = "synthetic_videos", twin.rows, _OURS
    if twin.videos is not None:
        given, total, prefix = _landed(twin.videos, folder)
    _set(connection, "video_total", total)
    _set(connection, "id_prefix", prefix)
    is_faced = bool(twin.hold_labels) or outputs.keys() != {"videos"}
    scripts += ["fresh", "csv", "reports"] if is_faced else ["csv"]
    for script in scripts:
        connection.execute((SOURCES / f"{script}.sql").read_text(encoding="utf-8"))
        if script == "generate":
            connection.execute(f"create temp view given_videos as from {given}")
            if not is_faced:
                connection.execute("create temp view delivered_videos as from given_videos")


def _set(connection: "duckdb.DuckDBPyConnection", name: str, value: object) -> None:
    # A small Python number would be one of 32 bits, and its products overflow.
    is_number = isinstance(value, int) and not isinstance(value, bool)
    connection.execute(f"set variable {name} = {'cast(? as bigint)' if is_number else '?'}", [value])


def _landed(videos: Path, folder: Path) -> tuple[str, int, str]:
    """Read a delivery of videos as landing does.

    Returns:
        SQL of its rows in the published columns, how many there are, and with which prefix events about them go.
    """
    from pipeline.landing.load import load
    from pipeline.landing.reading.raw_records import first_texts
    from warehouse import contract
    from warehouse.duckdb_engine import connect_for, sql_literal
    from warehouse.errors import DataError

    settings, feed = Settings(home=folder), contract.feeds()["videos"]
    work = folder / "work"
    work.mkdir()
    with connect_for(settings) as private:
        loaded = load(private, settings, videos, work, 1)
    if loaded.feed != feed.name:
        raise DataError(f"{videos} holds {loaded.feed}, not videos. Name a file of videos.")
    columns = ", ".join(
        f'{column.name} as "{column.delivered_as[0]}"' for column in feed.columns if column.name != "snapshot_at"
    ).replace("delivery_row_label as", "coalesce(delivery_row_label, delivery_row_number) as")
    landed = f"(select {columns} from read_parquet({sql_literal(work / 'landed_videos.parquet')}))"
    return landed, loaded.landed_count, _OURS if sounds_synthetic(first_texts(videos, settings)) else _MADE


def _write(connection: "duckdb.DuckDBPyConnection", what: str, output: Path) -> int:
    suffix = output.suffix.lower()
    is_published = what == "videos" and suffix == ".csv"
    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_name(f".{output.name}.unfinished{suffix}")
    unfinished.touch()
    try:
        copy = _COPY[suffix].format(view="synthetic_csv" if is_published else _TYPED_VIEWS[what])
        written = connection.execute(copy, {"output": str(unfinished)}).fetchall()[0][0]
        if is_published:
            _drop_final_line_end(unfinished)
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)
    return int(written)


def _drop_final_line_end(file: Path) -> None:
    size = file.stat().st_size
    with file.open("r+b") as stream:
        stream.seek(size - len(_LINE_END))
        if stream.read() == _LINE_END:
            stream.truncate(size - len(_LINE_END))
