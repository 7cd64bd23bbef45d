// The addon as a file: what it carries, what it shows, what it needs.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { buildInfo, Key } from "tessera-sdk";

const addon = `node_modules/tessera-sdk/prebuilds/${process.platform}-${process.arch}/tessera.node`;
const run = (program, ...args) => execFileSync(program, args, { encoding: "utf8" });

test("OpenSSL is the one that the addon was built with, not Node's", async () => {
  const header = readFileSync("/usr/include/openssl/opensslv.h", "utf8");
  assert.equal(buildInfo().openssl, /OPENSSL_VERSION_STR "([^"]+)"/.exec(header)[1]);
  if (Number.parseInt(process.versions.node) > 20) assert.notEqual(buildInfo().openssl, process.versions.openssl);
  // Works inside Node, whatever Node's own has loaded.
  assert.equal((await Key.generate("rs256")).type, "rs256");
});

test("the addon exports its entry only", () => {
  const names = run("nm", "-D", "--defined-only", "--format=posix", addon).trim().split("\n");
  assert.deepEqual(
    names.map((line) => line.split(" ")[0]).sort(),
    ["napi_register_module_v1", "node_api_module_get_api_version_v1"],
  );
});

test("nothing of OpenSSL, libsodium, SQLCipher or Tessera is looked for outside the addon", () => {
  const names = run("nm", "-D", "--undefined-only", "--format=posix", addon).trim().split("\n");
  const foreign = names.filter((name) => /^(tsr_|crypto_|sodium_|randombytes|sqlite3|[A-Z][A-Za-z0-9]*_)/.test(name));
  assert.deepEqual(foreign.filter((name) => !/^(_|CXXABI|GLIBC)/.test(name)), []);
  assert.ok(names.some((name) => name.startsWith("napi_")));
});

test("the addon needs the C and C++ runtime only, and stays loaded", () => {
  const dynamic = run("readelf", "--dynamic", "--wide", addon);
  const needed = [...dynamic.matchAll(/NEEDED.*\[(.*)\]/g)].map((match) => match[1]);
  const allowed = /^(libc|libm|libstdc\+\+|libgcc_s|libdl|libpthread|ld-linux-[\w-]+)\.so/;
  assert.deepEqual(needed.filter((name) => !allowed.test(name)), []);
  assert.match(dynamic, /NODELETE/);
  assert.doesNotMatch(dynamic, /TEXTREL|RPATH|RUNPATH/);
});

test("the package has the licences of all that is inside", () => {
  const names = readdirSync("node_modules/tessera-sdk/licenses").sort();
  assert.deepEqual(names, ["libsodium-dev.txt", "libssl-dev.txt", "nlohmann-json3-dev.txt", "sqlcipher.txt", "tessera.txt"]);
  assert.match(readFileSync("node_modules/tessera-sdk/licenses/sqlcipher.txt", "utf8"), /ZETETIC|Zetetic/);
});
