"""Leases and decisions in SQLite, shared by every desk on this machine: nothing is held twice, nothing decided is lost.

A decision is committed, and on the disk, before the call returns. Decisions leave in batches: a batch is closed in one
transaction, written to a file whose name and content depend on it alone, and lands like any other delivery, so that a
process killed anywhere between delivers the same file again and landing recognises it.
"""

import csv
import io
import sqlite3
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from warehouse.errors import DataError, UsageError, WarehouseError

LEASE_MINUTES = 15
DECISIONS = ("claim", "opinion", "skipped")
BUSY_SEC = 10.0

_SCHEMA = """
create table if not exists leases (
    video_id integer primary key,
    reviewer_id text not null,
    leased_at text not null,
    expires_at text not null
);
create table if not exists decisions (
    decision_number integer primary key autoincrement,
    decision_id text not null,
    video_id integer not null,
    decided_at text not null,
    decision text not null check (decision in ('claim', 'opinion', 'skipped')),
    reviewer_id text not null,
    review_sec integer,
    lane text not null check (lane in ('priority', 'audit')),
    selection_probability real,
    release_id text,
    batch_number integer
);
create index if not exists decisions_by_video on decisions (video_id);
create index if not exists decisions_by_reviewer on decisions (reviewer_id);
create table if not exists batches (
    batch_number integer primary key,
    is_synthetic integer not null
);
create table if not exists switches (
    reviewer_id text not null,
    name text not null,
    is_on integer not null,
    primary key (reviewer_id, name)
);
"""


class Decision(NamedTuple):
    """A decision as it stands."""

    decision_id: str
    video_id: int
    decided_at: str
    decision: str
    reviewer_id: str
    batch_number: int | None
    """The batch with which it left; None before."""


class Seen(NamedTuple):
    """What the reviewer had before them."""

    release_id: str | None = None
    lane: str = "priority"
    selection_probability: float | None = None


def checked_reviewer(name: str) -> str:
    """The reviewer's pseudonym without blanks around it.

    Raises:
        UsageError: It is empty, too long, or holds a control character.
    """
    cleaned = name.strip()
    if not cleaned or len(cleaned) > 80 or not cleaned.isprintable():
        raise UsageError("A reviewer's name has 1 to 80 printable characters. Name one with --reviewer.")
    return cleaned


class Store:
    """The desk's store; each call is one transaction of its own."""

    def __init__(self, folder: Path) -> None:
        """Open it, and make it when absent.

        Args:
            folder: The desk's folder in the home; readable by its owner alone.
        """
        self._folder = folder
        self._file = folder / "desk.sqlite"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file.touch(mode=0o600, exist_ok=True)
        with self._connected() as connection:
            connection.executescript(_SCHEMA)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A connection of this call's own: threads and processes share the file, never a connection."""
        connection = sqlite3.connect(self._file, timeout=BUSY_SEC, isolation_level=None)
        try:
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = full")
            yield connection
        except sqlite3.OperationalError as error:
            raise WarehouseError(
                f"The desk's store {self._file} cannot be used ({error}). Try again, or see `claims doctor`."
            ) from error
        except sqlite3.DatabaseError as error:
            raise WarehouseError(
                f"The desk's store {self._file} is damaged ({error}). Move it away; what had landed is not lost."
            ) from error
        finally:
            connection.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._connected() as connection:
            connection.execute("begin immediate")
            try:
                yield connection
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")

    def lease(self, reviewer_id: str, candidates: Sequence[int], now: datetime | None = None) -> int | None:
        """Give a reviewer the first candidate that nobody else holds; what they hold already comes first.

        Args:
            reviewer_id: Who asks.
            candidates: Videos in the order in which they should be reviewed; decided ones are passed over.
            now: The moment; the clock's by default.

        Returns:
            The video, held for 15 minutes from now; None where every candidate is held or decided.
        """
        moment = now or datetime.now(UTC)
        wanted = set(candidates)
        with self._writing() as connection:
            connection.execute("delete from leases where expires_at <= ?", (_text(moment),))
            held = dict(connection.execute("select video_id, reviewer_id from leases order by leased_at"))
            decided = self._decided(connection, wanted)
            mine = [video_id for video_id, holder in held.items() if holder == reviewer_id and video_id in wanted]
            free = (video_id for video_id in candidates if video_id not in held)
            chosen = next((video_id for video_id in (*mine, *free) if video_id not in decided), None)
            if chosen is not None:
                connection.execute(
                    "insert or replace into leases values (?, ?, ?, ?)",
                    (chosen, reviewer_id, _text(moment), _text(moment + timedelta(minutes=LEASE_MINUTES))),
                )
        return chosen

    def take(self, reviewer_id: str, video_id: int, now: datetime | None = None) -> bool:
        """Hold one named video, for example one that was searched for; False where somebody else holds it."""
        moment = now or datetime.now(UTC)
        with self._writing() as connection:
            connection.execute("delete from leases where expires_at <= ?", (_text(moment),))
            holder = connection.execute("select reviewer_id from leases where video_id = ?", (video_id,)).fetchone()
            if holder is not None and holder[0] != reviewer_id:
                return False
            connection.execute(
                "insert or replace into leases values (?, ?, ?, ?)",
                (video_id, reviewer_id, _text(moment), _text(moment + timedelta(minutes=LEASE_MINUTES))),
            )
        return True

    def release(self, reviewer_id: str) -> None:
        """Give back everything that a reviewer holds."""
        with self._writing() as connection:
            connection.execute("delete from leases where reviewer_id = ?", (reviewer_id,))

    def decide(
        self, reviewer_id: str, video_ids: Sequence[int], decision: str, seen: Seen, now: datetime | None = None
    ) -> list[str]:
        """Record a decision on one video, or on several that say the same.

        Args:
            reviewer_id: Who decides.
            video_ids: The videos; each gets a decision of its own.
            decision: claim, opinion or skipped.
            seen: What the reviewer had before them at the first video; the others are decided along with it, from the
                ranked queue.
            now: The moment; the clock's by default.

        Returns:
            The decisions' identifiers; they are on the disk.

        Raises:
            UsageError: No such decision.
            DataError: Somebody else holds one of the videos.
        """
        if decision not in DECISIONS:
            raise UsageError(f"A decision is {', '.join(DECISIONS[:-1])} or {DECISIONS[-1]}, not {decision!r}.")
        moment = now or datetime.now(UTC)
        made = []
        with self._writing() as connection:
            for place, video_id in enumerate(video_ids):
                shown = seen if place == 0 else Seen(seen.release_id)
                held = connection.execute(
                    "select reviewer_id, leased_at from leases where video_id = ? and expires_at > ?",
                    (video_id, _text(moment)),
                ).fetchone()
                if held is not None and held[0] != reviewer_id:
                    raise DataError(f"Video {video_id} is before another reviewer just now. Take the next case.")
                decision_id = uuid.uuid4().hex
                seconds = None if held is None else max(0, round((moment - _moment(held[1])).total_seconds()))
                connection.execute(
                    f"insert into decisions ({', '.join(_COLUMNS)}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                    (decision_id, video_id, _text(moment), decision, reviewer_id, seconds, shown.lane,
                     shown.selection_probability, shown.release_id),
                )  # fmt: skip
                connection.execute("delete from leases where video_id = ?", (video_id,))
                made.append(decision_id)
        return made

    def undo(self, reviewer_id: str, now: datetime | None = None) -> Decision | None:
        """Take a reviewer's newest decision back.

        Before it has left with a batch it is removed; after that the same decision is said again as `skipped`, which
        supersedes it when it lands.

        Returns:
            The decision that was taken back; None where there was none.
        """
        moment = now or datetime.now(UTC)
        with self._writing() as connection:
            found = connection.execute(
                "select decision_number, batch_number from decisions where reviewer_id = ? and decision_number in "
                "(select max(decision_number) from decisions group by decision_id) and decision <> 'skipped' "
                "order by decision_number desc limit 1",
                (reviewer_id,),
            ).fetchone()
            if found is None:
                return None
            number, batch = found
            undone = _decision(connection.execute(f"{_DECISIONS} where decision_number = ?", (number,)).fetchone())
            if batch is None:
                connection.execute("delete from decisions where decision_number = ?", (number,))
            else:
                connection.execute(
                    "insert into decisions (decision_id, video_id, decided_at, decision, reviewer_id, lane, "
                    "selection_probability, release_id) select decision_id, video_id, ?, 'skipped', reviewer_id, lane, "
                    "selection_probability, release_id from decisions where decision_number = ?",
                    (_text(moment), number),
                )
        return undone

    def decisions_of(self, reviewer_id: str, since: datetime) -> list[Decision]:
        """A reviewer's decisions as they stand, newest first."""
        with self._connected() as connection:
            rows = connection.execute(
                f"{_DECISIONS} where reviewer_id = ? and decided_at >= ? and decision_number in "  # noqa: S608
                "(select max(decision_number) from decisions group by decision_id) order by decision_number desc",
                (reviewer_id, _text(since)),
            ).fetchall()
        return [_decision(row) for row in rows]

    def decided(self, video_ids: Collection[int]) -> set[int]:
        """Which of these videos have been decided here; skipped ones have not."""
        with self._connected() as connection:
            return self._decided(connection, set(video_ids))

    def known(self, video_ids: Collection[int]) -> set[int]:
        """Which of these videos the store says anything about."""
        with self._connected() as connection:
            rows = connection.execute("select video_id from decisions union select video_id from leases")
            return {row[0] for row in rows} & set(video_ids)

    def skipped_by(self, reviewer_id: str) -> set[int]:
        """The videos that this reviewer has left to others."""
        with self._connected() as connection:
            rows = connection.execute(
                "select distinct video_id from decisions where reviewer_id = ? and decision = 'skipped'", (reviewer_id,)
            )
            return {row[0] for row in rows}

    def _decided(self, connection: sqlite3.Connection, video_ids: set[int]) -> set[int]:
        rows = connection.execute(
            "select video_id from decisions where decision <> 'skipped' and decision_number in "
            "(select max(decision_number) from decisions group by decision_id)"
        )
        return {row[0] for row in rows} & video_ids

    def switch(self, reviewer_id: str, name: str, *, is_on: bool) -> None:
        """Remember a switch of a reviewer's desk."""
        with self._writing() as connection:
            connection.execute("insert or replace into switches values (?, ?, ?)", (reviewer_id, name, int(is_on)))

    def is_on(self, reviewer_id: str, name: str, *, default: bool) -> bool:
        """Whether a switch is on."""
        with self._connected() as connection:
            row = connection.execute(
                "select is_on from switches where reviewer_id = ? and name = ?", (reviewer_id, name)
            ).fetchone()
        return default if row is None else bool(row[0])

    def deliveries(self, *, is_synthetic: bool = False) -> list[Path]:
        """Close the decisions made since the last call into a batch, and write every batch that has no file yet.

        Args:
            is_synthetic: Whether the videos are our own twin's; its decisions never land beside real videos.

        Returns:
            The files of all batches on such videos, oldest first; landing knows those that have landed before.
        """
        with self._writing() as connection:
            (last,) = connection.execute("select coalesce(max(batch_number), 0) from batches").fetchone()
            closed = connection.execute("update decisions set batch_number = ? where batch_number is null", (last + 1,))
            if closed.rowcount:
                connection.execute("insert into batches values (?, ?)", (last + 1, int(is_synthetic)))
            rows = connection.execute(
                "select batch_number from batches where is_synthetic = ? order by batch_number", (int(is_synthetic),)
            )
            numbers = [row[0] for row in rows]
            texts = {number: _csv(connection, number) for number in numbers if not self._batch_file(number).exists()}
        for number, text in texts.items():
            _write(self._batch_file(number), text)
        return [self._batch_file(number) for number in numbers]

    def erase(self, video_ids: Collection[int]) -> int:
        """Forget everything about some videos; no byte of it stays in the store's free pages.

        Batches that held decisions on them are written anew, without, by the next `deliveries`.

        Args:
            video_ids: The videos.

        Returns:
            How many decisions went.
        """
        places = ", ".join("?" * len(video_ids))
        chosen = tuple(video_ids)
        with self._connected() as connection:
            connection.execute("pragma secure_delete = on")
            connection.execute("begin immediate")
            rows = connection.execute(
                f"select distinct batch_number from decisions where video_id in ({places}) "  # noqa: S608
                "and batch_number is not null",
                chosen,
            ).fetchall()
            gone = connection.execute(f"delete from decisions where video_id in ({places})", chosen).rowcount  # noqa: S608
            connection.execute(f"delete from leases where video_id in ({places})", chosen)  # noqa: S608
            # Before the commit: killed between, the files come back from what is still in the store.
            for (number,) in rows:
                self._batch_file(number).unlink(missing_ok=True)
            connection.execute("commit")
            connection.execute("vacuum")
            connection.execute("pragma wal_checkpoint(truncate)")
        return int(gone)

    def _batch_file(self, number: int) -> Path:
        return self._folder / f"decisions-{number:06d}.csv"


_COLUMNS = (
    "decision_id", "video_id", "decided_at", "decision", "reviewer_id", "review_sec", "lane", "selection_probability",
    "release_id",
)  # fmt: skip
_DECISIONS = "select decision_id, video_id, decided_at, decision, reviewer_id, batch_number from decisions"


def _decision(row: Sequence[object]) -> Decision:
    return Decision(*row)  # type: ignore[arg-type]


def _csv(connection: sqlite3.Connection, number: int) -> str:
    """A batch as a delivery: of each decision the last word in it."""
    rows = connection.execute(
        f"select {', '.join(_COLUMNS)} from decisions where batch_number = ? and decision_number in "  # noqa: S608
        "(select max(decision_number) from decisions where batch_number = ? group by decision_id) "
        "order by decision_number",
        (number, number),
    ).fetchall()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(rows)
    return text.getvalue()


def _write(path: Path, text: str) -> None:
    """Appear whole or not at all."""
    from os import fsync

    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        fsync(file.fileno())
    unfinished.replace(path)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "+00:00"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
