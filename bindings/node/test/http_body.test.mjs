// Bodies that do not fit in memory: streams, uploads, forms, files.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { HttpForm, HttpResponse, HttpUpload } from "tessera-sdk";

import { start } from "./http_server.mjs";
import { collect, temporaryFolder } from "./support.mjs";

const textOf = async (pieces) => Buffer.concat(await collect(pieces)).toString();

test("a response is read in pieces", async (t) => {
  const { client } = await start(t);
  const stream = await client.stream("GET", "/bytes/3000000");
  assert.deepEqual([stream.status, stream.ok, stream.headers.get("content-length")], [200, true, "3000000"]);
  assert.ok(stream.head instanceof HttpResponse);
  assert.deepEqual([stream.head.attempts, stream.head.body.length], [1, 0]);
  let size = 0;
  for await (const piece of stream) {
    assert.ok(piece instanceof Uint8Array && piece.length > 0 && piece.length <= 65_536);
    size += piece.length;
  }
  assert.equal(size, 3_000_000);
});

test("a stream begins before its response ends, whatever the status", async (t) => {
  let finish;
  const { client } = await start(t, {}, undefined, (server, request, response) => {
    response.writeHead(404).write("first");
    finish = () => response.end(" second");
  });
  const stream = await client.stream("GET", "/slowly");
  assert.deepEqual([stream.status, stream.ok], [404, false]);
  assert.equal(Buffer.from(await stream.read()).toString(), "first");
  finish();
  assert.equal(await textOf(stream), " second");
});

test("streams of Node and of the web are made of it", async (t) => {
  const { client } = await start(t);
  assert.equal((await textOf(Readable.from(await client.stream("GET", "/bytes/100000")))).length, 100_000);
  assert.equal((await textOf(ReadableStream.from(await client.stream("GET", "/bytes/100000")))).length, 100_000);
});

/** Answers without end, and emits "left" when nobody listens any more. */
function endless(server, request, response) {
  response.on("close", () => server.emit("left"));
  response.write("x".repeat(1000));
}

test("who leaves the loop ends the response", async (t) => {
  const { client, server } = await start(t, {}, undefined, endless);
  const left = once(server, "left");
  for await (const piece of await client.stream("GET", "/endless")) if (piece.length > 0) break;
  await left;
});

test("close() ends a read that waits", async (t) => {
  const { client } = await start(t, {}, undefined, endless);
  const stream = await client.stream("GET", "/endless");
  for (let size = 0; size < 1000; ) size += (await stream.read()).length;
  const reading = assert.rejects(stream.read(), { code: "cancelled" });
  stream.close();
  await reading;
  stream.close();
});

test("a signal ends a stream that is read, and one that was aborted opens none", async (t) => {
  const { client, server } = await start(t, {}, undefined, endless);
  const controller = new AbortController();
  const left = once(server, "left");
  const stream = await client.stream("GET", "/endless", { signal: controller.signal });
  for (let size = 0; size < 1000; ) size += (await stream.read()).length;
  const reading = assert.rejects(stream.read(), { name: "AbortError" });
  controller.abort();
  await Promise.all([reading, left]);
  await assert.rejects(client.stream("GET", "/endless", { signal: controller.signal }), { name: "AbortError" });
  assert.equal(server.requests, 1);
});

async function* pieces(count, piece) {
  for (let i = 0; i < count; ++i) yield piece;
}

test("a body in pieces is sent while it is made", async (t) => {
  const { client } = await start(t);
  const send = async (body) => (await client.post("/echo", { body })).json();
  assert.equal((await send(pieces(3, "ab"))).body, "ababab");
  assert.equal((await send(pieces(50, new Uint8Array(40_000).fill(0x79)))).body, "y".repeat(2_000_000));
  assert.equal((await send(pieces(0, ""))).body, "");
  assert.equal((await send(new Blob(["of the web"]).stream())).body, "of the web");
  assert.equal((await send(Readable.from([Buffer.from("of "), Buffer.from("Node")]))).body, "of Node");
  const echoed = await client.stream("PUT", "/echo", { body: pieces(2, "z") });
  assert.equal(JSON.parse(await textOf(echoed)).body, "zz");
});

test("what the pieces threw is what the request fails with", async (t) => {
  const { client } = await start(t);
  const reason = new Error("no more of it");
  async function* broken() {
    yield "first";
    throw reason;
  }
  await assert.rejects(client.post("/echo", { body: broken() }), (error) => error === reason);
  await assert.rejects(client.post("/echo", { body: pieces(1, 7) }), TypeError);
});

test("a request that ends wants no more pieces", async (t) => {
  const { client, server } = await start(t);
  let over;
  const isOver = new Promise((resolve) => (over = resolve));
  async function* forever() {
    try {
      for (;;) yield new Uint8Array(65_536);
    } finally {
      over();
    }
  }
  const controller = new AbortController();
  const asked = once(server, "asked");
  const request = client.post("/never", { body: forever(), signal: controller.signal });
  const ended = assert.rejects(request, { name: "AbortError" });
  await asked;
  controller.abort();
  await Promise.all([ended, isOver]);
});

test("an upload is written by the application", async (t) => {
  const { client } = await start(t);
  const upload = new HttpUpload({ size: 10 });
  const sent = client.put("/echo", { body: upload });
  const piece = Buffer.from("12345");
  const written = [upload.write(piece), upload.write(piece)];
  piece.fill("x");
  await Promise.all(written);
  await assert.rejects(upload.write("more"), { code: "arg" });
  await upload.finish();
  const { body, headers } = (await sent).json();
  assert.deepEqual([body, headers["content-length"]], ["1234512345", "10"]);
  await assert.rejects(upload.write("late"), { code: "state" });
});

test("an upload that fails fails its request", async (t) => {
  const { client } = await start(t);
  const upload = new HttpUpload();
  const ended = assert.rejects(client.put("/echo", { body: upload }), { code: "callback" });
  await upload.write("part");
  upload.fail();
  await ended;
});

test("a form with fields, bytes and a file, as often as it is sent", async (t) => {
  const { client } = await start(t);
  const path = join(temporaryFolder(t), "cape.txt");
  writeFileSync(path, "of wool");
  const form = new HttpForm().addField("title", "Cape süß").addBytes("small", new Uint8Array([104, 105]), { fileName: "a.bin" });
  await form.addFile("photo", path, { contentType: "text/plain" });
  for (let round = 0; round < 2; ++round) {
    const { body, headers } = (await client.put("/echo", { body: form })).json();
    const seen = await new Response(Buffer.from(body, "latin1"), { headers: { "Content-Type": headers["content-type"] } }).formData();
    const { name, type } = seen.get("photo");
    assert.deepEqual([seen.get("title"), name, type, await seen.get("photo").text()], ["Cape süß", "cape.txt", "text/plain", "of wool"]);
    assert.deepEqual([seen.get("small").name, await seen.get("small").text()], ["a.bin", "hi"]);
  }
  await assert.rejects(form.addFile("none", `${path}.none`), { code: "not_found" });
  assert.throws(() => form.addField("a", 7), TypeError);
  assert.throws(() => new HttpUpload({ size: -2 }), { code: "arg" });
});

/** A file that can be had from any place on; of "/half" the first answer stops half-way. */
const file = Buffer.alloc(2_000_000, "0123456789abcdef");
function serveFile(server, request, response) {
  response.setHeader("ETag", '"one"');
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (from > 0) response.setHeader("Content-Range", `bytes ${from}-${file.length - 1}/${file.length}`);
  response.setHeader("Content-Length", file.length - from);
  response.writeHead(from > 0 ? 206 : 200);
  if (server.requests > 1 || request.url !== "/half") return response.end(file.subarray(from));
  return response.write(file.subarray(0, file.length / 2));
}
const sha256 = createHash("sha256").update(file).digest("hex");

test("a file is there when it is whole", async (t) => {
  const { client } = await start(t, {}, undefined, serveFile);
  const path = join(temporaryFolder(t), "update.bin");
  const seen = [];
  const result = await client.download("/file", path, { sha256, size: file.length, onProgress: (done) => seen.push(done) });
  assert.deepEqual(result, { bytes: file.length, resumedFrom: 0, resumes: 0 });
  assert.ok(readFileSync(path).equals(file));
  assert.ok(seen.length > 0 && seen.every((done, at) => done >= (seen[at - 1] ?? 0)));
});

test("a file that is not what it should be is none", async (t) => {
  const { client } = await start(t, {}, undefined, serveFile);
  const path = join(temporaryFolder(t), "update.bin");
  await assert.rejects(client.download("/file", path, { sha256: "0".repeat(64) }), { code: "protocol" });
  await assert.rejects(client.download("/file", path, { maxBytes: 10 }), { code: "limit" });
  await assert.rejects(client.download("/status/404", path), { code: "not_found" });
  await assert.rejects(client.download("/file", path, { sha256: "short" }), { code: "arg" });
  await assert.rejects(client.download("/file", 7), TypeError);
  assert.ok(!existsSync(path));
});

test("a download that was stopped goes on where it was", async (t) => {
  const { client } = await start(t, {}, undefined, serveFile);
  const path = join(temporaryFolder(t), "update.bin");
  const controller = new AbortController();
  const onProgress = (done) => done >= file.length / 2 && controller.abort();
  await assert.rejects(client.download("/half", path, { onProgress, signal: controller.signal }), { name: "AbortError" });
  assert.ok(!existsSync(path));
  const { bytes, resumedFrom } = await client.download("/half", path, { sha256 });
  assert.deepEqual([bytes, resumedFrom > 0], [file.length, true]);
  assert.ok(readFileSync(path).equals(file));
});
