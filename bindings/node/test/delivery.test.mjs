// A delivery of a store's outbox, against a server on loopback.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Delivery, HttpClient } from "tessera-sdk";

import { start } from "./http_server.mjs";
import { openStore } from "./support.mjs";

/** Answers /status/... and keeps what else came; emits "came". */
function keep(server, request, response) {
  let body = "";
  request.on("data", (piece) => (body += piece));
  request.on("end", () => {
    (server.came ??= []).push({ body, key: request.headers["idempotency-key"], token: request.headers.authorization });
    response.end();
    server.emit("came");
  });
}

/** A store, a client and a delivery that is stopped when the test ends; `until(kind)` waits for an event. */
async function deliver(t, options = {}) {
  let delivery;
  t.after(() => delivery?.stop()); // runs before store and client are closed
  const store = await openStore(t);
  const { client, server } = await start(t, {}, undefined, keep);
  const events = [];
  const waiting = [];
  const onEvent = (event) => {
    events.push(event);
    for (const look of [...waiting]) look();
  };
  const until = (kind) =>
    new Promise((resolve) => {
      const look = () => {
        const at = events.findIndex((event) => event.kind === kind);
        if (at < 0) return;
        const index = waiting.indexOf(look);
        if (index >= 0) waiting.splice(index, 1);
        resolve(events.splice(at, 1)[0]);
      };
      waiting.push(look);
      look();
    });
  delivery = Delivery.start(store, client, { onEvent, ...options });
  return { store, client, server, delivery, until };
}

test("what is enqueued arrives, under its key and with the client's credentials", async (t) => {
  const { store, client, server, delivery, until } = await deliver(t);
  client.auth.setToken("hush");
  const id = await store.outbox.enqueue({ topic: "sales", url: `${server.url}/sales`, body: "first", idempotencyKey: "k-1" });
  const event = await until("delivered");
  assert.deepEqual([event, server.came], [{ kind: "delivered", id, topic: "sales" }, [{ body: "first", key: "k-1", token: "Bearer hush" }]]);
  await delivery.stop();
  await delivery[Symbol.asyncDispose]();
  assert.equal((await store.outbox.counts()).delivered, 1);
  await store.outbox.enqueue({ topic: "sales", url: `${server.url}/sales` });
  assert.equal((await store.outbox.counts()).pending, 1);
});

test("what would fail again is a dead letter", async (t) => {
  const { store, server, until } = await deliver(t);
  const id = await store.outbox.enqueue({ topic: "sales", url: `${server.url}/status/422` });
  const event = await until("dead");
  assert.deepEqual([event.id, event.topic], [id, "sales"]);
  assert.match(event.text, /422/);
  assert.deepEqual((await store.outbox.list("dead")).map((item) => item.id), [id]);
  assert.equal((await until("depth")).kind, "depth");
});

test("nothing of a topic is sent before its consent", async (t) => {
  const { store, server, delivery, until } = await deliver(t, { consentTopics: ["telemetry"], concurrency: 1, spacingMs: 0 });
  await store.outbox.enqueue({ topic: "telemetry", url: `${server.url}/t`, body: "told" });
  await store.outbox.enqueue({ topic: "sales", url: `${server.url}/t`, body: "sold" });
  await until("delivered");
  assert.deepEqual(server.came.map(({ body }) => body), ["sold"]);
  assert.equal(await delivery.setConsent("telemetry", false), 1);
  await delivery.setConsent("telemetry", true);
  await store.outbox.enqueue({ topic: "telemetry", url: `${server.url}/t`, body: "agreed" });
  await until("delivered");
  assert.deepEqual(server.came.map(({ body }) => body), ["sold", "agreed"]);
});

test("a closed client pauses it, and poke() and retryNow() are fine at any time", async (t) => {
  const { store, client, server, delivery, until } = await deliver(t);
  await client.close();
  await store.outbox.enqueue({ topic: "sales", url: `${server.url}/sales` });
  assert.equal((await until("paused")).reason, "closed");
  delivery.poke();
  delivery.retryNow();
  assert.equal((await store.outbox.counts()).delivered, 0);
});

test("a delivery that nobody holds and nobody hears goes on", async (t) => {
  const store = await openStore(t);
  const { client, server } = await start(t, {}, undefined, keep);
  const came = once(server, "came");
  const delivery = new WeakRef(Delivery.start(store, client));
  await store.outbox.enqueue({ topic: "sales", url: `${server.url}/sales`, body: "sold" });
  await came;
  await delivery.deref().stop();
});

test("what is no argument is refused", async (t) => {
  const store = await openStore(t);
  const { client } = await start(t);
  assert.throws(() => Delivery.start({}, client), TypeError);
  assert.throws(() => Delivery.start(store, {}), TypeError);
  assert.throws(() => Delivery.start(store, client, { onEvent: 7 }), TypeError);
  assert.throws(() => Delivery.start(store, client, { concurrency: 65 }), { code: "arg" });
  assert.throws(() => Delivery.start(store, HttpClient.open(), { consentTopics: [7] }), TypeError);
});
