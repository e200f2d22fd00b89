"""The catalogue in one SQLite file, or in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

from callvault.catalogue import rows
from callvault.catalogue.store import Added
from callvault.errors import CatalogueError, Conflict, NotFound
from callvault.model.actor import Account, Key, User
from callvault.model.query import Axis, Position, RecordingQuery, RecordingSlice, Slice, Span
from callvault.model.recording import Recording, Status

_FIRST_SERIAL = 10_000_001
_COLUMNS = ", ".join(rows.RECORDING_COLUMNS)
_SCAN_PAGE = 500


class SqliteCatalogue:
    """``path`` None: a private catalogue in memory."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Connect, and bring the schema up to date."""
        with _wrapped():
            connection = sqlite3.connect(
                ":memory:" if self._path is None else self._path, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA busy_timeout = 10000")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._connection = connection
            with self._transaction():
                if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'recordings'").fetchone():
                    text = files("callvault.catalogue").joinpath("migrations", "0001_initial.sql").read_text("utf-8")
                    types = {"{integer}": "INTEGER", "{small}": "INTEGER", "{bytes}": "BLOB", "{table}": " STRICT"}
                    for placeholder, word in types.items():
                        text = text.replace(placeholder, word)
                    for statement in text.split(";\n"):
                        connection.execute(statement)

    async def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _run(self, sql: str, *values: object) -> sqlite3.Cursor:
        if self._connection is None:
            raise CatalogueError("The catalogue is not open.")
        with _wrapped():
            return self._connection.execute(sql, values)

    def _row(self, sql: str, *values: object) -> Any:  # noqa: ANN401 - a row has the columns that were asked for
        return self._run(sql, *values).fetchone()

    def _rows(self, sql: str, *values: object) -> list[Any]:
        return self._run(sql, *values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._run("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._run("ROLLBACK")
            raise
        self._run("COMMIT")

    # Accounts, users, keys

    async def add_account(self, account: Account) -> Account:
        """See ``Catalogue``."""
        with self._transaction():
            serial = account.serial
            if serial == 0:
                serial = self._row(
                    f"SELECT max(coalesce(max(serial) + 1, 0), {_FIRST_SERIAL}) FROM accounts"  # noqa: S608
                )[0]
            if self._row("SELECT 1 FROM accounts WHERE name = ?", account.name):
                raise Conflict(f"There is an account named {account.name!r} already.")
            if self._row("SELECT 1 FROM accounts WHERE id = ? OR serial = ?", account.id.bytes, serial):
                raise Conflict("There is an account with this id or serial already.")
            created = rows.milliseconds(account.created_at)
            self._run(
                "INSERT INTO accounts (id, serial, name, created, settings) VALUES (?, ?, ?, ?, ?)",
                account.id.bytes, serial, account.name, created, rows.json_text(account.settings),
            )  # fmt: skip
        return replace(account, serial=serial, created_at=rows.moment_of(created))

    async def account(self, account_id: UUID) -> Account | None:
        """See ``Catalogue``."""
        return self._account("id = ?", account_id.bytes)

    def _account(self, condition: str, value: object) -> Account | None:
        row = self._row(f"SELECT id, serial, name, created, settings FROM accounts WHERE {condition}", value)  # noqa: S608
        return None if row is None else rows.account_of(row)

    async def account_named(self, name: str) -> Account | None:
        """See ``Catalogue``."""
        if (account := self._account("name = ?", name)) is not None:
            return account
        if name.isascii() and name.isdigit() and len(name) < 19:
            return self._account("serial = ?", int(name))
        try:
            return self._account("id = ?", UUID(name).bytes)
        except ValueError:
            return None

    async def accounts(self) -> Sequence[Account]:
        """See ``Catalogue``."""
        found = self._rows("SELECT id, serial, name, created, settings FROM accounts ORDER BY created, serial")
        return [rows.account_of(row) for row in found]

    async def change_account(self, account_id: UUID, settings: Mapping[str, Any]) -> Account:
        """See ``Catalogue``."""
        with self._transaction():
            self._run("UPDATE accounts SET settings = ? WHERE id = ?", rows.json_text(settings), account_id.bytes)
            account = self._account("id = ?", account_id.bytes)
        if account is None:
            raise NotFound("account", str(account_id))
        return account

    def _serial(self, account_id: UUID) -> int | None:
        row = self._row("SELECT serial FROM accounts WHERE id = ?", account_id.bytes)
        return None if row is None else row[0]

    def _serial_or_refuse(self, account_id: UUID) -> int:
        serial = self._serial(account_id)
        if serial is None:
            raise NotFound("account", str(account_id))
        return serial

    async def add_user(self, user: User) -> None:
        """See ``Catalogue``."""
        with self._transaction():
            serial = self._serial_or_refuse(user.account_id)
            if self._row("SELECT 1 FROM users WHERE account = ? AND name = ?", serial, user.name):
                raise Conflict(f"The account has a user named {user.name!r} already.")
            if self._row("SELECT 1 FROM users WHERE id = ?", user.id.bytes):
                raise Conflict("There is a user with this id already.")
            self._run(
                "INSERT INTO users (id, account, name, created, credential_digests) VALUES (?, ?, ?, ?, ?)",
                user.id.bytes, serial, user.name, rows.milliseconds(user.created_at),
                rows.json_text(user.credential_digests),
            )  # fmt: skip

    async def user(self, account_id: UUID, user_id: UUID) -> User | None:
        """See ``Catalogue``."""
        row = self._row(
            "SELECT id, name, created, credential_digests FROM users WHERE account = ? AND id = ?",
            self._serial(account_id), user_id.bytes,
        )  # fmt: skip
        return None if row is None else rows.user_of(row, account_id)

    async def users(self, account_id: UUID) -> Sequence[User]:
        """See ``Catalogue``."""
        found = self._rows(
            "SELECT id, name, created, credential_digests FROM users WHERE account = ? ORDER BY name",
            self._serial(account_id),
        )
        return [rows.user_of(row, account_id) for row in found]

    async def add_key(self, key: Key) -> None:
        """See ``Catalogue``."""
        with self._transaction():
            serial = self._serial_or_refuse(key.account_id)
            if self._row("SELECT 1 FROM keys WHERE id = ?", key.id):
                raise Conflict("There is a key with this id already.")
            self._run(
                "INSERT INTO keys (id, account, label, scopes, secret_hash, sealed, created, revoked)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                *rows.key_row(key, serial),
            )

    async def key(self, key_id: str) -> tuple[Key, Account] | None:
        """See ``Catalogue``."""
        row = self._row(
            "SELECT k.id, k.label, k.scopes, k.secret_hash, k.sealed, k.created, k.revoked,"
            " a.id, a.serial, a.name, a.created, a.settings"
            " FROM keys k JOIN accounts a ON a.serial = k.account WHERE k.id = ?",
            key_id,
        )
        if row is None:
            return None
        account = rows.account_of(row[7:])
        return rows.key_of(row[:7], account.id), account

    async def keys(self, account_id: UUID) -> Sequence[Key]:
        """See ``Catalogue``."""
        found = self._rows(
            "SELECT id, label, scopes, secret_hash, sealed, created, revoked"
            " FROM keys WHERE account = ? ORDER BY created, id",
            self._serial(account_id),
        )
        return [rows.key_of(row, account_id) for row in found]

    async def revoke_key(self, key_id: str, at: datetime) -> bool:
        """See ``Catalogue``."""
        sql = "UPDATE keys SET revoked = coalesce(revoked, ?) WHERE id = ?"
        with self._transaction():
            return self._run(sql, rows.milliseconds(at), key_id).rowcount > 0

    # Recordings

    async def add(self, recording: Recording, *, intake_key: str | None = None) -> Added:
        """See ``Catalogue``."""
        with self._transaction():
            serial = self._serial_or_refuse(recording.account_id)
            if intake_key is not None:
                if (known := self._taken(serial, recording.account_id, intake_key)) is not None:
                    return Added(recording=known, fresh=False)
                self._run("INSERT OR REPLACE INTO intake_keys VALUES (?, ?, ?)", serial, intake_key, recording.id.bytes)
            if self._row("SELECT 1 FROM recordings WHERE id = ?", recording.id.bytes):
                raise Conflict("There is a recording with this id already.")
            kept = rows.as_stored(recording)
            marks = ", ".join("?" * (len(rows.RECORDING_COLUMNS) + 1))
            self._run(
                f"INSERT INTO recordings (account, {_COLUMNS}) VALUES ({marks})",  # noqa: S608
                serial, *rows.recording_row(kept),
            )  # fmt: skip
            self._add_parts(serial, kept)
        return Added(recording=kept, fresh=True)

    def _add_parts(self, serial: int, recording: Recording) -> None:
        said = recording.transcription
        self._run("DELETE FROM transcriptions WHERE recording_id = ?", recording.id.bytes)
        if said is not None:
            self._run(
                "INSERT INTO transcriptions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                *rows.transcription_row(recording.id, said),
            )
        for dialect, kind, foreign, core_id in aliases_of(recording):
            row = self._row(
                "SELECT core_id FROM aliases WHERE account = ? AND dialect = ? AND kind = ? AND foreign_id = ?",
                serial, dialect, kind, foreign,
            )  # fmt: skip
            if row is None:
                self._run("INSERT INTO aliases VALUES (?, ?, ?, ?, ?)", serial, dialect, kind, foreign, core_id.bytes)
            elif row[0] != core_id.bytes:
                raise Conflict(f"{dialect}'s {kind} {foreign!r} stands for something else already.")

    async def taken(self, account_id: UUID, intake_key: str) -> Recording | None:
        """See ``Catalogue``."""
        return self._taken(self._serial(account_id), account_id, intake_key)

    def _taken(self, serial: int | None, account_id: UUID, intake_key: str) -> Recording | None:
        row = self._row("SELECT recording_id FROM intake_keys WHERE account = ? AND intake_key = ?", serial, intake_key)
        known = None if row is None else self._recording(UUID(bytes=row[0]), account_id)
        return None if known is None or known.status is Status.DELETED else known

    async def get(self, recording_id: UUID, *, account_id: UUID | None = None) -> Recording | None:
        """See ``Catalogue``."""
        return self._recording(recording_id, account_id)

    def _recording(self, recording_id: UUID, account_id: UUID | None) -> Recording | None:
        columns = ", ".join(f"r.{name}" for name in rows.RECORDING_COLUMNS)
        row = self._row(
            f"SELECT a.id, {columns} FROM recordings r JOIN accounts a ON a.serial = r.account WHERE r.id = ?",  # noqa: S608
            recording_id.bytes,
        )
        if row is None or (account_id is not None and row[0] != account_id.bytes):
            return None
        return self._whole([row[1:]], UUID(bytes=row[0]))[0]

    def _whole(self, found: Sequence[Any], account_id: UUID) -> list[Recording]:
        said = {}
        ids = [row[0] for row in found if row[-3]]
        if ids:
            marks = ", ".join("?" * len(ids))
            columns = ", ".join(rows.TRANSCRIPTION_COLUMNS)
            for row in self._rows(f"SELECT {columns} FROM transcriptions WHERE recording_id IN ({marks})", *ids):  # noqa: S608
                said[row[0]] = rows.transcription_of(row)
        return [rows.recording_of(row, account_id, said.get(row[0])) for row in found]

    async def find(self, query: RecordingQuery) -> RecordingSlice:
        """See ``Catalogue``."""
        where, values = _conditions(query, self._serial(query.account_id))
        total = None
        if query.with_total or query.page is not None:
            total = self._row(f"SELECT count(*) FROM recordings WHERE {' AND '.join(where)}", *values)[0]  # noqa: S608
        column = _AXIS[query.axis]
        compare, sense = ("<", "DESC") if query.descending else (">", "ASC")
        place = query.at or query.after
        if place is not None:
            where.append(f"({column}, id) {compare}{'=' if query.at else ''} (?, ?)")
            values += [rows.milliseconds(place.at), place.id.bytes]
        skip = (query.page - 1) * query.limit if query.page is not None else 0
        found = self._rows(
            f"SELECT {_COLUMNS} FROM recordings WHERE {' AND '.join(where)}"  # noqa: S608
            f" ORDER BY {column} {sense}, id {sense} LIMIT {query.limit + 1} OFFSET {skip}",
            *values,
        )
        items = self._whole(found, query.account_id)
        following = items[query.limit] if len(items) > query.limit else None
        return Slice(
            items=tuple(items[: query.limit]),
            more=following is not None,
            next=None if following is None else position_of(following, query.axis),
            total=total if query.with_total else None,
            query=query,
        )

    async def scan(self, query: RecordingQuery) -> AsyncIterator[Recording]:
        """See ``Catalogue``."""
        page = await self.find(replace(query, limit=_SCAN_PAGE, with_total=False))
        for recording in page.items:
            yield recording
        while page.next is not None:
            page = await self.find(replace(page.query or query, at=page.next, after=None, page=None))
            for recording in page.items:
                yield recording

    async def change(self, recording: Recording, *, expected: int) -> Recording:
        """See ``Catalogue``."""
        with self._transaction():
            row = self._row("SELECT account, revision FROM recordings WHERE id = ?", recording.id.bytes)
            serial = self._serial(recording.account_id)
            if row is None or row[0] != serial:
                raise NotFound("recording", str(recording.id))
            if row[1] != expected:
                raise Conflict("The recording was changed by somebody else meanwhile.")
            kept = rows.as_stored(replace(recording, revision=expected + 1))
            sets = ", ".join(f"{name} = ?" for name in rows.RECORDING_COLUMNS)
            self._run(
                f"UPDATE recordings SET {sets} WHERE id = ?",  # noqa: S608
                *rows.recording_row(kept), recording.id.bytes,
            )  # fmt: skip
            self._add_parts(row[0], kept)
        return kept

    async def resolve(self, account_id: UUID, dialect: str, kind: str, foreign: str) -> UUID | None:
        """See ``Catalogue``."""
        row = self._row(
            "SELECT core_id FROM aliases WHERE account = ? AND dialect = ? AND kind = ? AND foreign_id = ?",
            self._serial(account_id), dialect, kind, foreign,
        )  # fmt: skip
        return None if row is None else UUID(bytes=row[0])


_AXIS = {Axis.STARTED: "started", Axis.CREATED: "created"}


def aliases_of(recording: Recording) -> Iterator[tuple[str, str, str, UUID]]:
    """Dialect, kind, foreign id and core id of everything that a vendor named."""
    said = recording.transcription
    core: dict[str, UUID | None] = {
        "recording": recording.id,
        "call": recording.call_id,
        "parent_call": recording.parent_call_id,
        "session": recording.call_session_id,
        "conference": recording.conference_id,
        "transcription": None if said is None else said.id,
    }
    for dialect, ids in recording.foreign.items():
        for kind, foreign in ids.items():
            if (core_id := core.get(kind)) is not None:
                yield dialect, kind, foreign, core_id


def position_of(recording: Recording, axis: Axis) -> Position:
    """A recording's place in a list that is sorted by this axis."""
    return Position(at=recording.started_at if axis is Axis.STARTED else recording.created_at, id=recording.id)


def _conditions(query: RecordingQuery, serial: int | None) -> tuple[list[str], list[Any]]:
    where: list[str] = ["account = ?"]
    values: list[Any] = [serial]
    where.append(f"status IN ({', '.join(str(rows.STATUS[status]) for status in sorted(query.statuses))})")
    for column, value in (
        ("user_id", query.user_id and query.user_id.bytes),
        ("call_id", query.call_id and query.call_id.bytes),
        ("call_session_id", query.call_session_id and query.call_session_id.bytes),
        ("conference_id", query.conference_id and query.conference_id.bytes),
        ("connection_id", query.connection_id),
        ("sip_call_id", query.sip_call_id),
        ("source", query.source and rows.SOURCE[query.source]),
        ("direction", query.direction and rows.DIRECTION[query.direction]),
        ("caller_number", query.from_number),
        ("callee_number", query.to_number),
    ):
        if value is not None:
            where.append(f"{column} = ?")
            values.append(value)
    if query.either_number is not None:
        where.append("(caller_number = ? OR callee_number = ?)")
        values += [query.either_number, query.either_number]
    for column, span in (
        ("started", query.started),
        ("created", query.created),
        ("ended", query.ended),
        ("updated", query.updated),
    ):
        _bounds(column, span, where, values)
    return where, values


def _bounds(column: str, span: Span, where: list[str], values: list[Any]) -> None:
    if span.from_ is not None:
        where.append(f"{column} >= ?")
        values.append(rows.milliseconds_up(span.from_))
    if span.before is not None:
        where.append(f"{column} < ?")
        values.append(rows.milliseconds_up(span.before))
    if span.through is not None:
        where.append(f"{column} <= ?")
        values.append(rows.milliseconds(span.through))


@contextmanager
def _wrapped() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise CatalogueError(f"The catalogue's database did not do what was asked: {error}.") from error
