"""Keys, plans, licences and devices of a licence service, and the service itself. `admin.py --help` tells."""

import argparse
import datetime
import json
import pathlib
import sys

import tessera
from database import Database, add_account, now, terms_of

STATUSES = {"activate": "active", "unpaid": "unpaid", "suspend": "suspended", "revoke": "revoked"}


class Mistake(Exception):
    """Told without a traceback."""


def write_secret(path: pathlib.Path, key: tessera.Key) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(key.export_text())


def init(folder: pathlib.Path, options: argparse.Namespace) -> None:
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    if (folder / "vendor.json").exists():
        raise Mistake(f"{folder} has a vendor already")
    config = {"issuer": options.issuer, "product": options.product}
    root, signing = tessera.Key.generate(), tessera.Key.generate()
    write_secret(folder / "root.key", root)
    write_secret(folder / "signing.key", signing)
    keyset = tessera.Issuer(root, **config).keyset(seq=1, keys=[{"public": signing.public_key}])
    (folder / "keys.lic").write_text(keyset + "\n")
    if options.rs256:
        rsa = tessera.Key.generate(tessera.KeyType.RS256)
        write_secret(folder / "rsa.key", rsa)
        (folder / "rsa.pem").write_text(rsa.public_key)
    Database(folder / "service.db").create()
    (folder / "vendor.json").write_text(json.dumps(config))
    print(f"trusted key  {root.public_key}")


def add_plan(database: Database, options: argparse.Namespace) -> None:
    spec = {"sku": options.sku, "kind": options.kind, "allow_weak": options.allow_weak}
    spec["entitlements"] = {name: json.loads(value) for name, value in (one.split("=", 1) for one in options.entitlement)}
    if options.sync_every_s:
        spec["sync"] = {"every_s": options.sync_every_s}
        spec["grace"] = {"sync_s": options.sync_grace_s}
    with database.transaction() as db:
        db.execute("insert into plan values (?, ?, ?)", (options.name, json.dumps(spec), options.lease_s))


def add_key(database: Database, options: argparse.Namespace) -> None:
    key = tessera.generate_license_key()
    expires_at = now() + options.days * 24 * 3600 if options.days else None
    with database.transaction() as db:
        if db.execute("select 1 from plan where name = ?", (options.plan,)).fetchone() is None:
            raise Mistake(f"there is no plan {options.plan}")
        row = (key, options.plan, options.subject, options.seats, expires_at)
        db.execute("insert into license values (?, ?, ?, ?, ?, 'active')", row)
        print(key)
        if options.account:
            print(f"account token  {add_account(db, key)}")


def require_key(database: Database, text: str) -> str:
    key = tessera.check_license_key(text)
    with database.transaction() as db:
        if terms_of(db, key) is None:
            raise Mistake(f"there is no licence {key}")
    return key


def set_status(database: Database, options: argparse.Namespace) -> None:
    key = require_key(database, options.key)
    with database.transaction() as db:
        db.execute("update license set status = ? where key = ?", (STATUSES[options.command], key))


def extend(database: Database, options: argparse.Namespace) -> None:
    key = require_key(database, options.key)
    with database.transaction() as db:
        db.execute("update license set expires_at = ? where key = ?", (now() + options.days * 24 * 3600, key))


def release(database: Database, options: argparse.Namespace) -> None:
    with database.transaction() as db:
        done = db.execute("update installation set released = 1, lease_until = 0 where id = ?", (options.device,))
        if done.rowcount == 0:
            raise Mistake(f"there is no device {options.device}")


def show(database: Database, options: argparse.Namespace) -> None:
    def day(at: int | None) -> str:
        return "never" if at is None else datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M")

    with database.transaction() as db:
        for row in db.execute("select * from license order by subject, key"):
            print(f"{row['key']}  {row['plan']}  {row['subject']}  {row['status']}  seats {row['seats']}  ends {day(row['expires_at'])}")
            for one in db.execute("select * from installation where key = ? order by seen_at", (row["key"],)):
                place = "released" if one["released"] else "leased" if one["lease_until"] > now() else "installed"
                print(f"  {one['id']}  {place}  seen {day(one['seen_at'])}  {one['note']}".rstrip())


def serve(folder: pathlib.Path, options: argparse.Namespace) -> None:
    import uvicorn
    from server import license_service

    tls = {"ssl_certfile": options.certificate, "ssl_keyfile": options.private_key}
    config = uvicorn.Config(
        license_service(folder, options.per_minute), host=options.host, port=options.port, log_level="warning",
        server_header=False, limit_concurrency=200, timeout_keep_alive=30, **tls,
    )  # fmt: skip
    socket = config.bind_socket()
    socket.listen()  # who reads the next line may call at once
    print(f"listening  {'https' if options.certificate else 'http'}://{options.host}:{socket.getsockname()[1]}", flush=True)
    uvicorn.Server(config).run(sockets=[socket])


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path, help="data of the service")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("init", help="make the keys of a product, its key set and its database")
    command.add_argument("--issuer", required=True)
    command.add_argument("--product", required=True)
    command.add_argument("--rs256", action="store_true", help="also answer /license/validate with RS256 tokens")
    command = commands.add_parser("plan", help="add a plan")
    command.add_argument("name")
    command.add_argument("--sku", required=True)
    command.add_argument("--kind", default="node", choices=["node", "floating", "user"])
    command.add_argument("--entitlement", action="append", default=[], metavar="NAME=JSON")
    command.add_argument("--sync-every-s", type=int, default=0, help="how often a licence wants to be confirmed")
    command.add_argument("--sync-grace-s", type=int, default=7 * 24 * 3600, help="how long it runs without that")
    command.add_argument("--lease-s", type=int, default=3600, help="life of a floating licence's lease")
    command.add_argument("--allow-weak", action="store_true", help="also for machines with few identifiers")
    command = commands.add_parser("key", help="sell a licence: prints its key")
    command.add_argument("plan")
    command.add_argument("--subject", required=True)
    command.add_argument("--seats", type=int, default=1)
    command.add_argument("--days", type=int, default=0, help="0: without end")
    command.add_argument("--account", action="store_true", help="also print an account token")
    for name in STATUSES:
        commands.add_parser(name, help=f"make a licence {STATUSES[name]}").add_argument("key")
    command = commands.add_parser("extend", help="let a licence end so many days from now")
    command.add_argument("key")
    command.add_argument("--days", type=int, required=True)
    commands.add_parser("release", help="free the seat of a device").add_argument("device")
    commands.add_parser("list", help="show licences and devices")
    command = commands.add_parser("serve", help="answer applications")
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=0, help="0: a free one, which is printed")
    command.add_argument("--per-minute", type=int, default=60, help="requests of one address")
    command.add_argument("--certificate", help="PEM; without it put a proxy with TLS before this")
    command.add_argument("--private-key")
    return parser


def main() -> int:
    options = arguments().parse_args()
    calls = {"plan": add_plan, "key": add_key, "extend": extend, "release": release, "list": show}
    try:
        if options.command in ("init", "serve"):
            (init if options.command == "init" else serve)(options.folder, options)
        else:
            calls.get(options.command, set_status)(Database(options.folder / "service.db"), options)
    except (Mistake, tessera.Error) as problem:
        print(f"admin: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
