"""Keys and care of a store; encrypted files and logs."""

import io
import os
import pathlib
import sqlite3
import threading
from typing import Any

import pytest
import tessera


@pytest.fixture
def filled(store: tessera.Store) -> tessera.Store:
    store.execute("create table t(a, b)")
    store.execute_many("insert into t values (?, ?)", ((i, os.urandom(200)) for i in range(2000)))
    return store


def count(store: tessera.Store) -> int:
    number: int = store.query("select count(*) from t").one()[0]
    return number


# Ways in.


def test_slots(store: tessera.Store, store_config: dict[str, Any]) -> None:
    assert [(slot.type, slot.opened) for slot in store.slots()] == [(tessera.SlotType.APP_KEY, True)]
    assert store.protection is tessera.SlotType.APP_KEY
    store.add_slot(tessera.SlotType.PASSPHRASE, passphrase=b"a secret \0 of bytes")
    passphrase = next(slot for slot in store.slots() if slot.type is tessera.SlotType.PASSPHRASE)
    assert passphrase.created_at is not None and not passphrase.opened
    assert not store.has_recovery_key
    key = store.create_recovery_key()
    assert store.has_recovery_key and len(key.replace("-", "")) == 34
    store.change_passphrase(b"a secret \0 of bytes", "another")
    with pytest.raises(tessera.CryptoError) as wrong:
        store.change_passphrase("a secret", "third")
    assert wrong.value.detail["reason"] == "WRONG_KEY"
    for slot in store.slots():
        if slot.type is tessera.SlotType.APP_KEY:
            store.remove_slot(slot.slot)
    with pytest.raises(tessera.NotFoundError):
        store.remove_slot(99)
    with pytest.raises(tessera.ArgError):
        store.add_slot(tessera.SlotType.PASSPHRASE)
    store.close()
    assert store.protection is None
    for secret in ({"passphrase": "another"}, {"recovery_key": key.lower()}):
        tessera.Store.open(path=store_config["path"], **secret).close()
    with pytest.raises(tessera.CryptoError):
        tessera.Store.open(**store_config)


def test_rotating(filled: tessera.Store, store_config: dict[str, Any]) -> None:
    before = filled.export_data_key("a test")
    assert before.startswith("x'") and len(before) == 99
    filled.rotate_data_key(app_key=store_config["app_key"])
    assert filled.export_data_key("a test") != before
    assert [entry.reason for entry in filled.audit()][:1] == ["a test"]
    with pytest.raises(tessera.ArgError):
        filled.export_data_key("")
    filled.close()
    with tessera.Store.open(**store_config) as again:
        assert count(again) == 2000


# Care.


def test_backup_with_progress(filled: tessera.Store, store_config: dict[str, Any], tmp_path: pathlib.Path) -> None:
    steps: list[tuple[int, int]] = []
    filled.backup(tmp_path / "copy.tdb", progress=lambda done, total: steps.append((done, total)))
    assert steps and steps[-1][0] <= max(steps[-1][1], steps[-1][0])
    with tessera.Store.open(**store_config | {"path": tmp_path / "copy.tdb"}) as copy:
        assert count(copy) == 2000


def test_what_progress_raises_cancels(filled: tessera.Store, tmp_path: pathlib.Path) -> None:
    def stop(done: int, total: int) -> None:
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        filled.backup(tmp_path / "copy.tdb", progress=stop)
    assert not (tmp_path / "copy.tdb").exists()
    assert count(filled) == 2000


def test_copies(filled: tessera.Store, store_config: dict[str, Any], tmp_path: pathlib.Path) -> None:
    filled.export(tmp_path / "export.tdb", passphrase="for eva")
    with tessera.Store.open(path=tmp_path / "export.tdb", passphrase="for eva") as exported:
        assert count(exported) == 2000
    filled.export_plain(tmp_path / "plain.db", reason="a test")
    plain = sqlite3.connect(tmp_path / "plain.db")
    assert plain.execute("select count(*) from t").fetchone() == (2000,)
    plain.execute("delete from t where a > 9")
    plain.commit()
    plain.close()
    filled.import_plain(tmp_path / "plain.db")
    assert count(filled) == 10
    filled.import_store(tmp_path / "export.tdb", passphrase="for eva")
    assert count(filled) == 2000
    with pytest.raises(tessera.CryptoError):
        filled.import_store(tmp_path / "export.tdb", passphrase="guessed")
    filled.execute("delete from t")
    with tessera.Store.open(path=tmp_path / "export.tdb", passphrase="for eva") as exported:
        raw_key = bytes.fromhex(exported.export_data_key("a test")[2:66])  # the salt behind it is in the file
    os.rename(tmp_path / "export.tdb", tmp_path / "sqlcipher.db")
    filled.import_sqlcipher(tmp_path / "sqlcipher.db", app_key=raw_key)
    assert count(filled) == 2000
    with pytest.raises(tessera.CryptoError):
        filled.import_sqlcipher(tmp_path / "sqlcipher.db", passphrase="x")
    with pytest.raises(tessera.NotFoundError):
        filled.import_sqlcipher(tmp_path / "nothing.db", passphrase="x")


def test_looking_after(filled: tessera.Store) -> None:
    assert filled.check(progress=lambda done, total: None) == []
    filled.execute("delete from t where a > 10")
    filled.compact()
    assert filled.check() == []
    assert count(filled) == 11
    assert isinstance(filled.stats(), dict) and filled.stats()


def test_salvage(filled: tessera.Store, store_config: dict[str, Any], tmp_path: pathlib.Path) -> None:
    filled.close()
    path = store_config["path"]
    content = bytearray(path.read_bytes())
    content[4096 * 20 : 4096 * 30] = bytes(4096 * 10)
    path.write_bytes(content)
    report = tessera.Store.salvage(
        tmp_path / "rescued.jsonl", config={"path": path}, app_key=store_config["app_key"], progress=lambda *_: None
    )
    assert 0 < report.rows < 2000 and report.pages_damaged == 10 and report.damaged_tables == ["t"]
    assert len((tmp_path / "rescued.jsonl").read_text().splitlines()) >= report.rows
    with tessera.Store.open(**store_config) as again:
        assert again.check() == []


def test_python_runs_while_long_work_does(filled: tessera.Store, tmp_path: pathlib.Path) -> None:
    turns = 0

    def work() -> None:
        for number in range(5):
            filled.backup(tmp_path / f"{number}.tdb")

    worker = threading.Thread(target=work)
    worker.start()
    while worker.is_alive():
        turns += 1
        worker.join(0.001)
    assert turns > 3


# Encrypted files.


def test_a_sealed_file(store: tessera.Store, tmp_path: pathlib.Path) -> None:
    data = os.urandom(300_000)
    path = tmp_path / "photo.tsf"
    with store.create_sealed(path) as writer:
        assert isinstance(writer, io.RawIOBase)
        assert writer.write(data[:1000]) == 1000
        assert writer.write(memoryview(data)[1000:]) == 299_000
        with pytest.raises(TypeError):
            writer.write("text")
        assert writer.tell() == 300_000
        assert not path.exists()
    assert path.exists() and data[:100] not in path.read_bytes()
    with store.open_sealed(path) as reader:
        assert reader.size == 300_000
        assert reader.read(10) == data[:10]
        assert reader.seek(-5, os.SEEK_END) == 299_995
        assert reader.read() == data[-5:]
        assert reader.read(1) == b""
        assert reader.seek(70_000) and reader.seek(2, os.SEEK_CUR) == 70_002
        assert reader.read(2) == data[70_002:70_004]
        assert reader.seek(300_001) and reader.read(1) == b"" and reader.read() == b""
        for wrong in ((-1,), (0, 9)):
            with pytest.raises(ValueError):
                reader.seek(*wrong)
        reader.seek(70_002)
        assert io.BufferedReader(reader).read(100_000) == data[70_002:170_002]
    with pytest.raises(ValueError):
        reader.read(1)


def test_an_unfinished_file_can_be_resumed(store: tessera.Store, tmp_path: pathlib.Path) -> None:
    data = os.urandom(200_000)
    path = tmp_path / "photo.tsf"
    with pytest.raises(LookupError):
        with store.create_sealed(path) as writer:
            writer.write(data[:150_000])
            raise LookupError
    assert not path.exists()
    with store.create_sealed(path, resume=True) as writer:
        assert 0 < writer.offset <= 150_000
        assert writer.tell() == writer.offset
        writer.write(data[writer.offset :])
    assert store.get_sealed(path) == data
    with pytest.raises(tessera.StateError):
        writer.finish()


def test_whole_files(store: tessera.Store, tmp_path: pathlib.Path) -> None:
    store.put_sealed(tmp_path / "a", b"")
    store.put_sealed(str(tmp_path / "b"), "text")
    assert (store.get_sealed(tmp_path / "a"), store.get_sealed(str(tmp_path / "b"))) == (b"", b"text")
    with pytest.raises(tessera.NotFoundError):
        store.get_sealed(tmp_path / "c")
    content = bytearray((tmp_path / "b").read_bytes())
    content[-1] ^= 1
    (tmp_path / "b").write_bytes(content)
    with pytest.raises(tessera.CorruptError):
        store.get_sealed(tmp_path / "b")


def test_an_encrypted_log(store: tessera.Store, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "app.tlog"
    with store.open_log(path, max_files=3) as log:
        log.append(b"first")
        log.append("second")
        log.flush()
        with pytest.raises(tessera.BusyError):
            store.open_log(path)
        with pytest.raises(tessera.LimitError):
            log.append(bytes(2 << 20))
    assert store.read_log(path) == [(b"first", None), (b"second", None)]
    with pytest.raises(tessera.StateError):
        log.append(b"late")
    with pytest.raises(tessera.NotFoundError):
        store.read_log(tmp_path / "other")
