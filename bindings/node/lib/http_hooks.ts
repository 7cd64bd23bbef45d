import { attachAsked, type Reply } from "./asked.js";
import { HttpHeaders, headersOf } from "./http_response.js";
import { Subscription } from "./log.js";
import { native, type Handle } from "./native.js";
import { outside } from "./progress.js";

/** One attempt of a request that is about to be sent, with all header fields but those that the library writes last (Host,
 * Content-Length, Accept, Accept-Encoding). Fields can be changed until the function that got it has returned. */
export class HttpAttempt {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** 1 for the first attempt of a request, redirects included. */
  readonly number: number;
  /** As they were before setHeader() and removeHeader(). */
  readonly headers: HttpHeaders;
  /** The bytes that are sent, where `body` was asked for; undefined when they are not known yet, as those of a file. */
  readonly body: Uint8Array | undefined;
  #changes: string[] | undefined = [];

  /** @internal */
  constructor(method: string, url: string, number: number, fields: string, body: Uint8Array | undefined) {
    this.method = method;
    this.url = url;
    this.number = number;
    this.headers = headersOf(fields.split("\n"), 0);
    this.body = body;
  }

  #change(name: string, change: string): void {
    if (typeof name !== "string") throw new TypeError("the name of a header field is a string");
    if (this.#changes === undefined) throw new TypeError("the attempt is under way; its header fields can't be changed any more");
    this.#changes.push(name, change);
  }

  /** Sets a header field of this attempt, instead of all of that name. */
  setHeader(name: string, value: string): void {
    if (typeof value !== "string") throw new TypeError("the value of a header field is a string");
    this.#change(name, `=${value}`);
  }

  /** Removes the header fields of that name from this attempt; none is fine. */
  removeHeader(name: string): void {
    this.#change(name, "");
  }

  /** @internal */
  static changesOf(attempt: HttpAttempt): string[] {
    return attempt.#changes!;
  }

  /** @internal */
  static end(attempt: HttpAttempt): void {
    attempt.#changes = undefined;
  }
}

/** The head of a response, also of one that the caller does not get, as when the request is sent again. */
export interface HttpHead {
  readonly method: string;
  readonly url: string;
  /** 1: the first of its request. */
  readonly attempt: number;
  readonly status: number;
  readonly headers: HttpHeaders;
}

/** What HttpClient.onAttempt() takes. */
export interface HttpHooks {
  /** Called before each attempt; the client does nothing else until it has returned. Not asynchronous. What it throws is a
   * warning of the process and fails the request ("callback"). */
  before?: (attempt: HttpAttempt) => void;
  /** Called with each head that came, after the client went on. */
  after?: (head: HttpHead) => void;
  /** `before` is called after those of everybody else and sees the credentials: what is sent. */
  signer?: boolean;
  /** `before` gets the body, a copy for each attempt. */
  body?: boolean;
  /** How long `before` is waited for when the event loop is busy, before the request fails ("callback"); 5000 unless given. */
  timeoutMs?: number;
}

const isSigner = 1;
const hookTimeoutMs = 5000;

/** @internal */
export function attachHooks(http: Handle<"http">, hooks: HttpHooks): Subscription {
  const { before, after, signer, body, timeoutMs } = hooks;
  for (const hook of [before, after]) if (hook !== undefined && typeof hook !== "function") throw new TypeError("before and after are functions");
  const reply = (what: string, given: readonly unknown[]): Reply | void =>
    what === "after" ? after!(toHead(given as RawHead)) : askBefore(before!, new HttpAttempt(...(given as RawAttempt)));
  const flags = signer ? isSigner : 0;
  return new Subscription(
    attachAsked(reply, (raw) =>
      native.httpOnAttempt(http, flags, !!before, !!after, !!body, timeoutMs ?? hookTimeoutMs, raw),
    ),
  );
}

function askBefore(before: (attempt: HttpAttempt) => unknown, attempt: HttpAttempt): Reply {
  try {
    const said = before(attempt);
    if (!(said instanceof Promise)) return [0, HttpAttempt.changesOf(attempt)];
    said.catch(() => {});
    throw new TypeError("the function before an attempt must not be asynchronous: all of the client waits for it");
  } finally {
    HttpAttempt.end(attempt);
  }
}

type RawAttempt = [method: string, url: string, number: number, fields: string, body: Uint8Array | undefined];
type RawHead = [method: string, url: string, attempt: number, fields: string, status: number];

function toHead([method, url, attempt, fields, status]: RawHead): HttpHead {
  return { method, url, attempt, status, headers: headersOf(fields.split("\n"), 0) };
}

const kinds = ["connectivity", "breaker", "limiter", "queue", "auth", "proxy"] as const;

/** What changed for a client; docs/reference/http-config.md, "Events", has kinds and states. */
export interface HttpClientEvent {
  /** "unknown": of a later version. */
  readonly kind: (typeof kinds)[number] | "unknown";
  /** An origin, or a proxy's URL without credentials; "": the client as a whole. */
  readonly subject: string;
  /** Such as "offline", "open", "throttled", "above", "reauthorise", "bad". */
  readonly state: string;
  /** When it will be over, where that is known. */
  readonly until: Date | undefined;
  /** Of "queue". */
  readonly mark: number | undefined;
}

/** @internal */
export function attachEvents(http: Handle<"http">, listener: (event: HttpClientEvent) => void): Subscription {
  if (typeof listener !== "function") throw new TypeError("who hears of events is a function");
  const id = native.httpOnEvent(http, (number, subject, state, untilMs, mark) => {
    const kind = kinds[number] ?? "unknown";
    const until = untilMs === 0 ? undefined : new Date(untilMs);
    outside(() => listener({ kind, subject, state, until, mark: kind === "queue" ? mark : undefined }));
  });
  return new Subscription(id);
}

/** How a client stands. */
export interface HttpState {
  readonly connectivity: "online" | "offline" | "captive";
  readonly hosts: readonly {
    readonly host: string;
    readonly breaker: { readonly state: "closed" | "open" | "half_open"; readonly trips: number; readonly retryAtMs?: number };
    readonly budget: number;
    readonly pending: number;
    readonly inFlight: number;
  }[];
  readonly proxies: readonly { readonly url: string; readonly state: string; readonly retryAtMs?: number }[];
  /** Requests under way. */
  readonly inFlight: number;
  /** Requests that wait. */
  readonly queued: number;
}
