import type { RawHttpResponse } from "./native.js";

/** Milliseconds from the start of the last attempt until something had happened; undefined for what did not, as on a
 * connection that was there. */
export interface HttpTimings {
  /** The name had an address. */
  readonly resolvedMs: number | undefined;
  readonly connectedMs: number | undefined;
  /** TLS stood. */
  readonly securedMs: number | undefined;
  /** The request's head had been sent. */
  readonly sentMs: number | undefined;
  readonly firstByteMs: number | undefined;
  /** The response was complete. */
  readonly endedMs: number | undefined;
}

/** What one policy did with a request. */
export interface HttpTrace {
  /** Since the request began. */
  readonly atMs: number;
  readonly stage: "cache" | "breaker" | "limiter" | "attempt" | "retry" | "redirect" | "auth" | "interceptor";
  /** For people. */
  readonly text: string;
}

/** An error that the server describes (RFC 9457). */
export interface HttpProblem {
  /** "about:blank" when it has none. */
  readonly type: string;
  readonly title: string | undefined;
  readonly status: number | undefined;
  /** Of this occurrence. */
  readonly detail: string | undefined;
  /** URI of this occurrence. */
  readonly instance: string | undefined;
  /** The other members, as the server names them. */
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** Header fields, read like those of fetch: names compare without case, and a field that came several times is joined by
 * ", ". Entries come in the order of the server, with names in lower case, each Set-Cookie by itself. */
export class HttpHeaders {
  readonly #fields: readonly (readonly [name: string, value: string])[];
  #joined: Map<string, string> | undefined;

  /** @internal */
  constructor(fields: readonly (readonly [string, string])[]) {
    this.#fields = fields;
  }

  #all(): Map<string, string> {
    if (this.#joined !== undefined) return this.#joined;
    const joined = new Map<string, string>();
    for (const [name, value] of this.#fields) {
      const known = joined.get(name);
      joined.set(name, known === undefined ? value : `${known}, ${value}`);
    }
    return (this.#joined = joined);
  }

  /** The value, or null as in fetch. */
  get(name: string): string | null {
    return this.#all().get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.#all().has(name.toLowerCase());
  }

  /** Every Set-Cookie, which can't be joined. */
  getSetCookie(): string[] {
    return this.#fields.filter(([name]) => name === "set-cookie").map(([, value]) => value);
  }

  *entries(): IterableIterator<[string, string]> {
    for (const [name, value] of this.#all()) {
      if (name !== "set-cookie") yield [name, value];
      else for (const cookie of this.getSetCookie()) yield [name, cookie];
    }
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  forEach(visit: (value: string, name: string, headers: HttpHeaders) => void): void {
    for (const [name, value] of this.entries()) visit(value, name, this);
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }
}

/** Names and values, a line each, from the line `at` on. */
export function headersOf(lines: readonly string[], at: number): HttpHeaders {
  const fields: [string, string][] = [];
  for (; at + 1 < lines.length; at += 2) fields.push([lines[at]!.toLowerCase(), lines[at + 1]!]);
  return new HttpHeaders(fields);
}

// Lines of the facts: src/http_response.cpp has the same order.
const line = { url: 0, version: 1, fromCache: 2, attempts: 3, timings: 4, headers: 10 } as const;
const versions: Record<string, "1.0" | "1.1" | "2"> = { 10: "1.0", 11: "1.1", 20: "2" };
const noBytes = new ArrayBuffer(0);

/** What a request got. All of it is there: text() and json() answer at once, and awaiting them as those of fetch does no
 * harm. Reading them again is fine. */
export class HttpResponse {
  /** Status code, such as 200. */
  readonly status: number;
  readonly #facts: string;
  readonly #buffer: ArrayBuffer;
  readonly #trace: readonly (number | string)[] | undefined;
  readonly #problem: RawHttpResponse[4];
  #lines: readonly string[] | undefined;
  #headers: HttpHeaders | undefined;
  #body: Uint8Array | undefined;

  /** @internal */
  constructor([status, facts, body, trace, problem]: RawHttpResponse) {
    this.status = status;
    this.#facts = facts;
    this.#buffer = body ?? noBytes;
    this.#trace = trace;
    this.#problem = problem;
  }

  #line(at: number): string {
    return (this.#lines ??= this.#facts.split("\n"))[at]!;
  }

  /** Whether the status is from 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  get headers(): HttpHeaders {
    if (this.#headers !== undefined) return this.#headers;
    this.#line(0);
    return (this.#headers = headersOf(this.#lines!, line.headers));
  }

  /** The body, decoded; the same bytes each time. */
  get body(): Uint8Array {
    return (this.#body ??= new Uint8Array(this.#buffer));
  }

  /** The same as body, for who knows fetch. */
  bytes(): Uint8Array {
    return this.body;
  }

  /** The body as UTF-8, whatever the server calls it, as fetch has it. */
  text(): string {
    const text = Buffer.from(this.#buffer).toString();
    return text.startsWith("\ufeff") ? text.slice(1) : text;
  }

  /** The body as JSON. Throws a SyntaxError when it is none. */
  json<T = any>(): T {
    return JSON.parse(this.text()) as T;
  }

  /** Where the response came from, after redirects. */
  get url(): string {
    return this.#line(line.url);
  }

  get httpVersion(): "1.0" | "1.1" | "2" {
    return versions[this.#line(line.version)]!;
  }

  /** Whether the cache answered. */
  get fromCache(): boolean {
    return this.#line(line.fromCache) === "1";
  }

  /** How often the request was sent; 0 from the cache. */
  get attempts(): number {
    return Number(this.#line(line.attempts));
  }

  get timings(): HttpTimings {
    const ms = (at: number) => Number(this.#line(line.timings + at)) / 1000 || undefined;
    return { resolvedMs: ms(0), connectedMs: ms(1), securedMs: ms(2), sentMs: ms(3), firstByteMs: ms(4), endedMs: ms(5) };
  }

  /** What each policy did, of a request with {trace: true}. */
  get trace(): HttpTrace[] {
    const all: HttpTrace[] = [];
    const raw = this.#trace ?? [];
    for (let at = 0; at < raw.length; at += 3) {
      all.push({ atMs: (raw[at] as number) / 1000, stage: raw[at + 1] as HttpTrace["stage"], text: raw[at + 2] as string });
    }
    return all;
  }

  /** What an answer of application/problem+json says. */
  get problem(): HttpProblem | undefined {
    const raw = this.#problem;
    if (raw === undefined) return undefined;
    const extensions = JSON.parse(raw.extensions ?? "{}") as Record<string, unknown>;
    return { ...raw, status: raw.status || undefined, extensions };
  }
}
