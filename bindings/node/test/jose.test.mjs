// Tokens and keys against an independent JOSE library, in both directions.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as jose from "jose";
import { Hwid, Issuer, Key, License } from "tessera-sdk";

import { openLicense, temporaryFolder, Vendor } from "./support.mjs";

const vendor = await Vendor.make();
const rsa = await Key.generate("rs256");

const publicJwk = (key) => ({ kty: "OKP", crv: "Ed25519", x: key.publicKey, alg: "Ed25519" });

test("jose verifies an Ed25519 licence of Tessera", async () => {
  const token = vendor.issuer.issue(undefined, { sku: "pro", subject: "ana@example.com" });
  const key = await jose.importJWK(publicJwk(vendor.signing));
  const { payload, protectedHeader } = await jose.jwtVerify(token, key, {
    issuer: "acme",
    audience: "player",
    typ: "tessera-lic+jwt",
    subject: "ana@example.com",
  });
  assert.equal(payload.lic.sku, "pro");
  assert.equal(protectedHeader.kid, vendor.signing.id);
  assert.equal(await jose.calculateJwkThumbprint(publicJwk(vendor.signing)), vendor.signing.id);
});

test("Tessera verifies an Ed25519 licence that jose signed", async (t) => {
  const license = await openLicense(t, vendor);
  const [header, claims] = vendor.issuer.issue(undefined, { sku: "pro" }).split(".").map((part) => Buffer.from(part, "base64url"));
  const changed = { ...JSON.parse(claims), lic: { ...JSON.parse(claims).lic, sku: "max" } };
  const sign = async (key) =>
    new jose.CompactSign(Buffer.from(JSON.stringify(changed))).setProtectedHeader(JSON.parse(header)).sign(key);
  const own = await jose.importJWK({ ...JSON.parse(vendor.signing.exportText()), alg: "Ed25519" });
  const verdict = await license.verifyBundle(`${vendor.keys}\n${await sign(own)}`);
  assert.deepEqual([verdict.code, verdict.sku], ["OK", "max"]);
  const { privateKey } = await jose.generateKeyPair("Ed25519");
  assert.equal((await license.verifyBundle(`${vendor.keys}\n${await sign(privateKey)}`)).code, "SIGNATURE_INVALID");
});

test("a key that jose made signs for Tessera", async () => {
  const { privateKey, publicKey } = await jose.generateKeyPair("Ed25519", { extractable: true });
  const key = Key.importText(JSON.stringify(await jose.exportJWK(privateKey)));
  const token = Issuer.open({ issuer: "acme", product: "player" }, key).issue(undefined, { sku: "pro" });
  await jose.compactVerify(token, publicKey);
});

test("jose verifies an RS256 token of Tessera", async () => {
  const token = Issuer.open({ issuer: "acme", product: "player" }, rsa).rs256({
    sub: "ana@example.com",
    hwid: "0".repeat(64),
    plan: "pro",
    audience: "desktop",
  });
  const key = await jose.importSPKI(rsa.publicKey, "RS256");
  const { payload } = await jose.jwtVerify(token, key, { issuer: "acme", audience: "desktop", algorithms: ["RS256"] });
  assert.deepEqual([payload.sub, payload.plan], ["ana@example.com", "pro"]);
});

test("Tessera verifies an RS256 token that jose signed", async (t) => {
  const { trustedKeys, ...config } = vendor.config(temporaryFolder(t));
  const license = await License.open({
    ...config,
    rsaKeys: [{ issuer: "gateway", publicKey: rsa.publicKey }],
  });
  const hwid = (await Hwid.probe()).legacyDigest;
  const sign = async (key) =>
    new jose.SignJWT({ hwid, plan: "pro" })
      .setProtectedHeader({ alg: "RS256", typ: "JWT" })
      .setIssuer("gateway")
      .setSubject("ana@example.com")
      .setIssuedAt()
      .setExpirationTime("12h")
      .sign(key);
  const verdict = await license.importBundle(await sign(await jose.importPKCS8(rsa.exportText().toString(), "RS256")));
  assert.deepEqual([verdict.usable, verdict.subject, verdict.sku], [true, "ana@example.com", "pro"]);
  const { privateKey } = await jose.generateKeyPair("RS256");
  assert.equal((await license.verifyBundle(await sign(privateKey))).code, "SIGNATURE_INVALID");
});
