import type { ErrorCode, LicenseCode } from "./codes.js";
import { native } from "./native.js";

/** A failed call. `message` is one sentence: what happened, to what, why, and what to do next. It holds no secret and
 * no raw hardware id. */
export class TesseraError extends Error {
  override readonly name = "TesseraError";
  /** What a caller can do about it; docs/reference/errors.md explains each. */
  readonly code: ErrorCode;
  /** The area that failed: "hwid", "license", ... */
  readonly domain: string;
  /** Whether the same call may succeed later without a change by the caller. */
  readonly retryable: boolean;
  /** Particulars, by name: `reason` says what is wrong with a store ("WRONG_KEY", "STORE_LOCKED", "CONSTRAINT", ...). */
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, domain: string, retryable: boolean, detail: Record<string, unknown>) {
    super(message);
    this.code = code;
    this.domain = domain;
    this.retryable = retryable;
    this.detail = detail;
  }

  /** What is wrong with the licence, when `code` is "license". */
  get licenseCode(): LicenseCode | undefined {
    return this.detail["license_name"] as LicenseCode | undefined;
  }
}

native.setErrorFactory(
  (code, text, domain, retryable, detail) =>
    new TesseraError(code, text, domain, retryable, JSON.parse(detail) as Record<string, unknown>),
);
