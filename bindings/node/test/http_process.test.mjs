// API clients at the end of a process, in workers, and over a long time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { liveObjects } from "tessera-sdk";

import { startServer } from "./http_server.mjs";
import { runProgram } from "./support.mjs";

const program = (source, url, options) =>
  runProgram(`import { HttpClient, liveObjects } from "tessera-sdk"; const baseUrl = process.argv.at(-1);\n${source}`, { args: [url], ...options });

test("an idle client keeps no process alive", async (t) => {
  const { url } = await startServer(t);
  const result = await program(`
    const client = HttpClient.open({ baseUrl });
    client.onLog("trace", () => {});
    console.log((await client.get("/echo")).status);
  `, url);
  assert.deepEqual([result.code, result.signal, result.stdout.trim(), result.stderr], [0, null, "200", ""]);
});

test("a pending request keeps the process alive", async (t) => {
  const { url } = await startServer(t);
  const result = await program(`
    HttpClient.open({ baseUrl }).get("/slow").then((response) => console.log(response.text()));
  `, url);
  assert.deepEqual([result.code, result.stdout.trim()], [0, "slow"]);
});

for (const [how, end, code] of [["process.exit()", "process.exit(3)", 3], ["an exception", "throw new Error('end')", 1]]) {
  test(`${how} ends the process whatever is pending`, async (t) => {
    const { url } = await startServer(t);
    const result = await program(`
      const client = HttpClient.open({ baseUrl, pool: { perHost: 50 } });
      for (let i = 0; i < 50; ++i) client.get(i % 2 ? "/echo" : "/never").catch(() => {});
      await client.get("/echo");
      ${end};
    `, url);
    assert.deepEqual([result.code, result.signal], [code, null], result.stderr);
  });
}

test("listeners, hooks and functions of tokens keep no process alive", async (t) => {
  const { url } = await startServer(t);
  const result = await program(`
    const client = HttpClient.open({ baseUrl });
    client.onEvent(() => {});
    client.onAttempt({ before: (attempt) => attempt.setHeader("X-Hook", "1"), after: () => {} });
    client.auth.setTokenSource(async () => "token");
    const { headers } = (await client.get("/echo")).json();
    console.log(headers["x-hook"], headers.authorization);
  `, url);
  assert.deepEqual([result.code, result.signal, result.stdout.trim(), result.stderr], [0, null, "1 Bearer token", ""]);
});

for (const [what, set] of [
  ["function of tokens", "client.auth.setTokenSource(() => new Promise(end))"],
  ["function before an attempt", "client.onAttempt({ before: end, timeoutMs: 600_000 })"],
]) {
  test(`a process ends while a ${what} is waited for`, async (t) => {
    const { url } = await startServer(t);
    const result = await program(`
      const client = HttpClient.open({ baseUrl });
      const end = () => process.exit(3);
      ${set};
      await client.get("/echo");
    `, url);
    assert.deepEqual([result.code, result.signal], [3, null], result.stderr);
  });
}

test("a stream and events that wait keep the process alive until they are closed", async (t) => {
  const { url } = await startServer(t, (server, request, response) => {
    if (request.url === "/updates") response.setHeader("Content-Type", "text/event-stream");
    response.write(": begun\n\n");
  });
  const result = await program(`
    const client = HttpClient.open({ baseUrl });
    const stream = await client.stream("GET", "/kept");
    await stream.read();
    const events = client.events("/updates");
    const waiting = [stream.read(), events.next()].map((one) => one.catch((error) => console.log(error.code)));
    stream.close();
    events.close();
    await Promise.all(waiting);
  `, url);
  assert.deepEqual([result.code, result.stdout.trim()], [0, "cancelled\ncancelled"], result.stderr);
});

const workerSource = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { HttpClient } = require("tessera-sdk");
  (async () => {
    const client = HttpClient.open({ baseUrl: workerData.url, pool: { perHost: 64 } });
    client.onLog("trace", () => {});
    client.onEvent(() => {});
    client.onAttempt({ before: (attempt) => attempt.setHeader("X-Hook", "1"), after: () => {}, timeoutMs: 600_000 });
    client.auth.setTokenSource(async () => "token");
    if (workerData.isBusy) {
      client.stream("POST", "/never", { body: (async function* () { for (;;) yield new Uint8Array(1000); })() }).catch(() => {});
      for (let i = 0; i < 64; ++i) client.get(i % 2 ? "/echo" : "/never").catch(() => {});
    }
    const all = await Promise.all(Array.from({ length: 16 }, () => client.get("/echo")));
    globalThis.kept = [client, all];
    parentPort.postMessage(all.filter((response) => response.ok).length);
  })();
`;

const once = (worker, event) =>
  new Promise((resolve, reject) => {
    worker.once(event, resolve);
    worker.once("error", reject);
  });

/** The library's threads may still be at what a worker left behind. */
async function assertReleased(start) {
  const deadline = Date.now() + 60_000;
  while (liveObjects() > start && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(liveObjects() <= start, `${liveObjects()} objects live, ${start} before`);
}

test("workers have clients of their own and exit by themselves", async (t) => {
  const { url } = await startServer(t);
  const start = liveObjects();
  const workers = [1, 2].map(() => new Worker(workerSource, { eval: true, workerData: { url } }));
  const exits = workers.map((worker) => once(worker, "exit"));
  assert.deepEqual(await Promise.all(workers.map((worker) => once(worker, "message"))), [16, 16]);
  assert.deepEqual(await Promise.all(exits), [0, 0]);
  await assertReleased(start);
});

test("a terminated worker leaves nothing behind, whatever it was asking", async (t) => {
  const { url } = await startServer(t);
  const start = liveObjects();
  for (let round = 0; round < 10; ++round) {
    const worker = new Worker(workerSource, { eval: true, workerData: { url, isBusy: true } });
    await once(worker, round % 2 ? "message" : "online");
    for (let turn = 0; turn < round * 5; ++turn) await new Promise((resolve) => setImmediate(resolve));
    await worker.terminate();
  }
  await assertReleased(start);
});

test("memory is back after thousands of requests", async (t) => {
  const { url } = await startServer(t);
  const result = await program(`
    const client = HttpClient.open({ baseUrl });
    const settle = async () => { for (let i = 0; i < 5; ++i) { gc(); await new Promise((resolve) => setImmediate(resolve)); } };
    const run = async (count) => {
      for (let round = 0; round < count / 10; ++round) {
        const controller = new AbortController();
        const pending = Array.from({ length: 10 }, (_, i) =>
          client.post(i === 9 ? "/cut" : "/echo", { json: { text: "x".repeat(2000) }, query: { i }, trace: true, signal: controller.signal }));
        for (const outcome of await Promise.allSettled(pending)) outcome.value?.headers.get("date");
        if (round % 20 === 0) await HttpClient.open({ baseUrl }).get("/echo");
      }
      await settle();
      const { rss, heapTotal, heapUsed } = process.memoryUsage();
      return { objects: liveObjects(), native: rss - heapTotal, heap: heapUsed };
    };
    const before = await run(1_000);
    console.log(JSON.stringify({ before, after: await run(3_000) }));
  `, url, { nodeFlags: ["--expose-gc"], timeoutMs: 240_000 });
  assert.equal(result.code, 0, result.stderr);
  const { before, after } = JSON.parse(result.stdout);
  assert.equal(after.objects, before.objects);
  for (const kind of ["native", "heap"]) {
    const growth = (after[kind] - before[kind]) / 2 ** 20;
    assert.ok(growth < 8, `${kind} memory grew by ${growth.toFixed(1)} MiB`);
  }
});
