// bindings/node_cached_verdict and bindings/node_max_stall; run by ../run_node.
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";

const require = createRequire(import.meta.url);
const { Issuer, Key, License } = require(process.argv[2]);
const bare = require(process.argv[3]);

const rounds = 51; // odd: the median is a round that was measured
const callsPerRound = 20_000;
const maxStallMs = 5;

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

function report(bench, unit, value, peer, peerValue) {
  const ratio = value / peerValue;
  console.log(JSON.stringify({ bench, value, unit, better: "lower", peer, peer_value: peerValue, ratio }));
  console.error(`${bench.padEnd(36)} ${value.toFixed(2)} ${unit}  ${peer} ${peerValue.toFixed(2)}  ratio ${ratio.toFixed(2)}`);
}

/** Nanoseconds per call. */
function time(calls, call) {
  const started = process.hrtime.bigint();
  let usable = 0;
  for (let i = 0; i < calls; ++i) if (call().usable) usable += 1;
  if (usable !== calls) throw new Error("not usable");
  return Number(process.hrtime.bigint() - started) / calls;
}

function cachedVerdict(license) {
  const ours = [];
  const peers = [];
  for (let round = -5; round < rounds; ++round) {
    const own = time(callsPerRound, () => license.check());
    const peer = time(callsPerRound, () => bare());
    if (round < 0) continue; // warming up
    ours.push(own);
    peers.push(peer);
  }
  report("bindings/node_cached_verdict", "ns", median(ours), "bare N-API function", median(peers));
}

/** By how many milliseconds the event loop was late at most while `work` ran, asked every millisecond. */
async function longestStall(work) {
  const resolution = 1;
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  await work();
  delay.disable();
  return delay.max / 1e6 - resolution;
}

async function maxStall(config) {
  // Each opens the folder anew: reads and decrypts the state, probes the hardware, verifies every signature.
  const open = async () => {
    const license = await License.open(config);
    if (!license.check().usable) throw new Error("not usable");
  };
  const hundred = () => Promise.all(Array.from({ length: 100 }, open));
  await hundred();
  const stalls = [];
  for (let round = 0; round < 11; ++round) stalls.push(await longestStall(hundred));
  report("bindings/node_max_stall", "ms", median(stalls), "limit", maxStallMs);
}

const folder = mkdtempSync(join(tmpdir(), "tessera-bench-"));
try {
  const [root, signing] = await Promise.all([Key.generate(), Key.generate()]);
  const vendor = { issuer: "acme", product: "player" };
  const keys = Issuer.open(vendor, root).keyset({ seq: 1, keys: [{ public: signing.publicKey }] });
  const config = {
    product: "player",
    trustedKeys: [root.publicKey],
    dataDir: join(folder, "state"),
    memoryDir: join(folder, "memory"),
    keystore: "file",
  };
  const license = await License.open(config);
  const request = await license.request();
  await license.importBundle(`${keys}\n${Issuer.open(vendor, signing).issue(request, { sku: "pro", allowWeak: true })}`);
  cachedVerdict(license);
  await maxStall(config);
  await license.close();
} finally {
  rmSync(folder, { recursive: true });
}
