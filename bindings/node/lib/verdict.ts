import type { LicenseCode } from "./codes.js";
import { toInteger } from "./json.js";
import { native, type RawVerdict } from "./native.js";

/** One failure or warning of a Verdict. */
export interface Reason {
  readonly code: LicenseCode;
  /** One sentence with the particulars. */
  readonly text: string;
}

/** What the licence says about one feature. What may not be used reads as false, 0 and "", so that asking for the value
 * is enough. */
export class Entitlement<Integer extends number | bigint = number> {
  /** "OK", "FEATURE_MISSING", "FEATURE_EXPIRED", or the verdict's own code when it is not usable. */
  readonly code: LicenseCode;
  /** undefined when the feature may not be used. */
  readonly value: boolean | Integer | string | undefined;
  /** When the feature itself ends; undefined when it ends with the licence. */
  readonly expiresAt: Date | undefined;
  readonly #zero: Integer;

  /** @internal */
  constructor(code: LicenseCode, value: boolean | Integer | string | undefined, zero: Integer, expiresAt?: Date) {
    this.code = code;
    this.value = code === "OK" ? value : undefined;
    this.#zero = zero;
    this.expiresAt = expiresAt;
  }

  /** Whether the feature may be used. */
  get usable(): boolean {
    return this.code === "OK";
  }
  /** True for a usable feature, except an integer 0. */
  asBool(): boolean {
    return this.usable && this.value !== this.#zero;
  }
  /** An integer, or 1 for true; 0 for text. */
  asInt(): Integer {
    if (typeof this.value === "boolean") return (typeof this.#zero === "bigint" ? BigInt(1) : 1) as Integer;
    return typeof this.value === "string" || this.value === undefined ? this.#zero : this.value;
  }
  /** Text; "" for the other types. */
  asString(): string {
    return typeof this.value === "string" ? this.value : "";
  }
}

const toDate = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms));

/** The answer to one check: an immutable snapshot, independent of its License. Its getters never block. */
export class Verdict {
  readonly #raw: RawVerdict;
  /** Whether the application may run. */
  readonly usable: boolean;

  /** @internal */
  constructor(raw: RawVerdict) {
    this.#raw = raw;
    this.usable = raw.usable;
  }

  /** The first failure in validation order, else the gravest warning, else "OK". */
  get code(): LicenseCode {
    return this.#raw.code;
  }
  /** "ACTIVE", "TRIAL", "EXPIRY_GRACE", "NONE", ...; docs/reference/verdict.md lists them. */
  get state(): string {
    return this.#raw.state;
  }
  /** Every failure and warning in validation order; empty when all is well. */
  get reasons(): readonly Reason[] {
    return this.#raw.reasons;
  }
  /** When use ends without renewal, grace included; undefined when there is no end or no licence. */
  get usableUntil(): Date | undefined {
    return toDate(this.#raw.usableUntilMs);
  }
  /** When the licence or trial expires, grace excluded; undefined when perpetual or there is no licence. */
  get expiresAt(): Date | undefined {
    return toDate(this.#raw.expiresAtMs);
  }
  /** When the verdict can change by time alone. */
  get nextCheck(): Date | undefined {
    return toDate(this.#raw.nextCheckMs);
  }
  /** 0 to 1000; undefined when the licence is not bound to hardware. */
  get hardwareScore(): number | undefined {
    return this.#raw.hardwareScore < 0 ? undefined : this.#raw.hardwareScore;
  }
  /** Claims of the licence; "" when there is none or it lacks the claim. */
  get licenseId(): string {
    return this.#raw.licenseId;
  }
  /** The licensee. See licenseId. */
  get subject(): string {
    return this.#raw.subject;
  }
  /** See licenseId. */
  get product(): string {
    return this.#raw.product;
  }
  /** The stock-keeping unit or plan. See licenseId. */
  get sku(): string {
    return this.#raw.sku;
  }
  /** See licenseId. */
  get edition(): string {
    return this.#raw.edition;
  }
  /** "node", "floating", "site", "trial" or "user". See licenseId. */
  get kind(): string {
    return this.#raw.kind;
  }
  /** Names of all entitlements in byte order, expired ones included. */
  get entitlements(): readonly string[] {
    return this.#raw.entitlements;
  }

  /** What the licence says about a feature; one that it lacks reads as "FEATURE_MISSING". An integer is a number, or a
   * bigint where asked for; a number that can't hold it exactly is a RangeError. */
  entitlement(name: string, options?: { bigint?: false }): Entitlement;
  entitlement(name: string, options: { bigint: true }): Entitlement<bigint>;
  entitlement(name: string, options?: { bigint?: boolean }): Entitlement<number | bigint> {
    const { code, value, expiresAtMs } = native.verdictEntitlement(this.#raw.handle, name);
    const integer = (whole: bigint) => toInteger(whole, options?.bigint);
    return new Entitlement(code, typeof value === "bigint" ? integer(value) : value, integer(0n), toDate(expiresAtMs));
  }

  /** A few lines for people: state, licence, time left, hardware, every reason, what to do next. */
  explain(): string {
    return native.verdictExplain(this.#raw.handle);
  }

  /** The whole verdict as JSON text: docs/reference/verdict.md. */
  json(): string {
    return native.verdictJson(this.#raw.handle);
  }

  /** The object of json(), for JSON.stringify(). */
  toJSON(): unknown {
    return JSON.parse(this.json());
  }
}
