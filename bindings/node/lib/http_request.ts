// What a request takes, and how the addon gets it.

import { HttpForm, HttpUpload, type HttpPieces } from "./http_body.js";
import type { Handle } from "./native.js";
import type { CallOptions } from "./operation.js";

type QueryValue = string | number | bigint | boolean | null | undefined;

/** Parameters of a URL. An array is a parameter several times; null and undefined are left out. */
export type HttpQuery = Readonly<Record<string, QueryValue | readonly QueryValue[]>> | Iterable<readonly [string, string]>;

/** Header fields; those of fetch do as well. Undefined is left out. */
export type HttpFields = Readonly<Record<string, string | undefined>> | Iterable<readonly [string, string]>;

/** What a request takes beside its method and URL. */
export interface HttpOptions extends CallOptions {
  /** Joins the URL's query; a URLSearchParams does as well. */
  query?: HttpQuery | undefined;
  /** Instead of the client's own of that name. */
  headers?: HttpFields | undefined;
  /** Is sent as JSON, unless it is undefined. */
  json?: unknown;
  /** Is sent as it is: a string as text, a URLSearchParams as a form; copied before the call returns. An HttpForm is sent
   * as it is then; an HttpUpload, or an async iterable of bytes such as a stream, while it is written, and only once. */
  body?: string | Uint8Array | URLSearchParams | HttpForm | HttpUpload | HttpPieces | undefined;
  /** Until it fails for good, retries included. */
  timeoutMs?: number | undefined;
  attemptTimeoutMs?: number | undefined;
  maxAttempts?: number | undefined;
  /** 0: none is followed. */
  maxRedirects?: number | undefined;
  /** "no-store": neither read nor kept; "refresh": asked for again, and kept; "only-if-cached": never asked for, 504 when it
   * is not there. */
  cache?: "default" | "no-store" | "refresh" | "only-if-cached" | undefined;
  /** No response from the cache that is older, in seconds. */
  maxAgeS?: number | undefined;
  /** Makes any method safe to repeat, if the server knows such keys. */
  idempotencyKey?: string | undefined;
  /** Whose responses the cache keeps these as, such as an account. */
  partition?: string | undefined;
  /** Nobody waits: it goes behind requests for which somebody does. */
  background?: boolean | undefined;
  /** Without the client's credentials. */
  skipAuth?: boolean | undefined;
  /** Sent although the breaker is open. */
  skipBreaker?: boolean | undefined;
  /** Collects what each policy did, for HttpResponse.trace. */
  trace?: boolean | undefined;
  /** Of the response, decoded. */
  maxBodyBytes?: number | undefined;
  /** Ends the request, also while it runs: the promise is then rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** A request as the addon takes it: src/http_request.cpp has the same order. */
export type RawRequest = [
  method: string,
  url: string,
  body?: string | Uint8Array | undefined,
  headers?: string[] | undefined,
  query?: string[] | undefined,
  options?: unknown[] | undefined,
];

const cacheModes = ["default", "no-store", "refresh", "only-if-cached"] as const;

export function toRequest(method: string, url: string | URL, options: HttpOptions | undefined): RawRequest {
  const address = url instanceof URL ? url.href : url;
  if (typeof address !== "string") throw new TypeError("the URL is a string or a URL");
  if (options === undefined) return [method, address];
  const headers = options.headers && toPairs(options.headers);
  const { bytes, type, upload, form } = toBody(options);
  const limits = toLimits(options, upload, form);
  return [method, address, bytes, withType(headers, type), options.query && toPairs(options.query), limits];
}

interface Body {
  readonly bytes?: string | Uint8Array | undefined;
  readonly type?: string;
  readonly upload?: Handle<"http_upload">;
  readonly form?: Handle<"http_form">;
}

/** Names and values, one after another. */
function toPairs(given: HttpQuery | HttpFields): string[] {
  if (typeof given !== "object") throw new TypeError("query and headers are objects");
  const pairs: string[] = [];
  const add = (name: string, value: QueryValue) => {
    if (value !== undefined && value !== null) pairs.push(name, String(value));
  };
  const entries = Symbol.iterator in given ? (given as Iterable<readonly [string, string]>) : Object.entries(given);
  for (const [name, value] of entries) {
    if (Array.isArray(value)) value.forEach((one: QueryValue) => add(name, one));
    else add(name, value as QueryValue);
  }
  return pairs;
}

function toBody({ json, body }: HttpOptions): Body {
  if (json !== undefined) {
    if (body !== undefined) throw new TypeError("a request has a body or json, not both");
    const text = JSON.stringify(json) as string | undefined;
    if (text === undefined) throw new TypeError("JSON can't hold that");
    return { bytes: text, type: "application/json" };
  }
  if (typeof body === "string") return { bytes: body, type: "text/plain;charset=UTF-8" };
  if (body === undefined || body instanceof Uint8Array) return { bytes: body };
  if (body instanceof URLSearchParams) return { bytes: body.toString(), type: "application/x-www-form-urlencoded;charset=UTF-8" };
  if (body instanceof HttpForm) return { form: HttpForm.handleOf(body) };
  if (body instanceof HttpUpload) return { upload: HttpUpload.handleOf(body) };
  throw new TypeError("a body is a string, a Uint8Array, a URLSearchParams, an HttpForm, an HttpUpload or, where one request is sent, an async iterable");
}

/** Adds the type of the body, unless there is one. */
function withType(headers: string[] | undefined, type: string | undefined): string[] | undefined {
  if (type === undefined) return headers;
  if (headers === undefined) return ["Content-Type", type];
  if (!headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === "content-type")) headers.push("Content-Type", type);
  return headers;
}

/** Undefined when all are as configured. */
function toLimits(
  options: HttpOptions,
  upload: Handle<"http_upload"> | undefined,
  form: Handle<"http_form"> | undefined,
): unknown[] | undefined {
  const flags =
    (options.background ? 1 : 0) | (options.skipBreaker ? 2 : 0) | (options.skipAuth ? 4 : 0) | (options.trace ? 8 : 0);
  const mode = options.cache === undefined ? 0 : cacheModes.indexOf(options.cache);
  if (mode < 0) throw new TypeError(`cache is one of ${cacheModes.join(", ")}`);
  const { timeoutMs, attemptTimeoutMs, maxBodyBytes, maxAgeS, maxAttempts, maxRedirects, idempotencyKey, partition } = options;
  const limits = [timeoutMs, attemptTimeoutMs, maxBodyBytes, maxAgeS, maxAttempts];
  const isPlain = limits.every((limit) => limit === undefined) && maxRedirects === undefined;
  const others = [idempotencyKey, partition, upload, form];
  if (flags === 0 && mode === 0 && isPlain && others.every((other) => other === undefined)) return undefined;
  for (const limit of limits) if (limit !== undefined && !(limit >= 1)) throw new RangeError(`${limit} is no limit; leave it out for none`);
  const redirects = maxRedirects === 0 ? noRedirect : (maxRedirects ?? asConfigured);
  return [flags, mode, ...limits.map((limit) => limit ?? asConfigured), redirects, ...others];
}

// As the library has them.
const asConfigured = 0;
const noRedirect = -1;
