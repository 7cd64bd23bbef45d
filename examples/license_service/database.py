"""What the service remembers: SQLite in one file, every change one transaction."""

import contextlib
import hashlib
import json
import pathlib
import secrets
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

SCHEMA = """
create table plan(name text primary key, spec text not null, lease_s integer not null) strict;
create table license(
  key text primary key, plan text not null references plan(name), subject text not null, seats integer not null,
  expires_at integer, status text not null check(status in ('active', 'unpaid', 'suspended', 'revoked'))) strict;
create table account(token_hash text primary key, key text not null references license(key)) strict;
create table installation(
  id text primary key, key text not null references license(key), install_key text not null, note text not null,
  issued text not null, seen_at integer not null, lease_until integer not null default 0,
  released integer not null default 0) strict;
create index installation_by_key on installation(key, install_key);
create table list(seq integer primary key, content text not null, document text not null, made_at integer not null) strict;
create table bound(email text primary key, hwid text not null) strict;
"""
DAY_S = 24 * 3600


class Database:
    """One file; safe from any thread, and beside the admin command's process."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing. Writers take turns from the start, so that two never see the same free seat."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=10, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("pragma foreign_keys = on")
            connection.execute("begin immediate")
            try:
                yield connection
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")

    def create(self) -> None:
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            connection.execute("pragma journal_mode = wal")
            connection.executescript(SCHEMA)


def now() -> int:
    return int(time.time())


def hash_of(token: str) -> str:
    """Account tokens are long and random, so a plain hash keeps them from who reads the file."""
    return hashlib.sha256(token.encode()).hexdigest()


def add_account(connection: sqlite3.Connection, key: str) -> str:
    token = secrets.token_urlsafe(32)
    connection.execute("insert into account values (?, ?)", (hash_of(token), key))
    return token


def key_of_account(connection: sqlite3.Connection, token: str) -> str | None:
    row = connection.execute("select key from account where token_hash = ?", (hash_of(token),)).fetchone()
    return None if row is None else str(row["key"])


def terms_of(connection: sqlite3.Connection, key: str) -> sqlite3.Row | None:
    """A licence with its plan."""
    found: sqlite3.Row | None = connection.execute(
        "select license.*, plan.spec, plan.lease_s from license join plan on plan.name = plan where key = ?", (key,)
    ).fetchone()
    return found


def spec_of(terms: sqlite3.Row) -> dict[str, Any]:
    """What Issuer.issue() takes, beside the licence's id."""
    spec: dict[str, Any] = json.loads(terms["spec"]) | {"subject": terms["subject"], "seats": terms["seats"]}
    if terms["expires_at"] is not None:
        spec["expires_at"] = terms["expires_at"]
    return spec


def kind_of(terms: sqlite3.Row) -> str:
    return str(json.loads(terms["spec"]).get("kind", "node"))


def blocked(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Ids of licences that the revocation list names."""
    lists: dict[str, list[str]] = {"revoked": [], "suspended": []}
    for row in connection.execute("select id, status from installation join license using (key) order by id"):
        if row["status"] in lists:
            lists[row["status"]].append(row["id"])
    return lists
