// What an application sees of an API client at work, and adds to it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { HttpClient } from "tessera-sdk";

import { start, startServer } from "./http_server.mjs";
import { openStore } from "./support.mjs";

test("a function before each attempt sees it and changes its fields", async (t) => {
  const { client, server } = await start(t, { headers: { "X-Old": "1" } });
  const seen = [];
  let last;
  const subscription = client.onAttempt({
    before(attempt) {
      seen.push([attempt.method, attempt.url, attempt.number, attempt.headers.get("x-old"), attempt.body]);
      attempt.setHeader("X-Number", `${attempt.number}`);
      attempt.removeHeader("x-old");
      last = attempt;
    },
  });
  const { headers } = (await client.put("/echo", { body: "süß" })).json();
  assert.deepEqual([headers["x-number"], headers["x-old"]], ["1", undefined]);
  assert.deepEqual(seen, [["PUT", `${server.url}/echo`, 1, "1", undefined]]);
  assert.throws(() => last.setHeader("X-Late", "1"), TypeError);
  assert.equal((await client.get("/status/500")).attempts, 3);
  assert.deepEqual(seen.slice(1).map(([, , number]) => number), [1, 2, 3]);
  subscription.cancel();
  assert.equal((await client.get("/echo")).json().headers["x-old"], "1");
  assert.equal(seen.length, 4);
});

test("a signer comes last and sees what is sent", async (t) => {
  const { client } = await start(t);
  client.auth.setToken("hush");
  client.onAttempt({
    signer: true,
    body: true,
    before(attempt) {
      attempt.setHeader("X-Signed", `${attempt.headers.get("authorization")} ${attempt.headers.get("x-first")} ${Buffer.from(attempt.body)}`);
    },
  });
  client.onAttempt({ before: (attempt) => attempt.setHeader("X-First", "1") });
  const { headers } = (await client.post("/echo", { body: "abc" })).json();
  assert.equal(headers["x-signed"], "Bearer hush 1 abc");
});

test("a function after each head sees those that the caller does not get", async (t) => {
  const { client, server } = await start(t);
  const seen = [];
  client.onAttempt({ after: ({ method, url, attempt, status, headers }) => seen.push([method, url, attempt, status, headers.get("x-latin")]) });
  await client.get("/flaky/1");
  await client.get("/raw");
  assert.deepEqual(seen, [
    ["GET", `${server.url}/flaky/1`, 1, 500, null],
    ["GET", `${server.url}/flaky/1`, 2, 200, null],
    ["GET", `${server.url}/raw`, 1, 200, "café"],
  ]);
});

test("what a function before an attempt throws fails the request, and is a warning", async (t) => {
  const { client, server } = await start(t);
  const refused = (before) => async () => {
    const subscription = client.onAttempt({ before });
    const warned = once(process, "warning");
    await assert.rejects(client.get("/echo"), { code: "callback" });
    subscription.cancel();
    return (await warned)[0].message;
  };
  assert.match(await refused(() => { throw new Error("not signed today"); })(), /not signed today/);
  assert.match(await refused(async () => {})(), /asynchronous/);
  assert.match(await refused((attempt) => attempt.setHeader("X-A", 7))(), /string/);
  const subscription = client.onAttempt({ before: (attempt) => attempt.setHeader("X-A", "a\r\nX-B: b") });
  await assert.rejects(client.get("/echo"), { code: "callback" });
  subscription.cancel();
  assert.equal((await client.get("/echo")).status, 200);
  assert.equal(server.requests, 1);
  assert.throws(() => client.onAttempt({}), { code: "arg" });
  assert.throws(() => client.onAttempt({ before: 7 }), TypeError);
});

test("a function that takes too long fails the request, and the client goes on", async (t) => {
  const { client } = await start(t);
  const block = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000);
  const subscription = client.onAttempt({ before: block, timeoutMs: 1 });
  await assert.rejects(client.get("/echo", { maxAttempts: 1 }), { code: "callback" });
  subscription.cancel();
  assert.equal((await client.get("/echo")).status, 200);
});

test("a registration may end inside its own function, and requests may start there", async (t) => {
  const { client } = await start(t);
  let inner;
  const subscription = client.onAttempt({
    before() {
      subscription.cancel();
      inner = client.get("/echo");
    },
  });
  await assert.rejects(client.get("/echo"), { code: "callback" }); // nobody answers any more
  assert.equal((await inner).status, 200);
});

test("changes are told in order, and the client says how it stands", async (t) => {
  const { client, server } = await start(t, { breaker: { maxFailures: 1 }, retry: { maxAttempts: 1 } });
  const seen = [];
  let tell;
  const next = () => new Promise((resolve) => (tell = resolve));
  const subscription = client.onEvent((event) => {
    seen.push(event);
    tell?.();
  });
  const opened = next();
  await client.get("/status/500");
  await opened;
  const { kind, subject, state, until, mark } = seen.find((event) => event.kind === "breaker");
  assert.deepEqual([kind, subject, state, mark], ["breaker", server.url, "open", undefined]);
  assert.ok(until > new Date());
  await assert.rejects(client.get("/echo"), { code: "unavailable" });
  const { connectivity, hosts, inFlight, queued } = await client.state();
  assert.deepEqual([connectivity, inFlight, queued, hosts.length], ["online", 0, 0, 1]);
  assert.deepEqual([hosts[0].breaker.state, hosts[0].breaker.retryAtMs > Date.now()], ["open", true]);
  await client.resetBreaker();
  await client.networkChanged();
  assert.equal((await client.get("/echo")).status, 200);
  await client.resetBreaker(server.url);
  subscription.cancel();
  assert.throws(() => client.onEvent("loud"), TypeError);
});

test("the state can be asked for while an attempt waits for its function", async (t) => {
  const { client } = await start(t);
  let state;
  client.onAttempt({ before: () => void (state = client.state()) });
  assert.equal((await client.get("/echo")).status, 200);
  assert.equal((await state).hosts.length, 1);
});

test("a store keeps responses over a restart of the client", async (t) => {
  const server = await startServer(t);
  const store = await openStore(t);
  const ask = async () => {
    const client = HttpClient.open({ baseUrl: server.url }, undefined, { store });
    const response = await client.get("/cached");
    await client.close();
    return [response.text(), response.fromCache];
  };
  assert.deepEqual(await ask(), ["1", false]);
  assert.deepEqual(await ask(), ["1", true]);
  assert.throws(() => HttpClient.open({}, undefined, { store: {} }), TypeError);
});
