// A vendor and a machine for the tests, and programs that run in a process of their own.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { App, Issuer, Key, License, Store } from "tessera-sdk";

/** A folder that is removed when the test `t` ends. */
export function temporaryFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), "tessera-node-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The vendor "acme" of the product "player". */
export class Vendor {
  static async make() {
    const [root, signing] = await Promise.all([Key.generate(), Key.generate()]);
    return new Vendor(root, signing);
  }

  constructor(root, signing) {
    this.root = root;
    this.signing = signing;
    this.issuer = Issuer.open({ issuer: "acme", product: "player" }, signing);
    this.keys = Issuer.open({ issuer: "acme", product: "player" }, root).keyset({
      seq: 1,
      keys: [{ public: signing.publicKey }],
    });
  }

  /** A `.lic` file; any machine takes it unless there is a request. */
  file(spec, request) {
    return `${this.keys}\n${this.issuer.issue(request, spec)}\n`;
  }

  /** Configuration of an application of this vendor whose state lies in `folder`. */
  config(folder) {
    return {
      product: "player",
      trustedKeys: [this.root.publicKey],
      dataDir: join(folder, "state"),
      memoryDir: join(folder, "memory"),
      keystore: "file",
    };
  }
}

/** What `open`, App.open or License.open, gives in a folder of its own, closed when the test ends. */
async function openFor(t, open, vendor) {
  let opened;
  t.after(() => opened?.close()); // runs before the folder goes
  opened = await open(vendor.config(temporaryFolder(t)));
  return opened;
}

export const openLicense = (t, vendor) => openFor(t, License.open, vendor);
export const openApp = (t, vendor) => openFor(t, App.open, vendor);

/** Runs `source`, a module, in a process of its own until that exits by itself. */
export function runProgram(source, { args = [], nodeFlags = [], env = {}, timeoutMs = 30_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeFlags, "--input-type=module", "--eval", source, "--", ...args], {
      cwd: import.meta.dirname ?? new URL(".", import.meta.url).pathname,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (stderr += chunk));
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

/** A store in a folder of its own, closed when the test ends. Its folder is `store.folder`. */
export async function openStore(t, config = {}, secrets = { appKey: new Uint8Array(32).fill(7) }) {
  let store;
  t.after(() => store?.close()); // runs before the folder goes
  const folder = temporaryFolder(t);
  store = await Store.open({ path: join(folder, "app.tdb"), commit: "relaxed", kdf: "low", ...config }, secrets);
  return Object.assign(store, { folder });
}

setFlagsFromString("--expose-gc");

/** Collects garbage until `isDone` gives true. */
export async function collectGarbage(isDone, what) {
  for (let round = 0; round < 100; ++round) {
    collectGarbage.once();
    await new Promise(setImmediate); // finalizers run between tasks
    if (await isDone()) return;
  }
  throw new Error(`${what}: not collected`);
}
collectGarbage.once = runInNewContext("gc");

/** What an iterable in the background gives. */
export async function collect(iterable) {
  const all = [];
  for await (const one of iterable) all.push(one);
  return all;
}
