// What can only be seen from outside a process or a worker: exits, terminations, exceptions in callbacks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { liveObjects } from "tessera-sdk";

import { runProgram, temporaryFolder, Vendor } from "./support.mjs";

const vendor = await Vendor.make();

const prelude = `
  import { App, Hwid, Issuer, Key, License } from "tessera-sdk";
  import { Vendor } from "./support.mjs";
  const vendor = await Vendor.make();
  const config = vendor.config(process.argv.at(-1));
`;

const program = (t, body, options) => runProgram(prelude + body, { args: [temporaryFolder(t)], ...options });

/** Exited by itself with `code`: neither killed for its time nor by a crash. */
function assertExit(result, code) {
  assert.deepEqual([result.code, result.signal], [code, null], result.stderr);
}

test("a process exits by itself with open handles", async (t) => {
  const result = await program(t, `
    globalThis.kept = [await App.open(config), await License.open(config), await Hwid.probe(), await Key.generate()];
    kept.push(kept[0].onLog("trace", () => {}), kept[1].onLog("trace", () => {}));
    await kept[1].importBundle(vendor.file({ sku: "pro" }));
    console.log(kept[0].license.check().code);
  `);
  assertExit(result, 0);
  assert.equal(result.stdout, "OK\n");
});

test("a process waits for its pending calls", async (t) => {
  const result = await program(t, `
    Key.generate("rs256").then((key) => console.log(key.type));
    License.open(config).then((license) => license.refresh()).then((verdict) => console.log(verdict.code));
  `);
  assertExit(result, 0);
  assert.deepEqual(result.stdout.trim().split("\n").sort(), ["NO_LICENSE", "rs256"]);
});

for (const [how, end, code] of [
  ["process.exit()", "process.exit(3);", 3],
  ["an uncaught exception", "setImmediate(() => { throw new Error('over'); });", 1],
]) {
  test(`${how} with pending calls is no crash`, async (t) => {
    const result = await program(t, `
      const license = await License.open(config);
      license.onLog("trace", () => {});
      for (let i = 0; i < 50; ++i) { license.refresh().catch(() => {}); license.verifyBundle("x"); Key.generate("rs256"); }
      ${end}
    `);
    assertExit(result, code);
  });
}

test("an unhandled rejection ends the process with the error's text", async (t) => {
  const result = await program(t, `
    const license = await License.open(config);
    license.importBundle("no licence");
  `);
  assertExit(result, 1);
  assert.match(result.stderr, /TesseraError/);
  assert.match(result.stderr, /TOKEN_MALFORMED/);
});

test("what a sink throws is an uncaught exception, and the call goes on", async (t) => {
  const result = await program(t, `
    process.on("uncaughtException", (error) => console.log("uncaught", error.message));
    const license = await License.open(config);
    license.onLog("info", () => { throw new Error("sink"); });
    console.log((await license.importBundle(vendor.file({ sku: "pro" }))).code);
    console.log((await license.refresh()).code);
  `);
  assertExit(result, 0);
  assert.deepEqual(result.stdout.trim().split("\n").sort(), ["OK", "OK", "uncaught sink"]);
  assert.equal(result.stderr, "");
});

test("what a sink throws ends a process that does not catch it", async (t) => {
  const result = await program(t, `
    const license = await License.open(config);
    license.onLog("info", () => { throw new Error("sink"); });
    await license.importBundle(vendor.file({ sku: "pro" }));
    setTimeout(() => {}, 60_000);
  `);
  assertExit(result, 1);
  assert.match(result.stderr, /Error: sink/);
});

const workerSource = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { App, Hwid, Key, License } = require("tessera-sdk");
  (async () => {
    const app = await App.open(workerData.config);
    const verdict = await app.license.importBundle(workerData.file);
    globalThis.kept = [app, verdict, await Hwid.probe(), await Key.generate(), app.onLog("trace", () => {})];
    if (workerData.isBusy) {
      for (let i = 0; i < 50; ++i) { app.license.refresh().catch(() => {}); Hwid.probe(); }
      Key.generate("rs256");
    }
    parentPort.postMessage(verdict.code);
  })();
`;

/** A worker that has open handles, and pending calls when it is busy. */
function startWorker(t, isBusy) {
  const workerData = { config: vendor.config(temporaryFolder(t)), file: vendor.file({ sku: "pro" }), isBusy };
  return new Worker(workerSource, { eval: true, workerData });
}

const once = (worker, event) =>
  new Promise((resolve, reject) => {
    worker.once(event, resolve);
    worker.once("error", reject);
  });

/** The library's threads may still be at the operations that a worker left behind; what was there before may go too. */
async function assertReleased(start) {
  const deadline = Date.now() + 20_000;
  while (liveObjects() > start && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(liveObjects() <= start, `${liveObjects()} objects live, ${start} before`);
}

test("workers exit by themselves and leave nothing behind", async (t) => {
  const start = liveObjects();
  const workers = [startWorker(t, false), startWorker(t, false)];
  const codes = workers.map((worker) => once(worker, "message"));
  const exits = workers.map((worker) => once(worker, "exit"));
  assert.deepEqual(await Promise.all(codes), ["OK", "OK"]);
  assert.deepEqual(await Promise.all(exits), [0, 0]);
  await assertReleased(start);
});

test("a terminated worker leaves nothing behind, whatever it was doing", async (t) => {
  const start = liveObjects();
  for (let round = 0; round < 10; ++round) {
    const worker = startWorker(t, true);
    assert.equal(await once(worker, "message"), "OK");
    assert.equal(await worker.terminate(), 1);
  }
  await assertReleased(start);
});

test("a worker terminated at any moment is no crash", async (t) => {
  const start = liveObjects();
  for (let round = 0; round < 10; ++round) {
    const worker = startWorker(t, true);
    await once(worker, "online");
    for (let turn = 0; turn < round * 20; ++turn) await new Promise((resolve) => setImmediate(resolve));
    await worker.terminate();
  }
  await assertReleased(start);
});
