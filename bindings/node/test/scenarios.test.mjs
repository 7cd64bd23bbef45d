// The stories of tests/data/scenarios, told through this binding.
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkLicenseKey, generateLicenseKey, Hwid, inspect, Issuer, Key, License, TesseraError } from "tessera-sdk";

import { temporaryFolder } from "./support.mjs";

const { scenarios } = JSON.parse(readFileSync(join(process.env.TESSERA_ROOT, "tests/data/scenarios/licensing.json")));

const toCamel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());

/** The binding's spelling of a configuration or specification; names of entitlements stay. */
function camelCase(value, isMap = false) {
  if (Array.isArray(value)) return value.map((item) => camelCase(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      isMap ? name : toCamel(name),
      camelCase(member, name === "entitlements" && !isMap),
    ]),
  );
}

const base64url = (value) => Buffer.from(value).toString("base64url");

class Story {
  documents = new Map();
  keys = new Map();

  constructor(folder, config) {
    this.folder = folder;
    this.config = config;
  }

  async begin() {
    this.legacyDigest = (await Hwid.probe()).legacyDigest;
    this.licenseKey = generateLicenseKey();
    this.keys.set("root", await Key.generate());
    this.keys.set("signing", await Key.generate());
    this.documents.set("keys", this.issuer({ key: "root" }).keyset({ seq: 1, keys: [{ public: this.keys.get("signing").publicKey }] }));
    await this.open({});
  }

  issuer({ key, as }) {
    return Issuer.open({ issuer: "acme", product: "player", ...as }, this.keys.get(key));
  }

  async open(config) {
    this.license = await License.open({
      product: "player",
      trustedKeys: [this.keys.get("root").publicKey],
      dataDir: join(this.folder, "state"),
      memoryDir: join(this.folder, "memory"),
      keystore: "file",
      ...camelCase(this.resolve({ ...this.config, ...config })),
    });
  }

  /** Replaces {"$...": ...} by what it stands for. */
  resolve(value) {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item));
    if (typeof value !== "object" || value === null) return value;
    const [[name, argument]] = Object.entries(value).concat([["", undefined]]);
    switch (name) {
      case "$now":
        return Math.floor(Date.now() / 1000) + argument;
      case "$public":
        return this.keys.get(argument).publicKey;
      case "$legacy_digest":
        return this.legacyDigest;
      case "$license_key":
        return this.licenseKey;
      case "$repeat":
        return argument[0].repeat(argument[1]);
      case "$document":
        return this.documents.get(argument);
    }
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.resolve(member)]));
  }

  text(step) {
    return step.text ?? step.documents.map((name) => this.documents.get(name)).join("\n");
  }

  async take(step) {
    const document = this.documents.get(step.document);
    const spec = camelCase(step.spec);
    const issuer = () => this.issuer({ key: step.key ?? (step.do === "keyset" ? "root" : "signing"), as: step.as });
    switch (step.do) {
      case "key":
        this.keys.set(step.name, await Key.generate(step.type));
        return;
      case "key_round_trip": {
        const key = this.keys.get(step.name);
        const again = Key.importText(key.exportText());
        assert.deepEqual([again.id, again.type, again.publicKey], [key.id, key.type, key.publicKey]);
        return;
      }
      case "key_import":
        return Key.importText(step.text);
      case "issue":
      case "lease":
        return issuer()[step.do](this.documents.get(step.request), spec);
      case "trial":
      case "keyset":
      case "crl":
      case "rs256":
        return issuer()[step.do](spec);
      case "time":
        return issuer().time(this.documents.get(step.request));
      case "read_request":
        return issuer().readRequest(document);
      case "read_deactivation":
        return issuer().readDeactivation(document);
      case "request":
        return this.license.request(camelCase(step.options));
      case "import":
        return this.license.importBundle(this.text(step));
      case "verify":
        return this.license.verifyBundle(this.text(step));
      case "start_trial":
        return this.license.startTrial(this.text(step));
      case "check":
        return this.license.check();
      case "refresh":
        return this.license.refresh();
      case "deactivate":
        return this.license.deactivate();
      case "meter":
        return this.license.meterAdd(step.name, step.amount);
      case "open":
        await this.license.close();
        await this.open(step.config ?? {});
        return this.license.check();
      case "close":
        return this.license.close();
      case "remove":
        return rmSync(join(this.folder, step.path), { recursive: true });
      case "forge": {
        const [header, claims, signature] = document.split(".");
        const change = (part, members) =>
          base64url(JSON.stringify({ ...JSON.parse(Buffer.from(part, "base64url").toString()), ...members }));
        return [change(header, step.header), change(claims, step.claims), signature].join(".");
      }
      case "break_signature": {
        const [header, claims, signature] = document.split(".");
        return [header, claims, (signature[0] === "A" ? "B" : "A") + signature.slice(1)].join(".");
      }
      case "inspect":
        return inspect(document).header;
      case "license_key":
        return checkLicenseKey(step.text);
      default:
        throw new Error(`no step "${step.do}"`);
    }
  }

  async run(step) {
    if (step.error) {
      await assert.rejects(
        async () => this.take(step),
        (error) => {
          assert.ok(error instanceof TesseraError, String(error));
          assert.equal(error.code, step.error.code, error.message);
          if (step.error.license_code) assert.equal(error.licenseCode, step.error.license_code, error.message);
          if (step.error.text) assert.ok(error.message.includes(step.error.text), error.message);
          return true;
        },
      );
      return;
    }
    const result = await this.take(step);
    if (step.save) this.documents.set(step.save, result);
    if (typeof step.equals === "string") assert.equal(result, step.equals);
    else for (const [name, value] of Object.entries(step.equals ?? {})) assert.equal(result[toCamel(name)], value, name);
    if (step.verdict) checkVerdict(result, step.verdict);
  }
}

function checkVerdict(verdict, expected) {
  const oneOf = (actual, wanted, name) =>
    assert.ok([wanted].flat().includes(actual), `${name}: ${actual}, not ${wanted}\n${verdict.explain()}`);
  for (const [name, wanted] of Object.entries(expected)) {
    switch (name) {
      case "code":
      case "state":
        oneOf(verdict[name], wanted, name);
        break;
      case "reasons": {
        const codes = verdict.reasons.map((reason) => reason.code);
        for (const code of wanted) assert.ok(codes.includes(code), `${code} is not among ${codes}`);
        break;
      }
      case "expires_in_days": {
        const days = verdict.expiresAt && Math.round((verdict.expiresAt - Date.now()) / 86_400_000);
        assert.equal(days ?? null, wanted, name);
        break;
      }
      case "entitlements":
        for (const [feature, { code, value }] of Object.entries(wanted)) {
          const entitlement = verdict.entitlement(feature);
          assert.equal(entitlement.code, code, feature);
          assert.equal(entitlement.value ?? null, value, feature);
        }
        break;
      default:
        assert.equal(verdict[toCamel(name)], wanted, name);
    }
  }
}

for (const { name, config, steps } of scenarios) {
  test(name, async (t) => {
    const story = new Story(temporaryFolder(t), config ?? {});
    await story.begin();
    for (const [index, step] of steps.entries()) {
      try {
        await story.run({ ...story.resolve(step), steps: undefined });
      } catch (error) {
        error.message = `step ${index + 1} (${step.do}): ${error.message}`;
        throw error;
      }
    }
  });
}
