"""The harness: medians, ratios, failures told in the contender's own words."""

import sys

import pytest

from benchmarks.harness import Contender, FailedError, Sample, growth_exponent, in_turn, ratio, run_once, work


def test_ratios_are_taken_round_by_round() -> None:
    found = ratio([2.0, 20.0, 3.0], [1.0, 10.0, 1.0])
    assert found == (2.0, 2.0, 3.0)
    with pytest.raises(ValueError, match="argument"):
        ratio([1.0], [1.0, 2.0])


@pytest.mark.parametrize("power", [0.0, 1.0, 1.5])
def test_the_exponent_of_a_power_law_is_found(power: float) -> None:
    rows = [1_000, 10_000, 100_000]
    assert growth_exponent(rows, [3 * size**power for size in rows]) == pytest.approx(power, abs=1e-9)


def test_memory_of_children_counts() -> None:
    child = "import time; held = b'x' * 90_000_000; time.sleep(1)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    alone = run_once(Contender("small", [sys.executable, "-c", "import time; time.sleep(0.3)"]))
    parent = run_once(Contender("parent", [sys.executable, "-c", code]))
    assert parent.peak_bytes > alone.peak_bytes + 80_000_000


def test_a_contender_says_what_it_found() -> None:
    (sample,) = in_turn([Contender("dumps", work("json:dumps", obj=[5]))], 1)["dumps"]
    assert isinstance(sample, Sample)
    assert sample.answer == "[5]"
    assert sample.work_sec < sample.wall_sec


def test_a_failing_contender_is_no_result() -> None:
    with pytest.raises(FailedError, match="out of luck"):
        run_once(Contender("unlucky", [sys.executable, "-c", "raise SystemExit('out of luck')"]))


def test_a_limit_of_address_space_holds() -> None:
    hungry = Contender("hungry", [sys.executable, "-c", "x = bytearray(900_000_000)"])
    run_once(hungry)
    with pytest.raises(FailedError, match="MemoryError"):
        run_once(hungry._replace(address_space_bytes=500_000_000))
