import { Cache } from "./cache.js";
import { toJson } from "./json.js";
import { closeTimeoutMs, type CloseOptions } from "./license.js";
import { attach, watchSink, type LogLevel, type LogSink, type Subscription } from "./log.js";
import { native, type Handle } from "./native.js";
import { run, type CallOptions } from "./operation.js";
import { Outbox } from "./outbox.js";
import { runLong, type CareOptions } from "./progress.js";
import { firstRow, stream, takeRow, takeRows } from "./rows.js";
import { SealedLog, SealedReader, SealedWriter, type LogOptions, type SealedRecord } from "./sealed.js";
import { setting, settingOf, type SettingValue } from "./settings.js";
import {
  commitNumber,
  toChanges,
  toTable,
  type Changes,
  type Commit,
  type Params,
  type Row,
  type SqlOptions,
  type SyncSqlOptions,
  type Value,
} from "./sql.js";
import { Statement } from "./statement.js";
import { slotNumber, slotType, type Secrets, type SlotType, type StoreConfig } from "./store_config.js";
import { runIn, runInSync, SyncTransaction, Transaction, type TransactionOptions } from "./transaction.js";

/** One step of a schema. */
export interface Migration {
  /** Unique. */
  name: string;
  /** One or more statements without parameters. */
  sql: string;
}

/** What became of a step: applied now, there before, or to be applied (dry run). */
export interface MigrationStep {
  readonly name: string;
  readonly state: "applied" | "present" | "pending";
}

/** A way into a store. */
export interface Slot {
  readonly slot: number;
  readonly type: SlotType;
  readonly name: string;
  /** Cost of guessing, as text. */
  readonly kdf: string;
  readonly createdAt: Date;
  /** Whether this one opened the store. */
  readonly opened: boolean;
}

/** What was exported in the clear. */
export interface AuditEntry {
  readonly at: Date;
  readonly action: string;
  readonly reason: string;
}

/** What Store.salvage() could read. */
export interface SalvageReport {
  readonly tables: number;
  readonly rows: number;
  readonly pagesRead: number;
  readonly pagesDamaged: number;
  /** The tables that lack rows. */
  readonly damagedTables: readonly string[];
}

/** What a store counts: docs/reference/store-stats.md. */
export interface StoreStats {
  readonly [member: string]: unknown;
}

/** What importStore() and its like take. */
export type ImportOptions = CareOptions;

const importKinds = { tessera: 0, plain: 1, sqlcipher: 2 } as const;
const knownStatements = 64;

/** The encrypted store of one user, or that store seen by one tenant.
 *
 * Calls that return promises run in the background, in the order they were made; their `...Sync` twins and prepared
 * statements run in the calling thread, which suits scripts and servers that answer from memory: a read takes
 * microseconds, a strict commit as long as the disk. A query sees every write that was acknowledged before. Failures are
 * TesseraError, with the particulars in `detail.reason`. What was acknowledged stays also without close(). */
export class Store {
  readonly #handle: Handle<"store">;
  readonly #caches = new Map<string, Cache>();
  readonly #statements = new Map<string, Statement>();
  /** Requests that survive. */
  readonly outbox: Outbox;

  /** @internal */
  constructor(handle: Handle<"store">) {
    this.#handle = handle;
    this.outbox = new Outbox(handle);
  }

  /** Opens a store, and makes it when it is not there. A new one gets a slot for each secret given. Errors: "arg", "crypto"
   * (WRONG_KEY, NOT_ENCRYPTED, FOREIGN_FILE, HARDWARE_CHANGED), "corrupt" (DAMAGED, DATA_MISSING, ROLLED_BACK, SLOTS_OLD),
   * "not_found" (SLOTS_MISSING), "unsupported" (NEWER_FORMAT), "busy" (STORE_LOCKED), "io", "permission", "disk_full". */
  static async open(config: StoreConfig, secrets?: Secrets, options?: CallOptions): Promise<Store> {
    const json = toJson(config);
    return new Store(await run(options, () => native.storeOpen(json, secrets)));
  }

  /** Reads what can be read of a damaged store into JSON lines at `path`, in the clear, and moves the damaged files aside,
   * so that open() makes a new store with the same slots. Errors: as open(), "cancelled". */
  static async salvage(config: StoreConfig, secrets: Secrets | undefined, path: string, options?: CareOptions): Promise<SalvageReport> {
    const json = toJson(config);
    const rows = await runLong(options, (listener) => native.storeSalvage(json, secrets, path, listener));
    const row = takeRow<{ tables: number; rows: number; pages_read: number; pages_damaged: number; damaged_tables: string }>(rows);
    return {
      tables: row.tables,
      rows: row.rows,
      pagesRead: row.pages_read,
      pagesDamaged: row.pages_damaged,
      damagedTables: JSON.parse(row.damaged_tables) as string[],
    };
  }

  /** Destroys a store for good: its slots first, then every file of it. Errors: "not_found", "busy" (open), "io". */
  static erase(config: StoreConfig, options?: CallOptions): Promise<void> {
    const json = toJson(config);
    return run(options, () => native.storeErase(json));
  }

  // --- SQL in the background ---

  /** Runs one statement; a write is committed when the promise is resolved. Errors: "arg" (the SQL or a parameter), "state"
   * (closed, CONSTRAINT, TENANT_REQUIRED), "busy", "timeout", "corrupt", "disk_full", "io", "limit". */
  execute(sql: string, params?: Params, options?: SqlOptions & { bigint?: false }): Promise<Changes>;
  execute(sql: string, params: Params | undefined, options: SqlOptions & { bigint: true }): Promise<Changes<bigint>>;
  async execute(sql: string, params?: Params, options?: SqlOptions): Promise<Changes<number | bigint>> {
    const commit = commitNumber(options?.commit);
    const timeoutMs = options?.timeoutMs ?? 0;
    const raw = await run(options, () => native.storeExecute(this.#handle, sql, params, commit, timeoutMs));
    return toChanges(raw, options?.bigint);
  }

  /** Runs one statement once for each row of parameters, all in one transaction; gives the number of rows changed.
   * Errors: as execute(). */
  async executeMany(sql: string, rows: readonly (readonly Value[])[], options?: SqlOptions): Promise<number> {
    const { values, width } = toTable(rows);
    const commit = commitNumber(options?.commit);
    const timeoutMs = options?.timeoutMs ?? 0;
    const start = () => native.storeExecuteMany(this.#handle, sql, values, width, commit, timeoutMs);
    return (await run(options, start)).changes;
  }

  /** Runs several statements without parameters in one transaction. Errors: as execute(). */
  async executeScript(sql: string, options?: SqlOptions): Promise<void> {
    const commit = commitNumber(options?.commit);
    return run(options, () => native.storeExecuteScript(this.#handle, sql, commit, options?.timeoutMs ?? 0));
  }

  /** Rows as they are asked for: the next chunk is read when the one before was used up. Aborting ends it also while it
   * reads. Errors: as execute(). */
  query<R = Row>(sql: string, params?: Params, options?: SqlOptions): AsyncGenerator<R, void, undefined> {
    return stream<R>(options, () => native.storeQuery(this.#handle, sql, params, options?.timeoutMs ?? 0));
  }

  /** All rows. Errors: as execute(). */
  async all<R = Row>(sql: string, params?: Params, options?: SqlOptions): Promise<R[]> {
    const start = () => native.storeQueryAll(this.#handle, sql, params, options?.timeoutMs ?? 0);
    return takeRows<R>(await run(options, start), options?.bigint);
  }

  /** The first row, or undefined. Errors: as execute(). */
  first<R = Row>(sql: string, params?: Params, options?: SqlOptions): Promise<R | undefined> {
    return firstRow<R>(options, () => native.storeQuery(this.#handle, sql, params, options?.timeoutMs ?? 0));
  }

  /** Runs `work` in a write transaction: commits when its promise is resolved, rolls back when it is rejected. Other
   * writers wait; so does a write of this store that `work` waits for without `tx`, until it fails with "busy".
   * Errors: "busy", "timeout" (held too long: rolled back), as execute(), and what `work` throws. */
  async transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T> {
    const commit = commitNumber(options?.commit);
    return runIn(() => run(options, () => native.txBegin(this.#handle, commit, options?.timeoutMs ?? 0)), work);
  }

  // --- SQL in the calling thread ---

  /** A statement that is run often. */
  prepare<R = Row>(sql: string, options?: SyncSqlOptions & { bigint?: false }): Statement<R>;
  prepare<R = Row>(sql: string, options: SyncSqlOptions & { bigint: true }): Statement<R, bigint>;
  prepare<R = Row>(sql: string, options?: SyncSqlOptions): Statement<R, number | bigint> {
    const commit = commitNumber(options?.commit);
    return new Statement(native.storePrepare(this.#handle, sql, commit, options?.timeoutMs ?? 0, options?.bigint ?? false));
  }

  /** As execute(), in the calling thread. */
  executeSync(sql: string, params?: Params, options?: SyncSqlOptions & { bigint?: false }): Changes;
  executeSync(sql: string, params: Params | undefined, options: SyncSqlOptions & { bigint: true }): Changes<bigint>;
  executeSync(sql: string, params?: Params, options?: SyncSqlOptions): Changes<number | bigint> {
    return this.#prepared(sql, options).run(params);
  }

  /** As executeMany(), in the calling thread. */
  executeManySync(sql: string, rows: readonly (readonly Value[])[], options?: SyncSqlOptions): number {
    const { values, width } = toTable(rows);
    const commit = commitNumber(options?.commit);
    return native.storeExecuteManySync(this.#handle, sql, values, width, commit, options?.timeoutMs ?? 0).changes;
  }

  /** As executeScript(), in the calling thread. */
  executeScriptSync(sql: string, options?: SyncSqlOptions): void {
    native.storeExecuteScriptSync(this.#handle, sql, commitNumber(options?.commit), options?.timeoutMs ?? 0);
  }

  /** As all(), in the calling thread. */
  querySync<R = Row>(sql: string, params?: Params, options?: SyncSqlOptions): R[] {
    return this.#prepared(sql, options).all(params) as R[];
  }

  /** As first(), in the calling thread. */
  firstSync<R = Row>(sql: string, params?: Params, options?: SyncSqlOptions): R | undefined {
    return this.#prepared(sql, options).get(params) as R | undefined;
  }

  /** As query(), in the calling thread; see Statement.iterate(). */
  iterateSync<R = Row>(sql: string, params?: Params, options?: SyncSqlOptions): IterableIterator<R> {
    return this.#prepared(sql, options).iterate(params) as IterableIterator<R>;
  }

  /** Runs `work` in a write transaction in the calling thread: commits when it returns, rolls back when it throws. Inside
   * it, writes go through `tx`: those of this store are refused with "state". Errors: as transaction(). */
  transactionSync<T>(work: (tx: SyncTransaction) => T, options?: { commit?: Commit; timeoutMs?: number }): T {
    return runInSync(native.txBeginSync(this.#handle, commitNumber(options?.commit), options?.timeoutMs ?? 0), work);
  }

  /** The statement of this SQL; those without options are kept for the next time. */
  #prepared(sql: string, options: SyncSqlOptions | undefined): Statement {
    if (options !== undefined) return this.prepare(sql, options as SyncSqlOptions & { bigint?: false });
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.prepare(sql);
      if (this.#statements.size >= knownStatements) this.#statements.clear();
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  // --- Schema and tenants ---

  /** Brings the schema up to the last step, each in a transaction of its own. What was applied before must be here
   * unchanged and in the same order. Errors: "arg" (a step's SQL), "state" (MIGRATION_CHANGED), "unsupported"
   * (NEWER_SCHEMA), as execute(). */
  async migrate(steps: readonly Migration[], options?: CallOptions & { dryRun?: boolean }): Promise<MigrationStep[]> {
    const flat = steps.flatMap(({ name, sql }) => [name, sql]);
    return takeRows(await run(options, () => native.storeMigrate(this.#handle, flat, options?.dryRun ? 1 : 0)));
  }

  /** Declares for good that `column` of `table` says whose row it is: SQL that touches the table needs forTenant().
   * Errors: "not_found", "state", "io". */
  declareTenant(table: string, column: string, options?: CallOptions): Promise<void> {
    return run(options, () => native.storeDeclareTenant(this.#handle, table, column));
  }

  /** The same store seen by one tenant: its SQL reads and writes only rows of `tenant` in declared tables. Closing either
   * closes the store. Errors: "arg" (empty), "state". */
  forTenant(tenant: string): Store {
    return new Store(native.storeWithTenant(this.#handle, tenant));
  }

  // --- Settings ---

  /** Writes one setting: null, a number, bigint, boolean, string, Uint8Array, or an object or array as JSON.
   * Errors: "arg" (the key is empty or longer than 1,024 bytes), as execute(). */
  async put(key: string, value: SettingValue, options?: CallOptions & { commit?: Commit }): Promise<void> {
    const commit = commitNumber(options?.commit);
    return run(options, () => native.storePut(this.#handle, key, ...setting(value), commit));
  }

  /** Reads one setting as it was put, or undefined. Errors: as query(). */
  async get<T = SettingValue>(key: string, options?: CallOptions & { bigint?: boolean }): Promise<T | undefined> {
    return settingOf(await run(options, () => native.storeGet(this.#handle, key)), options?.bigint) as T | undefined;
  }

  /** Removes one setting; false when it is not there. Errors: as execute(). */
  async remove(key: string, options?: CallOptions & { commit?: Commit }): Promise<boolean> {
    const commit = commitNumber(options?.commit);
    return run(options, () => native.storeRemove(this.#handle, key, commit));
  }

  /** Settings whose keys begin with `prefix`, in key order. Errors: as query(). */
  async list<T = SettingValue>(prefix = "", options?: CallOptions & { bigint?: boolean }): Promise<Map<string, T>> {
    return toMap(await run(options, () => native.storeList(this.#handle, prefix)), options?.bigint);
  }

  /** As put(), in the calling thread. */
  putSync(key: string, value: SettingValue, options?: { commit?: Commit }): void {
    native.storePutSync(this.#handle, key, ...setting(value), commitNumber(options?.commit));
  }

  /** As get(), in the calling thread. */
  getSync<T = SettingValue>(key: string, options?: { bigint?: boolean }): T | undefined {
    return settingOf(native.storeGetSync(this.#handle, key), options?.bigint) as T | undefined;
  }

  /** As remove(), in the calling thread. */
  removeSync(key: string, options?: { commit?: Commit }): boolean {
    return native.storeRemoveSync(this.#handle, key, commitNumber(options?.commit));
  }

  /** As list(), in the calling thread. */
  listSync<T = SettingValue>(prefix = "", options?: { bigint?: boolean }): Map<string, T> {
    return toMap(native.storeListSync(this.#handle, prefix), options?.bigint);
  }

  /** Tells the keys of settings that begin with `prefix` when they were put or removed, after the commit, on the event loop
   * and in the order of the commits, until the Subscription is cancelled. Errors: "state". */
  watch(prefix: string, changed: (key: string) => void): Subscription {
    return watchSink(changed, (raw) => native.storeWatch(this.#handle, prefix, raw));
  }

  // --- What lies in the store ---

  /** A space of the cache, the same object each time. */
  cache(space: string): Cache {
    let cache = this.#caches.get(space);
    if (cache === undefined) {
      cache = new Cache(this.#handle, space);
      this.#caches.set(space, cache);
    }
    return cache;
  }

  /** Starts an encrypted file of any size beside the store and under its keys; with `resume`, goes on with what an earlier
   * writer left unfinished. Errors: "arg", "state", "io", "permission", "disk_full", "corrupt", "crypto" (another store's). */
  async createSealed(path: string, options?: { resume?: boolean }): Promise<SealedWriter> {
    const { writer, offset } = await native.sealedCreate(this.#handle, path, options?.resume ? 1 : 0);
    return new SealedWriter(writer, offset);
  }

  /** Opens an encrypted file of this store; a truncated one is found here. Errors: "not_found", "corrupt" (DAMAGED),
   * "crypto" (WRONG_KEY: another store's), "unsupported" (NEWER_FORMAT), "state", "io". */
  async openSealed(path: string): Promise<SealedReader> {
    return new SealedReader(await native.sealedOpen(this.#handle, path));
  }

  /** Writes a whole encrypted file. Errors: as createSealed(). */
  putSealed(path: string, data: string | Uint8Array, options?: CallOptions): Promise<void> {
    return run(options, () => native.sealedPut(this.#handle, path, data));
  }

  /** Reads a whole encrypted file, 1 GiB at most. Errors: as openSealed(), "limit". */
  getSealed(path: string, options?: CallOptions): Promise<Uint8Array> {
    return run(options, () => native.sealedGet(this.#handle, path));
  }

  /** Opens an encrypted log for appending; "path.1" and so on are the older parts. Errors: "busy" (open already), "state",
   * "io", "permission", "disk_full". */
  async openLog(path: string, options?: LogOptions): Promise<SealedLog> {
    const { maxFileBytes = 0, maxFiles = 0 } = options ?? {};
    return new SealedLog(await native.sealedLogOpen(this.#handle, path, maxFileBytes, maxFiles));
  }

  /** Reads a log with its older parts, oldest record first. Errors: "not_found", "state", "io". */
  async readLog(path: string, options?: CallOptions): Promise<SealedRecord[]> {
    return takeRows(await run(options, () => native.sealedLogRead(this.#handle, path)));
  }

  // --- Ways in ---

  /** What opens the store. Errors: "state". */
  slots(): Slot[] {
    return takeRows<{ slot: number; type: SlotType; name: string; kdf: string; created_ms: number; opened: number }>(
      native.storeSlots(this.#handle),
    ).map(({ created_ms, opened, ...slot }) => ({ ...slot, createdAt: new Date(created_ms), opened: opened !== 0 }));
  }

  /** Adds a way in, with the secret it needs. There may be several passphrases and application keys, and one slot of each
   * other type. Errors: "arg", "state" (there is one), "crypto", "io", "limit", "unsupported" (no keystore). */
  addSlot(type: Exclude<SlotType, "recovery">, secrets?: Secrets, options?: CallOptions): Promise<void> {
    return run(options, () => native.storeAddSlot(this.#handle, slotNumber(type), secrets));
  }

  /** Removes a way in by its number; never the last one. Errors: "state", "not_found", "io". */
  removeSlot(slot: number, options?: CallOptions): Promise<void> {
    return run(options, () => native.storeRemoveSlot(this.#handle, slot));
  }

  /** Another passphrase for the same data key: after a leak use rotateDataKey(). Errors: "crypto" (WRONG_KEY), "io". */
  changePassphrase(from: string | Uint8Array, to: string | Uint8Array, options?: CallOptions): Promise<void> {
    return run(options, () => native.storeChangePassphrase(this.#handle, from, to));
  }

  /** Makes a recovery key, in the place of an earlier one, and gives it this once: 34 characters in groups of four. Show it
   * to the user; it opens the store on any machine. Errors: "state", "io". */
  createRecoveryKey(options?: CallOptions): Promise<string> {
    return run(options, () => native.storeCreateRecoveryKey(this.#handle));
  }

  /** Whether a recovery key was made. */
  get hasRecoveryKey(): boolean {
    return native.storeHasRecoveryKey(this.#handle);
  }

  /** The weakest way in; undefined when closed. A store that this device alone opens is as safe as the device's identifiers
   * are secret, which is little. */
  get protection(): SlotType | undefined {
    return slotType(native.storeProtection(this.#handle));
  }

  /** Wraps the device slot anew for the hardware as it is now. Errors: "not_found" (no device slot), "io". */
  rebindDevice(options?: CallOptions): Promise<void> {
    return run(options, () => native.storeRebindDevice(this.#handle));
  }

  /** Encrypts everything anew under another data key, after a leak. Slots stay when they need no secret or theirs is given;
   * else "state", or with `dropSlots` they go. Other calls wait meanwhile. Errors: "busy", "cancelled", "disk_full", "io". */
  rotateDataKey(secrets?: Secrets, options?: CareOptions & { dropSlots?: boolean }): Promise<void> {
    const flags = options?.dropSlots ? 1 : 0;
    return runLong(options, (listener) => native.storeRotateDataKey(this.#handle, secrets, flags, listener));
  }

  /** The data key as SQLCipher's raw key, for tools that open the file themselves; whoever has it has the data. The reason is
   * kept in the audit log. Wipe the buffer with `fill(0)`. Errors: "arg" (no reason), "state", "io". */
  exportDataKey(reason: string, options?: CallOptions): Promise<Buffer> {
    return run(options, () => native.storeExportDataKey(this.#handle, reason));
  }

  // --- Care ---

  /** Copies the store while it is used: `path` and, beside it, its slots. The copy is verified before it takes the name.
   * Errors: "disk_full", "io", "permission", "busy", "corrupt", "state". */
  backup(path: string, options?: CareOptions): Promise<void> {
    return runLong(options, (listener) => native.storeBackup(this.#handle, path, listener));
  }

  /** Gives the space of deleted rows back. Other calls wait meanwhile. Errors: as backup(). */
  compact(options?: CareOptions): Promise<void> {
    return runLong(options, (listener) => native.storeCompact(this.#handle, listener));
  }

  /** Copies everything into a new store under a new data key and these secrets, for another person or machine.
   * Errors: as backup(). */
  export(path: string, secrets: Secrets, options?: CareOptions): Promise<void> {
    return runLong(options, (listener) => native.storeExport(this.#handle, path, secrets, listener));
  }

  /** Writes the tables into a plain SQLite file that anybody can read; the reason is kept in the audit log first.
   * Errors: as backup(). */
  exportPlain(path: string, reason: string, options?: CareOptions): Promise<void> {
    return runLong(options, (listener) => native.storeExportPlain(this.#handle, path, reason, listener));
  }

  /** Puts a copy of another store, or of a backup, in the place of this one's content, which is kept as
   * "app.tdb.old" until the new one was opened. Slots stay. Errors: as backup(), "crypto", "not_found". */
  importStore(path: string, secrets?: Secrets, options?: ImportOptions): Promise<void> {
    return this.#import(path, "tessera", secrets, options);
  }

  /** The same from a plain SQLite file. */
  importPlain(path: string, options?: ImportOptions): Promise<void> {
    return this.#import(path, "plain", undefined, options);
  }

  /** The same from a file of SQLCipher 1 to 4, opened with `passphrase`, or `appKey` as the raw key. */
  importSqlcipher(path: string, secrets: Secrets, options?: ImportOptions): Promise<void> {
    return this.#import(path, "sqlcipher", secrets, options);
  }

  #import(path: string, kind: keyof typeof importKinds, secrets?: Secrets, options?: CareOptions): Promise<void> {
    return runLong(options, (listener) => native.storeImport(this.#handle, path, importKinds[kind], secrets, listener));
  }

  /** Reads every page and checks its authentication code, the trees, the indexes and the foreign keys. Gives what is wrong:
   * nothing when the store is sound. Errors: as backup(). */
  async check(options?: CareOptions): Promise<string[]> {
    const rows = await runLong(options, (listener) => native.storeCheck(this.#handle, listener));
    return takeRows<{ problem: string }>(rows).map(({ problem }) => problem);
  }

  /** Sizes and counters: docs/reference/store-stats.md. Errors: "state". */
  async stats(options?: CallOptions): Promise<StoreStats> {
    return JSON.parse(await run(options, () => native.storeStats(this.#handle))) as StoreStats;
  }

  /** What was exported in the clear and when. Errors: "state", "io". */
  async audit(options?: CallOptions): Promise<AuditEntry[]> {
    return takeRows<{ at_ms: number; action: string; reason: string }>(
      await run(options, () => native.storeAudit(this.#handle)),
    ).map(({ at_ms, action, reason }) => ({ at: new Date(at_ms), action, reason }));
  }

  /** Sends log records of at least `level` to `sink` until the Subscription is cancelled. */
  onLog(level: LogLevel, sink: LogSink): Subscription {
    return attach(level, sink, (lowest, raw) => native.storeOnLog(this.#handle, lowest, raw));
  }

  /** Refuses new calls, waits for running ones, interrupts the rest after `timeoutMs`, and closes; later calls give "state".
   * Again is fine. Errors: "timeout", "io". */
  close(options?: CloseOptions): Promise<void> {
    return run(options, () => native.storeClose(this.#handle, options?.timeoutMs ?? closeTimeoutMs));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function toMap<T>(rows: Handle<"rowset">, wantsBigint: boolean | undefined): Map<string, T> {
  return new Map(takeRows<{ key: string; value: T }>(rows, wantsBigint).map(({ key, value }) => [key, value]));
}
