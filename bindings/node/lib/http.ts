import { HttpAuth } from "./http_auth.js";
import { feed } from "./http_body.js";
import type { HttpConfig, HttpSecrets } from "./http_config.js";
import type { HttpDownloadOptions, HttpDownloadResult } from "./http_download.js";
import { attachEvents, attachHooks, type HttpClientEvent, type HttpHooks, type HttpState } from "./http_hooks.js";
import { toRequest, type HttpOptions, type RawRequest } from "./http_request.js";
import { HttpResponse } from "./http_response.js";
import { HttpEvents, HttpPages, type HttpEventsOptions, type HttpPagesOptions } from "./http_series.js";
import { HttpStream } from "./http_stream.js";
import { fromJson, toJson } from "./json.js";
import { closeTimeoutMs, type CloseOptions } from "./license.js";
import { attach, type LogLevel, type LogSink, type Subscription } from "./log.js";
import { native, type Handle, type RawHttpResponse, type RawHttpSetup } from "./native.js";
import { run } from "./operation.js";
import { runLong } from "./progress.js";
import { Store } from "./store.js";

/** What a client counts, for each route. */
export interface HttpMetrics {
  readonly [member: string]: unknown;
}

const metricsFormat = { json: 0, prometheus: 1 } as const;

/** An API client for one backend, for the life of the application: keeps connections, counts failures, caches and retries.
 *
 * An answer of the server is a response, also 404 and 500; a TesseraError means that there is none: "network" (nothing
 * came), "timeout", "untrusted" (certificate or pin), "protocol" (what came was wrong), "unavailable" (the breaker is open,
 * the machine offline, or the server said when to come back), "unauthorized" (the account has to be authorised again),
 * "limit" (too large), "busy" (too many wait: `reason` "QUEUE_FULL"), "arg", "state" (closed). Its detail has what is known: `attempts`, `failure`,
 * `retry_after_ms`. */
export class HttpClient {
  readonly #handle: Handle<"http">;
  readonly #send: (...request: RawRequest) => Promise<RawHttpResponse>;
  /** Its credentials. */
  readonly auth: HttpAuth;

  /** @internal */
  constructor(handle: Handle<"http">) {
    this.#handle = handle;
    this.#send = native.httpSender(handle);
    this.auth = new HttpAuth(handle);
  }

  /** @internal */
  static handleOf(client: HttpClient): Handle<"http"> {
    return client.#handle;
  }

  /** No network, no thread. In `store`, one without a tenant, responses and what the breakers learnt are kept over a restart,
   * encrypted; without it in memory. Errors: "arg", "state" and "io" (of the store). */
  static open(config: HttpConfig = {}, secrets?: HttpSecrets, options?: { store?: Store | undefined }): HttpClient {
    return new HttpClient(native.httpOpen(toJson(config), toSetup(secrets, options?.store)));
  }

  /** Sends a request. The URL is absolute, or below the client's base URL. */
  async request(method: string, url: string | URL, options?: HttpOptions): Promise<HttpResponse> {
    return new HttpResponse(
      await feed(options, (own) => run(own, () => this.#send(...toRequest(method, url, own)))),
    );
  }

  /** See request(). */
  get(url: string | URL, options?: HttpOptions): Promise<HttpResponse> {
    return this.request("GET", url, options);
  }

  /** See request(). */
  head(url: string | URL, options?: HttpOptions): Promise<HttpResponse> {
    return this.request("HEAD", url, options);
  }

  /** See request(). Is not repeated once it may have arrived, unless it has an `idempotencyKey`. */
  post(url: string | URL, options?: HttpOptions): Promise<HttpResponse> {
    return this.request("POST", url, options);
  }

  /** See request(). */
  put(url: string | URL, options?: HttpOptions): Promise<HttpResponse> {
    return this.request("PUT", url, options);
  }

  /** See request(). Is not repeated once it may have arrived, unless it has an `idempotencyKey`. */
  patch(url: string | URL, options?: HttpOptions): Promise<HttpResponse> {
    return this.request("PATCH", url, options);
  }

  /** See request(). */
  delete(url: string | URL, options?: HttpOptions): Promise<HttpResponse> {
    return this.request("DELETE", url, options);
  }

  /** Sends a request and gives its response as soon as that begins, whatever its status; the body is read from it. Aborting
   * ends it also while it is read. Errors: as request(). */
  async stream(method: string, url: string | URL, options?: HttpOptions): Promise<HttpStream> {
    const handle = await feed(options, (own) =>
      run(own, () => native.httpStreamOpen(this.#handle, toRequest(method, url, own))),
    );
    return new HttpStream(handle, new HttpResponse(native.httpStreamHead(handle)), options);
  }

  /** Gets a file, as the bytes are sent. Goes on with what an earlier download of the same address left beside `path`
   * ("<path>.part"), when the server confirms that it is the same content. The file gets its name when size and digest fit;
   * what was there before stays until then. Aborting leaves what is here for the next time. Errors: as request(), "protocol"
   * (another size or digest), "limit", "not_found" and "permission" (the server says so, or the disk), "disk_full", "io",
   * "busy" (another download writes the same file). */
  download(url: string | URL, path: string, options?: HttpDownloadOptions): Promise<HttpDownloadResult> {
    const { sha256, size, maxBytes, onProgress, ...asked } = options ?? {};
    return runLong({ signal: asked.signal, progress: onProgress }, (listener) => {
      const request = toRequest("GET", url, asked);
      return native.httpDownload(this.#handle, request, path, sha256, size ?? 0, maxBytes ?? 0, listener);
    });
  }

  /** Opens a stream of server-sent events and asks for it at once; whether that works is told by the first event. Errors of
   * the events: "protocol" (the answer is no event stream), "limit" (an event is too large), "not_found", "unauthorized",
   * "permission" (the status), and as request(). */
  events(url: string | URL, options: HttpEventsOptions = {}): HttpEvents {
    const { method, reconnects, retryMs, maxRetryMs, resetAfterMs, idleMs, maxEventBytes, maxQueued, lastEventId, ...asked } = options;
    const config = toJson({ reconnects, retryMs, maxRetryMs, resetAfterMs, idleMs, maxEventBytes, maxQueued, lastEventId });
    return new HttpEvents(native.httpEventsOpen(this.#handle, toRequest(method ?? "GET", url, asked), config), asked);
  }

  /** The pages of a list, each a response; nothing is asked for before it is wanted. Errors of the pages: as request(),
   * "protocol" (a page does not say what it should, or names one that was there before), "limit" (more than `maxPages`). */
  paginate(url: string | URL, options: HttpPagesOptions = {}): HttpPages {
    const { method, kind, parameter, cursor, items, start, maxPages, ...asked } = options;
    const config = toJson({ kind: kind ?? "link", parameter, cursor, items, start, maxPages });
    return new HttpPages(native.httpPagesOpen(this.#handle, toRequest(method ?? "GET", url, asked), config), asked);
  }

  /** Sees every attempt of every request, and may add header fields to it, until the Subscription is cancelled. Several are
   * called in the order of their registration, signers last. `before` is called while the client waits, all of its requests:
   * what takes long belongs elsewhere. */
  onAttempt(hooks: HttpHooks): Subscription {
    return attachHooks(this.#handle, hooks);
  }

  /** Tells what changes, in order, until the Subscription is cancelled: connectivity, breakers, limits, the queue, credentials
   * and proxies. */
  onEvent(listener: (event: HttpClientEvent) => void): Subscription {
    return attachEvents(this.#handle, listener);
  }

  /** How the client stands. Errors: "state" (closed). */
  async state(): Promise<HttpState> {
    return fromJson<HttpState>(await native.httpState(this.#handle));
  }

  /** Closes breakers and forgets what they counted, of `host` (a name, or an origin such as "https://api.example.com:8443") or
   * of all: for who knows that it is back. Errors: "arg", "state" (closed). */
  resetBreaker(host?: string): Promise<void> {
    return native.httpResetBreaker(this.#handle, host);
  }

  /** The machine has another network: requests may try at once. Errors: "state" (closed). */
  networkChanged(): Promise<void> {
    return native.httpNetworkChanged(this.#handle);
  }

  /** Counters and latencies of each route. */
  metrics(): HttpMetrics {
    return JSON.parse(native.httpMetrics(this.#handle, metricsFormat.json)) as HttpMetrics;
  }

  /** The same as Prometheus reads them. */
  metricsText(): string {
    return native.httpMetrics(this.#handle, metricsFormat.prometheus);
  }

  /** Sends log records of at least `level` to `sink` until the Subscription is cancelled. */
  onLog(level: LogLevel, sink: LogSink): Subscription {
    return attach(level, sink, (lowest, raw) => native.httpOnLog(this.#handle, lowest, raw));
  }

  /** Lets requests that run end within `timeoutMs`, then cancels them; later ones give "state". Again is fine. Errors:
   * "timeout" (some were cancelled). */
  close(options?: CloseOptions): Promise<void> {
    return run(options, () => native.httpClose(this.#handle, options?.timeoutMs ?? closeTimeoutMs));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

export function toSetup(secrets: HttpSecrets | undefined, store?: Store): RawHttpSetup {
  const pairs = Object.entries(secrets ?? {}).flatMap(([name, secret]) => (secret === undefined ? [] : [name, secret]));
  return [store && Store.handleOf(store), ...pairs];
}
