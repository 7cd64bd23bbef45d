import { native, type Handle, type RawItem } from "./native.js";
import { run, type CallOptions } from "./operation.js";
import { takeRow, takeRows } from "./rows.js";
import type { Cell } from "./sql.js";

const states = ["pending", "leased", "ambiguous", "dead"] as const;

/** Where an item stands. "ambiguous" is older than the receiver remembers: the application decides. */
export type OutboxState = (typeof states)[number];

/** A request to keep. */
export interface NewItem {
  /** The application's name for the kind of work. */
  topic: string;
  /** Without a user's name or password. */
  url: string;
  /** "POST" unless given. */
  method?: string;
  /** Without credentials: add those when it is sent. */
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** Items of one key go one after another, whatever their topics. */
  orderingKey?: string;
  /** A new UUID unless given. */
  idempotencyKey?: string;
  /** Higher goes first, and is dropped last. */
  priority?: number;
  /** When it is due; at once unless given. */
  notBefore?: Date;
}

/** A request that is kept. */
export interface OutboxItem {
  readonly id: string;
  readonly topic: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly orderingKey: string | undefined;
  readonly idempotencyKey: string;
  readonly priority: number;
  readonly state: OutboxState;
  readonly attempts: number;
  readonly createdAt: Date;
  /** When it is due; undefined for at once. */
  readonly notBefore: Date | undefined;
  readonly leasedUntil: Date | undefined;
  /** Why it was not delivered the last time. */
  readonly lastError: string | undefined;
}

/** How deep the outbox is, and what became of items since the store was made. */
export interface OutboxCounts {
  readonly pending: number;
  readonly leased: number;
  readonly ambiguous: number;
  readonly dead: number;
  readonly bytes: number;
  readonly delivered: number;
  readonly droppedFull: number;
  readonly droppedAge: number;
  readonly droppedRevoked: number;
  /** When the next item is due; undefined when nothing waits. */
  readonly nextDue: Date | undefined;
}

/** What fail() takes. */
export interface FailOptions extends CallOptions {
  /** It would fail again: the item becomes dead. */
  permanent?: boolean;
  /** When the receiver said when. */
  retryAfterMs?: number;
}

/** Requests that survive: a durable queue inside the store, delivered at least once by who leases them. */
export class Outbox {
  readonly #store: Handle<"store">;

  /** @internal */
  constructor(store: Handle<"store">) {
    this.#store = store;
  }

  /** Keeps a request and gives its id; it survives a power cut once the promise is resolved. A full outbox drops the item
   * of the lowest priority, the oldest first. Errors: "arg", "limit", "state", "io", "disk_full". */
  enqueue(item: NewItem, options?: CallOptions): Promise<string> {
    return run(options, () => native.outboxEnqueue(this.#store, outboxItem(item)));
  }

  /** Takes items that are due; for 60 seconds (configurable) nobody else gets them. Without `topic`, of any.
   * Errors: "state", "io". */
  async lease(topic?: string, options?: CallOptions & { maxItems?: number }): Promise<OutboxItem[]> {
    return toItems(await run(options, () => native.outboxLease(this.#store, topic, options?.maxItems ?? 10)));
  }

  /** The leased item was delivered; it goes. Errors: "state" (the lease ended, another has it), "not_found". */
  complete(item: OutboxItem, options?: CallOptions): Promise<void> {
    return run(options, () => native.outboxComplete(this.#store, item.id, item.attempts));
  }

  /** The leased item was not delivered: it is tried again after a growing, random time, and dead after too many.
   * Errors: "state" (the lease ended, another has it), "not_found". */
  fail(item: OutboxItem, reason: string, options?: FailOptions): Promise<void> {
    const flags = options?.permanent ? 1 : 0;
    return run(options, () =>
      native.outboxFail(this.#store, item.id, item.attempts, reason, flags, options?.retryAfterMs ?? 0),
    );
  }

  /** Keeps the leased item for `leaseMs` from now. Errors: "state", "not_found". */
  extend(item: OutboxItem, leaseMs: number, options?: CallOptions): Promise<void> {
    return run(options, () => native.outboxExtend(this.#store, item.id, item.attempts, leaseMs));
  }

  /** Makes a dead or ambiguous item due again. Errors: "not_found", "state". */
  retry(id: string, options?: CallOptions): Promise<void> {
    return run(options, () => native.outboxRetry(this.#store, id));
  }

  /** Removes an item in any state. Errors: "not_found", "state". */
  remove(id: string, options?: CallOptions): Promise<void> {
    return run(options, () => native.outboxRemove(this.#store, id));
  }

  /** Consent was revoked: removes every item of a topic and gives their number. Errors: "state", "io". */
  async revoke(topic: string, options?: CallOptions): Promise<number> {
    return (await run(options, () => native.outboxRevoke(this.#store, topic))).changes;
  }

  /** Items in one state, or in any, oldest first. Errors: "state", "io". */
  async list(state?: OutboxState, options?: CallOptions & { maxItems?: number }): Promise<OutboxItem[]> {
    const number = state === undefined ? -1 : stateNumber(state);
    return toItems(await run(options, () => native.outboxList(this.#store, number, options?.maxItems ?? 1000)));
  }

  /** How deep the outbox is. Errors: "state", "io". */
  async counts(options?: CallOptions): Promise<OutboxCounts> {
    const row = takeRow<Record<string, number>>(await run(options, () => native.outboxCounts(this.#store)));
    return {
      pending: row["pending"]!,
      leased: row["leased"]!,
      ambiguous: row["ambiguous"]!,
      dead: row["dead"]!,
      bytes: row["bytes"]!,
      delivered: row["delivered"]!,
      droppedFull: row["dropped_full"]!,
      droppedAge: row["dropped_age"]!,
      droppedRevoked: row["dropped_revoked"]!,
      nextDue: toDate(row["next_due_ms"]),
    };
  }
}

/** An item as the addon takes it. */
export function outboxItem(item: NewItem): RawItem {
  if (typeof item !== "object" || item === null) throw new TypeError("expected an object");
  const notBeforeMs = item.notBefore === undefined ? 0 : item.notBefore.getTime();
  if (Number.isNaN(notBeforeMs)) throw new RangeError("notBefore is an invalid Date");
  return {
    topic: item.topic,
    url: item.url,
    method: item.method,
    headers: item.headers && JSON.stringify(item.headers),
    body: item.body,
    orderingKey: item.orderingKey,
    idempotencyKey: item.idempotencyKey,
    priority: item.priority ?? 0,
    notBeforeMs,
  };
}

function stateNumber(state: OutboxState): number {
  const number = states.indexOf(state);
  if (number < 0) throw new TypeError(`the state is one of ${states.join(", ")}`);
  return number;
}

const toDate = (ms: Cell | undefined) => (typeof ms === "number" && ms > 0 ? new Date(ms) : undefined);

function toItems(rows: Handle<"rowset">): OutboxItem[] {
  return takeRows<Record<string, Cell>>(rows).map((row) => ({
    id: row["id"] as string,
    topic: row["topic"] as string,
    method: row["method"] as string,
    url: row["url"] as string,
    headers: row["headers_json"] ? (JSON.parse(row["headers_json"] as string) as Record<string, string>) : {},
    body: (row["body"] as Uint8Array | null) ?? new Uint8Array(),
    orderingKey: (row["ordering_key"] as string | null) || undefined,
    idempotencyKey: row["idempotency_key"] as string,
    priority: row["priority"] as number,
    state: states[row["state"] as number]!,
    attempts: row["attempts"] as number,
    createdAt: new Date(row["created_ms"] as number),
    notBefore: toDate(row["not_before_ms"]),
    leasedUntil: toDate(row["lease_until_ms"]),
    lastError: (row["last_error"] as string | null) || undefined,
  }));
}
