// What an application configures. Each member is the camelCase spelling of one in docs/reference/license-config.md,
// which has meanings, limits and defaults; a member left out keeps the default.

import type { Time } from "./json.js";
import type { StoreSettings } from "./store_config.js";

/** What a finding does to the verdict. */
export type Policy = "warn" | "deny";

/** An identifier that only the application knows, such as a dongle's serial number. */
export interface AppFactor {
  name: string;
  /** Kept inside the library; licences get a salted tag of it. */
  value: string;
  class?: "unique" | "os" | "model";
  weight?: number;
}

/** A key of another system whose RS256 tokens the application accepts. */
export interface RsaKey {
  issuer: string;
  /** PEM. */
  publicKey: string;
  keyId?: string;
  audience?: string;
  refreshAfterS?: number;
  graceS?: number;
}

/** Configuration of App.open() and License.open(). */
export interface AppConfig {
  product: string;
  /** A leading "~/" is the user's home. */
  dataDir: string;
  /** The signed-in user, for licences of kind "user". */
  user?: string;
  /** Root public keys as Key.publicKey gives them; required unless there are rsaKeys. */
  trustedKeys?: readonly string[];
  /** Root signatures that a key set needs. */
  trustedThreshold?: number;
  /** A compiled-in key set. */
  keySet?: string;
  issuer?: string;
  appVersion?: string;
  /** "YYYY-MM-DD" (UTC), or a time. */
  buildDate?: Time | string;
  clockPolicy?: Policy;
  crlPolicy?: Policy;
  /** How early a verdict warns of the end. */
  expiresSoonDays?: number;
  /** Where the key of the licence state is kept. */
  keystore?: "auto" | "os" | "file";
  /** The second place that remembers the clock mark and used trials. */
  memoryDir?: string;
  rsaKeys?: readonly RsaKey[];
  appFactors?: readonly AppFactor[];
  /** The application's store. */
  store?: StoreSettings;
}
