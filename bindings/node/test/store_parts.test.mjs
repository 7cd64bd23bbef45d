// What lies in a store beside SQL: settings, cache, outbox, encrypted files and logs, slots, care.
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Store } from "tessera-sdk";

import { openStore, temporaryFolder } from "./support.mjs";

const text = (bytes) => new TextDecoder().decode(bytes);

// --- Settings ---

test("settings come back in the type that was put", async (t) => {
  const store = await openStore(t);
  const values = [null, true, false, 0, -7, 1.5, "süß", "", new Uint8Array([1, 2]), { a: [1, { b: null }], c: "ü" }, [], [true]];
  for (const [at, value] of values.entries()) {
    await store.put(`a.${at}`, value);
    store.putSync(`b.${at}`, value);
    assert.deepEqual(await store.get(`b.${at}`), value);
    assert.deepEqual(store.getSync(`a.${at}`), value);
  }
  await store.put("big", 2n ** 60n);
  assert.equal(await store.get("big", { bigint: true }), 2n ** 60n);
  await assert.rejects(store.get("big"), RangeError);
  assert.deepEqual([...(await store.list("a.1")).keys()], ["a.1", "a.10", "a.11"]);
  assert.deepEqual(store.listSync("a.1"), await store.list("a.1"));
  assert.equal((await store.list("none")).size, 0);
});

test("a setting that is not there is an answer", async (t) => {
  const store = await openStore(t);
  assert.equal(await store.get("none"), undefined);
  assert.equal(store.getSync("none"), undefined);
  assert.equal(await store.remove("none"), false);
  assert.equal(store.removeSync("none"), false);
  await store.put("some", 1);
  assert.equal(await store.remove("some"), true);
  assert.equal(await store.get("some"), undefined);
  await assert.rejects(store.put("", 1), { code: "arg" });
  await assert.rejects(store.put("k", undefined), TypeError);
  assert.throws(() => store.putSync("k", () => {}), TypeError);
});

test("who watches hears of settings after the commit, in order", async (t) => {
  const store = await openStore(t);
  const heard = [];
  const subscription = store.watch("a.", (key) => heard.push([key, store.getSync(key)]));
  await store.put("a.1", "x");
  await store.put("b.1", "x");
  await store.transaction(async (tx) => {
    await tx.put("a.2", "y");
    await tx.put("a.3", "z");
  });
  await assert.rejects(store.transaction(async (tx) => { await tx.put("a.4", 1); throw new Error("no"); }), /no/);
  await store.remove("a.1");
  await sleep(50);
  assert.deepEqual(heard.map(([key]) => key), ["a.1", "a.2", "a.3", "a.1"]);
  subscription.cancel();
  await store.put("a.5", 1);
  await sleep(50);
  assert.equal(heard.length, 4);
  assert.throws(() => store.watch("a.", "no function"), TypeError);
});

// --- Cache ---

test("the cache keeps, expires and forgets", async (t) => {
  const cache = (await openStore(t)).cache("products");
  assert.equal(await cache.get("k"), undefined);
  await cache.put("k", "value", { ttlMs: 60_000 });
  await cache.put("none", null, { ttlMs: 60_000 });
  await cache.put("bytes", new Uint8Array(), { ttlMs: 60_000 });
  await cache.put("brief", "x", { ttlMs: 20 });
  assert.equal(text(await cache.get("k")), "value");
  assert.equal(await cache.get("none"), null);
  assert.deepEqual(await cache.get("bytes"), new Uint8Array());
  await sleep(60);
  assert.equal(await cache.get("brief"), undefined);
  await cache.remove("k");
  await cache.remove("k");
  assert.equal(await cache.get("k"), undefined);
  const { rows, hits, misses, joinedLoads } = await cache.stats();
  assert.ok(rows >= 2 && hits >= 3 && misses >= 2 && joinedLoads === 0);
  await cache.clear();
  assert.equal((await cache.stats()).rows, 0);
});

test("an answer is loaded once for all who ask meanwhile", async (t) => {
  const store = await openStore(t);
  let loads = 0;
  const load = async (key) => {
    loads += 1;
    await sleep(20);
    return `${key}!`;
  };
  const ask = () => store.cache("c").getOrLoad("k", load, { ttlMs: 60_000 });
  assert.deepEqual((await Promise.all(Array.from({ length: 20 }, ask))).map(text), Array(20).fill("k!"));
  assert.equal(text(await ask()), "k!");
  assert.equal(loads, 1);
  const failure = new Error("no answer");
  const failing = () => store.cache("c").getOrLoad("other", async () => { throw failure; }, { ttlMs: 1000 });
  for (const { reason } of await Promise.allSettled([failing(), failing()])) assert.equal(reason, failure);
  assert.equal(await store.cache("c").getOrLoad("other", () => null, { ttlMs: 1000 }), null);
});

test("an answer is loaded in the calling thread", async (t) => {
  const store = await openStore(t);
  const cache = store.cache("c");
  const load = (key) => {
    store.putSync("asked", key); // the loader may use the store
    return new Uint8Array([1, 2, 3]);
  };
  assert.deepEqual(cache.getOrLoadSync("k", load, { ttlMs: 60_000 }), new Uint8Array([1, 2, 3]));
  assert.deepEqual(cache.getOrLoadSync("k", () => assert.fail("is known"), { ttlMs: 60_000 }), new Uint8Array([1, 2, 3]));
  assert.equal(store.getSync("asked"), "k");
  const failure = new Error("no answer");
  assert.throws(() => cache.getOrLoadSync("x", () => { throw failure; }, { ttlMs: 1000 }), failure);
  assert.throws(() => cache.getOrLoadSync("x", () => 42, { ttlMs: 1000 }), TypeError);
  assert.throws(() => cache.getOrLoadSync("x", () => "y", { ttlMs: 0 }), { code: "arg" });
  assert.equal(cache.getOrLoadSync("none", () => null, { ttlMs: 1000 }), null);
});

// --- Outbox ---

test("a request is kept, leased, tried again and delivered", async (t) => {
  const { outbox } = await openStore(t);
  const id = await outbox.enqueue({
    topic: "sales", url: "https://api.example.com/sales", headers: { "content-type": "text/plain" }, body: "süß",
    idempotencyKey: "key-1", priority: 3,
  });
  await outbox.enqueue({ topic: "other", url: "https://api.example.com/other", method: "PUT", notBefore: new Date(Date.now() + 60_000) });
  const [item, ...none] = await outbox.lease("sales");
  assert.equal(none.length, 0);
  assert.deepEqual(
    [item.id, item.topic, item.method, item.url, item.headers, text(item.body), item.idempotencyKey, item.priority, item.state, item.attempts],
    [id, "sales", "POST", "https://api.example.com/sales", { "content-type": "text/plain" }, "süß", "key-1", 3, "leased", 1],
  );
  assert.ok(item.leasedUntil > new Date() && Math.abs(item.createdAt - Date.now()) < 60_000);
  assert.deepEqual(await outbox.lease("sales"), []);
  await outbox.extend(item, 120_000);
  await outbox.fail(item, "503", { retryAfterMs: 1 });
  await sleep(20);
  const [again] = await outbox.lease();
  assert.deepEqual([again.id, again.attempts, again.lastError], [id, 2, "503"]);
  await assert.rejects(outbox.complete(item), { code: "state" });
  await outbox.complete(again);
  await assert.rejects(outbox.complete(again), { code: "not_found" });
  const { pending, delivered, nextDue } = await outbox.counts();
  assert.deepEqual([pending, delivered], [1, 1]);
  assert.ok(nextDue > new Date());
  const [waiting] = await outbox.list("pending");
  assert.deepEqual([waiting.method, waiting.body.length, waiting.lastError], ["PUT", 0, undefined]);
});

test("dead letters are listed, retried and removed; revoked topics go", async (t) => {
  const store = await openStore(t);
  const { outbox } = store;
  for (const topic of ["a", "a", "b"]) await outbox.enqueue({ topic, url: "https://x.example" });
  const [first, second] = await outbox.lease("a");
  await outbox.fail(first, "400", { permanent: true });
  await outbox.fail(second, "400", { permanent: true });
  assert.deepEqual((await outbox.list("dead")).map(({ id }) => id).sort(), [first.id, second.id].sort());
  await outbox.retry(first.id);
  await outbox.remove(second.id);
  assert.deepEqual((await outbox.lease("a")).map(({ id }) => id), [first.id]);
  assert.equal(await outbox.revoke("a"), 1);
  assert.equal((await outbox.list()).length, 1);
  await assert.rejects(outbox.retry("none"), { code: "not_found" });
  await assert.rejects(outbox.enqueue({ topic: "", url: "https://x.example" }), { code: "arg" });
  await assert.rejects(outbox.list("gone"), TypeError);
  await assert.rejects(outbox.enqueue(undefined), TypeError);
});

test("a request goes with its transaction", async (t) => {
  const store = await openStore(t);
  const item = { topic: "a", url: "https://x.example" };
  await assert.rejects(store.transaction(async (tx) => { await tx.enqueue(item); throw new Error("no"); }), /no/);
  assert.throws(() => store.transactionSync((tx) => { tx.enqueue(item); throw new Error("no"); }), /no/);
  assert.equal((await store.outbox.list()).length, 0);
  const ids = [await store.transaction((tx) => tx.enqueue(item)), store.transactionSync((tx) => tx.enqueue(item))];
  assert.deepEqual((await store.outbox.list()).map(({ id }) => id), ids);
});

// --- Encrypted files ---

test("an encrypted file is written in pieces and read at any place", async (t) => {
  const store = await openStore(t);
  const path = join(store.folder, "photo.tsf");
  const content = new Uint8Array(300_000).map((_, i) => i % 251);
  const writer = await store.createSealed(path);
  assert.equal(writer.offset, 0);
  const pieces = [];
  for (let at = 0; at < content.length; at += 70_001) pieces.push(writer.write(content.subarray(at, at + 70_001)));
  await Promise.all(pieces); // written in the order of the calls
  assert.ok(!existsSync(path));
  await writer.finish();
  await writer.close();
  await writer.close();
  await assert.rejects(writer.write("more"), { code: "arg" });
  const reader = await store.openSealed(path);
  assert.equal(reader.size, content.length);
  assert.deepEqual(await reader.read(65_530, 20), content.subarray(65_530, 65_550));
  assert.deepEqual(await reader.read(299_990, 4_000_000_000), content.subarray(299_990));
  assert.deepEqual(await reader.read(300_000, 10), new Uint8Array());
  await assert.rejects(reader.read(-1, 10), { code: "arg" });
  await reader.close();
  await assert.rejects(reader.read(0, 1), { code: "arg" });
  assert.deepEqual(await store.getSealed(path), content);
  assert.ok(!readFileSync(path).includes(content.subarray(0, 32)));
  const damaged = readFileSync(path);
  damaged[150_000] ^= 1;
  writeFileSync(path, damaged);
  await assert.rejects(store.getSealed(path), { code: "corrupt" });
  await assert.rejects(store.openSealed(`${path}.none`), { code: "not_found" });
});

test("calls around the end of an encrypted file wait for it", async (t) => {
  const store = await openStore(t);
  const path = join(store.folder, "film.tsf");
  const content = new Uint8Array(4_000_000).fill(7);
  const writer = await store.createSealed(path);
  const given = content.slice();
  const written = [writer.write(given), writer.write(given), writer.finish()];
  given.fill(0); // what is written was given before
  const closed = writer.close();
  const late = writer.write(content);
  await Promise.all([...written, closed, assert.rejects(late, { code: "arg" })]);
  for (let round = 0; round < 20; ++round) {
    const reader = await store.openSealed(path);
    const reading = reader.read(0, 4_000_000);
    const ended = reader.close();
    const after = reader.read(4_000_000, 4_000_000);
    assert.deepEqual(await reading, content);
    await Promise.all([ended, reader.close(), assert.rejects(after, { code: "arg" })]);
  }
  assert.deepEqual((await store.getSealed(path)).subarray(4_000_000), content);
});

test("an unfinished file is gone on with", async (t) => {
  const store = await openStore(t);
  const path = join(store.folder, "download.tsf");
  const first = await store.createSealed(path);
  await first.write(new Uint8Array(200_000).fill(1));
  await first.close();
  const second = await store.createSealed(path, { resume: true });
  assert.ok(second.offset > 0 && second.offset <= 200_000);
  await second.write(new Uint8Array(200_010 - second.offset).fill(1));
  await second.finish();
  assert.deepEqual(await store.getSealed(path), new Uint8Array(200_010).fill(1));
});

test("a stream of the web ends in an encrypted file", async (t) => {
  const store = await openStore(t);
  const path = join(store.folder, "stream.tsf");
  const writer = await store.createSealed(path);
  await new Blob(["hello ", "world"]).stream().pipeTo(writer.toWritable());
  assert.equal(text(await store.getSealed(path)), "hello world");
  await store.putSealed(path, "other");
  assert.equal(text(await store.getSealed(path)), "other");
});

test("an encrypted log keeps its records", async (t) => {
  const store = await openStore(t);
  const path = join(store.folder, "app.tsl");
  const log = await store.openLog(path, { maxFileBytes: 65_536, maxFiles: 3 });
  await assert.rejects(store.openLog(path), { code: "busy" });
  log.append("first");
  log.append(new Uint8Array([1, 2, 3]));
  await log.flush();
  await log.close();
  await log.close();
  assert.throws(() => log.append("late"), { code: "arg" });
  const records = await store.readLog(path);
  assert.deepEqual(records, [
    { record: new TextEncoder().encode("first"), problem: null },
    { record: new Uint8Array([1, 2, 3]), problem: null },
  ]);
});

// --- Ways in ---

test("ways into a store are added, changed and removed", async (t) => {
  const path = join(temporaryFolder(t), "app.tdb");
  const config = { path, kdf: "low" };
  const open = (secrets) => Store.open(config, secrets);
  const store = await open({ passphrase: "first" });
  t.after(() => store.close());
  assert.deepEqual(store.slots().map(({ type, opened }) => ({ type, opened })), [{ type: "passphrase", opened: true }]);
  assert.equal(store.protection, "passphrase");
  assert.ok(Math.abs(store.slots()[0].createdAt - Date.now()) < 60_000);
  assert.equal(store.hasRecoveryKey, false);
  const recoveryKey = await store.createRecoveryKey();
  assert.match(recoveryKey, /^([0-9A-Z]{4}-){8}[0-9A-Z]{2}$/);
  assert.equal(store.hasRecoveryKey, true);
  const appKey = new Uint8Array(32).fill(9);
  await store.addSlot("app_key", { appKey });
  await store.changePassphrase("first", new TextEncoder().encode("second"));
  await assert.rejects(store.changePassphrase("first", "third"), { code: "crypto" });
  await store.close();
  assert.equal(store.protection, undefined);
  await assert.rejects(open({ passphrase: "first" }), { code: "crypto" });
  for (const secrets of [{ passphrase: "second" }, { appKey }, { recoveryKey: recoveryKey.toLowerCase() }]) {
    await (await open(secrets)).close();
  }
  const last = await open({ appKey });
  t.after(() => last.close());
  for (const { slot, type } of last.slots()) if (type !== "app_key") await last.removeSlot(slot);
  await assert.rejects(last.removeSlot(last.slots()[0].slot), { code: "state" });
  await assert.rejects(last.removeSlot(99), { code: "not_found" });
  await assert.rejects(last.addSlot("recovery!"), TypeError);
});

test("another data key, and the one in use", async (t) => {
  const store = await openStore(t);
  await store.put("kept", 1);
  const before = await store.exportDataKey("a test compares");
  assert.ok(Buffer.isBuffer(before));
  assert.match(before.toString(), /^x'[0-9a-fA-F]{96}'$/);
  await store.rotateDataKey({ appKey: new Uint8Array(32).fill(7) });
  assert.notDeepEqual(await store.exportDataKey("a test compares"), before);
  assert.equal(await store.get("kept"), 1);
  assert.deepEqual((await store.audit()).map(({ reason }) => reason), ["a test compares", "a test compares"]);
  await assert.rejects(store.exportDataKey(""), { code: "arg" });
});

// --- Care ---

async function openFull(t) {
  const store = await openStore(t);
  await store.executeScript("create table notes(id integer primary key, body text)");
  await store.executeMany("insert into notes(body) values (?)", Array(4000).fill(["note ".repeat(100)]));
  return store;
}

test("a copy is made while the store is used, with reports, and opens as the store does", async (t) => {
  const store = await openFull(t);
  const path = join(store.folder, "copy.tdb");
  const reports = [];
  await store.backup(path, { progress: (done, total) => reports.push([done, total]) });
  assert.ok(reports.length > 0);
  const [done, total] = reports.at(-1);
  assert.ok(total > 0 && done === total, `${done} of ${total}`);
  const copy = await Store.open({ path }, { appKey: new Uint8Array(32).fill(7) });
  t.after(() => copy.close());
  assert.equal((await copy.first("select count(*) as n from notes")).n, 4000);
});

test("long work ends when its signal is aborted, and leaves nothing", async (t) => {
  const store = await openFull(t);
  const path = join(store.folder, "copy.tdb");
  const controller = new AbortController();
  const reason = new Error("enough");
  await assert.rejects(
    store.backup(path, { signal: controller.signal, progress: () => controller.abort(reason) }).then(() => {
      // The work may have been done before the report came round.
      throw controller.signal.aborted ? reason : new Error("never reported");
    }),
    reason,
  );
  await assert.rejects(store.backup(path, { signal: AbortSignal.abort(reason) }), reason);
  assert.equal((await store.first("select count(*) as n from notes")).n, 4000);
});

test("exports, imports and the audit log", async (t) => {
  const store = await openFull(t);
  const [shared, plain] = [join(store.folder, "shared.tdb"), join(store.folder, "plain.sqlite")];
  await store.export(shared, { passphrase: "for a friend" });
  await store.exportPlain(plain, "the customer asked");
  assert.equal((await readFile(plain)).subarray(0, 15).toString(), "SQLite format 3");
  assert.notEqual((await readFile(shared)).subarray(0, 15).toString(), "SQLite format 3");
  assert.deepEqual((await store.audit()).map(({ reason }) => reason), ["the customer asked"]);
  assert.ok(Math.abs((await store.audit())[0].at - Date.now()) < 60_000);
  const other = await openStore(t);
  await other.importPlain(plain);
  assert.equal((await other.first("select count(*) as n from notes")).n, 4000);
  await other.executeScript("delete from notes");
  await other.importStore(shared, { passphrase: "for a friend" });
  assert.equal((await other.first("select count(*) as n from notes")).n, 4000);
  await assert.rejects(other.importStore(shared, { passphrase: "wrong" }), { code: "crypto" });
});

test("space is given back, checks find nothing, counters count", async (t) => {
  const store = await openFull(t);
  await store.execute("delete from notes");
  const before = statSync(join(store.folder, "app.tdb")).size;
  await store.compact();
  await store.close();
  assert.ok(statSync(join(store.folder, "app.tdb")).size < before / 2);
  const again = await openStore(t);
  await again.executeScript("create table t(a); insert into t values (1)");
  assert.deepEqual(await again.check(), []);
  assert.ok((await again.stats()).commits >= 1);
});

test("a damaged store is found, salvaged and made anew; any store is erased", async (t) => {
  const store = await openFull(t);
  const path = join(store.folder, "app.tdb");
  const secrets = { appKey: new Uint8Array(32).fill(7) };
  await store.close();
  const bytes = readFileSync(path);
  for (let at = Math.floor(bytes.length / 2); at < bytes.length / 2 + 8192; ++at) bytes[at] ^= 0x55;
  writeFileSync(path, bytes);
  const damaged = await Store.open({ path }, secrets);
  const problems = await damaged.check().catch((error) => [error.code]);
  assert.ok(problems.length > 0);
  await damaged.close();
  const lines = join(store.folder, "salvaged.jsonl");
  const report = await Store.salvage({ path }, secrets, lines);
  assert.ok(report.rows > 1000 && report.pagesDamaged > 0 && Array.isArray(report.damagedTables), JSON.stringify(report));
  assert.ok(readFileSync(lines, "utf8").includes("note note"));
  const fresh = await Store.open({ path }, secrets);
  await assert.rejects(Store.erase({ path }), { code: "busy" });
  await fresh.close();
  await Store.erase({ path });
  assert.ok(!existsSync(path));
  await assert.rejects(Store.erase({ path }), { code: "not_found" });
});

test("a store's log records reach the sink", async (t) => {
  const store = await openStore(t);
  const records = [];
  const subscription = store.onLog("trace", (record) => records.push(record));
  await store.backup(join(store.folder, "copy.tdb"));
  await store.close();
  await sleep(20);
  subscription.cancel();
  for (const record of records) assert.ok(record.event.length > 0 && typeof record.fields === "object");
});
