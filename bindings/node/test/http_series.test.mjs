// What comes one after another: events of a server, pages of a list.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { HttpEvents, HttpPages, HttpResponse } from "tessera-sdk";

import { start } from "./http_server.mjs";
import { collect } from "./support.mjs";

/** Each request gets what `texts` has for it, then "no more"; emits "left" of those that end. */
const serveEvents = (texts, isKept) => (server, request, response) => {
  server.seen = [...(server.seen ?? []), request.headers["last-event-id"]];
  response.on("close", () => server.emit("left"));
  const text = texts[server.requests - 1];
  if (text === undefined) return response.writeHead(204).end();
  response.writeHead(200, { "Content-Type": "text/event-stream" }).write(text);
  if (!isKept) response.end();
};

test("events come one after another, and who leaves the loop ends the stream", async (t) => {
  const text = ": hello\nretry: 50\n\nid: 1\nevent: price\ndata: a\ndata: ü\n\ndata: c\n\n";
  const { client, server } = await start(t, {}, undefined, serveEvents([text], true));
  const left = once(server, "left");
  const events = client.events("/updates");
  assert.ok(events instanceof HttpEvents);
  const seen = [];
  for await (const event of events) if (seen.push(event) === 2) break;
  assert.deepEqual(seen, [
    { type: "price", data: "a\nü", id: "1", retryMs: 50 },
    { type: "message", data: "c", id: "1", retryMs: 50 },
  ]);
  await left;
  await assert.rejects(events.next(), { code: "state" });
});

test("a stream comes back and goes on after the last event", async (t) => {
  const { client, server } = await start(t, {}, undefined, serveEvents(["id: 7\ndata: a\n\n", "id: 8\ndata: b\n\n"], false));
  const events = await collect(client.events("/updates", { retryMs: 1, lastEventId: "6" }));
  assert.deepEqual(events.map(({ data }) => data), ["a", "b"]);
  assert.deepEqual(server.seen, ["6", "7", "8"]);
});

test("an answer that is no stream is an error", async (t) => {
  const { client } = await start(t);
  await assert.rejects(client.events("/echo").next(), { code: "protocol" });
  await assert.rejects(client.events("/status/404").next(), { code: "not_found" });
  assert.throws(() => client.events("/echo", { retryMs: -1 }), { code: "arg" });
  assert.throws(() => client.events(7), TypeError);
});

test("close() and a signal end a wait for an event", async (t) => {
  const { client } = await start(t, {}, undefined, serveEvents([": nothing\n\n", ": nothing\n\n"], true));
  const closed = client.events("/updates");
  const waiting = assert.rejects(closed.next(), { code: "cancelled" });
  closed.close();
  await waiting;
  closed.close();
  const controller = new AbortController();
  const events = client.events("/updates", { signal: controller.signal });
  const aborted = assert.rejects(collect(events), { name: "AbortError" });
  controller.abort();
  await aborted;
});

/** Three pages that are linked, and the same by cursor. */
function servePages(server, request, response) {
  const page = Number(new URL(request.url, server.url).searchParams.get("page") ?? 1);
  if (page < 3) response.setHeader("Link", `</list?page=${page + 1}>; rel="next"`);
  response.end(JSON.stringify({ items: [page], next: page < 3 ? page + 1 : null }));
}

test("pages are responses, asked for when they are wanted", async (t) => {
  const { client, server } = await start(t, {}, undefined, servePages);
  const pages = client.paginate("/list");
  assert.ok(pages instanceof HttpPages);
  assert.equal(server.requests, 0);
  const all = await collect(pages);
  assert.ok(all.every((page) => page instanceof HttpResponse && page.ok));
  assert.deepEqual(all.map((page) => page.json().items), [[1], [2], [3]]);
  for await (const page of client.paginate("/list")) if (page.ok) break;
  assert.equal(server.requests, 4);
});

test("pages by cursor and by number", async (t) => {
  const { client } = await start(t, {}, undefined, servePages);
  const options = { kind: "cursor", parameter: "page", cursor: "/next" };
  assert.equal((await collect(client.paginate("/list", options))).length, 3);
  await assert.rejects(collect(client.paginate("/list", { ...options, maxPages: 2 })), { code: "limit" });
  assert.throws(() => client.paginate("/list", { kind: "guess" }), { code: "arg" });
});

test("a page that failed is asked for again", async (t) => {
  let isOut = true;
  const { client } = await start(t, {}, undefined, (server, request, response) =>
    isOut ? response.writeHead(403).end() : servePages(server, request, response));
  const pages = client.paginate("/list");
  await assert.rejects(pages.next(), (error) => error.code === "permission" && error.detail.status === 403);
  isOut = false;
  assert.deepEqual((await pages.next()).json().items, [1]);
  pages.close();
  await assert.rejects(pages.next(), { code: "state" });
});

test("a signal ends a page that is asked for", async (t) => {
  const { client, server } = await start(t);
  const controller = new AbortController();
  const asked = once(server, "asked");
  const page = assert.rejects(client.paginate("/never", { signal: controller.signal }).next(), { name: "AbortError" });
  await asked;
  controller.abort();
  await page;
});
