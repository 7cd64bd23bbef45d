import { native, type Handle } from "./native.js";
import { run, type CallOptions } from "./operation.js";
import { takeRow } from "./rows.js";

/** An answer: bytes, or null for a key that is known to have no value. */
export type CacheValue = string | Uint8Array | null;

/** What put() and getOrLoad() take. */
export interface CacheOptions extends CallOptions {
  /** How long an answer is kept, 10 % more or less. */
  ttlMs: number;
}

/** Size of a space, and its counters since the store was opened. */
export interface CacheStats {
  readonly rows: number;
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
  readonly evicted: number;
  readonly expired: number;
  readonly loads: number;
  readonly joinedLoads: number;
}

/** One space of a store's cache: answers kept for a time, within a budget of its own; the least recently used goes first. */
export class Cache {
  readonly #store: Handle<"store">;
  readonly #space: string;
  readonly #loading = new Map<string, Promise<Uint8Array | null>>();

  /** @internal */
  constructor(store: Handle<"store">, space: string) {
    this.#store = store;
    this.#space = space;
  }

  /** Keeps an answer. Errors: "arg", "limit", "state", "io", "disk_full". */
  put(key: string, value: CacheValue, options: CacheOptions): Promise<void> {
    return run(options, () => native.cachePut(this.#store, this.#space, key, value, options.ttlMs));
  }

  /** An answer that has not expired; null for a key that is known to have no value, undefined for one that is not known.
   * Errors: "state", "io". */
  async get(key: string, options?: CallOptions): Promise<Uint8Array | null | undefined> {
    return answerOf(await run(options, () => native.cacheGet(this.#store, this.#space, key)));
  }

  /** An answer, loaded by `load(key)` when there is none: once for all who ask this object for the key meanwhile. What
   * `load` throws, all of them get, and nothing is kept. Errors: as put(). */
  async getOrLoad(
    key: string,
    load: (key: string) => CacheValue | Promise<CacheValue>,
    options: CacheOptions,
  ): Promise<Uint8Array | null> {
    const known = await this.get(key, options);
    if (known !== undefined) return known;
    let loading = this.#loading.get(key);
    if (loading === undefined) {
      loading = this.#load(key, load, options.ttlMs).finally(() => this.#loading.delete(key));
      this.#loading.set(key, loading);
    }
    return loading;
  }

  async #load(key: string, load: (key: string) => CacheValue | Promise<CacheValue>, ttlMs: number): Promise<Uint8Array | null> {
    const value = await load(key);
    await this.put(key, value, { ttlMs });
    return typeof value === "string" ? new TextEncoder().encode(value) : value;
  }

  /** The same in the calling thread: once for all threads of the process that ask for the key meanwhile, who wait up to
   * `timeoutMs`. `load` may use the store, but not ask for its own key. Errors: what `load` throws, "callback" in those who
   * waited for it, "timeout", and as put(). */
  getOrLoadSync(
    key: string,
    load: (key: string) => CacheValue,
    options: { ttlMs: number; timeoutMs?: number },
  ): Uint8Array | null {
    const answer = native.cacheLoad(
      this.#store,
      this.#space,
      key,
      (wanted) => [load(wanted), options.ttlMs],
      options.timeoutMs ?? loadTimeoutMs,
    );
    return answerOf(answer)!;
  }

  /** Forgets an answer; one that is not there is fine. Errors: "state", "io". */
  remove(key: string, options?: CallOptions): Promise<void> {
    return run(options, () => native.cacheRemove(this.#store, this.#space, key));
  }

  /** Forgets every answer of the space. Errors: "state", "io". */
  clear(options?: CallOptions): Promise<void> {
    return run(options, () => native.cacheClear(this.#store, this.#space));
  }

  /** Size and counters. Errors: "state". */
  async stats(options?: CallOptions): Promise<CacheStats> {
    const row = takeRow<Record<string, number>>(await run(options, () => native.cacheStats(this.#store, this.#space)));
    const { joined_loads: joinedLoads, ...others } = row;
    return { ...others, joinedLoads } as unknown as CacheStats;
  }
}

/** How long getOrLoadSync() waits for another thread unless told otherwise. */
const loadTimeoutMs = 30_000;

function answerOf(rows: Handle<"rowset"> | undefined): Uint8Array | null | undefined {
  if (rows === undefined) return undefined;
  const { value, negative } = takeRow<{ value: Uint8Array; negative: number }>(rows);
  return negative !== 0 ? null : value;
}
