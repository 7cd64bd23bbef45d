// What a store is configured with. Each member of StoreConfig is the camelCase spelling of one in
// docs/reference/store-config.md, which has meanings, limits and defaults; a member left out keeps the default.

import type { AppFactor } from "./config.js";
import type { Commit } from "./sql.js";

const slotTypes = ["passphrase", "app_key", "device", "passphrase_device", "recovery", "keystore"] as const;

/** Ways into a store: each opens it alone. */
export type SlotType = (typeof slotTypes)[number];

/** As the library numbers them. */
export function slotNumber(type: SlotType): number {
  const at = slotTypes.indexOf(type);
  if (at < 0) throw new TypeError(`the type of a slot is one of ${slotTypes.join(", ")}`);
  return at + 1;
}

/** The name of a number; undefined for 0. */
export function slotType(number: number): SlotType | undefined {
  return slotTypes[number - 1];
}

/** Budget of each space of the cache. */
export interface CacheLimits {
  maxBytes?: number;
  maxRows?: number;
}

/** Limits of the outbox. */
export interface OutboxLimits {
  maxRows?: number;
  maxBytes?: number;
  maxAgeS?: number;
  leaseS?: number;
  maxAttempts?: number;
}

/** What an application's store and any other have in common: AppConfig.store. */
export interface StoreSettings {
  /** Whether a store that is not there is made. */
  create?: boolean;
  /** When a write counts as done unless the call says otherwise. */
  commit?: Commit;
  /** Cost of guessing a passphrase. */
  kdf?: "low" | "default" | "high";
  /** Ways into a new store; unless given, one for each secret, else the keystore or this device. */
  slots?: readonly Exclude<SlotType, "recovery">[];
  readers?: number;
  maxReaders?: number;
  cacheBytes?: number;
  queryTimeoutMs?: number;
  transactionLimitMs?: number;
  busyTimeoutMs?: number;
  cache?: CacheLimits;
  outbox?: OutboxLimits;
}

/** Configuration of Store.open(). */
export interface StoreConfig extends StoreSettings {
  /** Ends with ".tdb", a leading "~/" is the user's home; ":memory:" forgets everything. */
  path: string;
  /** The signed-in user, who is part of what a device slot needs. */
  user?: string;
  appFactors?: readonly AppFactor[];
}

/** Secrets that open a store; they never travel in its configuration. What is not given is not tried. A Uint8Array can be
 * wiped afterwards, a string can't. */
export interface Secrets {
  passphrase?: string | Uint8Array | undefined;
  /** 32 bytes that the application keeps itself. */
  appKey?: Uint8Array | undefined;
  /** As createRecoveryKey() gave it; case, spaces and dashes are forgiven. */
  recoveryKey?: string | undefined;
}
