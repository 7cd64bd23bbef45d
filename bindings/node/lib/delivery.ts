import { HttpClient } from "./http.js";
import { closeTimeoutMs, type CloseOptions } from "./license.js";
import { native, type Handle } from "./native.js";
import { run, type CallOptions } from "./operation.js";
import { outside } from "./progress.js";
import { Store } from "./store.js";

const reasons = ["offline", "unavailable", "unauthorized", "busy", "closed", "store", "consent"] as const;

/** Something that happened to the outbox's items. */
export type DeliveryEvent =
  /** One is delivered. */
  | { readonly kind: "delivered"; readonly id: string; readonly topic: string }
  /** One went to the dead letters. */
  | { readonly kind: "dead"; readonly id: string; readonly topic: string; readonly text: string }
  /** Nothing is sent to a host, of a topic or, with neither, at all. */
  | {
      readonly kind: "paused";
      readonly reason: (typeof reasons)[number];
      readonly host: string | undefined;
      readonly topic: string | undefined;
      readonly text: string;
    }
  /** That is over. */
  | { readonly kind: "resumed"; readonly host: string | undefined; readonly topic: string | undefined }
  /** The counters changed; "ambiguous": more are too old for the server to know that it saw them. */
  | {
      readonly kind: "depth" | "ambiguous";
      readonly pending: number;
      readonly leased: number;
      readonly ambiguous: number;
      readonly dead: number;
    };

/** What Delivery.start() takes. */
export interface DeliveryOptions {
  /** Requests at once, 1 to 64; 4 unless given. */
  concurrency?: number;
  /** A lease is extended by this while its request is under way; 60,000 unless given. */
  leaseMs?: number;
  /** Between requests after a pause; 100 unless given, 0: none. */
  spacingMs?: number;
  /** Nothing of them is sent before setConsent(). */
  consentTopics?: readonly string[];
  /** Called on the event loop. What it throws becomes an uncaught exception of the process. */
  onEvent?: (event: DeliveryEvent) => void;
}

// One that nobody holds goes on all the same.
const running = new Set<Delivery>();

/** Sends what a store's outbox holds through an API client: at least once, each request under its idempotency key, those of
 * an ordering key one after another. An answer of 2xx ends an item, one that would fail again (4xx) makes it a dead letter,
 * and the others come back later. While the machine is offline, a host is away or the account has to be authorised, no
 * attempt is used up. One delivery for one outbox. It does not keep the process alive; what is not sent by then stays. */
export class Delivery {
  readonly #handle: Handle<"delivery">;

  private constructor(handle: Handle<"delivery">) {
    this.#handle = handle;
    running.add(this);
  }

  /** Sends from now on. Store and client stay with it; closed, they pause it. Errors: "arg", "state" (the store is closed),
   * "busy". */
  static start(store: Store, client: HttpClient, options: DeliveryOptions = {}): Delivery {
    const { concurrency, leaseMs, spacingMs, consentTopics, onEvent } = options;
    if (onEvent !== undefined && typeof onEvent !== "function") throw new TypeError("onEvent is a function");
    const listener = onEvent && ((...raw: RawDeliveryEvent) => outside(() => onEvent(toEvent(raw))));
    const spacing = spacingMs === 0 ? noSpacing : (spacingMs ?? 0);
    const topics = [...(consentTopics ?? [])];
    const handles = [Store.handleOf(store), HttpClient.handleOf(client)] as const;
    return new Delivery(native.deliveryStart(...handles, concurrency ?? 0, leaseMs ?? 0, spacing, topics, listener));
  }

  /** Looks whether something became due. What this process adds to the outbox is noticed without it. */
  poke(): void {
    native.deliveryPoke(this.#handle);
  }

  /** The network may be back: pauses that wait for a time to pass end now. */
  retryNow(): void {
    native.deliveryRetryNow(this.#handle);
  }

  /** What the user agreed to, of any topic; it is not kept over a restart. A no removes every item of the topic and cancels
   * what is under way; a later yes, what came in between. Gives how many items were removed. Errors: "state" (the store is
   * closed), "io", "disk_full". */
  async setConsent(topic: string, granted: boolean, options?: CallOptions): Promise<number> {
    return (await run(options, () => native.deliverySetConsent(this.#handle, topic, granted))).changes;
  }

  /** Sends nothing more and lets what is under way end within `timeoutMs`, then cancels it; that stays in the outbox. Again
   * is fine. Close client and store after it. Errors: "timeout" (some were cancelled). */
  async stop(options?: CloseOptions): Promise<void> {
    try {
      await run(options, () => native.deliveryStop(this.#handle, options?.timeoutMs ?? closeTimeoutMs));
    } finally {
      running.delete(this);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

// As the library has it.
const noSpacing = -1;

/** src/delivery.cpp has the same order. */
export type RawDeliveryEvent = [
  kind: number,
  reason: number,
  id: string,
  topic: string,
  host: string,
  text: string,
  pending: number,
  leased: number,
  ambiguous: number,
  dead: number,
];

function toEvent([kind, reason, id, topic, host, text, pending, leased, ambiguous, dead]: RawDeliveryEvent): DeliveryEvent {
  const where = { host: host || undefined, topic: topic || undefined };
  const depth = { pending, leased, ambiguous, dead };
  switch (kind) {
    case 0:
      return { kind: "delivered", id, topic };
    case 1:
      return { kind: "dead", id, topic, text };
    case 2:
      return { kind: "ambiguous", ...depth };
    case 3:
      return { kind: "paused", reason: reasons[reason]!, ...where, text };
    case 4:
      return { kind: "resumed", ...where };
    default:
      return { kind: "depth", ...depth };
  }
}
