"""Progress is counted once, from any thread."""

from concurrent.futures import ThreadPoolExecutor

from warehouse.progress import Counted, Pieces


def test_pieces_are_counted_as_they_begin_from_any_thread() -> None:
    lines: list[str] = []
    counted = Pieces(50, lines.append)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(counted, [f"piece {number}" for number in range(50)]))
    assert all(isinstance(line, Counted) for line in lines)
    assert [(line.done, line.total) for line in lines] == [(number, 50) for number in range(50)]  # type: ignore[attr-defined]
    assert sorted(lines) == sorted(f"piece {number}" for number in range(50))


def test_a_count_never_exceeds_the_whole() -> None:
    lines: list[str] = []
    counted = Pieces(1, lines.append)
    counted("first")
    counted("unforeseen")
    assert [line.done for line in lines] == [0, 1]  # type: ignore[attr-defined]
    counted("more")
    assert lines[-1].done == 1  # type: ignore[attr-defined]
