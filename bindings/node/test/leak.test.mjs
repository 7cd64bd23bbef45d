// Ten thousand rounds leave no handle and no memory behind.
import assert from "node:assert/strict";
import { test } from "node:test";

import { runProgram, temporaryFolder } from "./support.mjs";

const program = `
  import { App, Issuer, Key, liveObjects, TesseraError } from "tessera-sdk";
  import { Vendor } from "./support.mjs";

  const vendor = await Vendor.make();
  const config = vendor.config(process.argv.at(-1));
  const file = vendor.file({ sku: "pro", entitlements: { copies: 5 } });

  async function round(app, key, number) {
    const verdict = app.license.check();
    verdict.entitlement("copies").asInt();
    verdict.explain();
    try { app.license.check().entitlement("copies"); vendor.issuer.readRequest("x"); } catch (error) { error.licenseCode; }
    const copy = Key.importText(key);
    Issuer.open({ issuer: "acme", product: "player" }, copy).issue(undefined, { sku: "pro" });
    if (number % 10 === 0) {
      const subscription = app.onLog("info", () => {});
      await app.license.verifyBundle(file);
      await app.license.importBundle("x").catch(() => {});
      subscription.cancel();
    }
    if (number % 100 === 0) await (await App.open(config)).close();
  }

  async function settle() {
    for (let i = 0; i < 5; ++i) { gc(); await new Promise((resolve) => setImmediate(resolve)); }
  }

  const app = await App.open(config);
  await app.license.importBundle(file);
  const key = vendor.signing.exportText();
  const run = async (count) => {
    for (let number = 0; number < count; ++number) await round(app, key, number);
    await settle();
    // How much V8 reserves for its heap is its own choice; what it uses of it is not.
    const { rss, heapTotal, heapUsed } = process.memoryUsage();
    return { objects: liveObjects(), native: rss - heapTotal, heap: heapUsed };
  };
  const before = await run(2_000);
  const after = await run(10_000);
  console.log(JSON.stringify({ before, after }));
`;

test("handles and memory are back after 10,000 rounds", async (t) => {
  const result = await runProgram(program, {
    args: [temporaryFolder(t)],
    nodeFlags: ["--expose-gc"],
    timeoutMs: 240_000,
  });
  assert.equal(result.code, 0, result.stderr);
  const { before, after } = JSON.parse(result.stdout);
  assert.equal(after.objects, before.objects);
  for (const kind of ["native", "heap"]) {
    const growth = (after[kind] - before[kind]) / 2 ** 20;
    assert.ok(growth < 5, `${kind} memory grew by ${growth.toFixed(1)} MiB`);
  }
});
