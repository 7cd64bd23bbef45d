import { fromJson, toJson } from "./json.js";
import { native, type Handle } from "./native.js";
import { run, type CallOptions } from "./operation.js";
import type {
  CrlSpec,
  KeysetSpec,
  LeaseSpec,
  LicenseSpec,
  Rs256Spec,
  TrialSpec,
} from "./issuer_spec.js";

const keyTypes = { ed25519: 1, rs256: 2 } as const;

/** "rs256" serves existing services whose tokens are RS256; everything else is "ed25519". */
export type KeyType = keyof typeof keyTypes;

const handleOf = Symbol();

/** A private signing key in locked memory. Immutable. */
export class Key {
  readonly #handle: Handle<"key">;
  /** The public half, as AppConfig.trustedKeys (Ed25519) or RsaKey.publicKey takes it. */
  readonly publicKey: string;
  /** The key id that documents name. */
  readonly id: string;
  readonly type: KeyType;

  /** @internal */
  constructor(handle: Handle<"key">) {
    const facts = native.keyFacts(handle);
    this.#handle = handle;
    this.publicKey = facts.publicKey;
    this.id = facts.id;
    this.type = facts.type === keyTypes.rs256 ? "rs256" : "ed25519";
  }

  /** A new key; an RSA key may take seconds. Errors: "crypto". */
  static async generate(type: KeyType = "ed25519", options?: CallOptions): Promise<Key> {
    return new Key(await run(options, () => native.keyGenerate(keyTypes[type])));
  }

  /** Reads what exportText() wrote, or an unencrypted PKCS#8 PEM of an RSA key. A Uint8Array can be wiped afterwards, a
   * string can't. Errors: "arg", "crypto". */
  static importText(text: string | Uint8Array): Key {
    return new Key(native.keyImport(text));
  }

  /** The private key: a JWK for Ed25519, PKCS#8 PEM for RSA. Keep it owner-only, and wipe the buffer with `fill(0)`.
   * Errors: "crypto". */
  exportText(): Buffer {
    return native.keyExport(this.#handle);
  }

  /** Wipes the key now instead of when the garbage collector comes. Issuers opened with it go on. */
  free(): void {
    native.keyFree(this.#handle);
  }

  [Symbol.dispose](): void {
    this.free();
  }

  /** @internal */
  [handleOf](): Handle<"key"> {
    return this.#handle;
  }
}

/** What Issuer.open() takes. */
export interface IssuerConfig {
  /** The vendor's name. */
  issuer: string;
  product: string;
}

/** What a machine asks for: docs/reference/documents.md. */
export interface ActivationRequest {
  readonly nonce: string;
  readonly installKey: string;
  readonly strength: string;
  readonly vm: string;
  readonly container: string;
  readonly licenseKey: string;
  readonly renews: string;
  readonly note: string;
  readonly sdk: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  readonly factors: readonly {
    readonly kind: string;
    readonly class: string;
    readonly weight: number;
    readonly tags: readonly string[];
  }[];
}

/** Proof that a machine gave its licence back. */
export interface Deactivation {
  readonly licenseId: string;
  /** Compare it with the one of the request that the licence was issued to. */
  readonly installKey: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
}

/** The vendor's side: issues documents for one product under one key; runs on a server or desk, never in the shipped
 * application. Every document is one compact JWS; join them by line feeds into a `.lic` file. Calls only compute, well
 * under a millisecond with Ed25519, so that they need no promise. */
export class Issuer {
  readonly #handle: Handle<"issuer">;

  /** @internal */
  constructor(handle: Handle<"issuer">) {
    this.#handle = handle;
  }

  /** `key` is a root key for key sets, a signing key for everything else. Errors: "arg". */
  static open(config: IssuerConfig, key: Key): Issuer {
    return new Issuer(native.issuerOpen(toJson(config), key[handleOf]()));
  }

  /** Verifies an activation request and shows it. Errors: "arg", "license". */
  readRequest(request: string): ActivationRequest {
    return fromJson(native.issuerReadRequest(this.#handle, request));
  }

  /** Verifies a deactivation proof and shows it. Errors: "arg", "license". */
  readDeactivation(proof: string): Deactivation {
    return fromJson(native.issuerReadDeactivation(this.#handle, proof));
  }

  /** A licence. `request` is the machine's activation request; undefined binds to no machine. Errors: "arg", "license"
   * (HW_TOO_WEAK unless allowWeak, or what is wrong with the request). */
  issue(request: string | undefined, spec: LicenseSpec): string {
    return native.issuerIssue(this.#handle, request, toJson(spec));
  }

  /** A trial that an application ships. Errors: "arg". */
  trial(spec: TrialSpec): string {
    return native.issuerTrial(this.#handle, toJson(spec));
  }

  /** A lease of a floating licence for the installation that made `request`. Errors: "arg", "license". */
  lease(request: string, spec: LeaseSpec): string {
    return native.issuerLease(this.#handle, request, toJson(spec));
  }

  /** A key set; the issuer's key must be a root key. Errors: "arg". */
  keyset(spec: KeysetSpec): string {
    return native.issuerKeyset(this.#handle, toJson(spec));
  }

  /** A revocation list. Errors: "arg". */
  crl(spec: CrlSpec): string {
    return native.issuerCrl(this.#handle, toJson(spec));
  }

  /** A time file that answers `request`: it may set a client's clock mark down again. Errors: "arg", "license". */
  time(request: string): string {
    return native.issuerTime(this.#handle, request);
  }

  /** A JWT of the TikTrend shape, signed with an RS256 key. Errors: "arg", "crypto". */
  rs256(spec: Rs256Spec): string {
    return native.issuerRs256(this.#handle, toJson(spec));
  }

  /** Releases the issuer now; later calls give "arg". */
  free(): void {
    native.issuerFree(this.#handle);
  }

  [Symbol.dispose](): void {
    this.free();
  }
}

/** A new licence key for people: five groups of five symbols. An index for activation, never a secret. */
export function generateLicenseKey(): string {
  return native.licenseKeyGenerate();
}

/** The canonical form of a typed licence key; case, spaces, O, I and L are forgiven.
 * Errors: "license" (LICENSE_KEY_INVALID). */
export function checkLicenseKey(typed: string): string {
  return native.licenseKeyCheck(typed);
}
