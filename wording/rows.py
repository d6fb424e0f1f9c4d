"""What sentences are made of: rows of tables, as the engine hands them over."""

from typing import Any

Row = dict[str, Any]
Data = dict[str, list[Row]]
"""Rows of every named query."""
