// Promises: order, cancelling, the event loop, log records.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { Key, License, TesseraError } from "tessera-sdk";

import { openApp, openLicense, temporaryFolder, Vendor } from "./support.mjs";

const vendor = await Vendor.make();

test("calls of one licence run in the order they were made", async (t) => {
  const license = await openLicense(t, vendor);
  const order = [];
  const note = (name) => (result) => order.push([name, result?.code]);
  await Promise.all([
    license.refresh().then(note("refresh")),
    license.importBundle(vendor.file({ sku: "pro" })).then(note("import")),
    license.refresh().then(note("refresh")),
    license.deactivate().then(() => order.push(["deactivate"])),
    license.close().then(() => order.push(["close"])),
  ]);
  assert.deepEqual(order, [["refresh", "NO_LICENSE"], ["import", "OK"], ["refresh", "OK"], ["deactivate"], ["close"]]);
  await assert.rejects(license.refresh(), { code: "state" });
});

test("a hundred verifications at once agree", async (t) => {
  const license = await openLicense(t, vendor);
  const good = vendor.file({ sku: "pro" });
  const bad = `${good.slice(0, -10)}AAAAAAAAA\n`;
  const verdicts = await Promise.all(Array.from({ length: 100 }, (_, i) => license.verifyBundle(i % 2 ? good : bad)));
  assert.deepEqual(new Set(verdicts.map((verdict, i) => `${i % 2} ${verdict.code}`)), new Set(["1 OK", "0 SIGNATURE_INVALID"]));
});

test("the event loop turns while a key is made", async () => {
  let turns = 0;
  let isDone = false;
  const turn = () => {
    turns += 1;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  const key = await Key.generate("rs256");
  isDone = true;
  assert.equal(key.type, "rs256");
  assert.match(key.publicKey, /^-----BEGIN PUBLIC KEY-----/);
  assert.ok(turns > 10, `${turns} turns`);
});

test("a signal aborts what waits and leaves what runs", async (t) => {
  const license = await openLicense(t, vendor);
  const controller = new AbortController();
  const first = license.refresh();
  const waiting = Promise.allSettled(
    Array.from({ length: 20 }, () => license.refresh({ signal: controller.signal })),
  );
  assert.equal(getEventListeners(controller.signal, "abort").length, 1);
  controller.abort();
  assert.equal((await first).code, "NO_LICENSE");
  const outcomes = await waiting;
  const aborted = outcomes.filter((outcome) => outcome.status === "rejected");
  assert.ok(aborted.length > 0);
  for (const { reason } of aborted) assert.equal(reason.name, "AbortError");
  assert.equal(outcomes.at(-1).status, "rejected");
  assert.equal((await license.refresh()).code, "NO_LICENSE");
});

test("a signal that is aborted already starts nothing", async (t) => {
  const license = await openLicense(t, vendor);
  const reason = new Error("not now");
  const signal = AbortSignal.abort(reason);
  await assert.rejects(license.importBundle(vendor.file({ sku: "pro" }), { signal }), reason);
  await assert.rejects(License.open(vendor.config(temporaryFolder(t)), { signal }), reason);
  assert.equal(license.check().code, "NO_LICENSE");
});

test("a signal that is aborted too late changes nothing", async (t) => {
  const license = await openLicense(t, vendor);
  const controller = new AbortController();
  const verdict = await license.refresh({ signal: controller.signal });
  controller.abort();
  assert.equal(verdict.code, "NO_LICENSE");
});

test("a failure with a signal stays that failure", async (t) => {
  const license = await openLicense(t, vendor);
  const { signal } = new AbortController();
  await assert.rejects(license.importBundle("x", { signal }), TesseraError);
});

test("log records reach the sink in order, before the promise", async (t) => {
  const app = await openApp(t, vendor);
  const records = [];
  const subscription = app.onLog("info", (record) => records.push(record));
  await app.license.importBundle("no licence").catch(() => {});
  await app.license.importBundle(vendor.file({ sku: "pro" }));
  assert.deepEqual(records.map((record) => record.event), ["import_refused", "import_done"]);
  const [refused] = records;
  assert.deepEqual([refused.level, refused.area], ["warn", "license"]);
  assert.equal(typeof refused.fields, "object");
  assert.match(refused.message, /\w+ \w+/);
  subscription.cancel();
  subscription.cancel();
  await app.license.importBundle(vendor.file({ sku: "max" }));
  assert.equal(records.length, 2);
});

test("a sink gets its level and above, and may call the licence", async (t) => {
  const license = await openLicense(t, vendor);
  const seen = [];
  const subscription = license.onLog("warn", ({ level }) => seen.push([level, license.check().code]));
  await license.importBundle(vendor.file({ sku: "pro" }));
  await license.importBundle("no licence").catch(() => {});
  subscription[Symbol.dispose]();
  assert.deepEqual(seen, [["warn", "OK"]]);
});
