"""Landing: every record of a delivered file becomes a landed row or a rejected row, and a delivery lands once."""
# ruff: noqa: S608 - what cannot be bound is quoted

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from pipeline.landing import Delivery, landed_deliveries, remove_synthetic
from warehouse import contract
from warehouse.duckdb_engine import connect_for, sql_literal
from warehouse.errors import DataError
from warehouse.settings import Settings

# The published file's column -> the landed column, with its type; `#` is renamed since it is the file's own number.
DELIVERED_COLUMNS = {"#": "delivery_row_label"}


def ingest(settings: Settings, files: Sequence[Path], *, is_synthetic: bool) -> list[Delivery]:
    """Land files in order; a file whose content has landed before changes nothing.

    Args:
        settings: Where to land.
        files: Delivered files.
        is_synthetic: Whether they are our own twin; real and synthetic rows never share a warehouse.

    Returns:
        One entry per file.

    Raises:
        DataError: A file cannot be read as the expected table; nothing of it lands.
    """
    settings.landing.mkdir(parents=True, exist_ok=True)
    landed = {delivery.hash: delivery for delivery in landed_deliveries(settings)}
    results = []
    for path in files:
        content_hash = _hash(path)
        if content_hash in landed:
            results.append(landed[content_hash]._replace(is_new=False))
            continue
        number = max((delivery.number for delivery in landed.values()), default=0) + 1
        delivery = _land(settings, path, content_hash, number, is_synthetic=is_synthetic)
        landed[content_hash] = delivery
        results.append(delivery)
    return results


def _land(settings: Settings, path: Path, content_hash: str, number: int, *, is_synthetic: bool) -> Delivery:
    work = settings.work / f"ingest-{number:05d}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    record_count = _count_records(path)
    if record_count == 0:
        raise DataError(f"{path.name} holds no records. Deliver a CSV with a header and at least one row.")
    with connect_for(settings) as connection:
        try:
            landed_count = _copy_videos(connection, path, number, work / "landed_videos.parquet")
        except duckdb.Error as error:
            raise DataError(
                f"{path.name} cannot be read: {str(error).splitlines()[0]}. Nothing of it landed."
            ) from error
        if landed_count != record_count:
            raise DataError(f"{path.name} holds {record_count} records, but {landed_count} were read. Nothing landed.")
        delivery = Delivery(number, path.name, content_hash, is_synthetic, record_count, landed_count, 0, is_new=True)
        _copy_bookkeeping(connection, delivery, path.stat().st_size, work)
    if not is_synthetic:
        remove_synthetic(settings)
    work.rename(settings.landing / f"{number:05d}-{content_hash[:12]}")
    return delivery


def _copy_videos(connection: duckdb.DuckDBPyConnection, path: Path, number: int, target: Path) -> int:
    delivered = [column for column in contract.columns("landed_videos") if not _is_lineage(column.name)]
    header = {("#" if column.name == "delivery_row_label" else column.name): "VARCHAR" for column in delivered}
    selected = ", ".join(
        f'cast("{name}" as {column.data_type}) as "{column.name}"'
        for name, column in zip(header, delivered, strict=True)
    )
    connection.execute(  # values that COPY and views cannot bind are quoted
        f"""
        create temp view delivered as
        select {number} as delivery_number, row_number() over () as delivery_row_number, * from read_csv(
            {sql_literal(path)}, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
            columns = {header!r}, nullstr = ['', '#N/A'], strict_mode = true
        )
        """
    )
    found = _header(path)
    if found != list(header):
        raise DataError(f"{path.name} has the columns {found}; expected {list(header)}. Nothing of it landed.")
    connection.execute(
        f"copy (select cast(delivery_number as bigint) as delivery_number, delivery_row_number, "
        f"{sql_literal(path.name)} as delivery_file_name, {selected} from delivered) "
        f"to {sql_literal(target)} (format parquet, compression zstd)"
    )
    counted = connection.execute("select count(*) from read_parquet($1)", [str(target)]).fetchall()
    return int(counted[0][0])


def _copy_bookkeeping(connection: duckdb.DuckDBPyConnection, delivery: Delivery, byte_count: int, work: Path) -> None:
    rows = {
        "landed_deliveries": contract.from_rows(
            [
                {
                    "delivery_number": delivery.number,
                    "delivery_file_name": delivery.file_name,
                    "delivery_hash": delivery.hash,
                    "is_synthetic": delivery.is_synthetic,
                    "byte_count": byte_count,
                    "record_count": delivery.record_count,
                    "landed_count": delivery.landed_count,
                    "rejected_count": delivery.rejected_count,
                }
            ],
            "landed_deliveries",
        ),
        "landed_rejects": contract.empty("landed_rejects"),
    }
    for name, table in rows.items():
        connection.register("rows", table)
        connection.execute(f"copy (select * from rows) to {sql_literal(work / f'{name}.parquet')} (format parquet)")
        connection.unregister("rows")


def _is_lineage(name: str) -> bool:
    return name in {"delivery_number", "delivery_row_number", "delivery_file_name"}


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return file.readline().rstrip("\r\n").split(",")


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _count_records(path: Path) -> int:
    """Count records by line ends outside quotes, apart from the reader that lands them; the header is none."""
    records, inside, last = 0, False, b"\n"
    for chunk in _chunks(path):
        for index, part in enumerate(chunk.split(b'"')):
            inside = inside if index == 0 else not inside
            if not inside:
                records += part.count(b"\n")
        last = chunk[-1:]
    return max(records + (last != b"\n") - 1, 0)


def _chunks(path: Path, size: int = 1 << 22) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(size):
            yield chunk
