// Compiled, never run: what TypeScript accepts, and what it must refuse.
import {
  App,
  Entitlement,
  Hwid,
  Issuer,
  Key,
  License,
  Store,
  TesseraError,
  type Cell,
  type ErrorCode,
  type LicenseCode,
  type Row,
} from "tessera-sdk";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Equal<A, B>) => {};

export async function use(signal: AbortSignal): Promise<void> {
  await using app = await App.open({ product: "player", dataDir: "/tmp/x", trustedKeys: ["k"], buildDate: "2026-01-01" }, { signal });
  const verdict = app.license.check();
  same<typeof verdict.usable, boolean>(true);
  same<typeof verdict.code, LicenseCode>(true);
  same<typeof verdict.expiresAt, Date | undefined>(true);
  same<ReturnType<typeof verdict.explain>, string>(true);

  const entitlement = verdict.entitlement("copies");
  same<typeof entitlement, Entitlement>(true);
  same<typeof entitlement.value, boolean | number | string | undefined>(true);
  same<ReturnType<typeof entitlement.asInt>, number>(true);
  const exact = verdict.entitlement("copies", { bigint: true });
  same<ReturnType<typeof exact.asInt>, bigint>(true);

  const reading = await app.license.meterAdd("copies", 1n, { bigint: true, signal });
  same<typeof reading.used, bigint>(true);
  same<Awaited<ReturnType<typeof app.license.request>>, string>(true);

  using key = await Key.generate("rs256");
  same<typeof key.type, "ed25519" | "rs256">(true);
  using issuer = Issuer.open({ issuer: "acme", product: "player" }, key);
  same<ReturnType<typeof issuer.issue>, string>(true);
  issuer.issue(undefined, { sku: "pro", expiresAt: new Date(), entitlements: { a: 1, b: { value: 2n, per: "day" } } });
  using hwid = await Hwid.probe();
  same<typeof hwid.strength, "none" | "weak" | "medium" | "strong">(true);
  using subscription = app.onLog("warn", (record) => same<typeof record.message, string>(true));
  subscription.cancel();

  try {
    await app.license.importBundle(new Uint8Array(), { signal });
  } catch (error) {
    if (error instanceof TesseraError) {
      same<typeof error.code, ErrorCode>(true);
      same<typeof error.licenseCode, LicenseCode | undefined>(true);
    }
  }

  // @ts-expect-error: required members are missing
  await License.open({ product: "player" }).catch(() => {});
  // @ts-expect-error: no such member
  await App.open({ product: "player", dataDir: "/tmp/x", licenseKey: "A" });
  // @ts-expect-error: no such policy
  await App.open({ product: "player", dataDir: "/tmp/x", clockPolicy: "maybe" });
  // @ts-expect-error: a verdict is read-only
  verdict.usable = true;
  // @ts-expect-error: no such code
  if (verdict.code === "EXPIRD") return;
  // @ts-expect-error: no such error
  if ({} as ErrorCode === "expired") return;
  // @ts-expect-error: a check is not a promise
  verdict.then();
  // @ts-expect-error: a promise is not a verdict
  (await app).license.refresh().usable;
  // @ts-expect-error: no such key type
  await Key.generate("rsa");
  // @ts-expect-error: a key is not its text
  Issuer.open({ issuer: "acme", product: "player" }, "key");
  // @ts-expect-error: a licence has a product
  issuer.issue(undefined, {});
  // @ts-expect-error: periods of a meter are day, month and total
  issuer.issue(undefined, { sku: "pro", entitlements: { a: { value: 1, per: "year" } } });
  // @ts-expect-error: no such level
  app.onLog("loud", () => {});
  // @ts-expect-error: handles are made by the library
  new License({});
}

export async function useStore(signal: AbortSignal): Promise<void> {
  await using app = await App.open({ product: "player", dataDir: "/tmp/x", store: { commit: "relaxed", cache: { maxRows: 5 } } });
  same<Awaited<ReturnType<typeof app.store>>, Store>(true);
  await using store = await Store.open({ path: "/tmp/x.tdb", user: "ana", slots: ["device"] }, { passphrase: "p", appKey: new Uint8Array(32) });

  const changes = await store.execute("insert into t values (?, ?)", [1, null], { commit: "strict", signal });
  same<typeof changes.rowId, number>(true);
  same<typeof changes.changes, number>(true);
  const exact = store.executeSync("insert into t values (:a)", { a: 1n }, { bigint: true });
  same<typeof exact.rowId, bigint>(true);
  for await (const row of store.query("select * from t")) same<typeof row, Row>(true);
  for (const row of store.iterateSync<{ name: string }>("select name from t")) same<typeof row.name, string>(true);
  const first = await store.first("select 1 as one");
  same<typeof first, Row | undefined>(true);
  const [row] = await store.all<{ id: number }>("select id from t", [], { timeoutMs: 5 });
  same<typeof row, { id: number } | undefined>(true);
  same<Row[string], Cell>(true);

  const insert = store.prepare("insert into t values (?)");
  same<ReturnType<typeof insert.run>["rowId"], number>(true);
  const wide = store.prepare<{ id: bigint }>("select id from t", { bigint: true });
  same<ReturnType<typeof wide.get>, { id: bigint } | undefined>(true);

  same<Promise<number>, ReturnType<typeof numberOf>>(true);
  async function numberOf() {
    return store.transaction(async (tx) => (await tx.execute("delete from t")).changes);
  }
  const made = store.transactionSync((tx) => tx.execute("insert into t values (1)").rowId);
  same<typeof made, number>(true);

  await store.put("k", { a: [1, "x", { b: null }] });
  const limit = await store.get<number>("k");
  same<typeof limit, number | undefined>(true);
  const found: Uint8Array | null | undefined = await store.cache("c").get("k");
  const loaded: Uint8Array | null = await store.cache("c").getOrLoad("k", async (key) => key, { ttlMs: 5, signal });
  void found, void loaded;
  await store.backup("/tmp/y.tdb", { progress: (done, total) => same<[typeof done, typeof total], [number, number]>(true), signal });
  const [item] = await store.outbox.lease("t");
  if (item) await store.outbox.complete(item);
  await using writer = await store.createSealed("/tmp/f.tsf");
  await new Blob(["x"]).stream().pipeTo(writer.toWritable());

  // @ts-expect-error: a Date is no value of SQL
  await store.execute("insert into t values (?)", [new Date()]);
  // @ts-expect-error: a secret is no configuration
  await Store.open({ path: "/tmp/x.tdb", passphrase: "p" });
  // @ts-expect-error: rows are not there yet
  store.query("select 1").length;
  // @ts-expect-error: no such durability
  store.executeSync("select 1", [], { commit: "maybe" });
  // @ts-expect-error: how long is required
  await store.cache("c").put("k", "v");
  // @ts-expect-error: undefined is no setting
  await store.put("k", undefined);
}
