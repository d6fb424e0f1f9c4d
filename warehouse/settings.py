"""Every path, limit and threshold of the product, each set by an environment variable `CLAIMS_<NAME>`."""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from warehouse.errors import UsageError

ROOT = Path(__file__).resolve().parents[1]
DBT_PROJECT = ROOT / "dbt_project"


def _named(value: object) -> object:
    """An empty text would mean the folder in which the command happens to be called."""
    if value == "":
        raise ValueError("an empty text names no folder")
    return value


def _absolute(path: Path) -> Path:
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        raise ValueError(f"there is no account {path.parts[0][1:]!r} whose folder this could be") from error


def _usable_folder(path: Path) -> Path:
    """Engines read some characters of a path as a pattern; a folder that holds one would match others, or nothing."""
    if path.resolve() == Path(path.anchor):
        raise ValueError("this is the root of the file system")
    if path.exists() and not path.is_dir():
        raise ValueError("this is a file, not a folder")
    if found := sorted(set("*?[]{}\n") & set(str(path))):
        raise ValueError(f"the folder's name holds {' '.join(map(repr, found))}, which stand for patterns of names")
    return path


def _known_timezone(name: str | None) -> str | None:
    if name is not None and name not in available_timezones():
        raise ValueError("this is no time zone of the IANA list, such as Europe/Berlin")
    return name


Home = Annotated[Path, BeforeValidator(_named), AfterValidator(_absolute), AfterValidator(_usable_folder)]
Share = Annotated[float, Field(ge=0, le=1)]


class Settings(BaseSettings):
    """Settings of one invocation; immutable, so that a run cannot change its own rules half-way."""

    model_config = SettingsConfigDict(env_prefix="CLAIMS_", frozen=True)

    home: Home = ROOT / "var"
    """Everything a run writes; delete it and you are back at the start."""
    readers_group: Annotated[str | None, Field(min_length=1)] = None
    """The group of accounts that may read releases; every account of the machine may without it."""
    target: Literal["dev", "spark"] = "dev"
    """The dbt target: DuckDB on this machine, or Spark."""
    memory_limit: str = "2GB"
    """DuckDB's memory limit; above it queries spill to `var/spill/`."""
    threads: Annotated[int, Field(ge=1)] = len(os.sched_getaffinity(0))
    """DuckDB's worker threads; results do not depend on it."""
    lock_wait_sec: Annotated[float, Field(ge=0)] = 30.0
    """How long to wait for a warehouse or a run that another process holds."""
    audit_sample_rows: Annotated[int, Field(ge=1)] = 200_000
    """Above this many rows an audit sees an md5-ordered sample of that size."""
    regression_rows: Annotated[int, Field(ge=100)] = 200_000
    """Above this many labelled videos the regression on verified status is fitted to a key-hash sample of that size."""
    synthetic_rows: Annotated[int, Field(ge=1)] = 19_382
    """Rows of the synthetic twin that stands in where no delivery is found."""
    synthetic_seed: int = 20_261_121
    """Seed of that twin."""
    allow_synthetic: bool = False
    """Whether a release of synthetic data may follow one of real data."""
    reject_limit_share: Share = 0.01
    """A delivery of which a larger share of the records would be rejected is refused whole."""
    timezone: Annotated[str | None, AfterValidator(_known_timezone)] = None
    """The zone of delivered times that have no offset from UTC, such as Europe/Berlin; without it they are rejected."""
    date_pattern: str | None = None
    """How the names of delivered files tell their day, such as videos-%Y-%m-%d.csv; without it they tell none."""
    record_limit_characters: Annotated[int, Field(ge=1_000)] = 1_000_000
    """A delivery with a longer line is refused; a quoted field may run over line ends up to this length."""
    column_limit: Annotated[int, Field(ge=12)] = 1_000
    """A delivery with more columns is refused."""
    decompression_limit_ratio: Annotated[float, Field(ge=1)] = 100.0
    """A compressed delivery that grows by more than this is refused, beyond its first 16 MB."""
    training_rows: Annotated[int, Field(ge=1)] = 50_000
    """Above this many labelled videos the claim models see a hashed sample of that size."""
    repeated_splits: Annotated[int, Field(ge=2)] = 20
    """Random splits on which the robustness checks repeat the fits."""
    missed_claim_cost: Annotated[float, Field(gt=0)] = 5.0
    """Cost of a claim that nobody reviews, in reviews: a missed claim is worse than an opinion sent to review."""
    wasted_review_cost: Annotated[float, Field(gt=0)] = 1.0
    """Cost of reviewing an opinion, in the same unit."""
    missed_share_limit: Annotated[float, Field(gt=0, lt=1)] = 0.01
    """Promise of the written decision: of the claims, at most this share is decided as opinions."""
    wasted_share_limit: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """Promise of the written decision: of the opinions, at most this share is decided as claims."""
    minutes_per_review: Annotated[float, Field(gt=0)] = 3.0
    """How long a moderator needs for one video: an assumption of the report's sums of hours, stated beside them."""
    target_hours: Annotated[float, Field(gt=0)] = 24.0
    """How soon after its opening a case should be decided."""
    reopen_reporters: Annotated[int, Field(ge=1)] = 3
    """How many people must report a decided video, or a cleared case, to have it looked at again."""
    clearing: bool = False
    """Whether cases that the model calls opinions under a promise in force are set aside unseen."""
    queue_policy: str | None = None
    """The order of the queue, by its name in the seed `review_policies`; by default the simplest that nothing beats."""
    reviewer_count: Annotated[int, Field(ge=1)] = 2
    """People who review, in the simulation of the backlog; `claims simulate` asks about others."""
    shift_hours: Annotated[float, Field(gt=0, le=24)] = 8.0
    """Hours that each of them works a day."""
    cases_per_day: Annotated[float, Field(gt=0)] = 300.0
    """Cases opened a day where no delivery tells."""
    cost_per_hour: Annotated[float, Field(ge=0)] = 30.0
    """Cost of one hour of review, in any currency."""
    view_growth_hours: Annotated[float, Field(gt=0)] = 48.0
    """How fast a video spreads: the views still to come shrink by a factor of e in so many hours."""
    releases_kept: Annotated[int, Field(ge=1)] = 5
    """Published releases that stay on disk, the current one among them."""
    releases_kept_days: Annotated[int | None, Field(ge=1)] = None
    """A release staged more days ago leaves with the next publish; without it none leaves by age."""

    @property
    def landing(self) -> Path:
        """Folder of landed deliveries, one sub-folder each."""
        return self.home / "landing"

    @property
    def work(self) -> Path:
        """Folder for unfinished work, under names that the home's journal holds."""
        return self.home / "work"

    @property
    def spill(self) -> Path:
        """Folder for what this process's queries cannot hold in memory; DuckDB makes it and removes it at the end.

        An account that only reads releases may not write into the home; it spills where its own temporary files stand.
        """
        folder = self.home / "spill"
        if os.access(folder, os.W_OK):
            return folder / str(os.getpid())
        return Path(tempfile.gettempdir()) / f"claims-spill-{os.getpid()}"

    @property
    def warehouse_file(self) -> Path:
        """The private working warehouse; on Spark the copy of its public tables from which a release is made."""
        return self.home / ("spark/warehouse.duckdb" if self.target == "spark" else "warehouse.duckdb")

    @property
    def releases(self) -> Path:
        """Folder of published releases."""
        return self.home / "releases"

    @property
    def current(self) -> Path:
        """Symbolic link to the release that readers use."""
        return self.home / "current"

    @property
    def ledger(self) -> Path:
        """The run ledger, one JSON object per line."""
        return self.home / "ledger.jsonl"

    @property
    def models(self) -> Path:
        """Folder of fitted models that wait to be published."""
        return self.home / "models"

    @property
    def desk(self) -> Path:
        """Folder of the moderators' desk: its store and its deliveries."""
        return self.home / "desk"

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which `profiles.yml` and dbt see the same settings."""
        return {
            "CLAIMS_HOME": str(self.home),
            "CLAIMS_SPILL": str(self.spill),
            "CLAIMS_TARGET": self.target,
            "CLAIMS_MEMORY_LIMIT": self.memory_limit,
            "CLAIMS_THREADS": str(self.threads),
            "CLAIMS_TARGET_HOURS": str(self.target_hours),
            "CLAIMS_REOPEN_REPORTERS": str(self.reopen_reporters),
            "CLAIMS_CLEARING": str(self.clearing).lower(),
        }


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment.

    Args:
        **overrides: Values that win over the environment, by field name; None leaves it to the environment.

    Returns:
        The validated settings.

    Raises:
        UsageError: A variable holds a value that its setting does not take.
    """
    try:
        given = {name: value for name, value in overrides.items() if value is not None}
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "CLAIMS_" + "_".join(str(part) for part in first["loc"]).upper()
        raise UsageError(
            f"{name}: {first['msg'].removeprefix('Value error, ')}, got {first['input']!r}. Correct or unset it."
        ) from error


@contextmanager
def environment_with(variables: Mapping[str, str]) -> Iterator[None]:
    """Add variables to the process's environment for as long as a block runs, and leave it as it was."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


RESULT_ROOMS = ("warehouse", "wording", "expectations", "ml", "pipeline", "dbt_project")
_CODE_SUFFIXES = frozenset({".py", ".sql", ".yml", ".csv", ".html", ".css", ".js"})


@cache
def code_version(rooms: tuple[str, ...] = RESULT_ROOMS) -> str:
    """The product's version with a fingerprint of the code of some rooms.

    Args:
        rooms: Folders below the root; by default those that make results.

    Returns:
        For example `0.1.0+3f2a9c1d`; it changes whenever a file of code in one of the rooms does.
    """
    digest = hashlib.md5(usedforsecurity=False)
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in _CODE_SUFFIXES and "target" not in path.parts:
                digest.update(path.read_bytes())
    return f"{version('claims-warehouse')}+{digest.hexdigest()[:8]}"
