import type { AppFactor } from "./config.js";
import { toJson } from "./json.js";
import { native, type Handle, type RawHwid } from "./native.js";
import { run, type CallOptions } from "./operation.js";

const strengths = ["none", "weak", "medium", "strong"] as const;
const states = ["readable", "unreadable", "absent", "rejected"] as const;
const classes = { U: "unique", O: "os", M: "model" } as const;

/** How well a licence can be bound to this machine. */
export type Strength = (typeof strengths)[number];

/** One kind of identifier that this platform looks for. Holds no value. */
export interface Factor {
  /** "disk", "machine_id", "app:dongle", ... */
  readonly kind: string;
  /** What it identifies: one piece of hardware, one installation of the operating system, or a model of hardware. */
  readonly class: "unique" | "os" | "model";
  /** In the score, 1 to 10. */
  readonly weight: number;
  /** What the probe found. */
  readonly state: (typeof states)[number];
}

/** What Hwid.probe() takes. */
export interface HwidOptions extends CallOptions {
  appFactors?: readonly AppFactor[];
}

/** A snapshot of this machine's identifiers; nothing gives a raw value. */
export class Hwid {
  readonly #handle: Handle<"hwid">;
  readonly #report: RawHwid;

  /** @internal */
  constructor(handle: Handle<"hwid">) {
    this.#handle = handle;
    this.#report = native.hwidReport(handle);
  }

  /** Reads small files and asks the kernel; no child process, no network. Errors: "arg", "license" (HW_CUSTOM_INVALID). */
  static async probe(options?: HwidOptions): Promise<Hwid> {
    const json = options?.appFactors && toJson({ appFactors: options.appFactors });
    return new Hwid(await run(options, () => native.hwidProbe(json)));
  }

  get strength(): Strength {
    return strengths[this.#report.strength]!;
  }
  /** "kvm", "vmware", ... in a virtual machine, else "". */
  get vm(): string {
    return this.#report.vm;
  }
  /** "docker", "wsl", ... in a container, else "". */
  get container(): string {
    return this.#report.container;
  }
  /** Every kind that this platform looks for, found or not. */
  get factors(): Factor[] {
    return this.#report.factors.map((factor) => ({
      kind: factor.kind,
      class: classes[String.fromCharCode(factor.class) as keyof typeof classes],
      weight: factor.weight,
      state: states[factor.state]!,
    }));
  }
  /** LEGACY: the digest over CPU names and MAC addresses that RS256 tokens of older services carry; it changes with any
   * network adapter. */
  get legacyDigest(): string {
    return this.#report.legacyDigest;
  }

  /** A readable report without raw values. */
  explain(): string {
    return native.hwidExplain(this.#handle);
  }

  /** The same report as JSON text; tessera/hwid.h has its members. */
  json(): string {
    return native.hwidJson(this.#handle);
  }

  /** The object of json(), for JSON.stringify(). */
  toJSON(): unknown {
    return JSON.parse(this.json());
  }

  /** Wipes the identifiers now instead of when the garbage collector comes; explain() and json() then give "arg". */
  free(): void {
    native.hwidFree(this.#handle);
  }

  [Symbol.dispose](): void {
    this.free();
  }
}
