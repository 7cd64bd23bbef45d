// examples/quickstart/node against the installed package.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { temporaryFolder, Vendor } from "./support.mjs";

// A copy beside the installed packages, as a user would have it.
const program = new URL("quickstart.mjs", import.meta.url).pathname;

async function quickstart(...args) {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [program, ...args])) };
  } catch (error) {
    return error;
  }
}

test("the quickstart says what it finds", async (t) => {
  const vendor = await Vendor.make();
  const folder = temporaryFolder(t);
  const state = join(folder, "state");
  const file = join(folder, "player.lic");
  writeFileSync(file, vendor.file({ sku: "pro", entitlements: { "copies.monthly": 50 } }));

  const without = await quickstart(state, vendor.root.publicKey);
  assert.equal(without.code, 2);
  assert.match(without.stdout, /NO_LICENSE|no licence/i);
  assert.match(without.stdout, /strength/);

  const licensed = await quickstart(state, vendor.root.publicKey, file);
  assert.equal(licensed.code, 0, licensed.stderr);
  assert.match(licensed.stdout, /copies a month: 50/);

  const mistaken = await quickstart(state, "no key");
  assert.equal(mistaken.code, 1);
  assert.match(mistaken.stderr, /trusted_keys/);
});
