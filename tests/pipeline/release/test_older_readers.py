"""A published file is opened by the older DuckDB that BI tools bundle; opt in with a Python that has one."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from warehouse.settings import Settings

# Read before the fixtures hide the settings of whoever runs the tests.
OLD_PYTHON = os.environ.get("CLAIMS_OLD_DUCKDB")
PROGRAM = """
import json, sys, duckdb
path, names = sys.argv[1], json.loads(sys.argv[2])
connection = duckdb.connect(path, read_only=True)
totals = {
    name: connection.execute(
        f'select count(*), coalesce(sum(hash(content)), 0) from {schema}."{name}" as content'
    ).fetchone()
    for name, schema in names.items()
}
print(json.dumps([duckdb.__version__, {name: [count, f"{int(total):x}"] for name, (count, total) in totals.items()}]))
"""


@pytest.mark.skipif(OLD_PYTHON is None, reason="name a Python with duckdb 1.4 in CLAIMS_OLD_DUCKDB")
def test_every_table_opens_with_equal_checksums(built_warehouse: Settings) -> None:
    release = built_warehouse.current.resolve()
    tables = json.loads((release / "manifest.json").read_text())["tables"]
    answer = subprocess.run(
        [str(OLD_PYTHON), "-c", PROGRAM, str(release / "claims.duckdb"),
         json.dumps({name: table["schema"] for name, table in tables.items()})],
        capture_output=True, text=True, check=False, cwd=Path(release),
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    version, found = json.loads(answer.stdout)
    assert version.startswith("1.4.")
    assert found == {name: [table["row_count"], table["checksum"]] for name, table in tables.items()}
