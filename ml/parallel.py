"""Independent pieces of work at the same time."""

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

Result = TypeVar("Result")


def in_parallel(work: Sequence[Callable[[], Result]], threads: int) -> list[Result]:
    """Do independent pieces of work, each on one thread, so that no result depends on their number.

    Trees grow and arrays are counted outside Python's lock, so threads suffice and nothing is copied.

    Args:
        work: Functions without arguments, the longest first.
        threads: Done at once.

    Returns:
        Their results, in the order given.

    Raises:
        Exception: The first that a piece has raised; pieces that have not begun are not done any more.
    """
    if threads == 1 or len(work) < 2:
        return [piece() for piece in work]
    # scikit-learn sets Python's warning filters aside and back while it fits. Threads do that in each other's way
    # (Python 3.11), so the filters of before are put back here. OpenMP's limit belongs to the thread that sets it.
    with warnings.catch_warnings(), ThreadPoolExecutor(threads, initializer=threadpool_limits, initargs=(1,)) as pool:
        waiting = [pool.submit(piece) for piece in work]
        try:
            return [piece.result() for piece in waiting]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
