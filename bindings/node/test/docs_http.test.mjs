// Runs what docs/how-to/http-node.md says, block after block.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App, Delivery, HttpClient, HttpForm } from "tessera-sdk";

import { startServer } from "./http_server.mjs";
import { openStore, Vendor } from "./support.mjs";
import { Page } from "./support_docs.mjs";

const page = new Page("http-node.md", { App, Delivery, HttpClient, HttpForm, createReadStream });

const product = '[{"name": "coffee"}]';

/** A section whose server answers with a list of one product, unless `answer` does; `said` is what it printed. */
function section(heading, work, answer = (_, request, response) => request.resume().on("end", () => response.end(product))) {
  page.section(heading, async (t, folder) => {
    const server = await startServer(t, answer);
    const client = HttpClient.open({ baseUrl: server.url });
    t.after(() => client.close());
    const said = [];
    const say = (...words) => said.push(words.join(" "));
    const follow = (given) =>
      page.follow(heading, { console: { log: say, error: say }, ...given }, { "https://api.example.com": server.url });
    await work({ t, follow, server, client, said, folder });
  });
}

section("Ask", async ({ follow, server, said }) => {
  await follow({ bytes: new Uint8Array([1]) });
  assert.deepEqual([said, server.requests], [["coffee"], 4]);
});

section("Say how", async ({ follow, client, said }) => {
  await follow({ client });
  assert.ok(said.some((line) => /^[\d.]+ ms attempt: \w/.test(line)), said.join("\n"));
});

section("Read and write in pieces", async ({ follow, server, client, folder }) => {
  const pieces = [];
  const [logFile, photoFile] = ["a.log", "a.jpg"].map((name) => join(folder, name));
  for (const path of [logFile, photoFile]) writeFileSync(path, "content");
  await follow({ client, consume: (piece) => pieces.push(piece), logFile, photoFile });
  assert.deepEqual([Buffer.concat(pieces).toString(), server.requests], [product, 3]);
});

section("Download a file", async ({ follow, client, folder, said }) => {
  const digest = createHash("sha256").update(product).digest("hex");
  await follow({ client, updateFile: join(folder, "update.bin"), digest });
  assert.match(said.at(-1), new RegExp(`^${product.length} of `));
});

section(
  "Hear events of a server",
  async ({ follow, client, said }) => {
    await follow({ client });
    assert.deepEqual(said, ["price 7", "end bye"]);
  },
  (_, request, response) => {
    response.setHeader("Content-Type", "text/event-stream");
    response.write("event: price\ndata: 7\n\nevent: end\ndata: bye\n\n");
  },
);

section("Get all pages of a list", async ({ follow, client, said }) => {
  await follow({ client });
  assert.deepEqual(said, ["coffee"]);
});

section("Say who asks", async ({ t, follow, client }) => {
  const store = await openStore(t);
  const inAnHour = () => new Date(Date.now() + 3_600_000);
  await follow({ client, store, inAnHour, signIn: async () => "token", showSignIn: () => {}, accessToken: "a", refreshToken: "r" });
  assert.equal(client.auth.state(), "ready");
  await client.close();
});

section("Look on, and sign", async ({ follow, server, client, said }) => {
  await follow({ client, sign: (method, url, body) => `${method} ${body.length}` });
  assert.equal((await client.post("/echo", { body: "abc" })).json().headers["x-signature"], "POST 3");
  assert.deepEqual(said, [`${server.url}/echo 1 200`]);
});

section("Deliver the outbox", async ({ t, follow, client }) => {
  const store = await openStore(t);
  await follow({ client, store });
  await client.close();
});

section("Keep responses over a restart", async ({ t, follow, server }) => {
  await follow({ store: await openStore(t) });
  assert.equal(server.requests, 1);
});

section("Stop", async ({ follow, server, client }) => {
  const button = {};
  await follow({ client, button });
  assert.equal(server.requests, 1);
  button.onclick();
});

section("Configure", async ({ follow }) => follow({}));

section("With an application", async ({ follow, server, folder }) => {
  const vendor = await Vendor.make();
  await follow({ dataDir: join(folder, "data"), ROOT_PUBLIC_KEY: vendor.root.publicKey });
  assert.equal(server.requests, 1);
});

section("When something fails", async ({ follow, server, client, said }) => {
  server.on("connection", (socket) => socket.destroy());
  await follow({ client });
  assert.equal(said.length, 1);
});

page.testThatAllWasFollowed();
