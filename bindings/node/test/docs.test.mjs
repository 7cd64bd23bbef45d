// Runs what docs/how-to/store-node.md says, block after block.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { App, Store } from "tessera-sdk";

import { Vendor } from "./support.mjs";

const page = readFileSync(join(process.env.TESSERA_ROOT, "docs/how-to/store-node.md"), "utf8");
const sections = new Map(page.split(/^## /m).slice(1).map((text) => [text.slice(0, text.indexOf("\n")), text]));
const AsyncFunction = (async () => {}).constructor;
const left = new Set(sections.keys());

/** Runs the blocks of a section with the names that they leave to the reader. `await using` is a `const` of today. */
async function follow(heading, given) {
  left.delete(heading);
  const names = { App, Store, ...given };
  for (const [, block] of sections.get(heading).matchAll(/^```js\n(.*?)^```$/gms)) {
    const opened = [];
    const code = block
      .replace("/media/usb", "usb")
      .replace(/^import .*$/gm, "")
      .replace(/await using (\w+) = (.*);$/gm, "const $1 = $2; opened.push($1);");
    try {
      await new AsyncFunction("opened", ...Object.keys(names), code)(opened, ...Object.values(names));
    } finally {
      for (const handle of opened.reverse()) await handle.close();
    }
  }
}

/** A test in a folder of its own, which is the user's home as well. */
function section(heading, work) {
  test(heading, async (t) => {
    const before = { folder: process.cwd(), home: process.env.HOME };
    const folder = mkdtempSync(join(tmpdir(), "tessera-node-"));
    process.chdir(folder);
    process.env.HOME = folder;
    try {
      await work(t, folder);
    } finally {
      process.chdir(before.folder);
      process.env.HOME = before.home;
      rmSync(folder, { recursive: true });
    }
  });
}

/** The same with a store that opens by `passphrase`. */
function sectionOfStore(heading, work) {
  section(heading, async (t) => {
    const store = await Store.open({ path: "app.tdb", commit: "relaxed", kdf: "low" }, { passphrase: "correct horse" });
    try {
      await work(store, { store, passphrase: "correct horse" }, t);
    } finally {
      await store.close();
    }
  });
}

section("Open", async (t, folder) => {
  const vendor = await Vendor.make();
  await follow("Open", { passphrase: "correct horse", dataDir: join(folder, "data"), ROOT_PUBLIC_KEY: vendor.root.publicKey });
});

sectionOfStore("Ask and change", async (store, names) => {
  await store.execute("create table orders(item)");
  const given = { names: ["Eva", "Rui"], item: "coffee", order: { item: "coffee" }, console: { log: () => {} } };
  await follow("Ask and change", { ...names, ...given });
  assert.equal(await store.get("last_order"), "coffee");
  assert.equal((await store.outbox.counts()).pending, 1);
});

sectionOfStore("Without promises", async (store, names) => {
  await store.execute("create table people(id integer primary key, name text, city text)");
  await follow("Without promises", { ...names, names: ["Eva", "Rui"] });
  assert.equal((await store.all("select * from people")).length, 2);
});

sectionOfStore("Settings, cache, outbox", async (store, names) => {
  for (const body of ["1", "2"]) await store.outbox.enqueue({ topic: "orders", url: "https://api.example.com", body });
  const send = async (url, body) => {
    if (body[0] !== 0x31) throw new Error("offline");
  };
  await follow("Settings, cache, outbox", { ...names, send, redraw: () => {}, fetchProduct: async (id) => `product ${id}` });
  assert.deepEqual((await store.outbox.list()).map(({ lastError }) => lastError), ["offline"]);
  assert.equal(new TextDecoder().decode(await store.cache("products").get("42")), "product 42");
});

sectionOfStore("Keys", async (store, names) => {
  let recoveryKey;
  await store.changePassphrase("correct horse", "first");
  await follow("Keys", { ...names, showOnce: (key) => (recoveryKey = key), before: "first", after: "second" });
  await store.close();
  for (const secrets of [{ passphrase: "correct horse" }, { recoveryKey }]) await (await Store.open({ path: "app.tdb" }, secrets)).close();
});

sectionOfStore("Encrypted files", async (store, names) => {
  await follow("Encrypted files", { ...names, bytes: new Uint8Array([1, 2]), source: new Blob(["a film"]).stream() });
  assert.equal(new TextDecoder().decode(await store.getSealed("film.tsf")), "a film");
});

sectionOfStore("Care", async (store, names) => {
  mkdirSync("usb");
  const readings = [];
  await follow("Care", { ...names, show: (part) => readings.push(part), signal: new AbortController().signal });
  assert.ok(readings.length > 0);
});

test("every section is followed", () => {
  for (const heading of left) assert.doesNotMatch(sections.get(heading), /^```js$/m, heading);
});
