// The five trials that better-sqlite3 publishes (rows read by position, inserted by name, all by prepared statements), on an
// encrypted file, beside better-sqlite3-multiple-ciphers with the same cipher and pragmas; run by ../run_node. Rates: more is
// faster.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { Store } = require(process.argv[2]);
const Database = require(process.argv[3]);

const rounds = 31; // odd: the median is a round that was measured
const roundMs = 40;
const count = 10_000;
const batch = 100;
const peerName = "better-sqlite3-multiple-ciphers";

const schema = "create table small(nul, integer integer, real real, text text, blob blob)";
const columns = "nul, integer, real, text";
const row = { nul: null, integer: 0x7fffffff, real: 1 / 3, text: "this is the text" };
const blob = Buffer.from("this is the blob");
const fill = "insert into small values (?, ?, ?, ?, ?)";
const insertSql = `insert into small(${columns}) values (@nul, @integer, @real, @text)`;
const selectSql = `select ${columns} from small where rowid = ?`;
const rangeSql = `select ${columns} from small where rowid >= ? limit ${batch}`;

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/** One call of each trial. Both sides read the same rows in the same order. */
function trialsOf({ get, all, iterate, insert, insertMany }) {
  let next = 0;
  const id = (step) => (next = (next + step) % count) + 1;
  const check = (holds) => {
    if (!holds) throw new Error("a trial read something else");
  };
  return {
    select: () => check(get(id(1)).text === row.text),
    all: () => check(all((id(batch) % (count - batch)) + 1).length === batch),
    iterate: () => {
      let seen = 0;
      for (const { integer } of iterate((id(batch) % (count - batch)) + 1)) seen += integer === row.integer ? 1 : 0;
      check(seen === batch);
    },
    insert: () => check(insert(row).changes === 1),
    transaction: () => insertMany(Array(batch).fill(row)),
  };
}

async function openOurs(folder) {
  const store = await Store.open({ path: join(folder, "ours.tdb"), commit: "relaxed", kdf: "low" }, { appKey: randomBytes(32) });
  await store.executeScript(schema);
  await store.executeMany(fill, Array(count).fill([...Object.values(row), blob]));
  const select = store.prepare(selectSql);
  const range = store.prepare(rangeSql);
  const insert = store.prepare(insertSql);
  return trialsOf({
    get: (id) => select.get([id]),
    all: (id) => range.all([id]),
    iterate: (id) => range.iterate([id]),
    insert: (values) => insert.run(values),
    insertMany: (rows) =>
      store.transactionSync((tx) => {
        const insertInside = tx.prepare(insertSql);
        for (const values of rows) insertInside.run(values);
      }),
  });
}

function openPeer(folder) {
  const db = new Database(join(folder, "peer.db"));
  db.pragma("cipher = 'sqlcipher'");
  db.pragma("legacy = 4");
  db.pragma(`key = "x'${randomBytes(32).toString("hex")}'"`);
  for (const pragma of [
    "auto_vacuum = incremental",
    "journal_mode = wal",
    "synchronous = normal",
    "cache_size = -16000",
    "temp_store = memory",
    "secure_delete = on",
    "cell_size_check = on",
    "foreign_keys = on",
  ]) db.pragma(pragma);
  db.exec(schema);
  const fillOne = db.prepare(fill);
  db.transaction(() => {
    for (let i = 0; i < count; ++i) fillOne.run([...Object.values(row), blob]);
  })();
  const select = db.prepare(selectSql);
  const range = db.prepare(rangeSql);
  const insert = db.prepare(insertSql);
  return trialsOf({
    get: (id) => select.get([id]),
    all: (id) => range.all([id]),
    iterate: (id) => range.iterate([id]),
    insert: (values) => insert.run(values),
    insertMany: db.transaction((rows) => {
      for (const values of rows) insert.run(values);
    }),
  });
}

/** Calls in a second. */
function rate(call, calls) {
  const started = process.hrtime.bigint();
  for (let i = 0; i < calls; ++i) call();
  return (calls * 1e9) / Number(process.hrtime.bigint() - started);
}

function measure(bench, unit, factor, own, peer) {
  const calls = Math.max(1, Math.round((rate(own, 20) * roundMs) / 1000));
  const ours = [];
  const peers = [];
  for (let round = -5; round < rounds; ++round) {
    const rates = [rate(own, calls), rate(peer, calls)];
    if (round < 0) continue; // warming up
    ours.push(rates[0] * factor);
    peers.push(rates[1] * factor);
  }
  const value = median(ours);
  const peerValue = median(peers);
  const ratio = value / peerValue;
  console.log(JSON.stringify({ bench, value, unit, better: "higher", peer: peerName, peer_value: peerValue, ratio }));
  console.error(`${bench.padEnd(28)} ${value.toFixed(0)} ${unit}  ${peerName} ${peerValue.toFixed(0)}  ratio ${ratio.toFixed(2)}`);
}

const folder = mkdtempSync(join(tmpdir(), "tessera-bench-"));
try {
  const ours = await openOurs(folder);
  const peer = openPeer(folder);
  measure("store/node_select", "rows/s", 1, ours.select, peer.select);
  measure("store/node_all", "rows/s", batch, ours.all, peer.all);
  measure("store/node_iterate", "rows/s", batch, ours.iterate, peer.iterate);
  measure("store/node_insert", "rows/s", 1, ours.insert, peer.insert);
  measure("store/node_transaction", "rows/s", batch, ours.transaction, peer.transaction);
} finally {
  rmSync(folder, { recursive: true });
}
