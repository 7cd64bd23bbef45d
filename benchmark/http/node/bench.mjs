// The API client, with all policies on, beside undici: requests, 64 at a time, for a second of this process's CPU time; run
// by ../run_node with the URL of a server as the last argument. More is faster.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const [ourPath, peerPath, url] = process.argv.slice(2);
const { HttpClient } = require(ourPath);
const { Agent, request } = require(peerPath);

const rounds = 15; // odd: the median is a round that was measured
const requests = 12_800; // in a round
const concurrent = 64;

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/** Requests for a second of CPU time. */
async function rate(get) {
  const work = async () => {
    for (let i = 0; i < requests / concurrent; ++i) {
      const [status, body] = await get();
      if (status !== 200 || body.length === 0) throw new Error("another response than 200 with a body");
    }
  };
  const started = process.cpuUsage();
  await Promise.all(Array.from({ length: concurrent }, work));
  const used = process.cpuUsage(started);
  return (requests * 1e6) / (used.user + used.system);
}

async function measure(bench, peer, own, theirs) {
  const ours = [];
  const peers = [];
  for (let round = -2; round < rounds; ++round) {
    const rates = [await rate(own), await rate(theirs)];
    if (round < 0) continue; // warming up
    ours.push(rates[0]);
    peers.push(rates[1]);
  }
  const value = median(ours);
  const peerValue = median(peers);
  const ratio = value / peerValue;
  console.log(JSON.stringify({ bench, value, unit: "/cpu-s", better: "higher", peer, peer_value: peerValue, ratio }));
  console.error(`${bench.padEnd(28)} ${value.toFixed(0)} /cpu-s  ${peer} ${peerValue.toFixed(0)}  ratio ${ratio.toFixed(2)}`);
}

// The limiter's rate is far above the load, so that each request passes through it and none waits.
const client = HttpClient.open({ limiter: { rate: 1_000_000, burst: 1_000_000 }, pool: { perHost: concurrent } });
const dispatcher = new Agent({ connections: concurrent });
try {
  await measure(
    "http/node_vs_undici",
    "undici",
    async () => {
      const response = await client.get(url);
      return [response.status, response.text()];
    },
    async () => {
      const { statusCode, body } = await request(url, { dispatcher });
      return [statusCode, await body.text()];
    },
  );
} finally {
  await client.close();
  await dispatcher.close();
}
