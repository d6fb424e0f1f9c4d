"""Crash anywhere, lose nothing: the Nth boundary fails, for every way to fail, in every step that owns state."""

import shutil
from pathlib import Path

import pytest

from tests.pipeline.release import faults
from warehouse.settings import Settings

# Few in a normal run, spread over kinds and places; `-m slow` takes many more.
SAMPLE = [
    ("ingest", "kill", 0.5),
    ("ingest", "full disk", 0.8),
    ("write results", "kill", 0.7),
    ("write results", "memory", 0.5),
    ("publish", "kill", 0.3),
    ("publish", "kill", 0.9),
    ("publish", "kill", 0.97),
    ("publish", "full disk", 0.6),
    ("publish", "exception", 0.95),
    ("rollback", "kill", 0.6),
    ("recovery", "kill", 0.4),
    ("recovery", "exception", 0.8),
]

# `-m slow` takes every Nth boundary: a publish has the most of them and takes the longest. 1 in both places takes all
# of them, some thousand faults and hours.
STRIDES = {"publish": 10}
OTHER_KINDS_STRIDE = 5


class Bench:
    """A prepared warehouse, its state before and after each undisturbed scenario, and copies to break."""

    def __init__(self, prepared: Settings, folder: Path) -> None:
        self.prepared, self.folder, self._copies = prepared, folder, 0
        self._references: dict[str, tuple[faults.State, int]] = {}
        self.before = faults.observe(prepared)

    def copy(self, scenario: str) -> Settings:
        self._copies += 1
        home = self.folder / f"copy-{self._copies}"
        shutil.copytree(self.prepared.home, home, symlinks=True)
        settings = faults.settings_of(home)
        if scenario == "recovery":
            faults.leave_a_broken_run(settings)
        return settings

    def reference(self, scenario: str) -> tuple[faults.State, int]:
        """State after an undisturbed scenario, and the number of boundaries that it reaches."""
        if scenario not in self._references:
            settings = self.copy(scenario)
            outcome = faults.attempt(settings, scenario, "exception", 0)
            assert not outcome.has_failed, outcome.error
            self._references[scenario] = faults.observe(settings), outcome.reached
        return self._references[scenario]

    def inject(self, scenario: str, kind: faults.Kind, number: int) -> None:
        reference, _ = self.reference(scenario)
        settings = self.copy(scenario)
        outcome = faults.attempt(settings, scenario, kind, number)
        # Losing a line of the ledger or of cleaning up may leave the command itself unharmed, never a kill.
        assert outcome.has_failed or kind != "kill"
        faults.check_invariants(settings, scenario, self.before, reference)
        faults.recovery.durable.remove(settings.home)


@pytest.fixture(scope="session")
def bench(built_warehouse: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("faults")
    return Bench(faults.prepare(built_warehouse, folder / "prepared"), folder)


@pytest.mark.parametrize(("scenario", "kind", "position"), SAMPLE)
def test_sampled_faults(bench: Bench, scenario: str, kind: faults.Kind, position: float) -> None:
    _, boundaries = bench.reference(scenario)
    bench.inject(scenario, kind, max(1, round(position * boundaries)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", faults.KINDS)
@pytest.mark.parametrize("scenario", faults.SCENARIOS)
def test_many_faults(bench: Bench, scenario: str, kind: faults.Kind) -> None:
    _, boundaries = bench.reference(scenario)
    stride = STRIDES.get(scenario, 1) * (1 if kind == "kill" else OTHER_KINDS_STRIDE)
    numbers = range(1, boundaries + 1, stride)
    for number in numbers:
        bench.inject(scenario, kind, number)
    print(f"{scenario}, {kind}: {len(numbers)} of {boundaries} boundaries")  # noqa: T201 - shown with -rP


def test_the_harness_notices_a_mix(bench: Bench) -> None:
    """The check itself fails on a half-changed state."""
    reference, _ = bench.reference("publish")
    settings = bench.copy("publish")
    table = next((settings.releases / settings.current.readlink().name / "parquet").glob("*.parquet"))
    table.chmod(0o644)
    table.write_bytes(b"half")
    with pytest.raises(Exception, match="its manifest says"):
        faults.check_invariants(settings, "publish", bench.before, reference)
