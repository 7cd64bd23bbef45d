// Licences over the network, against a service in this process.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { License, TesseraError } from "tessera-sdk";

import { temporaryFolder, Vendor } from "./support.mjs";

const vendor = await Vendor.make();
const spec = { sku: "pro", days: 30, allowWeak: true };

/** A service that answers by `answers[name](body)`, text or a status; gives its address. */
async function serve(t, answers) {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => (body += piece));
    request.on("end", () => {
      const answer = answers[request.url.slice("/license/".length)](body, request.headers);
      if (typeof answer === "number") response.writeHead(answer).end();
      else response.end(`${vendor.keys}\n${answer}\n`);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${server.address().port}`;
}

async function open(t, gateway) {
  let license;
  t.after(() => license?.close());
  const config = vendor.config(temporaryFolder(t));
  license = await License.open(gateway ? { ...config, gateway, licenseService: { background: false } } : config);
  return license;
}

const good = {
  activate: (body) => vendor.issuer.issue(body, spec),
  renew: (body) => vendor.issuer.issue(body, spec),
  sync: (body) => vendor.issuer.time(body),
  time: (body) => vendor.issuer.time(body),
  deactivate: (body) => vendor.issuer.time(body.trim().split("\n")[1]),
  lists: () => vendor.issuer.crl({ seq: 1, days: 7 }),
};

test("a licence comes, is confirmed and goes over the network", async (t) => {
  let authorization;
  const activate = (body, headers) => {
    authorization = headers.authorization;
    return good.activate(body);
  };
  const license = await open(t, await serve(t, { ...good, activate }));
  assert.ok((await license.activate({ accountToken: "token", note: "desk 4" })).usable);
  assert.equal(authorization, "Bearer token");
  for (const verdict of await Promise.all([license.sync(), license.renew(), license.fetchLists(), license.confirmClock()]))
    assert.ok(verdict.usable);
  assert.equal((await license.deactivateOnline()).code, "DEACTIVATED");
});

test("refusals have both codes and take nothing", async (t) => {
  const answers = { ...good };
  const license = await open(t, await serve(t, answers));
  await license.activate();
  answers.sync = () => 402;
  await assert.rejects(license.sync(), (error) => {
    assert.ok(error instanceof TesseraError);
    return error.code === "license" && error.licenseCode === "EXPIRED";
  });
  answers.sync = () => 500;
  await assert.rejects(license.sync(), (error) => error.code === "unavailable" && error.retryable);
  assert.ok(license.check().usable);
});

test("without a service there is none to ask", async (t) => {
  const license = await open(t, undefined);
  await assert.rejects(license.sync(), { code: "state" });
});
