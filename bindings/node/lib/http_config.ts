// What an API client is configured with. Each member of HttpConfig is the camelCase spelling of one in
// docs/reference/http-config.md, which has meanings, limits and defaults; a member left out keeps the default.

/** How long to wait. */
export interface HttpTimeouts {
  connectMs?: number;
  attemptMs?: number;
  totalMs?: number;
  stallMs?: number;
  stallBytesPerS?: number;
}

/** How to try again. */
export interface HttpRetry {
  maxAttempts?: number;
  transientBaseMs?: number;
  throttleBaseMs?: number;
  maxBackoffMs?: number;
  maxRetryAfterMs?: number;
  maxGateMs?: number;
  backgroundGateMs?: number;
  maxOtherRoutes?: number;
  routeStatuses?: readonly number[];
}

/** How many retries all requests to a host have together. */
export interface HttpBudget {
  tokens?: number;
  successThousandths?: number;
}

/** When a host is left alone. */
export interface HttpBreaker {
  preset?: "client" | "safety_switch";
  enabled?: boolean;
  maxFailures?: number;
  maxPercent?: number;
  minCalls?: number;
  windowMs?: number;
  cooldownMs?: number;
  maxCooldownMs?: number;
  successesToClose?: number;
  probeLeaseMs?: number;
  probeOnNetworkChange?: boolean;
}

/** When the machine counts as offline. */
export interface HttpConnectivity {
  strict?: boolean;
  backoffMs?: number;
  maxBackoffMs?: number;
  inUseMs?: number;
  probeLeaseMs?: number;
}

/** How many requests are sent to a host. */
export interface HttpLimiter {
  rate?: number;
  per?: "second" | "minute" | "hour";
  burst?: number;
  maxPending?: number;
  /** Between two requests: a time in between, drawn anew for each. */
  spacingMs?: { min: number; max: number };
}

/** Keys that make requests safe to repeat. */
export interface HttpIdempotency {
  automatic?: boolean;
  header?: string;
}

/** Proxies; their passwords are secrets. */
export interface HttpProxies {
  urls?: readonly string[];
  mode?: "failover" | "round_robin" | "sticky";
  noProxy?: readonly string[];
  badMs?: number;
  maxBadMs?: number;
}

/** Against answers without end. */
export interface HttpSizes {
  maxBodyBytes?: number;
  maxHeaderBytes?: number;
  maxExpansion?: number;
  expansionFreeBytes?: number;
  maxRedirects?: number;
  maxPages?: number;
}

/** The connections that are kept. */
export interface HttpPool {
  perHost?: number;
  idleMs?: number;
}

/** What requests of a route do otherwise. */
export interface HttpRoute {
  /** "[METHOD ][host][path]", such as "GET /v1/products/*". */
  match: string;
  /** What counters call it. */
  name?: string;
  maxAttempts?: number;
  attemptMs?: number;
  totalMs?: number;
  limiter?: HttpLimiter;
  automaticKey?: boolean;
  skipBreaker?: boolean;
}

/** What may be kept of answers. */
export interface HttpCache {
  enabled?: boolean;
  staleIfErrorS?: number;
  heuristicPercent?: number;
  keepCookies?: boolean;
  maxEntryBytes?: number;
}

/** Whom to trust, and as whom. */
export interface HttpTls {
  minVersion?: "1.2" | "1.3";
  caFile?: string;
  pins?: readonly string[];
  /** Its private key is a secret. */
  certificateFile?: string;
}

/** Configuration of HttpClient.open(), and of an application's client: AppConfig.http. */
export interface HttpConfig {
  /** What relative URLs are below. */
  baseUrl?: string;
  /** Of every request that has none of that name; never a secret. */
  headers?: Readonly<Record<string, string>>;
  /** What the application is, such as "player/2.1". */
  userAgent?: string;
  /** Name of a header field in which every request gets a number of its own. */
  requestIdHeader?: string;
  /** Every attempt is a span of W3C Trace Context. */
  traceSpans?: boolean;
  /** So many requests under way are an event; see HttpClient.onEvent(). */
  queueMarks?: readonly number[];
  maxHosts?: number;
  internalHosts?: readonly string[];
  timeouts?: HttpTimeouts;
  retry?: HttpRetry;
  budget?: HttpBudget;
  breaker?: HttpBreaker;
  connectivity?: HttpConnectivity;
  limiter?: HttpLimiter;
  idempotency?: HttpIdempotency;
  proxies?: HttpProxies;
  sizes?: HttpSizes;
  pool?: HttpPool;
  routes?: readonly HttpRoute[];
  cache?: HttpCache;
  tls?: HttpTls;
  /** The first whose `match`, a name or "*.example.com", fits counts, before `tls`. */
  hosts?: readonly { match: string; tls: HttpTls }[];
}

/** Secrets that a configuration needs, by the names of docs/reference/http-config.md; they never travel in it. A
 * Uint8Array can be wiped afterwards, a string can't. */
export interface HttpSecrets {
  /** PEM of the key of `tls`. */
  private_key?: string | Uint8Array | undefined;
  /** PEM of the key of one of `hosts`: "private_key:<match>". */
  [hostKey: `private_key:${string}`]: string | Uint8Array | undefined;
  /** "user:password" of a proxy: "proxy:<host>:<port>". */
  [proxy: `proxy:${string}`]: string | Uint8Array | undefined;
}
