import { attachAsked, type Reply } from "./asked.js";
import { toJson } from "./json.js";
import { License } from "./license.js";
import { native, type Handle } from "./native.js";
import { run, type CallOptions } from "./operation.js";
import { Store } from "./store.js";

type Secret = string | Uint8Array;

/** A bearer token, and when it ends if that is known. */
export type HttpToken = Secret | { readonly token: Secret; readonly expiresAt?: Date | undefined };

/** Keeps the tokens of an OAuth account for the application. Its functions answer within a minute. */
export interface HttpTokenStore {
  /** The record that is kept, or undefined. */
  load(): string | undefined | Promise<string | undefined>;
  /** Keeps `record`, JSON with secrets, instead of that whose member `version` is `expected` (0: of none), and gives true
   * once it is durable; false when another is kept. One step, also for other processes that share it. */
  swap(expected: number, record: string): boolean | Promise<boolean>;
}

/** An OAuth 2.0 account; docs/reference/http-config.md, "OAuth", has meanings, limits and defaults. Its tokens are kept in
 * `store` for `account`, in `tokenStore`, or, with neither, in memory. */
export interface HttpOAuth {
  tokenUrl: string;
  grant?: "refresh_token" | "client_credentials";
  clientId?: string;
  clientAuth?: "basic" | "post" | "none";
  scope?: string;
  parameters?: Readonly<Record<string, string>>;
  renewPercent?: number;
  renewMarginMs?: number;
  backoffMs?: number;
  maxBackoffMs?: number;
  timeoutMs?: number;
  commitGraceMs?: number;
  clientSecret?: Secret;
  store?: Store;
  account?: string;
  tokenStore?: HttpTokenStore;
  /** The account has to be authorised again; called once until it was. */
  onReauthorise?: (why: string) => void;
}

/** What an authorisation gave. */
export interface HttpOAuthTokens {
  accessToken: string;
  refreshToken?: string | undefined;
  expiresAt?: Date | undefined;
  scope?: string | undefined;
}

const states = ["none", "ready", "reauthorise"] as const;

/** What each request of a client says about who sends it: one kind of credentials at a time, and another takes its place.
 * Requests with `skipAuth`, and to another origin after a redirect, go without. Errors of all: "arg", "state" (closed). */
export class HttpAuth {
  readonly #http: Handle<"http">;

  /** @internal */
  constructor(http: Handle<"http">) {
    this.#http = http;
  }

  /** Sends a secret that stays: an API key, a token from elsewhere. In the field `header`, "Authorization" unless given,
   * after `prefix`, "Bearer " in that and nothing in another unless given. */
  setToken(token: Secret, options?: { header?: string; prefix?: string }): void {
    if (token === undefined) throw new TypeError("the token is a string or a Uint8Array");
    native.httpSetToken(this.#http, options?.header, options?.prefix, token);
  }

  /** Has bearer tokens fetched from a function: when there is none, before the last one ends, and after a 401; one call at
   * a time. It answers within a minute. What it throws is a warning of the process and fails the requests that wait
   * ("callback"). */
  setTokenSource(source: () => HttpToken | Promise<HttpToken>): void {
    if (typeof source !== "function") throw new TypeError("the source of tokens is a function");
    attachAsked(
      async () => toReply(await source()),
      (raw) => native.httpSetTokenSource(this.#http, raw),
    );
  }

  /** Sends the access tokens of an account, renewed before they end and kept before they are used. */
  setOAuth({ clientSecret, store, account, tokenStore, onReauthorise, ...config }: HttpOAuth): void {
    const reply = (what: string, given: readonly unknown[]) => {
      if (what === "reauthorise") return void onReauthorise!(given[0] as string);
      return what === "load" ? load(tokenStore!) : swap(tokenStore!, given[0] as number, given[1] as string);
    };
    const handle = store && Store.handleOf(store);
    attachAsked(reply, (raw) =>
      native.httpSetOauth(this.#http, toJson(config), clientSecret, handle, account, !!tokenStore, !!onReauthorise, raw),
    );
  }

  /** Keeps and uses what a new authorisation gave; requests that wait get it. Errors: "state" (without setOAuth()),
   * "callback", "busy", "io", "disk_full", "corrupt". */
  setOAuthTokens({ expiresAt, ...tokens }: HttpOAuthTokens, options?: CallOptions): Promise<void> {
    return run(options, () =>
      native.httpSetOauthTokens(this.#http, toJson({ ...tokens, expiresAtMs: expiresAt && toMs(expiresAt) })),
    );
  }

  /** Sends the licence's own token: the one that is installed when a request is sent. Without one requests end with
   * "license". */
  setLicense(license: License): void {
    native.httpSetLicenseAuth(this.#http, License.handleOf(license));
  }

  /** How the credentials stand. "reauthorise": the account has to be authorised again, and requests give "unauthorized". */
  state(): "none" | "ready" | "reauthorise" {
    return states[native.httpAuthState(this.#http)]!;
  }

  /** Sends none from now on. Kept tokens stay in their store. */
  clear(): void {
    native.httpClearAuth(this.#http);
  }
}

function toMs(time: Date): number {
  const ms = time.getTime();
  if (Number.isNaN(ms)) throw new RangeError("expiresAt is an invalid Date");
  return ms;
}

function toReply(given: HttpToken): Reply {
  if (typeof given === "string" || given instanceof Uint8Array) return [0, [given]];
  if (typeof given?.token !== "string" && !(given?.token instanceof Uint8Array)) throw new TypeError("the source gave no token");
  return [given.expiresAt === undefined ? 0 : toMs(given.expiresAt), [given.token]];
}

async function load(store: HttpTokenStore): Promise<Reply> {
  const record = await store.load();
  return [0, record === undefined ? [] : [record]];
}

async function swap(store: HttpTokenStore, expected: number, record: string): Promise<Reply> {
  return [(await store.swap(expected, record)) ? 1 : 0, []];
}
