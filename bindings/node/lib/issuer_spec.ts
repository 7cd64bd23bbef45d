// What the vendor says about a document. Each member is the camelCase spelling of one in docs/reference/issuer.md, which
// has meanings and defaults; a member left out keeps the default.

import type { Time } from "./json.js";

/** Value of an entitlement: a truth value, an integer, or text. */
export type EntitlementValue = boolean | number | bigint | string;

/** An entitlement with an end of its own, or whose integer is the limit of a meter. */
export interface EntitlementSpec {
  value: EntitlementValue;
  expiresAt?: Time;
  per?: "day" | "month" | "total";
}

/** Entitlements by name. */
export type EntitlementSpecs = Readonly<Record<string, EntitlementValue | EntitlementSpec>>;

type EnvironmentRule = "allow" | "warn" | "deny";

/** What Issuer.issue() takes. */
export interface LicenseSpec {
  sku: string;
  subject?: string;
  edition?: string;
  kind?: "node" | "floating" | "site" | "user";
  seats?: number;
  /** Or expiresAt; neither makes it perpetual. */
  days?: number;
  expiresAt?: Time;
  notBefore?: Time;
  entitlements?: EntitlementSpecs;
  maintenanceUntil?: Time;
  versionMin?: string;
  versionMax?: string;
  grace?: { expiryS?: number; syncS?: number; hardwareS?: number };
  sync?: { everyS: number; maxS?: number };
  environment?: { vm?: EnvironmentRule; container?: EnvironmentRule };
  epoch?: number;
  licenseId?: string;
  /** Binds to a machine that has few identifiers of its own. */
  allowWeak?: boolean;
  importWithinDays?: number;
}

/** What Issuer.trial() takes. */
export interface TrialSpec {
  days: number;
  sku: string;
  edition?: string;
  entitlements?: EntitlementSpecs;
  licenseId?: string;
  allowWeak?: boolean;
}

/** What Issuer.lease() takes. */
export interface LeaseSpec {
  licenseId: string;
  ttlS: number;
}

/** One key of a key set. */
export interface KeySpec {
  /** As Key.publicKey gives it. */
  public: string;
  /** "sign" by default. */
  use?: "sign" | "verify-only" | "revoked";
  notBefore?: Time;
  expiresAt?: Time;
}

/** What Issuer.keyset() takes. To change roots, issue the same spec with the same issuedAt under old and new root keys
 * and ship the lines together. */
export interface KeysetSpec {
  /** Greater than that of the key set before. */
  seq: number;
  keys: readonly KeySpec[];
  roots?: readonly string[];
  rootThreshold?: number;
  issuedAt?: Time;
}

/** What Issuer.crl() takes. */
export interface CrlSpec {
  /** Greater than that of the list before. */
  seq: number;
  /** Licence ids. */
  revoked?: readonly string[];
  /** Licence ids. */
  suspended?: readonly string[];
  minEpoch?: number;
  /** Or days. */
  nextUpdate?: Time;
  days?: number;
}

/** What Issuer.rs256() takes. */
export interface Rs256Spec {
  sub: string;
  /** As Hwid.legacyDigest gives it. */
  hwid: string;
  plan: string;
  ttlS?: number;
  audience?: string;
}
