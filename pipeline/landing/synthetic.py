"""Write the synthetic twin of the published dataset; SQL and phrase lists are in `data/synthetic/`."""

from collections.abc import Sequence
from pathlib import Path

from warehouse.settings import ROOT

SOURCES = ROOT / "data" / "synthetic"
PHRASE_LISTS = ("claim_lead_ins", "opinion_lead_ins", "facts")
# Ids are 10 digits and distinct: there are 8.7 billion of them.
MAXIMUM_ROWS = 1_000_000_000

_LINE_END = b"\r\n"
_COPY = {
    # The published file's dialect. The view quotes what needs quotes: DuckDB's writer would also quote each
    # leading `#`, which the published file does not.
    ".csv": """
        copy (from synthetic_csv) to $output
        (
            format csv, header true, delimiter ',', quote '', escape '', new_line E'\\r\\n', nullstr '',
            use_tmp_file false
        )
    """,
    ".parquet": "copy (from synthetic_videos) to $output (format parquet, compression zstd, use_tmp_file false)",
}


def write_synthetic(output: Path, rows: int, seed: int, threads: int | None = None) -> int:
    """Write a file with the header, the quirks and the generative process of the published dataset.

    A file appears whole or not at all; an older file of that name is replaced. The same rows and seed
    give the same bytes, whatever the number of threads.

    Args:
        output: The file to write: `.csv` in the published dialect (CRLF, no final newline, `#N/A`), or
            `.parquet` with whole numbers and NULLs. Its folder is made when absent.
        rows: How many videos, of which 1.5 % are without label and the rest half claims, half opinions.
        seed: Any whole number of 64 bits.
        threads: Worker threads; DuckDB's own choice when None.

    Returns:
        The number of rows written.

    Raises:
        ValueError: The suffix is none of the two, or `rows` or `seed` is out of range.
        OSError: The file cannot be made there.
    """
    suffix = output.suffix.lower()
    if suffix not in _COPY:
        raise ValueError(f"{output} ends with neither .csv nor .parquet. Name a file with one of these suffixes.")
    if not 1 <= rows <= MAXIMUM_ROWS:
        raise ValueError(f"{rows:,} rows cannot be written. Ask for 1 to {MAXIMUM_ROWS:,} rows.")
    if not -(2**63) <= seed < 2**63:
        raise ValueError(f"The seed {seed} has more than 64 bits. Choose a smaller one.")

    # DuckDB is not loaded before somebody needs it.
    from warehouse.duckdb_engine import connect_memory

    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_name(f".{output.name}.unfinished{suffix}")
    unfinished.touch()
    try:
        with connect_memory(threads) as connection:
            connection.execute("set variable row_total = cast(? as bigint)", [rows])
            connection.execute("set variable seed = cast(? as bigint)", [seed])
            for name in PHRASE_LISTS:
                connection.execute(f"set variable {name} = ?", [read_phrases(name)])
            connection.execute((SOURCES / "generate.sql").read_text(encoding="utf-8"))
            written = connection.execute(_COPY[suffix], {"output": str(unfinished)}).fetchall()[0][0]
        if suffix == ".csv":
            _drop_final_line_end(unfinished)
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)
    return int(written)


def read_phrases(name: str) -> list[str]:
    """Read one of the `PHRASE_LISTS`, one phrase per line, double spaces kept."""
    return (SOURCES / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def sounds_synthetic(transcripts: Sequence[str]) -> bool:
    """Recognise the twin by what it says, whatever its file is called and however it is written.

    Args:
        transcripts: Some transcripts of a delivery.

    Returns:
        Whether most of them are one of our lead-ins followed by one of our facts.
    """
    lead_ins = tuple(f"{phrase} " for name in PHRASE_LISTS[:2] for phrase in read_phrases(name))
    facts = tuple(f" {phrase}" for phrase in read_phrases(PHRASE_LISTS[2]))
    ours = sum(text.startswith(lead_ins) and text.endswith(facts) for text in transcripts)
    return ours > len(transcripts) / 2


def _drop_final_line_end(file: Path) -> None:
    size = file.stat().st_size
    with file.open("r+b") as stream:
        stream.seek(size - len(_LINE_END))
        if stream.read() == _LINE_END:
            stream.truncate(size - len(_LINE_END))
