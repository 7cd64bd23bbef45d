// The public API: values, conversions and errors.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as tessera from "tessera-sdk";
import { Hwid, inspect, Issuer, Key, License, TesseraError } from "tessera-sdk";

import { openApp, openLicense, temporaryFolder, Vendor } from "./support.mjs";

const require = createRequire(import.meta.url);
const vendor = await Vendor.make();

test("import and require give the same classes", () => {
  const required = require("tessera-sdk");
  assert.equal(required.TesseraError, TesseraError);
  const names = (module) => Object.keys(module).filter((name) => name !== "default" && name !== "__esModule").sort();
  assert.deepEqual(names(required), names(tessera));
});

test("versions and features", () => {
  assert.equal(tessera.version(), require("tessera-sdk/package.json").version);
  assert.equal(tessera.buildInfo().version, tessera.version());
  assert.equal(tessera.hasFeature("license"), true);
  assert.equal(tessera.hasFeature("hwid"), true);
});

test("codes explain themselves", () => {
  assert.match(tessera.meaning("EXPIRED"), /expired/);
  assert.match(tessera.nextStep("EXPIRED"), /renew/);
  assert.equal(tessera.nextStep("OK"), "");
});

test("an application from opening to disposal", async (t) => {
  const app = await openApp(t, vendor);
  assert.equal(app.license.check().code, "NO_LICENSE");
  const verdict = await app.license.importBundle(vendor.file({ sku: "pro", days: 365, subject: "ana@example.com" }));
  assert.equal(verdict.usable, true);
  assert.equal(app.license.check().subject, "ana@example.com");
  await app[Symbol.asyncDispose]();
  await app.close();
  assert.throws(() => app.license.check(), { name: "TesseraError", code: "state" });
});

test("a verdict is a snapshot", async (t) => {
  const license = await openLicense(t, vendor);
  const before = license.check();
  const expiresAt = new Date(Math.floor(Date.now() / 1000 + 86_400 * 30) * 1000);
  await license.importBundle(vendor.file({ sku: "pro", edition: "team", kind: "site", licenseId: "L-1", expiresAt }));
  const after = license.check();
  assert.equal(before.code, "NO_LICENSE");
  assert.deepEqual(before.reasons.map((reason) => reason.code), ["NO_LICENSE"]);
  assert.match(before.reasons[0].text, /\w+ \w+/);
  assert.equal(before.expiresAt, undefined);
  assert.deepEqual(after.expiresAt, expiresAt);
  assert.equal(after.hardwareScore, undefined);
  assert.deepEqual(
    [after.product, after.sku, after.edition, after.kind, after.licenseId, after.state],
    ["player", "pro", "team", "site", "L-1", "ACTIVE"],
  );
  assert.ok(after.nextCheck > Date.now() && after.usableUntil >= after.expiresAt);
});

test("a verdict as text and as JSON", async (t) => {
  const license = await openLicense(t, vendor);
  const verdict = await license.importBundle(vendor.file({ sku: "pro" }));
  assert.match(verdict.explain(), /pro/);
  assert.equal(JSON.parse(verdict.json()).license.sku, "pro");
  assert.deepEqual(JSON.parse(JSON.stringify(verdict)), JSON.parse(verdict.json()));
});

test("entitlements convert like those of the other languages", async (t) => {
  const license = await openLicense(t, vendor);
  const until = new Date("2100-01-01T00:00:00Z");
  const entitlements = { export: true, copies: 50, none: 0, region: "süd", maxUsers: { value: 7, expiresAt: until } };
  const verdict = await license.importBundle(vendor.file({ sku: "pro", entitlements }));
  const of = (name) => verdict.entitlement(name);
  const values = (name) => [of(name).usable, of(name).asBool(), of(name).asInt(), of(name).asString()];
  assert.deepEqual(verdict.entitlements, ["copies", "export", "maxUsers", "none", "region"]);
  assert.deepEqual(values("export"), [true, true, 1, ""]);
  assert.deepEqual(values("copies"), [true, true, 50, ""]);
  assert.deepEqual(values("none"), [true, false, 0, ""]);
  assert.deepEqual(values("region"), [true, true, 0, "süd"]);
  assert.deepEqual(values("absent"), [false, false, 0, ""]);
  assert.equal(of("absent").code, "FEATURE_MISSING");
  assert.deepEqual(of("maxUsers").expiresAt, until);
  assert.equal(of("copies").expiresAt, undefined);
});

test("integers are exact, as numbers and as bigints", async (t) => {
  const license = await openLicense(t, vendor);
  const largest = Number.MAX_SAFE_INTEGER;
  const entitlements = { largest, least: BigInt(-largest), copies: { value: largest, per: "month" } };
  const verdict = await license.importBundle(vendor.file({ sku: "pro", entitlements }));
  assert.equal(verdict.entitlement("largest").value, largest);
  assert.equal(verdict.entitlement("least").asInt(), -largest);
  assert.equal(verdict.entitlement("largest", { bigint: true }).value, BigInt(largest));
  assert.equal(verdict.entitlement("absent", { bigint: true }).asInt(), 0n);
  assert.deepEqual(await license.meterAdd("copies", 3), { used: 3, limit: largest });
  assert.deepEqual(await license.meterAdd("copies", 4n, { bigint: true }), { used: 7n, limit: BigInt(largest) });
});

test("a number that is not exact is refused before it does harm", async (t) => {
  const license = await openLicense(t, vendor);
  for (const amount of [2 ** 53, 1.5, NaN, Infinity, 2n ** 63n]) {
    await assert.rejects(license.meterAdd("copies", amount), RangeError);
  }
  await assert.rejects(license.meterAdd("copies", "3"), TypeError);
  assert.throws(() => vendor.file({ sku: "pro", entitlements: { copies: 2n ** 53n } }), RangeError);
  assert.throws(() => vendor.file({ sku: "pro", days: NaN }), RangeError);
  assert.throws(() => vendor.file({ sku: "pro", expiresAt: new Date("never") }), RangeError);
});

test("a refused import says why, as an error", async (t) => {
  const license = await openLicense(t, vendor);
  const stranger = await Vendor.make();
  await assert.rejects(license.importBundle(stranger.file({ sku: "pro" })), (error) => {
    assert.ok(error instanceof TesseraError && error instanceof Error);
    assert.equal(error.name, "TesseraError");
    assert.equal(error.code, "license");
    assert.equal(error.licenseCode, "KEY_UNKNOWN");
    assert.equal(error.domain, "license");
    assert.equal(error.retryable, false);
    assert.equal(error.detail.license_name, "KEY_UNKNOWN");
    assert.match(error.message, /\w+ \w+/);
    return true;
  });
});

test("a mistake in a configuration names the member", async (t) => {
  const config = vendor.config(temporaryFolder(t));
  await assert.rejects(License.open({ ...config, colour: "red" }), { code: "arg", message: /colour/ });
  await assert.rejects(License.open({ ...config, licenseKey: "A" }), { code: "arg", message: /license_key/ });
  await assert.rejects(License.open(undefined), TypeError);
  await assert.rejects(License.open("{}"), TypeError);
});

test("arguments of a wrong type are a TypeError", async (t) => {
  const license = await openLicense(t, vendor);
  await assert.rejects(license.importBundle(42), TypeError);
  await assert.rejects(license.importBundle(new Float64Array(4)), TypeError);
  await assert.rejects(license.importBundle(), TypeError);
  assert.throws(() => vendor.issuer.issue(42, { sku: "pro" }), TypeError);
  assert.throws(() => license.check().entitlement({}), TypeError);
  assert.throws(() => license.onLog("loud", () => {}), TypeError);
  assert.throws(() => license.onLog("info", "no function"), TypeError);
});

test("a handle of another type is refused, not used", () => {
  const raw = require(`./node_modules/tessera-sdk/prebuilds/${process.platform}-${process.arch}/tessera.node`);
  const key = raw.keyImport(vendor.signing.exportText());
  for (const wrong of [key, {}, null, undefined, 7]) {
    assert.throws(() => raw.licenseChecker(wrong), { name: "TypeError", message: /not a license/ });
  }
});

test("bytes and text are the same document", async (t) => {
  const license = await openLicense(t, vendor);
  const bytes = new TextEncoder().encode(vendor.file({ sku: "pro" }));
  const inside = new Uint8Array(bytes.length + 2);
  inside.set(bytes, 1);
  const pending = license.verifyBundle(inside.subarray(1, -1));
  inside.fill(0); // the call has its own copy
  assert.equal((await pending).usable, true);
  assert.equal(inspect(Buffer.from(vendor.keys)).header.typ, inspect(vendor.keys).header.typ);
});

test("text with a NUL byte is not cut", async (t) => {
  const license = await openLicense(t, vendor);
  await assert.rejects(license.request({ note: "seat\0 7" }), { code: "arg" });
});

test("keys travel as bytes that can be wiped", async () => {
  const key = await Key.generate();
  const text = key.exportText();
  assert.ok(Buffer.isBuffer(text));
  assert.equal(JSON.parse(text).x, key.publicKey);
  const again = Key.importText(text);
  text.fill(0);
  assert.equal(again.id, key.id);
  assert.equal(Key.importText(key.exportText().toString()).id, key.id);
});

test("what is freed is refused; an issuer goes on without its key", async () => {
  const key = await Key.generate();
  const issuer = Issuer.open({ issuer: "acme", product: "player" }, key);
  key.free();
  key[Symbol.dispose]();
  assert.throws(() => key.exportText(), { code: "arg" });
  assert.match(issuer.issue(undefined, { sku: "pro" }), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  issuer[Symbol.dispose]();
  assert.throws(() => issuer.issue(undefined, { sku: "pro" }), { code: "arg" });
});

test("what identifies this machine", async () => {
  const hwid = await Hwid.probe({ appFactors: [{ name: "dongle", value: "S/N 4711", class: "unique", weight: 4 }] });
  assert.ok(["none", "weak", "medium", "strong"].includes(hwid.strength));
  const dongle = hwid.factors.find((factor) => factor.kind === "app:dongle");
  assert.deepEqual(dongle, { kind: "app:dongle", class: "unique", weight: 4, state: "readable" });
  assert.match(hwid.legacyDigest, /^[0-9a-f]{64}$/);
  assert.equal(JSON.parse(hwid.json()).strength.toLowerCase(), hwid.strength);
  assert.ok(!hwid.explain().includes("4711") && !JSON.stringify(hwid).includes("4711"));
  hwid.free();
  assert.throws(() => hwid.explain(), { code: "arg" });
  await assert.rejects(Hwid.probe({ appFactors: [{ name: "no good name", value: "1" }] }), { code: "license" });
});

test("requests and proofs are objects", async (t) => {
  const license = await openLicense(t, vendor);
  const licenseKey = tessera.generateLicenseKey();
  const request = await license.request({ note: "seat 7", licenseKey });
  const shown = vendor.issuer.readRequest(request);
  assert.deepEqual([shown.note, shown.licenseKey, shown.renews], ["seat 7", licenseKey, ""]);
  assert.ok(shown.factors.every((factor) => Array.isArray(factor.tags)));
  await license.importBundle(vendor.file({ sku: "pro", licenseId: "L-1", allowWeak: true }, request));
  const proof = vendor.issuer.readDeactivation(await license.deactivate());
  assert.deepEqual([proof.licenseId, proof.installKey], ["L-1", shown.installKey]);
  assert.equal(tessera.checkLicenseKey(licenseKey.toLowerCase()), licenseKey);
});

test("every licence code of the headers has its name here", () => {
  const header = readFileSync(`${process.env.TESSERA_ROOT}/include/tessera/license.h`, "utf8");
  const names = [...header.matchAll(/TSR_LICENSE_(\w+) = (\d+)/g)].map((match) => match[1]);
  assert.ok(names.length > 60);
  for (const name of names) assert.notEqual(tessera.meaning(name), "", name);
  assert.throws(() => tessera.meaning("NO_SUCH_CODE"), TypeError);
});
