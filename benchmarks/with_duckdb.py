"""The floor: the least that DuckDB must do for the same result, and questions put to the warehouse."""

import time
from pathlib import Path
from typing import Any

from warehouse.duckdb_engine import connect_file, connect_for, sql_literal
from warehouse.settings import Settings


def ingest(file: str, target: str) -> int:
    """Bare read_csv into Parquet: no check, no count, nothing kept aside."""
    with connect_for(Settings()) as connection:
        connection.execute(
            f"copy (select * from read_csv({sql_literal(file)}, nullstr = ['', '#N/A'])) "  # noqa: S608 - quoted
            f"to {sql_literal(target)} (format parquet, compression zstd)"
        )
        return int(connection.execute("select count(*) from read_parquet($1)", [target]).fetchall()[0][0])


def script(file: str, warehouse: str) -> int:
    """Run one SQL script against a new warehouse file."""
    statements = Path(file).read_text(encoding="utf-8").split(";;\n")
    with connect_file(Path(warehouse), Settings()) as connection:
        for statement in statements:
            if statement.strip():
                connection.execute(statement)
    return len(statements)


def question_from_mart(file: str, repeats: int = 5) -> Any:
    """One question of the dashboard, from the published file: views by author status."""
    sql = """
        select author_ban_status, sum(video_count) as video_count, sum(view_count) / sum(video_count) as mean_views
        from marts.agg_videos_by_all_statuses
        where claim_status <> 'unlabelled'
        group by author_ban_status
    """
    return _repeated(sql, repeats, file=file)


def question_from_parquet(file: str, repeats: int = 5) -> Any:
    """The same from the published Parquet of the fact table."""
    sql = f"""
        select author_ban_status, count(*) as video_count, avg(video_view_count) as mean_views
        from read_parquet({sql_literal(file)})
        where is_labelled
        group by author_ban_status
    """  # noqa: S608 - quoted
    return _repeated(sql, repeats)


def question_from_fact(file: str, repeats: int = 5) -> Any:
    """The same from the fact table of the published file."""
    sql = """
        select author_ban_status, count(*) as video_count, avg(video_view_count) as mean_views
        from marts.fct_videos
        where is_labelled
        group by author_ban_status
    """
    return _repeated(sql, repeats, file=file)


def _repeated(sql: str, repeats: int, file: str | None = None) -> Any:
    """Ask several times; opening the file counts, since a dashboard opens it too."""
    from benchmarks.contender import Timed

    seconds = []
    rows: list[Any] = []
    for _ in range(repeats):
        clock = time.perf_counter()
        settings = Settings()
        connection = connect_file(Path(file), settings, read_only=True) if file else connect_for(settings)
        with connection:
            rows = connection.execute(sql).fetchall()
        seconds.append(time.perf_counter() - clock)
    answer = {status: [int(count), round(float(mean), 3)] for status, count, mean in rows}
    return Timed(sorted(seconds)[repeats // 2], answer)
