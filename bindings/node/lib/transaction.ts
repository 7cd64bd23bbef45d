import { native, type Handle } from "./native.js";
import { run, type CallOptions } from "./operation.js";
import { outboxItem, type NewItem } from "./outbox.js";
import { firstRow, stream, takeRows } from "./rows.js";
import { setting, type SettingValue } from "./settings.js";
import { toChanges, toTable, type Changes, type Commit, type Params, type Row, type Value } from "./sql.js";
import { Statement } from "./statement.js";

/** What transaction() takes. */
export interface TransactionOptions extends CallOptions {
  /** As the store is configured unless given. */
  commit?: Commit;
  /** How long to wait for the writer. */
  timeoutMs?: number;
}

/** What a statement inside a transaction takes. */
export interface TransactionSqlOptions extends CallOptions {
  /** Every INTEGER is a bigint. */
  bigint?: boolean;
}

/** A write transaction, or one nested in it, whose statements run in the background, in the order they were made. Lives
 * inside the function that Store.transaction() calls; other writers wait meanwhile. While a nested one lives, its calls are
 * refused. Errors of every call: as of the same call of Store, "timeout" (held too long: rolled back), "state" (ended). */
export class Transaction {
  readonly #handle: Handle<"tx">;

  /** @internal */
  constructor(handle: Handle<"tx">) {
    this.#handle = handle;
  }

  /** Runs one statement. */
  execute(sql: string, params?: Params, options?: TransactionSqlOptions & { bigint?: false }): Promise<Changes>;
  execute(sql: string, params: Params | undefined, options: TransactionSqlOptions & { bigint: true }): Promise<Changes<bigint>>;
  async execute(sql: string, params?: Params, options?: TransactionSqlOptions): Promise<Changes<number | bigint>> {
    return toChanges(await run(options, () => native.txExecute(this.#handle, sql, params)), options?.bigint);
  }

  /** Runs one statement once for each row of parameters. */
  async executeMany(sql: string, rows: readonly (readonly Value[])[], options?: CallOptions): Promise<number> {
    const { values, width } = toTable(rows);
    return (await run(options, () => native.txExecuteMany(this.#handle, sql, values, width))).changes;
  }

  /** Rows as they are asked for; the end of the transaction ends them. */
  query<R = Row>(sql: string, params?: Params, options?: TransactionSqlOptions): AsyncGenerator<R, void, undefined> {
    return stream<R>(options, () => native.txQuery(this.#handle, sql, params));
  }

  /** All rows. */
  async all<R = Row>(sql: string, params?: Params, options?: TransactionSqlOptions): Promise<R[]> {
    return takeRows<R>(await run(options, () => native.txQueryAll(this.#handle, sql, params)), options?.bigint);
  }

  /** The first row, or undefined. */
  first<R = Row>(sql: string, params?: Params, options?: TransactionSqlOptions): Promise<R | undefined> {
    return firstRow<R>(options, () => native.txQuery(this.#handle, sql, params));
  }

  /** Writes one setting. */
  put(key: string, value: SettingValue, options?: CallOptions): Promise<void> {
    return run(options, () => native.txPut(this.#handle, key, ...setting(value)));
  }

  /** Removes one setting; false when it is not there. */
  remove(key: string, options?: CallOptions): Promise<boolean> {
    return run(options, () => native.txRemove(this.#handle, key));
  }

  /** Keeps a request in the outbox if the transaction commits, and gives its id. */
  enqueue(item: NewItem, options?: CallOptions): Promise<string> {
    return run(options, () => native.txEnqueue(this.#handle, outboxItem(item)));
  }

  /** Runs `work` in a transaction inside this one: what it did is undone when it fails. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return runIn(async () => native.txNest(this.#handle), work);
  }
}

/** Begins, runs `work`, commits; rolls back when `work` fails. */
export async function runIn<T>(begin: () => Promise<Handle<"tx">>, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const handle = await begin();
  try {
    const result = await work(new Transaction(handle));
    await native.txCommit(handle).promise;
    return result;
  } catch (error) {
    await native.txRollback(handle).promise.catch(() => {}); // what went wrong first is what counts
    throw error;
  } finally {
    native.txFree(handle);
  }
}

/** A write transaction, or one nested in it, in the calling thread. Lives inside the function that Store.transactionSync()
 * calls. Errors: as of Transaction. */
export class SyncTransaction {
  readonly #handle: Handle<"tx">;

  /** @internal */
  constructor(handle: Handle<"tx">) {
    this.#handle = handle;
  }

  /** A statement of this transaction that is run often. */
  prepare<R = Row>(sql: string, options?: { bigint?: false }): Statement<R>;
  prepare<R = Row>(sql: string, options: { bigint: true }): Statement<R, bigint>;
  prepare<R = Row>(sql: string, options?: { bigint?: boolean }): Statement<R, number | bigint> {
    return new Statement(native.txPrepare(this.#handle, sql, 0, 0, options?.bigint ?? false));
  }

  /** Runs one statement. */
  execute(sql: string, params?: Params): Changes {
    return this.prepare(sql).run(params);
  }

  /** Runs one statement once for each row of parameters; gives the number of rows changed. */
  executeMany(sql: string, rows: readonly (readonly Value[])[]): number {
    const { values, width } = toTable(rows);
    return native.txExecuteManySync(this.#handle, sql, values, width).changes;
  }

  /** All rows. */
  query<R = Row>(sql: string, params?: Params, options?: { bigint?: boolean }): R[] {
    return new Statement<R>(native.txPrepare(this.#handle, sql, 0, 0, options?.bigint ?? false)).all(params);
  }

  /** The first row, or undefined. */
  first<R = Row>(sql: string, params?: Params, options?: { bigint?: boolean }): R | undefined {
    return new Statement<R>(native.txPrepare(this.#handle, sql, 0, 0, options?.bigint ?? false)).get(params);
  }

  /** Writes one setting. */
  put(key: string, value: SettingValue): void {
    native.txPutSync(this.#handle, key, ...setting(value));
  }

  /** Removes one setting; false when it is not there. */
  remove(key: string): boolean {
    return native.txRemoveSync(this.#handle, key);
  }

  /** Keeps a request in the outbox if the transaction commits, and gives its id. */
  enqueue(item: NewItem): string {
    return native.txEnqueueSync(this.#handle, outboxItem(item));
  }

  /** Runs `work` in a transaction inside this one: what it did is undone when it throws. */
  transaction<T>(work: (tx: SyncTransaction) => T): T {
    return runInSync(native.txNest(this.#handle), work);
  }
}

/** Runs `work` in a transaction that has begun, and ends that. */
export function runInSync<T>(handle: Handle<"tx">, work: (tx: SyncTransaction) => T): T {
  try {
    const result = work(new SyncTransaction(handle));
    if (typeof (result as { then?: unknown } | undefined)?.then === "function") {
      throw new TypeError("the function of a synchronous transaction gave a promise; use transaction()");
    }
    native.txCommitSync(handle);
    return result;
  } catch (error) {
    try {
      native.txRollbackSync(handle);
    } catch {
      // What went wrong first is what counts.
    }
    throw error;
  } finally {
    native.txFree(handle);
  }
}
