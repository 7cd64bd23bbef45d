// The API client against a server on loopback.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { inspect } from "node:util";
import { App, HttpClient, HttpHeaders, HttpResponse, TesseraError } from "tessera-sdk";

import { start, startServer } from "./http_server.mjs";
import { collectGarbage, openApp, temporaryFolder, Vendor } from "./support.mjs";

for (const method of ["get", "post", "put", "patch", "delete"]) {
  test(`${method}()`, async (t) => {
    const { client } = await start(t);
    const response = await client[method]("/echo/a%20b");
    const { method: seen, path } = response.json();
    assert.deepEqual([seen, path], [method.toUpperCase(), "/echo/a%20b"]);
  });
}

test("head() and methods of one's own", async (t) => {
  const { client } = await start(t);
  const head = await client.head("/bytes/10");
  assert.deepEqual([head.status, head.body.length, head.headers.get("content-length")], [200, 0, "10"]);
  assert.equal((await client.request("OPTIONS", "/echo")).json().method, "OPTIONS");
});

test("a response has all that is known", async (t) => {
  const { client, server } = await start(t);
  const response = await client.get(new URL("/echo", server.url));
  assert.ok(response instanceof HttpResponse);
  assert.deepEqual([response.status, response.ok, response.httpVersion, response.attempts], [200, true, "1.1", 1]);
  assert.deepEqual([response.url, response.fromCache, response.trace, response.problem], [`${server.url}/echo`, false, [], undefined]);
  const { connectedMs, securedMs, sentMs, firstByteMs, endedMs } = response.timings;
  assert.equal(securedMs, undefined);
  assert.ok(connectedMs > 0 && connectedMs <= sentMs && sentMs <= firstByteMs && firstByteMs <= endedMs);
  assert.equal((await client.get("/echo")).timings.connectedMs, undefined);
});

test("a response outlives its client", async (t) => {
  const { client } = await start(t);
  const response = await client.get("/raw");
  await client.close();
  assert.equal(response.text(), "ü\0");
  assert.equal(response.headers.get("x-many"), "1, 2");
});

test("headers read like those of fetch", async (t) => {
  const { client, server } = await start(t);
  const { headers } = await client.get("/raw");
  assert.ok(headers instanceof HttpHeaders);
  assert.deepEqual(
    [headers.get("X-LATIN"), headers.get("x-many"), headers.get("X-Empty"), headers.get("absent")],
    ["café", "1, 2", "", null],
  );
  assert.deepEqual([headers.has("Set-Cookie"), headers.has("absent")], [true, false]);
  assert.deepEqual(headers.getSetCookie(), ["a=1", "b=2"]);
  const fetched = (await fetch(`${server.url}/raw`)).headers;
  const sorted = (all) => [...all].filter(([name]) => name !== "date").sort();
  assert.deepEqual(sorted(headers), sorted(fetched));
  assert.deepEqual([...headers.keys()], [...headers].map(([name]) => name));
  assert.deepEqual([...headers.values()], [...headers].map(([, value]) => value));
  const seen = [];
  headers.forEach((value, name, all) => seen.push([name, value, all === headers]));
  assert.deepEqual(seen, [...headers].map(([name, value]) => [name, value, true]));
});

test("a body as bytes, as text and as JSON", async (t) => {
  const { client } = await start(t);
  const response = await client.get("/raw");
  assert.deepEqual(response.body, new Uint8Array([0xef, 0xbb, 0xbf, 0xc3, 0xbc, 0]));
  assert.equal(response.bytes(), response.body);
  assert.equal(response.body.buffer.byteLength, 6);
  assert.equal(response.text(), "ü\0");
  assert.equal(await response.text(), "ü\0");
  assert.throws(() => response.json(), SyntaxError);
  const empty = await client.get("/bytes/0");
  assert.deepEqual([empty.body, empty.text()], [new Uint8Array(), ""]);
  const large = await client.get("/bytes/5000000");
  assert.equal(large.body.length, 5_000_000);
  assert.ok(large.body.every((byte) => byte === 0x78));
});

test("a query from objects, pairs and URLSearchParams", async (t) => {
  const { client } = await start(t);
  const query = async (given, path = "/echo") => (await client.get(path, { query: given })).json().query;
  assert.deepEqual(await query({ q: "café & crème", page: 2, big: 2n ** 60n, isNew: true, none: undefined, null: null }), [
    ["q", "café & crème"], ["page", "2"], ["big", `${2n ** 60n}`], ["isNew", "true"],
  ]);
  assert.deepEqual(await query({ tag: ["new", "sale"], empty: "" }), [["tag", "new"], ["tag", "sale"], ["empty", ""]]);
  assert.deepEqual(await query([["a", "1"], ["a", "2"]]), [["a", "1"], ["a", "2"]]);
  assert.deepEqual(await query(new URLSearchParams("a=1&b=x+y")), [["a", "1"], ["b", "x y"]]);
  assert.deepEqual(await query({ b: 2 }, "/echo?a=1"), [["a", "1"], ["b", "2"]]);
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`name${i}`, `${i}`.repeat(5)]));
  assert.deepEqual(Object.fromEntries(await query(many)), many);
});

test("headers of a request, and of the client", async (t) => {
  const { client } = await start(t, { headers: { "X-App-Name": "player", "Accept-Language": "pt" } });
  const seen = async (headers) => (await client.get("/echo", { headers })).json().headers;
  const own = await seen({ "Accept-Language": "de", "X-None": undefined });
  assert.deepEqual([own["x-app-name"], own["accept-language"], own["x-none"]], ["player", "de", undefined]);
  assert.equal((await seen(new Headers({ "X-A": "1" })))["x-a"], "1");
  assert.equal((await seen([["X-B", "1"], ["X-B", "2"]]))["x-b"], "1, 2");
  await assert.rejects(client.get("/echo", { headers: { "X-C": "a\r\nX-D: b" } }), { code: "arg" });
});

test("bodies of every type", async (t) => {
  const { client } = await start(t);
  const seen = async (options) => {
    const { body, headers } = (await client.post("/echo", options)).json();
    return [Buffer.from(body, "latin1").toString(), headers["content-type"]];
  };
  assert.deepEqual(await seen({ json: { a: "ü", b: [1, null] } }), ['{"a":"ü","b":[1,null]}', "application/json"]);
  assert.deepEqual(await seen({ json: null }), ["null", "application/json"]);
  assert.deepEqual(await seen({ json: 1, headers: { "content-type": "application/ld+json" } }), ["1", "application/ld+json"]);
  assert.deepEqual(await seen({ body: "süß" }), ["süß", "text/plain;charset=UTF-8"]);
  assert.deepEqual(await seen({ body: new URLSearchParams({ user: "ana b" }) }), [
    "user=ana+b", "application/x-www-form-urlencoded;charset=UTF-8",
  ]);
  assert.deepEqual(await seen({ body: Buffer.from("xbytes").subarray(1), headers: { "Content-Type": "image/png" } }), ["bytes", "image/png"]);
  assert.equal((await seen({ body: new Uint8Array([104, 105]) }))[0], "hi");
  const large = "0123456789".repeat(300_000);
  assert.equal((await seen({ body: large }))[0], large);
  assert.equal((await seen({}))[0], "");
});

test("a body may be used again at once", async (t) => {
  const { client } = await start(t);
  const body = Buffer.from("before");
  const sent = client.put("/echo", { body });
  body.fill("x");
  assert.equal((await sent).json().body, "before");
});

test("what is no argument is refused before anything is sent", async (t) => {
  const { client, server } = await start(t);
  for (const url of [undefined, null, 7, {}]) await assert.rejects(client.get(url), TypeError);
  await assert.rejects(client.request(7, "/echo"), TypeError);
  for (const body of [7, {}, new Float32Array(1), new Date()]) await assert.rejects(client.post("/echo", { body }), TypeError);
  await assert.rejects(client.post("/echo", { body: "a", json: 1 }), TypeError);
  await assert.rejects(client.post("/echo", { json: () => {} }), TypeError);
  await assert.rejects(client.get("/echo", { query: "a=1" }), TypeError);
  await assert.rejects(client.get("/echo", { cache: "never" }), TypeError);
  await assert.rejects(client.get("/echo", { partition: 7 }), TypeError);
  for (const limit of [0, -1, NaN, 1.5, Infinity, 2 ** 60]) await assert.rejects(client.get("/echo", { timeoutMs: limit }), RangeError);
  for (const limit of [-1.5, NaN, 2 ** 40]) await assert.rejects(client.get("/echo", { maxRedirects: limit }), RangeError);
  await assert.rejects(client.get("http://[", {}), { code: "arg" });
  await assert.rejects(client.request("BAD METHOD", "/echo"), { code: "arg" });
  assert.equal(server.requests, 0);
});

test("redirects are followed, or not", async (t) => {
  const { client, server } = await start(t);
  const followed = await client.get("/redirect");
  assert.deepEqual([followed.url, followed.json().query], [`${server.url}/echo?from=redirect`, [["from", "redirect"]]]);
  const left = await client.get("/redirect", { maxRedirects: 0 });
  assert.deepEqual([left.status, left.ok, left.headers.get("location")], [302, false, "/echo?from=redirect"]);
});

test("the cache as each request wants it", async (t) => {
  const { client, server } = await start(t);
  const ask = async (options) => {
    const response = await client.get("/cached", options);
    return [response.text(), response.fromCache, response.attempts];
  };
  assert.deepEqual(await ask(), ["1", false, 1]);
  assert.deepEqual(await ask({ maxAgeS: 300 }), ["1", true, 0]);
  assert.deepEqual(await ask({ cache: "default" }), ["1", true, 0]);
  assert.deepEqual(await ask({ cache: "refresh" }), ["2", false, 1]);
  assert.deepEqual(await ask({ cache: "no-store" }), ["3", false, 1]);
  assert.deepEqual(await ask({ cache: "only-if-cached" }), ["2", true, 0]);
  assert.deepEqual(await ask({ partition: "ana" }), ["4", false, 1]);
  assert.equal((await client.get("/bytes/1", { cache: "only-if-cached" })).status, 504);
  assert.equal(server.requests, 4);
});

test("a failure of the server is a response, after its retries", async (t) => {
  const { client, server } = await start(t);
  const failed = await client.get("/status/500", { trace: true });
  assert.deepEqual([failed.status, failed.ok, failed.attempts, server.requests], [500, false, 3, 3]);
  assert.deepEqual(failed.problem, {
    type: "https://example.com/out", title: "Sold out: café", status: 500, detail: undefined, instance: undefined, extensions: { left: 0 },
  });
  assert.ok(failed.trace.some(({ stage, text, atMs }) => stage === "retry" && /\w/.test(text) && atMs >= 0));
  assert.equal((await client.get("/status/404")).attempts, 1);
});

test("retries end with what works", async (t) => {
  const { client } = await start(t);
  const response = await client.get("/flaky/2");
  assert.deepEqual([response.status, response.attempts], [200, 3]);
});

test("attempts as each request wants them", async (t) => {
  const { client } = await start(t);
  assert.equal((await client.get("/status/500", { maxAttempts: 1 })).attempts, 1);
  assert.equal((await client.post("/status/500")).attempts, 1);
  assert.equal((await client.post("/status/500", { idempotencyKey: "order-7" })).attempts, 3);
  const { headers } = (await client.post("/echo", { idempotencyKey: "order-7", skipAuth: true, skipBreaker: true, background: true })).json();
  assert.equal(headers["idempotency-key"], "order-7");
});

/** A port of loopback where nobody listens. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("what fails says how", async (t) => {
  const { client } = await start(t);
  await assert.rejects(client.get(`http://127.0.0.1:${await freePort()}/x`, { maxAttempts: 1 }), (error) => {
    assert.ok(error instanceof TesseraError && error instanceof Error);
    assert.deepEqual([error.code, error.domain, error.retryable, error.detail.attempts], ["network", "http", true, 1]);
    return true;
  });
  await assert.rejects(client.get("/cut", { maxAttempts: 1 }), { code: "network" });
  await assert.rejects(client.get("/never", { timeoutMs: 50 }), { code: "timeout" });
  await assert.rejects(client.get("/never", { attemptTimeoutMs: 50, maxAttempts: 1 }), { code: "timeout" });
  await assert.rejects(client.get("/bytes/1001", { maxBodyBytes: 1000 }), { code: "limit" });
  assert.equal((await client.get("/bytes/1000", { maxBodyBytes: 1000 })).body.length, 1000);
});

test("a breaker that is open lets nothing through but what skips it", async (t) => {
  const { client } = await start(t, { breaker: { maxFailures: 1 } });
  await client.get("/status/500", { maxAttempts: 1 });
  await assert.rejects(client.get("/echo"), (error) => {
    assert.deepEqual([error.code, error.retryable], ["unavailable", true]);
    assert.ok(error.detail.retry_after_ms > 0);
    return true;
  });
  assert.equal((await client.get("/echo", { skipBreaker: true })).status, 200);
});

test("a configuration that is not understood is refused by name", () => {
  assert.throws(() => HttpClient.open({ baseUri: "https://a" }), { code: "arg", message: /base_uri/ });
  assert.throws(() => HttpClient.open({ baseUrl: "a" }), { code: "arg" });
  assert.throws(() => HttpClient.open({ headers: { Authorization: "hush-1" } }), { code: "arg", message: /Authorization/ });
  assert.throws(() => HttpClient.open("https://a"), TypeError);
  assert.throws(() => HttpClient.open({}, { private_key: "hush-1" }), (error) => {
    assert.equal(error.code, "arg");
    assert.match(error.message, /private_key/);
    assert.doesNotMatch(error.message, /hush/);
    return true;
  });
  assert.throws(() => HttpClient.open({}, { private_key: 7 }), TypeError);
});

test("a proxy gets its password from the secrets", async (t) => {
  const { server } = await start(t);
  const proxy = `127.0.0.1:${new URL(server.url).port}`;
  const config = { proxies: { urls: [`http://${proxy}`], noProxy: [] }, internalHosts: ["shop.example"] };
  const client = HttpClient.open(config, { [`proxy:${proxy}`]: new TextEncoder().encode("ana:hush-2"), private_key: undefined });
  t.after(() => client.close());
  const { headers } = (await client.get("http://shop.example/echo")).json();
  assert.equal(headers["proxy-authorization"], `Basic ${btoa("ana:hush-2")}`);
});

test("secrets stay out of sight", async (t) => {
  const { client } = await start(t, { retry: { maxAttempts: 1 } });
  const records = [];
  const subscription = client.onLog("trace", (record) => records.push(record));
  const options = { headers: { Authorization: "Bearer hush-3", "X-Key": "hush-3" }, query: { token: "hush-3" } };
  const errors = [];
  for (const path of ["/cut", "/bytes/9"]) await client.get(path, { ...options, maxBodyBytes: 1 }).catch((error) => errors.push(error));
  const response = await client.get("/raw", options);
  subscription.cancel();
  assert.equal(errors.length, 2);
  assert.ok(records.length > 0);
  assert.ok(records.every(({ area }) => area === "http"));
  for (const shown of [...errors, ...records, client, response, response.headers]) assert.doesNotMatch(inspect(shown, { depth: 9 }), /hush/);
});

test("64 requests run at once", async (t) => {
  const { client } = await start(t, { pool: { perHost: 64 } });
  const responses = await Promise.all(Array.from({ length: 64 }, () => client.get("/together/64")));
  assert.ok(responses.every((response) => response.text() === "together"));
});

test("a line that is full is busy, and says why", async (t) => {
  const { client } = await start(t, { limiter: { rate: 1, per: "hour", burst: 1, maxPending: 1 } });
  const controller = new AbortController();
  const [sent, waits, refused] = [0, 1, 2].map(() => client.get("/echo", { signal: controller.signal }));
  const aborted = assert.rejects(waits, { name: "AbortError" });
  await assert.rejects(refused, ({ code, retryable, detail }) => code === "busy" && retryable && detail.reason === "QUEUE_FULL");
  assert.equal((await sent).status, 200);
  controller.abort();
  await aborted;
});

test("thousands of requests, each with its own answer", async (t) => {
  const { client } = await start(t);
  const ask = async (i) => (await client.get("/echo", { query: { i }, headers: { "X-I": `${i}` } })).json();
  const all = await Promise.all(Array.from({ length: 1000 }, (_, i) => ask(i)));
  all.forEach(({ query, headers }, i) => assert.deepEqual([query, headers["x-i"]], [[["i", `${i}`]], `${i}`]));
});

test("the event loop turns while a request runs", async (t) => {
  const { client } = await start(t);
  const first = client.get("/together/2");
  for (let turn = 0; turn < 10; ++turn) await new Promise((resolve) => setTimeout(resolve, 1));
  await client.get("/together/2");
  assert.equal((await first).text(), "together");
});

test("a signal ends a request that runs", async (t) => {
  const { client, server } = await start(t);
  const controller = new AbortController();
  const asked = once(server, "asked");
  const left = once(server, "left");
  const request = client.get("/never", { signal: controller.signal });
  await asked;
  controller.abort();
  await assert.rejects(request, { name: "AbortError" });
  await left;
  assert.equal((await client.get("/echo")).status, 200);
});

test("a signal ends requests that wait, each with its reason", async (t) => {
  const { client, server } = await start(t, { pool: { perHost: 1 } });
  const reason = new Error("not now");
  const controller = new AbortController();
  const asked = once(server, "asked");
  const requests = Array.from({ length: 20 }, () => client.get("/never", { signal: controller.signal }));
  await asked;
  controller.abort(reason);
  const outcomes = await Promise.allSettled(requests);
  assert.ok(outcomes.every((outcome) => outcome.reason === reason));
});

test("a signal that is aborted already sends nothing", async (t) => {
  const { client, server } = await start(t);
  await assert.rejects(client.get("/echo", { signal: AbortSignal.abort() }), { name: "AbortError" });
  assert.equal(server.requests, 0);
});

test("a signal at any moment is an answer or an end", async (t) => {
  const { client } = await start(t);
  for (let round = 0; round < 50; ++round) {
    const controller = new AbortController();
    const requests = Array.from({ length: 8 }, () => client.get("/echo", { signal: controller.signal }));
    for (let turn = 0; turn < round % 7; ++turn) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    for (const outcome of await Promise.allSettled(requests)) {
      if (outcome.status === "fulfilled") assert.equal(outcome.value.status, 200);
      else assert.equal(outcome.reason.name, "AbortError");
    }
  }
});

test("a signal that is aborted too late changes nothing, and a time-out of it is its own", async (t) => {
  const { client } = await start(t);
  const controller = new AbortController();
  const response = await client.get("/echo", { signal: controller.signal });
  controller.abort();
  assert.equal(response.status, 200);
  await assert.rejects(client.get("/never", { signal: AbortSignal.timeout(20) }), { name: "TimeoutError" });
  await assert.rejects(client.get("/cut", { signal: new AbortController().signal, maxAttempts: 1 }), TesseraError);
});

test("close() lets requests end", async (t) => {
  const { client } = await start(t);
  const request = client.get("/slow");
  await client.close({ timeoutMs: 60_000 });
  assert.equal((await request).text(), "slow");
  await client.close();
  await assert.rejects(client.get("/echo"), { code: "state" });
});

test("close() ends those that do not", async (t) => {
  const { client, server } = await start(t);
  const asked = once(server, "asked");
  const request = client.get("/never");
  const ended = assert.rejects(request, { code: "state" });
  await asked;
  await assert.rejects(client.close({ timeoutMs: 10 }), { code: "timeout" });
  await ended;
});

test("await using closes", async (t) => {
  const { client } = await start(t);
  await client[Symbol.asyncDispose]();
  await assert.rejects(client.get("/echo"), { code: "state" });
});

test("counters tell what was sent", async (t) => {
  const { client } = await start(t, { routes: [{ match: "/echo", name: "echo" }] });
  await client.get("/echo");
  assert.ok("echo" in client.metrics().routes);
  assert.match(client.metricsText(), /route="echo"/);
});

test("a client that is collected lets its requests end", async (t) => {
  const { server } = await start(t);
  let collected = 0;
  const registry = new FinalizationRegistry(() => (collected += 1));
  const ask = async () => {
    const client = HttpClient.open({ baseUrl: server.url });
    registry.register(client);
    return (await client.get("/slow")).text();
  };
  const pending = Array.from({ length: 5 }, ask);
  assert.deepEqual(new Set(await Promise.all(pending)), new Set(["slow"]));
  await collectGarbage(() => collected === 5, "clients");
});

test("an application's client", async (t) => {
  const server = await startServer(t);
  const vendor = await Vendor.make();
  const config = { ...vendor.config(temporaryFolder(t)), gateway: server.url, http: { headers: { "X-App": "player" } } };
  const app = await App.open(config);
  const records = [];
  app.onLog("trace", ({ area }) => records.push(area));
  assert.equal(app.http, app.http);
  const { headers } = (await app.http.get("/echo")).json();
  assert.equal(headers["x-app"], "player");
  assert.ok(records.includes("http"));
  const { http } = app;
  await app.close();
  await assert.rejects(http.get("/echo"), { code: "state" });
});

test("an application's client with secrets", async (t) => {
  const server = await startServer(t);
  const vendor = await Vendor.make();
  const proxy = `127.0.0.1:${new URL(server.url).port}`;
  const config = { ...vendor.config(temporaryFolder(t)), http: { proxies: { urls: [`http://${proxy}`] } } };
  const app = await App.open(config);
  t.after(() => app.close());
  const client = app.openHttp({ [`proxy:${proxy}`]: "ana:hush-4" });
  assert.equal(client, app.http);
  assert.equal((await client.get("http://shop.example/echo")).json().headers["proxy-authorization"], `Basic ${btoa("ana:hush-4")}`);
});

test("an application without a gateway needs whole addresses", async (t) => {
  const { server } = await start(t);
  const app = await openApp(t, await Vendor.make());
  await assert.rejects(app.http.get("/echo"), { code: "arg" });
  assert.equal((await app.http.get(`${server.url}/echo`)).status, 200);
});
