"""What hangs or crashes when it goes wrong: fork, exit, threads. Each in a process of its own with a time limit."""

import pathlib
import subprocess
import sys
import textwrap

import pytest

TIME_LIMIT_S = 60

PRELUDE = """
import asyncio, os, pathlib, signal, sys, threading, time
import tessera, tessera.aio
folder = pathlib.Path(sys.argv[1])
root, signing = tessera.Key.generate(), tessera.Key.generate()
keys = tessera.Issuer(root, issuer="acme", product="player").keyset(seq=1, keys=[{"public": signing.public_key}])
issuer = tessera.Issuer(signing, issuer="acme", product="player")
bundle = keys + "\\n" + issuer.issue(sku="pro")
config = dict(product="player", trusted_keys=[root.public_key], data_dir=folder / "state",
              memory_dir=folder / "memory", keystore="file")
"""


def run(code: str, folder: pathlib.Path, *options: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, *options, "-c", PRELUDE + textwrap.dedent(code), folder],
        capture_output=True, text=True, timeout=TIME_LIMIT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    return done


def test_exit_with_open_handles(tmp_path: pathlib.Path) -> None:
    done = run(
        """
        app = tessera.App.open(**config)
        license = tessera.License.open(**config | {"data_dir": folder / "other"})
        subscription = license.on_log(tessera.LogLevel.TRACE, print)
        license.import_bundle(bundle)
        class Late:
            def __del__(self):
                try:
                    self.license.refresh()
                except (tessera.StateError, ImportError):  # ImportError once Python has no modules any more
                    os.write(1, b"closed by then")
        late = Late()
        late.license = license
        """,
        tmp_path, "-X", "dev",
    )  # fmt: skip
    assert "closed by then" in done.stdout
    assert "Warning" not in done.stderr


def test_exit_while_threads_are_inside(tmp_path: pathlib.Path) -> None:
    run(
        """
        license = tessera.License.open(**config)
        license.import_bundle(bundle)
        license.on_log(tessera.LogLevel.TRACE, lambda record: None)
        def work():
            while True:
                try:
                    license.import_bundle(bundle)
                    tessera.Key.generate()
                except tessera.Error:
                    pass
        for _ in range(4):
            threading.Thread(target=work, daemon=True).start()
        deadline = time.monotonic() + 0.3
        while time.monotonic() < deadline:
            license.check()
        """,
        tmp_path,
    )


def test_exit_with_an_open_store(tmp_path: pathlib.Path) -> None:
    done = run(
        """
        store = tessera.Store.open(path=folder / "app.tdb", app_key=bytes(32))
        store.execute("create table t(a)")
        store.execute_many("insert into t values (?)", [[i] for i in range(1000)])
        rows = store.query("select a from t")
        next(rows)
        watching = store.watch("", print)
        cache = store.cache("space")
        writer = store.create_sealed(folder / "file")
        log = store.open_log(folder / "log")
        log.append(b"kept")
        tx = store.transaction()
        tx.execute("delete from t")
        """,
        tmp_path, "-X", "dev",
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    done = run(
        """
        with tessera.Store.open(path=folder / "app.tdb", app_key=bytes(32)) as store:
            assert store.query("select count(*) from t").one() == (1000,)
            assert store.read_log(folder / "log") == [(b"kept", None)]
        """,
        tmp_path, "-X", "dev", "-W", "error",
    )  # fmt: skip


def test_exit_while_threads_use_a_store(tmp_path: pathlib.Path) -> None:
    run(
        """
        store = tessera.Store.open(path=folder / "app.tdb", app_key=bytes(32), commit="relaxed")
        store.execute("create table t(a)")
        watching = store.watch("", lambda key: None)
        cache = store.cache("space")
        def work(number):
            while True:
                try:
                    store.execute("insert into t values (?)", [number])
                    for row in store.query("select a from t"):
                        pass
                    store.put("key", number)
                    cache.get_or_load(str(time.monotonic()), lambda key: b"x", ttl=60)
                    store.backup(folder / f"{number}.tdb", progress=lambda done, total: None)
                except tessera.Error:
                    pass
        for number in range(4):
            threading.Thread(target=work, args=(number,), daemon=True).start()
        time.sleep(0.5)
        """,
        tmp_path,
    )


def test_exit_with_operations_of_a_store_under_way(tmp_path: pathlib.Path) -> None:
    run(
        """
        async def main():
            store = await tessera.aio.Store.open(path=folder / "app.tdb", app_key=bytes(32))
            await store.execute("create table t(a)")
            tx = await store.transaction()
            for _ in range(200):
                asyncio.ensure_future(store.execute("insert into t values (1)"))
                asyncio.ensure_future(store.backup(folder / "copy.tdb", progress=lambda *_: None))
            await asyncio.sleep(0)
            sys.exit(0)
        asyncio.run(main())
        """,
        tmp_path,
    )


def test_a_store_in_a_forked_child(tmp_path: pathlib.Path) -> None:
    run(
        """
        store = tessera.Store.open(path=folder / "app.tdb", app_key=bytes(32))
        store.execute("create table t(a)")
        store.execute_many("insert into t values (?)", [[i] for i in range(1000)])
        rows = store.query("select a from t")
        next(rows)
        log = store.open_log(folder / "log")
        cache = store.cache("space")
        pid = os.fork()
        if pid == 0:
            signal.alarm(20)
            def refused(call):
                try:
                    call()
                except tessera.ForkedError:
                    return True
            assert refused(lambda: store.execute("delete from t"))
            assert refused(lambda: store.query("select 1"))
            assert refused(lambda: store.put("a", 1))
            assert refused(store.transaction)
            assert refused(lambda: cache.get("a"))
            assert refused(lambda: log.append(b"x"))
            assert refused(rows.all)
            with tessera.Store.open(path=folder / "own.tdb", app_key=bytes(32)) as own:
                own.put("a", 1)
            del rows, store, log, cache
            sys.exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        assert len(rows.all()) == 999
        store.execute("delete from t")
        store.close()
        """,
        tmp_path,
    )


def test_exit_with_operations_under_way(tmp_path: pathlib.Path) -> None:
    run(
        """
        async def main():
            license = await tessera.aio.License.open(**config)
            for _ in range(200):
                asyncio.ensure_future(license.import_bundle(bundle))
            await asyncio.sleep(0)
            os.write(1, b"started")
            sys.exit(0)
        try:
            asyncio.run(main())
        finally:
            pass
        """,
        tmp_path,
    )


def test_forked_child(tmp_path: pathlib.Path) -> None:
    run(
        """
        license = tessera.License.open(**config)
        license.import_bundle(bundle)
        def child():
            try:
                license.check()
            except tessera.ForkedError as error:
                assert isinstance(error, RuntimeError) and "fork" in str(error)
            else:
                raise AssertionError("a handle of the parent works")
            with tessera.License.open(**config) as own:
                assert own.check() and own.refresh()
        pid = os.fork()
        if pid == 0:
            child()
            del license
            sys.exit(0)  # with Python's own exit
        assert os.waitpid(pid, 0)[1] == 0
        assert license.refresh()
        """,
        tmp_path, "-W", "error",
    )  # fmt: skip


@pytest.mark.busy_fork
def test_fork_while_other_threads_are_inside(tmp_path: pathlib.Path) -> None:
    run(
        """
        license = tessera.License.open(**config)
        license.import_bundle(bundle)
        stop = threading.Event()
        def work():
            while not stop.is_set():
                license.refresh()
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(20):
            pid = os.fork()
            if pid == 0:
                signal.alarm(20)
                with tessera.License.open(**config | {"data_dir": folder / f"child{number}"}) as own:
                    own.import_bundle(bundle)
                    assert own.check()
                sys.exit(0)
            assert os.waitpid(pid, 0)[1] == 0
        stop.set()
        for thread in threads:
            thread.join()
        """,
        tmp_path,
    )


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_multiprocessing(tmp_path: pathlib.Path, method: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            """
            import multiprocessing, sys
            import tessera
            def strength(_):
                return int(tessera.Hwid.probe().strength)
            if __name__ == "__main__":
                with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
                    assert set(pool.map(strength, range(8))) == {strength(None)}
            """
        )
    )
    subprocess.run([sys.executable, program, method], check=True, timeout=TIME_LIMIT_S)


def test_two_processes_share_a_licence(tmp_path: pathlib.Path) -> None:
    run(
        """
        license = tessera.License.open(**config)
        assert not license.check()
        pid = os.fork()
        if pid == 0:
            with tessera.License.open(**config) as own:
                own.import_bundle(bundle)
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        assert license.check()
        """,
        tmp_path,
    )


def test_a_new_interpreter_is_refused(tmp_path: pathlib.Path) -> None:
    run(
        """
        import _xxsubinterpreters as interpreters
        other = interpreters.create()
        try:
            interpreters.run_string(other, "import tessera")
        except interpreters.RunFailedError as error:
            assert "ImportError" in str(error), error
        else:
            raise AssertionError("the module was loaded twice")
        """,
        tmp_path,
    )
