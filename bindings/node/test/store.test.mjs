// SQL in the store: in the background, in the calling thread, in transactions.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { App, Store, TesseraError } from "tessera-sdk";

import { collect, collectGarbage, openStore, temporaryFolder, Vendor } from "./support.mjs";

const schema = "create table people(id integer primary key, name text unique, height real, photo blob)";

async function openPeople(t, config) {
  const store = await openStore(t, config);
  await store.executeScript(schema);
  return store;
}

const ways = {
  "in the background": {
    execute: (store, ...given) => store.execute(...given),
    all: (store, ...given) => store.all(...given),
    first: (store, ...given) => store.first(...given),
    each: (store, ...given) => collect(store.query(...given)),
    many: (store, ...given) => store.executeMany(...given),
  },
  "in the calling thread": {
    execute: async (store, ...given) => store.executeSync(...given),
    all: async (store, ...given) => store.querySync(...given),
    first: async (store, ...given) => store.firstSync(...given),
    each: async (store, ...given) => [...store.iterateSync(...given)],
    many: async (store, ...given) => store.executeManySync(...given),
  },
  "by a prepared statement": {
    execute: async (store, sql, params, options) => store.prepare(sql, options).run(params),
    all: async (store, sql, params, options) => store.prepare(sql, options).all(params),
    first: async (store, sql, params, options) => store.prepare(sql, options).get(params),
    each: async (store, sql, params, options) => [...store.prepare(sql, options).iterate(params)],
    many: async (store, sql, rows) => {
      const statement = store.prepare(sql);
      return rows.reduce((sum, row) => sum + statement.run(row).changes, 0);
    },
  },
};

for (const [way, { execute, all, first, each, many }] of Object.entries(ways)) {
  test(`values come out as they went in, ${way}`, async (t) => {
    const store = await openStore(t);
    await execute(store, "create table cells(id integer primary key, cell)");
    const long = "long ".repeat(100_000);
    const large = new Uint8Array(200_000).map((_, i) => i);
    const values = [
      null, 0, -1, 2 ** 31, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 0.5, -0, 1e300, Infinity, "", "a", "süß 😀",
      "nul\0inside", long, `${long}ü`, new Uint8Array(), new Uint8Array([0, 255]), large, Buffer.from("buffer").subarray(1),
    ];
    for (const value of values) {
      assert.equal((await execute(store, "insert into cells(cell) values (?)", [value])).changes, 1);
    }
    const expected = values.map((value) => (Buffer.isBuffer(value) ? new Uint8Array(value) : value));
    const read = (await all(store, "select cell from cells order by id")).map((row) => row.cell);
    assert.deepEqual(read, expected);
    assert.ok(Object.is(read[7], -0));
    assert.deepEqual((await each(store, "select cell from cells order by id")).map((row) => row.cell), expected);
    for (const [at, value] of expected.entries()) {
      assert.deepEqual(await first(store, "select cell from cells where id = ?", [at + 1]), { cell: value });
    }
    assert.equal((await first(store, "select typeof(?) as type", [true])).type, "integer");
    assert.equal((await first(store, "select ? as one", [true])).one, 1);
  });

  test(`integers beyond 2^53 are bigints or refused, ${way}`, async (t) => {
    const store = await openPeople(t);
    const id = 2n ** 62n;
    assert.ok(Number.isNaN((await execute(store, "insert into people(id) values (?)", [id])).rowId));
    await assert.rejects(async () => all(store, "select id from people"), { name: "RangeError", message: /4611686018427387904 .*bigint/ });
    await assert.rejects(async () => each(store, "select id from people"), RangeError);
    await assert.rejects(async () => first(store, "select id from people"), RangeError);
    const wanted = { bigint: true };
    assert.deepEqual(await all(store, "select id, 7 as seven, 0.5 as half from people", [], wanted), [{ id, seven: 7n, half: 0.5 }]);
    assert.deepEqual(await each(store, "select id from people", [], wanted), [{ id }]);
    assert.deepEqual(await first(store, "select id from people", [], wanted), { id });
    assert.deepEqual(await execute(store, "insert into people(id) values (?)", [id + 1n], wanted), { changes: 1, rowId: id + 1n });
    // Refused reads leave no reader behind.
    for (let i = 0; i < 40; ++i) await assert.rejects(async () => first(store, "select id from people"), RangeError);
  });

  test(`parameters by position and by name, ${way}`, async (t) => {
    const store = await openPeople(t);
    const insert = "insert into people(name, height) values (:name, :height)";
    assert.deepEqual(await execute(store, insert, { name: "ana", height: 1.7 }), { changes: 1, rowId: 1 });
    assert.deepEqual(await execute(store, insert, { ":height": 1.8, ":name": "bob" }), { changes: 1, rowId: 2 });
    assert.deepEqual(await all(store, "select name, height from people where height > $least", { $least: 1.75 }), [{ name: "bob", height: 1.8 }]);
    await assert.rejects(async () => execute(store, insert, { name: "eve" }), { code: "arg" });
    assert.equal((await execute(store, insert, { name: "eve", height: 1, age: 3 })).rowId, 3); // one too many is left alone
    await assert.rejects(async () => execute(store, "select ?", []), { code: "arg" });
    const wide = Array.from({ length: 60 }, (_, i) => i);
    const sum = await first(store, `select ${wide.map(() => "?").join(" + ")} as sum`, wide);
    assert.equal(sum.sum, (59 * 60) / 2);
  });

  test(`what is no value is refused, ${way}`, async (t) => {
    const store = await openPeople(t);
    for (const value of [undefined, {}, [], () => {}, Symbol("s"), new Date(), new Float64Array(2)]) {
      await assert.rejects(async () => execute(store, "insert into people(name) values (?)", [value]), TypeError);
      await assert.rejects(async () => all(store, "select :value", { value }), TypeError);
    }
    for (const value of [NaN, 2n ** 63n]) {
      await assert.rejects(async () => execute(store, "insert into people(height) values (?)", [value]), RangeError);
    }
    for (const params of ["text", 7, new Uint8Array(1), null]) {
      await assert.rejects(async () => execute(store, "insert into people(name) values (?)", params), TypeError);
    }
    await assert.rejects(async () => execute(store, 7), TypeError);
    assert.equal((await first(store, "select count(*) as n from people")).n, 0);
  });

  test(`rows have the names of their columns, whatever these are, ${way}`, async (t) => {
    const store = await openStore(t);
    const names = ["a b", 'quote " here', "back\\slash", "__proto__", "constructor", "1", "ünï", "new\nline", "', evil(), '"];
    const sql = `select ${names.map((name, at) => `${at} as "${name.replaceAll('"', '""')}"`).join(", ")}`;
    const [row] = await all(store, sql);
    assert.deepEqual(Object.keys(row).sort(), [...names].sort());
    names.forEach((name, at) => assert.equal(Object.getOwnPropertyDescriptor(row, name).value, at));
    assert.deepEqual(await first(store, "select 1 as a, 2 as a"), { a: 2 });
    assert.deepEqual(await first(store, sql), row);
  });

  test(`many rows come whole and in order, ${way}`, async (t) => {
    const store = await openPeople(t);
    const rows = Array.from({ length: 3000 }, (_, i) => [i, `name ${i}`, i / 2]);
    assert.equal(await many(store, "insert into people(id, name, height) values (?, ?, ?)", rows), 3000);
    const expected = rows.map(([id, name, height]) => ({ id, name, height }));
    const sql = "select id, name, height from people order by id";
    assert.deepEqual(await all(store, sql), expected);
    assert.deepEqual(await each(store, sql), expected);
    for (const count of [0, 1, 127, 128, 129, 256]) {
      assert.equal((await all(store, `${sql} limit ?`, [count])).length, count);
      assert.equal((await each(store, `${sql} limit ?`, [count])).length, count);
    }
    assert.deepEqual(await first(store, sql), expected[0]);
    assert.equal(await first(store, `${sql} limit 0`), undefined);
    const wide = `select ${Array.from({ length: 1500 }, (_, i) => `${i} as c${i}`).join(", ")} from people limit 7`;
    assert.deepEqual((await all(store, wide)).map((row) => row.c1499), Array(7).fill(1499));
  });

  test(`failures say what is wrong, ${way}`, async (t) => {
    const store = await openPeople(t);
    await execute(store, "insert into people(name) values ('ana')");
    await assert.rejects(async () => execute(store, "insert into people(name) values ('ana')"), (error) => {
      assert.ok(error instanceof TesseraError);
      assert.deepEqual([error.code, error.detail.reason], ["state", "CONSTRAINT"]);
      return true;
    });
    await assert.rejects(async () => all(store, "selec"), { code: "arg", detail: { reason: "SQL" } });
    await store.close();
    await assert.rejects(async () => all(store, "select 1"), { code: "state" });
    await assert.rejects(async () => each(store, "select 1"), { code: "state" });
    await assert.rejects(async () => execute(store, "select 1"), { code: "state" });
  });

  test(`RETURNING gives rows and is committed, ${way}`, async (t) => {
    const store = await openPeople(t);
    assert.deepEqual(await all(store, "insert into people(name) values (?) returning id, name", ["ana"]), [{ id: 1, name: "ana" }]);
    assert.equal((await first(store, "select count(*) as n from people")).n, 1);
  });

  test(`columns follow a changed schema, ${way}`, async (t) => {
    const store = await openStore(t);
    await execute(store, "create table things(a)");
    await execute(store, "insert into things values (1)");
    assert.deepEqual(await all(store, "select * from things"), [{ a: 1 }]);
    await execute(store, "alter table things add column b");
    assert.deepEqual(await all(store, "select * from things"), [{ a: 1, b: null }]);
    await execute(store, "alter table things rename column a to c");
    assert.deepEqual(await all(store, "select * from things"), [{ c: 1, b: null }]);
    assert.deepEqual(await first(store, "select * from things"), { c: 1, b: null });
  });
}

test("rows of parameters that do not fit are refused as a whole", async (t) => {
  const store = await openPeople(t);
  const insert = "insert into people(name, height, photo) values (?, ?, ?)";
  const whole = ["ana", 1, null];
  for (const rows of [[whole, ["eva"]], [["eva", , 1], whole], [whole, , ["eva", 2, null]], ["abc", "def"], 7]) {
    await assert.rejects(store.executeMany(insert, rows), TypeError);
    assert.throws(() => store.executeManySync(insert, rows), TypeError);
    await assert.rejects(store.transaction((tx) => tx.executeMany(insert, rows)), TypeError);
  }
  await assert.rejects(store.executeMany("insert into people default values", [[], []]), TypeError);
  assert.equal(await store.executeMany(insert, []), 0);
  assert.deepEqual(await store.all("select * from people"), []);
});

test("a kept statement follows a changed schema", async (t) => {
  const store = await openStore(t);
  store.executeScriptSync("create table things(a); insert into things values (1)");
  const select = store.prepare("select * from things");
  assert.deepEqual(select.all(), [{ a: 1 }]);
  store.executeSync("alter table things rename column a to long_name");
  assert.deepEqual(select.get(), { long_name: 1 });
  store.executeSync("alter table things add column b default 'x'");
  assert.deepEqual([...select.iterate()], [{ long_name: 1, b: "x" }]);
});

test("iterating can stop, nest and go on beside writes", async (t) => {
  const store = await openPeople(t);
  store.executeManySync("insert into people(id, name) values (?, ?)", Array.from({ length: 500 }, (_, i) => [i, `n${i}`]));
  const select = store.prepare("select id from people order by id");
  // More often than there are readers: each early end gives its reader back.
  for (let round = 0; round < 40; ++round) {
    for (const { id } of select.iterate()) if (id === 3) break;
    for await (const { id } of store.query("select id from people order by id")) if (id === 3) break;
  }
  const pairs = [];
  for (const outer of select.iterate()) {
    if (outer.id === 3) break;
    for (const inner of select.iterate()) if (inner.id < 2) pairs.push([outer.id, inner.id]);
    store.executeSync("update people set height = ? where id = ?", [outer.id, outer.id]);
  }
  assert.deepEqual(pairs, [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]]);
  const rows = select.iterate();
  assert.deepEqual(rows.next(), { value: { id: 0 }, done: false });
  assert.deepEqual(rows.return(), { value: undefined, done: true });
  assert.deepEqual(rows.next(), { value: undefined, done: true });
});

test("an iterator that is dropped gives its connection back", async (t) => {
  const store = await openStore(t, { readers: 1, maxReaders: 2, busyTimeoutMs: 50 });
  await store.executeScript("create table t(a)");
  await store.executeMany("insert into t values (?)", Array.from({ length: 1000 }, (_, i) => [i]));
  const drop = {
    iterateSync: () => store.iterateSync("select a from t").next(),
    query: () => store.query("select a from t").next(),
  };
  for (const [way, begin] of Object.entries(drop)) {
    for (let round = 0; round < 6; ++round) {
      await begin();
      await collectGarbage(() => store.stats().then(({ readers_busy }) => readers_busy === 0), way);
    }
  }
  const kept = store.iterateSync("select a from t");
  kept.next();
  collectGarbage.once();
  await new Promise(setImmediate);
  assert.equal([...kept].length, 999);
});

test("one statement takes positions and names in turn", async (t) => {
  const store = await openPeople(t);
  const select = store.prepare("select :a as one, :b as two");
  assert.deepEqual(select.get([1, 2]), { one: 1, two: 2 });
  assert.deepEqual(select.get({ b: 2, a: 1 }), { one: 1, two: 2 });
  assert.deepEqual(select.get({ a: 5, b: 6 }), { one: 5, two: 6 });
  assert.deepEqual(select.get([3, 4]), { one: 3, two: 4 });
});

test("calls in the background run in the order they were made, and a read sees the writes before it", async (t) => {
  const store = await openPeople(t);
  const order = [];
  await Promise.all(
    Array.from({ length: 50 }, (_, i) => [
      store.execute("insert into people(name) values (?)", [`n${i}`]).then(({ rowId }) => order.push(rowId)),
      store.all("select count(*) as n from people").then(([{ n }]) => order.push(-n)),
    ]).flat(),
  );
  assert.deepEqual(order, Array.from({ length: 50 }, (_, i) => [i + 1, -(i + 1)]).flat());
});

test("a transaction commits as a whole or not at all", async (t) => {
  const store = await openPeople(t);
  const sum = await store.transaction(async (tx) => {
    await tx.execute("insert into people(name) values (?)", ["ana"]);
    assert.equal(await tx.executeMany("insert into people(name) values (?)", [["bob"], ["eve"]]), 2);
    await tx.put("last", "eve");
    assert.deepEqual(await collect(tx.query("select name from people order by id")), [{ name: "ana" }, { name: "bob" }, { name: "eve" }]);
    return (await tx.first("select count(*) as n from people")).n;
  });
  assert.equal(sum, 3);
  const failure = new Error("no");
  await assert.rejects(
    store.transaction(async (tx) => {
      await tx.execute("delete from people");
      await tx.remove("last");
      assert.deepEqual(await tx.all("select * from people"), []);
      throw failure;
    }),
    failure,
  );
  assert.equal((await store.first("select count(*) as n from people")).n, 3);
  assert.equal(await store.get("last"), "eve");
});

test("a nested transaction is undone alone", async (t) => {
  const store = await openPeople(t);
  await store.transaction(async (tx) => {
    await tx.execute("insert into people(name) values ('outer')");
    await tx.transaction((inner) => inner.execute("insert into people(name) values ('kept')"));
    await assert.rejects(
      tx.transaction(async (inner) => {
        await inner.execute("insert into people(name) values ('gone')");
        await assert.rejects(tx.execute("insert into people(name) values ('too soon')"), { code: "state" });
        throw new Error("no");
      }),
      /no/,
    );
  });
  store.transactionSync((tx) => {
    tx.transaction((inner) => inner.execute("insert into people(name) values ('kept too')"));
    assert.throws(() => tx.transaction((inner) => { inner.execute("insert into people(name) values ('gone')"); throw new Error("no"); }), /no/);
  });
  assert.deepEqual((await store.all("select name from people order by id")).map((row) => row.name), ["outer", "kept", "kept too"]);
});

test("a synchronous transaction commits, rolls back and refuses promises", async (t) => {
  const store = await openPeople(t);
  const ids = store.transactionSync((tx) => {
    const insert = tx.prepare("insert into people(name) values (?)");
    tx.put("count", 2);
    assert.equal(tx.executeMany("insert into people(name) values (?)", [["x"]]), 1);
    return ["ana", "bob"].map((name) => insert.run([name]).rowId);
  });
  assert.deepEqual(ids, [2, 3]);
  assert.equal(store.getSync("count"), 2);
  let escaped;
  assert.throws(() => store.transactionSync((tx) => {
    escaped = tx;
    tx.execute("delete from people");
    assert.deepEqual(tx.query("select * from people"), []);
    assert.equal(tx.remove("count"), true);
    assert.throws(() => store.executeSync("delete from people"), { code: "state" });
    throw new Error("no");
  }), /no/);
  assert.throws(() => store.transactionSync(async () => {}), TypeError);
  assert.throws(() => escaped.execute("delete from people"), { name: "TesseraError" });
  assert.equal(store.firstSync("select count(*) as n from people").n, 3);
  assert.equal(store.getSync("count"), 2);
});

test("a transaction that is held too long is rolled back", async (t) => {
  const store = await openPeople(t, { transactionLimitMs: 50 });
  await assert.rejects(
    store.transaction(async (tx) => {
      await tx.execute("insert into people(name) values ('late')");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }),
    { code: "timeout" },
  );
  assert.equal((await store.first("select count(*) as n from people")).n, 0);
});

test("a write that waits for its own transaction fails in time", async (t) => {
  const store = await openStore(t, { busyTimeoutMs: 300 });
  await store.executeScript("create table t(a)");
  const insert = "insert into t values (1)";
  await assert.rejects(store.transaction(() => store.execute(insert)), { code: "busy" });
  await assert.rejects(store.transaction(() => store.execute(insert, [], { timeoutMs: 20 })), { code: "timeout" });
  await assert.rejects(store.transaction(() => store.put("a", 1)), { code: "busy" });
  const hasty = await openStore(t, { transactionLimitMs: 50 });
  await assert.rejects(hasty.transaction(() => hasty.put("a", 1)), { code: "timeout", detail: { reason: "TRANSACTION" } });
  assert.equal(await hasty.get("a"), 1);
  assert.equal((await store.execute(insert)).changes, 1);
});

test("a statement ends with its time or its signal", async (t) => {
  const store = await openPeople(t);
  const endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) as i from n";
  await assert.rejects(store.all(endless, [], { timeoutMs: 50 }), { code: "timeout" });
  assert.throws(() => store.querySync(endless, [], { timeoutMs: 50 }), { code: "timeout" });
  const controller = new AbortController();
  const reason = new Error("enough");
  const numbers = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n";
  let seen = 0;
  await assert.rejects(async () => {
    for await (const { i } of store.query(numbers, [], { signal: controller.signal })) {
      seen = i;
      if (i === 1000) controller.abort(reason);
    }
  }, reason);
  assert.ok(seen >= 1000 && seen < 2000, `${seen} rows`);
  await assert.rejects(store.execute("select 1", [], { signal: AbortSignal.abort(reason) }), reason);
});

test("a read in the background leaves the event loop alone", async (t) => {
  const store = await openPeople(t);
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  const slow = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000) select max(i) as i from n";
  assert.equal((await store.first(slow)).i, 2_000_000);
  clearInterval(timer);
  assert.ok(turns > 10, `${turns} turns`);
});

test("what is durable and how is said per call", async (t) => {
  const store = await openPeople(t);
  const before = (await store.stats()).strict_commits;
  await store.execute("insert into people(name) values ('a')", [], { commit: "strict" });
  store.executeSync("insert into people(name) values ('b')", [], { commit: "strict" });
  await store.transaction((tx) => tx.execute("insert into people(name) values ('c')"), { commit: "strict" });
  await store.execute("insert into people(name) values ('d')");
  assert.equal((await store.stats()).strict_commits - before, 3);
  await assert.rejects(store.execute("select 1", [], { commit: "often" }), TypeError);
});

test("steps of a schema are applied once", async (t) => {
  const store = await openStore(t);
  const steps = [{ name: "people", sql: schema }, { name: "ages", sql: "alter table people add column age integer" }];
  assert.deepEqual(await store.migrate(steps, { dryRun: true }), [{ name: "people", state: "pending" }, { name: "ages", state: "pending" }]);
  assert.deepEqual(await store.migrate(steps.slice(0, 1)), [{ name: "people", state: "applied" }]);
  assert.deepEqual(await store.migrate(steps), [{ name: "people", state: "present" }, { name: "ages", state: "applied" }]);
  const changed = [{ name: "people", sql: `${schema};` }, steps[1]];
  await assert.rejects(store.migrate(changed), { code: "state", detail: { reason: "MIGRATION_CHANGED" } });
  await assert.rejects(store.migrate(steps.slice(0, 1)), { code: "unsupported", detail: { reason: "NEWER_SCHEMA" } });
});

test("a tenant sees its own rows only", async (t) => {
  const store = await openStore(t);
  await store.executeScript("create table orders(id integer primary key, tenant_id text not null, what text)");
  await store.declareTenant("orders", "tenant_id");
  const [acme, bolt] = [store.forTenant("acme"), store.forTenant("bolt")];
  await acme.execute("insert into orders(tenant_id, what) values ('acme', 'nails')");
  bolt.executeSync("insert into orders(tenant_id, what) values ('bolt', 'screws')");
  assert.deepEqual(await acme.all("select what from orders"), [{ what: "nails" }]);
  assert.deepEqual(bolt.prepare("select what from orders").all(), [{ what: "screws" }]);
  await assert.rejects(store.all("select * from orders"), { code: "state", detail: { reason: "TENANT_REQUIRED" } });
  assert.throws(() => store.forTenant(""), { code: "arg" });
});

test("what a store is opened with", async (t) => {
  const path = join(temporaryFolder(t), "app.tdb");
  const secrets = { passphrase: "correct horse" };
  const store = await Store.open({ path, kdf: "low" }, secrets);
  t.after(() => store.close());
  await assert.rejects(Store.open({ path, busyTimeoutMs: 50 }, secrets), { code: "busy", retryable: true });
  await store.put("kept", 1);
  await store[Symbol.asyncDispose]();
  await assert.rejects(Store.open({ path }, { passphrase: "wrong" }), (error) => {
    assert.deepEqual([error.code, error.detail.reason], ["crypto", "WRONG_KEY"]);
    return true;
  });
  await assert.rejects(Store.open({ path, colour: "red" }, secrets), { code: "arg", message: /colour/ });
  await assert.rejects(Store.open({ path: `${path}.none`, create: false }, secrets), TesseraError);
  await assert.rejects(Store.open({ path }, "correct horse"), TypeError);
  await assert.rejects(Store.open({ path }, { appKey: new Uint8Array(31) }), { code: "arg" });
  const again = await Store.open({ path, kdf: "low" }, { passphrase: new TextEncoder().encode("correct horse") });
  t.after(() => again.close());
  assert.equal(await again.get("kept"), 1);
});

test("the application's store is one, and ends with it", async (t) => {
  const vendor = await Vendor.make();
  const app = await App.open({ ...vendor.config(temporaryFolder(t)), store: { commit: "relaxed", kdf: "low" } });
  t.after(() => app.close());
  const store = await app.store({ passphrase: "p" });
  await store.put("a", 1);
  assert.equal(await (await app.store()).get("a"), 1);
  await app.close();
  await assert.rejects(store.get("a"), { code: "state" });
});

test("nothing is kept in memory's store", async () => {
  const store = await Store.open({ path: ":memory:" });
  store.executeScriptSync("create table t(a); insert into t values (7)");
  assert.deepEqual(store.querySync("select a from t"), [{ a: 7 }]);
  await store.close();
});
