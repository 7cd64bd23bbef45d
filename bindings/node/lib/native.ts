// The raw addon: one function for each of the C ABI, or one object where C has a getter per member.

import type { ErrorCode, LicenseCode } from "./codes.js";

declare const tag: unique symbol;
/** A handle of the library. Released by the garbage collector, or by a `...Free` function. */
export interface Handle<Noun extends string> {
  readonly [tag]: Noun;
}

/** A started operation: its result, and the number by which it is cancelled. */
export interface Started<T> {
  readonly promise: Promise<T>;
  readonly id: number;
}

export interface RawVerdict {
  readonly handle: Handle<"verdict">;
  readonly usable: boolean;
  readonly code: LicenseCode;
  readonly state: string;
  readonly reasons: { readonly code: LicenseCode; readonly text: string }[];
  readonly usableUntilMs?: number;
  readonly expiresAtMs?: number;
  readonly nextCheckMs?: number;
  readonly hardwareScore: number;
  readonly licenseId: string;
  readonly subject: string;
  readonly product: string;
  readonly sku: string;
  readonly edition: string;
  readonly kind: string;
  readonly entitlements: string[];
}

export interface RawEntitlement {
  readonly code: LicenseCode;
  readonly value: boolean | bigint | string | undefined;
  readonly expiresAtMs?: number;
}

export interface RawHwid {
  readonly strength: number;
  readonly vm: string;
  readonly container: string;
  readonly legacyDigest: string;
  readonly factors: { readonly kind: string; readonly class: number; readonly weight: number; readonly state: number }[];
}

export type RawSink = (level: number, area: string, event: string, message: string, fields: string) => void;
type ErrorFactory = (code: ErrorCode, text: string, domain: string, retryable: boolean, detail: string) => Error;
type Bytes = string | Uint8Array;

export interface Native {
  setErrorFactory(factory: ErrorFactory): void;
  cancel(id: number): void;
  endLog(id: number): void;

  version(): string;
  buildInfo(): string;
  features(): number;
  liveObjects(): number;
  licenseCodeText(code: number): string;
  licenseCodeNext(code: number): string;
  documentInspect(document: Bytes): string;

  appOpen(config: string): Started<Handle<"app">>;
  appLicense(app: Handle<"app">): Handle<"license">;
  appOnLog(app: Handle<"app">, level: number, sink: RawSink): number;
  appClose(app: Handle<"app">, timeoutMs: number): Started<void>;

  licenseOpen(config: string): Started<Handle<"license">>;
  /** Gives a function that gives the same object as long as the verdict is the same. */
  licenseChecker(license: Handle<"license">): () => RawVerdict;
  licenseRefresh(license: Handle<"license">): Started<RawVerdict>;
  licenseImport(license: Handle<"license">, bundle: Bytes): Started<RawVerdict>;
  licenseVerify(license: Handle<"license">, bundle: Bytes): Started<RawVerdict>;
  licenseRequest(license: Handle<"license">, licenseKey?: string, note?: string): Started<string>;
  licenseStartTrial(license: Handle<"license">, token: Bytes): Started<RawVerdict>;
  licenseDeactivate(license: Handle<"license">): Started<string>;
  licenseMeterAdd(
    license: Handle<"license">,
    name: string,
    amount: number | bigint,
  ): Started<{ used: bigint; limit: bigint }>;
  licenseOnLog(license: Handle<"license">, level: number, sink: RawSink): number;
  licenseClose(license: Handle<"license">, timeoutMs: number): Started<void>;

  verdictEntitlement(verdict: Handle<"verdict">, name: string): RawEntitlement;
  verdictExplain(verdict: Handle<"verdict">): string;
  verdictJson(verdict: Handle<"verdict">): string;

  hwidProbe(config?: string): Started<Handle<"hwid">>;
  hwidReport(hwid: Handle<"hwid">): RawHwid;
  hwidExplain(hwid: Handle<"hwid">): string;
  hwidJson(hwid: Handle<"hwid">): string;
  hwidFree(hwid: Handle<"hwid">): void;

  keyGenerate(type: number): Started<Handle<"key">>;
  keyImport(text: Bytes): Handle<"key">;
  keyExport(key: Handle<"key">): Buffer;
  keyFacts(key: Handle<"key">): { publicKey: string; id: string; type: number };
  keyFree(key: Handle<"key">): void;

  issuerOpen(config: string, key: Handle<"key">): Handle<"issuer">;
  issuerReadRequest(issuer: Handle<"issuer">, request: string): string;
  issuerReadDeactivation(issuer: Handle<"issuer">, proof: string): string;
  issuerIssue(issuer: Handle<"issuer">, request: string | undefined, spec: string): string;
  issuerTrial(issuer: Handle<"issuer">, spec: string): string;
  issuerLease(issuer: Handle<"issuer">, request: string, spec: string): string;
  issuerKeyset(issuer: Handle<"issuer">, spec: string): string;
  issuerCrl(issuer: Handle<"issuer">, spec: string): string;
  issuerTime(issuer: Handle<"issuer">, request: string): string;
  issuerRs256(issuer: Handle<"issuer">, spec: string): string;
  issuerFree(issuer: Handle<"issuer">): void;
  licenseKeyGenerate(): string;
  licenseKeyCheck(text: string): string;
}

function load(): Native {
  const folder = `${process.platform}-${process.arch}`;
  try {
    return require(`../prebuilds/${folder}/tessera.node`) as Native;
  } catch (cause) {
    throw new Error(`tessera-sdk can't load its addon for ${folder}; build it on this platform with npm run build`, {
      cause,
    });
  }
}

export const native = load();
