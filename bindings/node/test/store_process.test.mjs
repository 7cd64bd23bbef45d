// Stores as seen from outside a process or a worker: exits, terminations, leaks.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { liveObjects, Store } from "tessera-sdk";

import { openStore, runProgram, temporaryFolder } from "./support.mjs";

const prelude = `
  import { liveObjects, Store } from "tessera-sdk";
  const folder = process.argv.at(-1);
  const config = { path: folder + "/app.tdb", commit: "relaxed", kdf: "low" };
  const secrets = { appKey: new Uint8Array(32).fill(7) };
`;

const program = (t, body, options) => runProgram(prelude + body, { args: [temporaryFolder(t)], ...options });

/** Exited by itself with `code`: neither killed for its time nor by a crash. */
function assertExit(result, code) {
  assert.deepEqual([result.code, result.signal], [code, null], result.stderr);
}

const openEverything = `
  const store = await Store.open(config, secrets);
  await store.executeScript("create table notes(id integer primary key, body text)");
  store.executeManySync("insert into notes(body) values (?)", Array(2000).fill(["note ".repeat(50)]));
  const rows = store.prepare("select * from notes").iterate();
  rows.next();
  const stream = store.query("select * from notes");
  await stream.next();
  const writer = await store.createSealed(folder + "/file.tsf");
  await writer.write("half");
  globalThis.kept = [store, rows, stream, writer, await store.openLog(folder + "/log.tsl"), store.watch("", () => {}),
    store.onLog("trace", () => {}), store.forTenant("acme")];
`;

test("a process exits by itself with everything open, and what was acknowledged stays", async (t) => {
  const folder = temporaryFolder(t);
  const result = await runProgram(`${prelude}${openEverything} await store.put("last", 1); console.log("open");`, { args: [folder] });
  assertExit(result, 0);
  assert.equal(result.stdout, "open\n");
  const store = await Store.open({ path: join(folder, "app.tdb") }, { appKey: new Uint8Array(32).fill(7) });
  t.after(() => store.close());
  assert.equal(await store.get("last"), 1);
  assert.deepEqual(await store.check(), []);
});

for (const [how, end, code] of [
  ["process.exit()", "process.exit(3);", 3],
  ["an uncaught exception", "setImmediate(() => { throw new Error('over'); });", 1],
]) {
  test(`${how} with pending calls and an open transaction is no crash`, async (t) => {
    const result = await program(t, `${openEverything}
      store.transaction(() => new Promise(() => {})).catch(() => {});
      for (let i = 0; i < 20; ++i) {
        store.put("k", i).catch(() => {});
        store.all("select * from notes").catch(() => {});
        writer.write("more").catch(() => {});
      }
      store.backup(folder + "/copy.tdb", { progress() {} }).catch(() => {});
      ${end}
    `);
    assertExit(result, code);
  });
}

test("a process waits for its pending calls", async (t) => {
  const result = await program(t, `
    const store = await Store.open(config, secrets);
    store.put("k", 7).then(() => store.get("k")).then((value) => console.log(value));
    store.createSealed(folder + "/file.tsf").then((writer) => writer.finish()).then(() => console.log("finished"));
  `);
  assertExit(result, 0);
  assert.deepEqual(result.stdout.trim().split("\n").sort(), ["7", "finished"]);
});

test("what a watch or a report throws is an uncaught exception, and the call goes on", async (t) => {
  const result = await program(t, `
    process.on("uncaughtException", (error) => console.log("uncaught", error.message));
    const store = await Store.open(config, secrets);
    store.watch("", () => { throw new Error("watch"); });
    await store.put("k", 1);
    await store.backup(folder + "/copy.tdb", { progress: () => { throw new Error("report"); } });
    console.log("done");
  `);
  assertExit(result, 0);
  assert.deepEqual([...new Set(result.stdout.trim().split("\n"))].sort(), ["done", "uncaught report", "uncaught watch"]);
});

test("without code from strings rows are the same", async (t) => {
  const body = `
    const store = await Store.open({ path: ":memory:" });
    console.log(JSON.stringify(store.querySync("select 1 as a, 'x' as b, null as c union all select 0.5, x'00', '__proto__'")));
  `;
  const results = await Promise.all([program(t, body), program(t, body, { nodeFlags: ["--disallow-code-generation-from-strings"] })]);
  for (const result of results) assertExit(result, 0);
  assert.equal(results[1].stdout, results[0].stdout);
  assert.match(results[0].stdout, /"a":0.5/);
});

const workerSource = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { Store } = require("tessera-sdk");
  (async () => {
    const { folder, config, isBusy } = workerData;
    const secrets = { appKey: new Uint8Array(32).fill(7) };
    ${openEverything}
    if (isBusy) {
      store.transaction(() => new Promise(() => {})).catch(() => {});
      for (let i = 0; i < 20; ++i) {
        store.put("k", i).catch(() => {});
        store.all("select * from notes").catch(() => {});
        writer.write("more").catch(() => {});
      }
      store.backup(folder + "/copy.tdb", { progress() {} }).catch(() => {});
    }
    parentPort.postMessage("open");
    setInterval(() => {}, 1000);
  })();
`;

for (const isBusy of [false, true]) {
  test(`a worker that is terminated ${isBusy ? "while it works " : ""}gives back all it had`, async (t) => {
    const folder = temporaryFolder(t);
    const before = liveObjects();
    const config = { path: join(folder, "app.tdb"), commit: "relaxed", kdf: "low" };
    const worker = new Worker(workerSource, { eval: true, workerData: { folder, config, isBusy } });
    const message = await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
    assert.equal(message, "open");
    await worker.terminate();
    // What still runs in the library ends by itself.
    for (let i = 0; liveObjects() !== before && i < 500; ++i) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(liveObjects(), before);
    const store = await Store.open(config, { appKey: new Uint8Array(32).fill(7) });
    t.after(() => store.close());
    assert.equal((await store.first("select count(*) as n from notes")).n, 2000);
  });
}

test("a store of another thread is told apart from one that is free", async (t) => {
  const store = await openStore(t);
  const source = `
    const { workerData, parentPort } = require("node:worker_threads");
    const { Store } = require("tessera-sdk");
    Store.open(workerData, { appKey: new Uint8Array(32).fill(7) }).then(
      (store) => store.close().then(() => parentPort.postMessage("opened")),
      (error) => parentPort.postMessage([error.code, error.name]),
    );
  `;
  const config = { path: join(store.folder, "app.tdb"), busyTimeoutMs: 50 };
  const worker = new Worker(source, { eval: true, workerData: config });
  // A store belongs to who opened it: another thread of the process is told so.
  assert.deepEqual(await new Promise((resolve) => worker.once("message", resolve)), ["busy", "TesseraError"]);
});

const leakProgram = `
  const store = await Store.open(config, secrets);
  store.executeScriptSync("create table notes(id integer primary key, body text, data blob)");
  store.executeManySync("insert into notes(body, data) values (?, ?)", Array.from({ length: 300 }, (_, i) => ["süß " + i, new Uint8Array(i)]));
  const cache = store.cache("c");

  async function round(number) {
    const select = store.prepare("select * from notes where id > ?");
    select.all([290]);
    for (const { id } of select.iterate([0])) if (id === 5) break;
    select.get([1]);
    store.querySync("select " + (number % 100) + " as n, :a as a", { a: "text" });
    try { store.querySync("selec"); } catch {}
    try { store.querySync("select ?", [{}]); } catch {}
    store.transactionSync((tx) => { tx.prepare("update notes set body = ? where id = ?").run(["x", 1]); tx.transaction((inner) => inner.put("k", { number })); });
    store.getSync("k");
    cache.getOrLoadSync("k" + (number % 7), () => "value", { ttlMs: 1000 });
    if (number % 10 === 0) {
      for await (const { id } of store.query("select id from notes")) if (id === 5) break;
      await store.all("select * from notes limit 5");
      await store.transaction(async (tx) => { await tx.execute("update notes set body = 'y' where id = 2"); throw 1; }).catch(() => {});
      await store.put("p", number);
      await store.get("none");
      const watch = store.watch("p", () => {});
      watch.cancel();
      store.forTenant("acme");
    }
    if (number % 100 === 0) {
      const writer = await store.createSealed(folder + "/f.tsf");
      await writer.write("bytes");
      await writer.finish();
      await writer.close();
      const reader = await store.openSealed(folder + "/f.tsf");
      await reader.read(0, 10);
      await store.outbox.complete((await store.outbox.enqueue({ topic: "t", url: "https://x.example" }).then(() => store.outbox.lease("t")))[0]);
    }
  }

  async function settle() {
    for (let i = 0; i < 5; ++i) { gc(); await new Promise((resolve) => setImmediate(resolve)); }
  }
  let number = 0;
  const run = async (count) => {
    for (const end = number + count; number < end; ++number) await round(number);
    await settle();
    const { rss, heapTotal, heapUsed } = process.memoryUsage();
    return { objects: liveObjects(), native: rss - heapTotal, heap: heapUsed };
  };
  const before = await run(10_000); // until page caches are full
  const after = await run(10_000);
  await store.close();
  console.log(JSON.stringify({ before, after }));
`;

test("handles and memory are back after 10,000 rounds with a store", async (t) => {
  // One arena: how malloc spreads threads over several differs by megabytes from run to run.
  const env = { MALLOC_ARENA_MAX: "1" };
  const result = await program(t, leakProgram, { nodeFlags: ["--expose-gc"], env, timeoutMs: 240_000 });
  assert.equal(result.code, 0, result.stderr);
  const { before, after } = JSON.parse(result.stdout);
  assert.equal(after.objects, before.objects);
  for (const kind of ["native", "heap"]) {
    const growth = (after[kind] - before[kind]) / 2 ** 20;
    assert.ok(growth < 5, `${kind} memory grew by ${growth.toFixed(1)} MiB`);
  }
});
