"""Durable writes: a file appears whole or not at all, and what is removed is gone."""

import grp
import os
import stat
from pathlib import Path

import pytest

from pipeline.state import durable


@pytest.mark.parametrize("group", [None, grp.getgrgid(os.getegid()).gr_gid])
def test_a_release_is_open_to_its_readers_and_to_nobody_to_write(group: int | None, tmp_path: Path) -> None:
    release = tmp_path / "release"
    before = os.umask(0o077)
    try:
        (release / "parquet").mkdir(parents=True)
        (release / "parquet" / "a.parquet").touch()
    finally:
        os.umask(before)
    durable.make_read_only(release, group)
    modes = [
        stat.S_IMODE(path.stat().st_mode) for path in (release, release / "parquet", release / "parquet/a.parquet")
    ]
    assert modes == ([0o555, 0o555, 0o444] if group is None else [0o550, 0o550, 0o440])
