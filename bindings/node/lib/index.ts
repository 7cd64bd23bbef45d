/** Tessera for Node: licensing, hardware identity and an encrypted store.
 *
 * Start with App.open() in an application, with Issuer.open() on the vendor's server, and with Store.open() where there
 * are data but no licence. What reads or writes files returns a promise; checks are synchronous. Failures are TesseraError.
 *
 * @packageDocumentation */

import { licenseCodes, type LicenseCode } from "./codes.js";
import { native } from "./native.js";

export { App } from "./app.js";
export { Cache, type CacheOptions, type CacheStats, type CacheValue } from "./cache.js";
export type { ErrorCode, LicenseCode } from "./codes.js";
export type { AppConfig, AppFactor, Policy, RsaKey } from "./config.js";
export { TesseraError } from "./error.js";
export { Hwid, type Factor, type HwidOptions, type Strength } from "./hwid.js";
export {
  checkLicenseKey,
  generateLicenseKey,
  Issuer,
  Key,
  type ActivationRequest,
  type Deactivation,
  type IssuerConfig,
  type KeyType,
} from "./issuer.js";
export type {
  CrlSpec,
  EntitlementSpec,
  EntitlementSpecs,
  EntitlementValue,
  KeySpec,
  KeysetSpec,
  LeaseSpec,
  LicenseSpec,
  Rs256Spec,
  TrialSpec,
} from "./issuer_spec.js";
export type { Time } from "./json.js";
export { License, type CloseOptions, type MeterReading, type RequestOptions } from "./license.js";
export { Subscription, type LogLevel, type LogRecord, type LogSink } from "./log.js";
export type { CallOptions } from "./operation.js";
export {
  Outbox,
  type FailOptions,
  type NewItem,
  type OutboxCounts,
  type OutboxItem,
  type OutboxState,
} from "./outbox.js";
export type { CareOptions, Progress } from "./progress.js";
export { SealedLog, SealedReader, SealedWriter, type LogOptions, type SealedRecord } from "./sealed.js";
export type { Json, SettingValue } from "./settings.js";
export type { Cell, Changes, Commit, Params, Row, SqlOptions, SyncSqlOptions, Value } from "./sql.js";
export { Statement } from "./statement.js";
export {
  Store,
  type AuditEntry,
  type Migration,
  type MigrationStep,
  type SalvageReport,
  type Slot,
  type StoreStats,
} from "./store.js";
export type { CacheLimits, OutboxLimits, Secrets, SlotType, StoreConfig, StoreSettings } from "./store_config.js";
export { SyncTransaction, Transaction, type TransactionOptions, type TransactionSqlOptions } from "./transaction.js";
export { Entitlement, Verdict, type Reason } from "./verdict.js";

/** Version of the library, such as "0.1.0". */
export function version(): string {
  return native.version();
}

/** Versions of the library and of what runs inside it, for a support report. The addon carries its own OpenSSL and
 * libsodium, whatever Node has. */
export interface BuildInfo {
  readonly version: string;
  readonly openssl: string;
  readonly libsodium: string;
  /** Of the store; a build without it has neither. */
  readonly sqlite?: string;
  readonly sqlcipher?: string;
  readonly compiler: string;
}

/** What the library was built with. */
export function buildInfo(): BuildInfo {
  return JSON.parse(native.buildInfo()) as BuildInfo;
}

/** Whether this build includes an area; calls into a missing one give "unsupported". */
export function hasFeature(feature: "hwid" | "license" | "store"): boolean {
  const bits = { hwid: 1, license: 2, store: 4 };
  return (native.features() & bits[feature]) !== 0;
}

/** One line that says what a licence code means. */
export function meaning(code: LicenseCode): string {
  return native.licenseCodeText(licenseCodes[code]);
}

/** One line that says what to do about a licence code; "" when there is nothing to do. */
export function nextStep(code: LicenseCode): string {
  return native.licenseCodeNext(licenseCodes[code]);
}

/** Number of live handles, errors and registrations of the library in this process, in every thread; for leak tests. */
export function liveObjects(): number {
  return native.liveObjects();
}

/** Header and claims of any Tessera document or RS256 token, WITHOUT verifying it; a `.lic` file gives an array. For
 * people and tools; never decide anything by it. Errors: "license" (TOKEN_MALFORMED, TOKEN_TOO_LARGE). */
export function inspect(document: string | Uint8Array): unknown {
  return JSON.parse(native.documentInspect(document));
}
