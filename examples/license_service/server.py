"""A licence server after docs/reference/license-service.openapi.yaml: FastAPI on tessera.Issuer, SQLite, one process.

    python admin.py DATA init --issuer acme --product player
    python admin.py DATA plan pro --sku pro --days 365
    python admin.py DATA key pro --subject ana@example.com
    python admin.py DATA serve --port 8400
"""

import dataclasses
import json
import pathlib
import sqlite3
import threading
import time
import uuid
from typing import Annotated, Any

import tessera
from database import DAY_S, Database, blocked, key_of_account, kind_of, now, spec_of, terms_of
from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, PlainTextResponse

LARGEST_BODY = (128 << 10) + 2
STATUS_REFUSALS = {"unpaid": (402, "EXPIRED"), "suspended": (402, "SUSPENDED"), "revoked": (403, "REVOKED")}


class Refusal(Exception):
    """Ends a request with a status and a name of docs/reference/license-codes.md."""

    def __init__(self, status: int, code: str, retry_after_s: int | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}


class Limiter:
    """So many requests a minute for each client address; old addresses are forgotten."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[float, float]] = {}  # allowance, when

    def take(self, who: str) -> None:
        at = time.monotonic()
        with self._lock:
            allowance, before = self._seen.pop(who, (float(self._per_minute), at))
            allowance = min(self._per_minute, allowance + (at - before) * self._per_minute / 60)
            if len(self._seen) >= 10_000:
                self._seen.pop(next(iter(self._seen)))
            self._seen[who] = (allowance - 1 if allowance >= 1 else allowance, at)
        if allowance < 1:
            raise Refusal(429, "RATE_LIMITED", retry_after_s=1 + int((1 - allowance) * 60 / self._per_minute))


@dataclasses.dataclass
class Vendor:
    """Keys, key set and database of one product."""

    folder: pathlib.Path

    def __post_init__(self) -> None:
        self.config: dict[str, str] = json.loads((self.folder / "vendor.json").read_text())
        self.issuer = tessera.Issuer(self._key("signing.key"), **self.config)
        self.keyset = (self.folder / "keys.lic").read_text().strip()
        self.database = Database(self.folder / "service.db")
        rsa = self.folder / "rsa.key"
        self.foreign = tessera.Issuer(self._key("rsa.key"), **self.config) if rsa.exists() else None

    def _key(self, name: str) -> tessera.Key:
        return tessera.Key.import_text((self.folder / name).read_bytes())

    def lists(self, connection: sqlite3.Connection) -> str:
        """Key set and revocation list. A list is made anew when it changes or is a day old; one number, one list."""
        content = json.dumps(blocked(connection))
        last = connection.execute("select * from list order by seq desc limit 1").fetchone()
        if last is not None and last["content"] == content and now() - last["made_at"] < DAY_S:
            return f"{self.keyset}\n{last['document']}"
        seq = 1 if last is None else last["seq"] + 1
        document = self.issuer.crl(seq=seq, days=7, **json.loads(content))
        connection.execute("insert into list values (?, ?, ?, ?)", (seq, content, document, now()))
        return f"{self.keyset}\n{document}"


class Service:
    """The calls. Each takes the verified request, and gives the answer's documents."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._issuer = vendor.issuer

    def activate(self, request: str, account: str | None) -> str:
        asked = self._issuer.read_request(request)
        with self._vendor.database.transaction() as db:
            key = asked["license_key"] if account is None else key_of_account(db, account)
            if account is not None and key is None:
                raise Refusal(401, "AUTH_REQUIRED")
            terms = self._active(db, key or "")
            installation = self._seat(db, terms, asked)
            documents = [self._vendor.lists(db), self._issue(db, terms, installation, request)]
            if kind_of(terms) == "floating":
                documents.append(self._lease(db, terms, installation, request))
        return lines(*documents)

    def sync(self, request: str) -> str:
        with self._vendor.database.transaction() as db:
            installation, terms = self._installed(db, request)
            documents = [self._vendor.lists(db), self._issuer.time(request)]
            if terms["status"] == "unpaid":
                raise Refusal(*STATUS_REFUSALS["unpaid"])
            if terms["status"] == "active" and installation["issued"] != issued_mark(terms):
                documents.append(self._issue(db, terms, installation["id"], request))
        return lines(*documents)

    def renew(self, request: str) -> str:
        with self._vendor.database.transaction() as db:
            installation, terms = self._installed(db, request)
            self._active(db, terms["key"])
            return lines(self._vendor.lists(db), self._issue(db, terms, installation["id"], request))

    def lease(self, request: str) -> str:
        with self._vendor.database.transaction() as db:
            installation, terms = self._installed(db, request)
            self._active(db, terms["key"])
            return lines(self._vendor.lists(db), self._lease(db, terms, installation["id"], request))

    def deactivate(self, body: str) -> str:
        proof, _, request = body.strip().partition("\n")
        given = self._issuer.read_deactivation(proof)
        if self._issuer.read_request(request)["install_key"] != given["install_key"]:
            raise Refusal(422, "SERVER_REJECTED")
        with self._vendor.database.transaction() as db:
            found = db.execute(
                "update installation set released = 1, lease_until = 0 where id = ? and install_key = ?",
                (given["license_id"], given["install_key"]),
            )
            if found.rowcount == 0:
                raise Refusal(404, "ACTIVATION_NOT_FOUND")
        return lines(self._vendor.keyset, self._issuer.time(request))

    def lists(self) -> str:
        with self._vendor.database.transaction() as db:
            return lines(self._vendor.lists(db))

    def time(self, request: str) -> str:
        return lines(self._vendor.keyset, self._issuer.time(request))

    def validate(self, body: str) -> dict[str, Any]:
        """For clients of RS256 tokens: the first machine that asks is the one that the licence is for."""
        if self._vendor.foreign is None:
            raise Refusal(404, "SERVER_REJECTED")
        try:
            asked = json.loads(body)
            email, hwid = str(asked["email"]), str(asked["hwid"])
        except (ValueError, KeyError, TypeError):
            raise Refusal(422, "SERVER_REJECTED") from None
        with self._vendor.database.transaction() as db:
            row = db.execute("select key from license where subject = ? order by status limit 1", (email,)).fetchone()
            terms = self._active(db, "" if row is None else row["key"])
            db.execute("insert into bound values (?, ?) on conflict do nothing", (email, hwid))
            if db.execute("select hwid from bound where email = ?", (email,)).fetchone()["hwid"] != hwid:
                raise Refusal(403, "HW_MISMATCH")
        plan = spec_of(terms)["sku"]
        return {"jwt": self._vendor.foreign.rs256(sub=email, hwid=hwid, plan=plan), "expires_at": now() + 12 * 3600}

    def _active(self, db: sqlite3.Connection, key: str) -> sqlite3.Row:
        terms = terms_of(db, key)
        if terms is None:
            raise Refusal(404, "LICENSE_KEY_INVALID")
        if terms["status"] in STATUS_REFUSALS:
            raise Refusal(*STATUS_REFUSALS[terms["status"]])
        if terms["expires_at"] is not None and terms["expires_at"] <= now():
            raise Refusal(402, "EXPIRED")
        return terms

    def _installed(self, db: sqlite3.Connection, request: str) -> tuple[sqlite3.Row, sqlite3.Row]:
        """The installation that `request` renews, with its licence. Its own key must have signed."""
        asked = self._issuer.read_request(request)
        found = db.execute("select * from installation where id = ? and released = 0", (asked["renews"],)).fetchone()
        if found is None or found["install_key"] != asked["install_key"]:
            raise Refusal(404, "ACTIVATION_NOT_FOUND")
        db.execute("update installation set seen_at = ? where id = ?", (now(), found["id"]))
        terms = terms_of(db, found["key"])
        assert terms is not None
        return found, terms

    def _seat(self, db: sqlite3.Connection, terms: sqlite3.Row, asked: dict[str, Any]) -> str:
        """The installation's own place, or a free one. A floating licence counts leases instead."""
        same = (terms["key"], asked["install_key"])
        own = db.execute("select id from installation where key = ? and install_key = ? and released = 0", same).fetchone()
        if own is not None:
            return str(own["id"])
        taken = db.execute("select count(*) from installation where key = ? and released = 0", same[:1]).fetchone()[0]
        if kind_of(terms) != "floating" and taken >= terms["seats"]:
            raise Refusal(409, "SEAT_LIMIT")
        new = str(uuid.uuid4())
        db.execute(
            "insert into installation(id, key, install_key, note, issued, seen_at) values (?, ?, ?, ?, '', ?)",
            (new, *same, asked["note"], now()),
        )
        return new

    def _issue(self, db: sqlite3.Connection, terms: sqlite3.Row, installation: str, request: str) -> str:
        db.execute("update installation set issued = ? where id = ?", (issued_mark(terms), installation))
        return self._issuer.issue(request, license_id=installation, **spec_of(terms))

    def _lease(self, db: sqlite3.Connection, terms: sqlite3.Row, installation: str, request: str) -> str:
        others = "select count(*) from installation where key = ? and id <> ? and lease_until > ?"
        if db.execute(others, (terms["key"], installation, now())).fetchone()[0] >= terms["seats"]:
            raise Refusal(409, "LEASE_UNAVAILABLE")
        db.execute("update installation set lease_until = ? where id = ?", (now() + terms["lease_s"], installation))
        return self._issuer.lease(request, license_id=installation, ttl_s=terms["lease_s"])


def lines(*documents: str) -> str:
    return "\n".join(documents) + "\n"


def issued_mark(terms: sqlite3.Row) -> str:
    """Differs when the terms do: then the next synchronisation brings the licence anew."""
    return json.dumps(spec_of(terms), sort_keys=True)


async def body_of(request: Request) -> str:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            raise Refusal(413, "SERVER_REJECTED")
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refusal(422, "SERVER_REJECTED") from None


def account_of(request: Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else None


Body = Annotated[str, Depends(body_of)]
Account = Annotated[str | None, Depends(account_of)]


def license_service(folder: pathlib.Path, per_minute: int = 60) -> FastAPI:
    """Serves what `admin.py FOLDER init` made, below /license."""
    service = Service(Vendor(folder))
    limiter = Limiter(per_minute)

    def limit(request: Request) -> None:
        limiter.take(request.client.host if request.client else "")

    server = FastAPI(dependencies=[Depends(limit)], openapi_url=None)

    def problem(status: int, code: str, headers: dict[str, str] | None = None) -> JSONResponse:
        content = {"type": "about:blank", "status": status, "code": code}
        return JSONResponse(content, status, headers, media_type="application/problem+json")

    @server.exception_handler(Refusal)
    def refuse(_: Request, refusal: Refusal) -> JSONResponse:
        return problem(refusal.status, refusal.code, refusal.headers)

    @server.exception_handler(tessera.Error)
    def refuse_document(_: Request, error: tessera.Error) -> JSONResponse:
        return problem(422, error.license_code.name if error.license_code else "SERVER_REJECTED")

    async def answer(call: Any, *arguments: Any) -> PlainTextResponse:
        return PlainTextResponse(await run_in_threadpool(call, *arguments), headers={"Cache-Control": "no-store"})

    @server.post("/license/activate")
    async def activate(body: Body, account: Account) -> PlainTextResponse:
        return await answer(service.activate, body, account)

    @server.post("/license/validate")
    async def validate(body: Body) -> JSONResponse:
        return JSONResponse(await run_in_threadpool(service.validate, body))

    @server.get("/license/lists")
    async def lists() -> PlainTextResponse:
        return await answer(service.lists)

    for name in ("sync", "renew", "lease", "deactivate", "time"):

        def handler(call: Any = getattr(service, name)) -> Any:
            async def handle(body: Body) -> PlainTextResponse:
                return await answer(call, body)

            return handle

        server.post(f"/license/{name}")(handler())

    return server
