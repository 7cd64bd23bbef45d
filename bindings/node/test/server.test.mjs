// The issuing server of the how-to, as a customer's application meets it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { openLicense, Vendor } from "./support.mjs";
// A copy beside the installed packages, as a user would have it.
import { issuingServer } from "./server.mjs";

const vendor = await Vendor.make();

async function start(t) {
  const server = issuingServer(vendor.issuer, vendor.keys);
  const address = await server.listen({ host: "127.0.0.1", port: 0 });
  t.after(() => server.close());
  return async (path, body) => {
    const response = await fetch(address + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body ?? {}),
    });
    const text = await response.text();
    return { status: response.status, ...(text === "" ? {} : JSON.parse(text)) };
  };
}

test("a customer buys, renews and loses a licence", async (t) => {
  const post = await start(t);
  const license = await openLicense(t, vendor);

  const bought = await post("/licenses", { request: await license.request(), sku: "pro", days: 3 });
  assert.equal(bought.status, 201);
  const first = await license.importBundle(bought.file);
  assert.deepEqual([first.code, first.licenseId], ["WARN_EXPIRES_SOON", bought.id]);
  assert.equal(first.entitlement("copies.monthly").asInt(), 50);

  const renewed = await post(`/licenses/${bought.id}/renew`, { request: await license.request(), days: 365 });
  const second = await license.importBundle(renewed.file);
  assert.equal(second.licenseId, bought.id);
  assert.ok(second.expiresAt > first.expiresAt);

  const ended = await post(`/licenses/${bought.id}/revoke`);
  assert.equal((await license.importBundle(ended.file)).code, "REVOKED");
  assert.equal((await post(`/licenses/${bought.id}/renew`, { request: await license.request(), days: 9 })).status, 404);
});

test("another installation can't renew", async (t) => {
  const post = await start(t);
  const [owner, thief] = [await openLicense(t, vendor), await openLicense(t, vendor)];
  const { id } = await post("/licenses", { request: await owner.request(), sku: "pro", days: 3 });
  assert.equal((await post(`/licenses/${id}/renew`, { request: await thief.request(), days: 365 })).status, 404);
});

test("a forged request is refused with its reason", async (t) => {
  const post = await start(t);
  const license = await openLicense(t, vendor);
  const request = await license.request();
  const forged = request.slice(0, -8) + (request.endsWith("AAAAAAAA") ? "BBBBBBBB" : "AAAAAAAA");
  const answer = await post("/licenses", { request: forged, sku: "pro", days: 3 });
  assert.deepEqual([answer.status, answer.code, answer.licenseCode], [422, "license", "SIGNATURE_INVALID"]);
});

test("the how-to shows the server that runs here", () => {
  const page = readFileSync(join(process.env.TESSERA_ROOT, "docs/how-to/issuing-server-node.md"), "utf8");
  assert.ok(page.includes(readFileSync(new URL("server.mjs", import.meta.url), "utf8")));
});
