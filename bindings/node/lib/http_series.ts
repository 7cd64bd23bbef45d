import type { HttpOptions } from "./http_request.js";
import { HttpResponse } from "./http_response.js";
import { native, type Handle, type Started } from "./native.js";
import { run, type CallOptions } from "./operation.js";

/** What comes one after another: iterate over it, once, or ask for the next(). */
abstract class Series<Raw, T> implements AsyncIterable<T> {
  readonly #options: CallOptions | undefined;

  constructor(options: CallOptions | undefined) {
    this.#options = options;
  }

  protected abstract ask(): Started<Raw | undefined>;
  protected abstract made(raw: Raw): T;
  /** Ends a call that waits, with "cancelled". Again is fine. */
  abstract close(): void;

  /** Waits for the next one; undefined when there are no more. One call at a time. */
  async next(): Promise<T | undefined> {
    const raw = await run(this.#options, () => this.ask());
    return raw === undefined ? undefined : this.made(raw);
  }

  /** Closes when the loop ends, however it does. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (let one; (one = await this.next()) !== undefined; ) yield one;
    } finally {
      this.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

/** What HttpClient.events() takes; docs/reference/http-config.md, "Event streams", has meanings, limits and defaults. */
export interface HttpEventsOptions extends Omit<HttpOptions, "timeoutMs" | "maxBodyBytes" | "cache" | "maxAgeS"> {
  /** "GET" unless given. */
  method?: string | undefined;
  reconnects?: boolean;
  retryMs?: number;
  maxRetryMs?: number;
  resetAfterMs?: number;
  idleMs?: number;
  maxEventBytes?: number;
  maxQueued?: number;
  /** Id of the event to go on after, from an earlier run. */
  lastEventId?: string;
}

/** One event of a server. */
export interface HttpEvent {
  /** "message" unless the server says otherwise. */
  readonly type: string;
  /** What it says. */
  readonly data: string;
  /** The last id that the server gave, with this event or before it. */
  readonly id: string | undefined;
  /** How long the server wants its clients to wait before they come back, as it said last. */
  readonly retryMs: number | undefined;
}

/** [type, data, id, retryMs or -1] */
export type RawHttpEvent = readonly [type: string, data: string, id: string | undefined, retryMs: number];

/** Events of a server. The stream comes back when its connection breaks and goes on after the last event; an error that
 * ended it comes again with each next(). */
export class HttpEvents extends Series<RawHttpEvent, HttpEvent> {
  readonly #handle: Handle<"http_events">;

  /** @internal */
  constructor(handle: Handle<"http_events">, options: CallOptions | undefined) {
    super(options);
    this.#handle = handle;
  }

  protected ask(): Started<RawHttpEvent | undefined> {
    return native.httpEventsNext(this.#handle);
  }

  protected made([type, data, id, retryMs]: RawHttpEvent): HttpEvent {
    return { type, data, id, retryMs: retryMs < 0 ? undefined : retryMs };
  }

  close(): void {
    native.httpEventsClose(this.#handle);
  }
}

/** What HttpClient.paginate() takes; docs/reference/http-config.md, "Pages", has meanings, limits and defaults. */
export interface HttpPagesOptions extends HttpOptions {
  /** "GET" unless given. */
  method?: string | undefined;
  /** Where the next page is: "link" unless given. */
  kind?: "link" | "cursor" | "token" | "page";
  /** The query's parameter that asks for it. */
  parameter?: string;
  /** JSON pointer to the cursor or token. */
  cursor?: string;
  /** JSON pointer to the array, of "page". */
  items?: string;
  /** Number of the first page, of "page". */
  start?: number;
  maxPages?: number;
}

type RawPage = NonNullable<Awaited<ReturnType<typeof native.httpPagesNext>>>;

/** The pages of a list, each asked for when it is wanted. After a request that failed the next() asks for the same page
 * again. A status that is not 2xx is an error ("not_found", "unauthorized", ...; detail `status`). */
export class HttpPages extends Series<RawPage, HttpResponse> {
  readonly #handle: Handle<"http_pages">;

  /** @internal */
  constructor(handle: Handle<"http_pages">, options: CallOptions | undefined) {
    super(options);
    this.#handle = handle;
  }

  protected ask(): Started<RawPage | undefined> {
    return native.httpPagesNext(this.#handle);
  }

  protected made(raw: RawPage): HttpResponse {
    return new HttpResponse(raw);
  }

  close(): void {
    native.httpPagesClose(this.#handle);
  }
}
