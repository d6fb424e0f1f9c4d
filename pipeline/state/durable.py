"""File operations that survive a crash: synced before they count, read-only once they are published."""

import os
import shutil
from pathlib import Path


def sync(path: Path) -> None:
    """Force a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Force a folder and everything in it to the disk, contents before the names that lead to them."""
    for path in sorted(folder.rglob("*"), reverse=True):
        sync(path)
    sync(folder)


def replace_text(path: Path, text: str) -> None:
    """Write a small file so that readers, and a crash, see the old or the new content and nothing between."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8")
    sync(unfinished)
    unfinished.replace(path)
    sync(path.parent)


def make_read_only(folder: Path, group: int | None = None) -> None:
    """Take every permission to write from a folder and everything in it, and give that to read.

    Args:
        folder: Its own permissions change last.
        group: The only accounts beside the owner that may read; everybody when None.
    """
    closed = 0 if group is None else 0o005
    for path in [*folder.rglob("*"), folder]:
        if not path.is_symlink():
            if group is not None:
                os.chown(path, -1, group)
            path.chmod((0o555 if path.is_dir() else 0o444) & ~closed)


def remove(path: Path) -> None:
    """Remove a file, a link or a whole folder, read-only ones too; nothing there is fine."""
    if path.is_dir() and not path.is_symlink():
        for folder in [path, *(found for found in path.rglob("*") if found.is_dir() and not found.is_symlink())]:
            folder.chmod(0o755)
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
