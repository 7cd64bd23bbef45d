import type { AppConfig } from "./config.js";
import { toInteger, toJson } from "./json.js";
import { attach, type LogLevel, type LogSink, type Subscription } from "./log.js";
import { native, type Handle, type RawVerdict, type Started } from "./native.js";
import { run, type CallOptions } from "./operation.js";
import { Verdict } from "./verdict.js";

/** What License.request() takes. */
export interface RequestOptions extends CallOptions {
  /** The customer's licence key (XXXXX-...). */
  licenseKey?: string;
  /** Free text for the issuer, such as a seat name; at most 256 bytes. */
  note?: string;
}

/** What close() takes. */
export interface CloseOptions extends CallOptions {
  /** How long to wait for another process that holds the state; 2000 by default. */
  timeoutMs?: number;
}

/** Use of a metered entitlement in the current period. */
export interface MeterReading<Integer extends number | bigint = number> {
  readonly used: Integer;
  readonly limit: Integer;
}

/** How long close() waits for another process unless told otherwise. */
export const closeTimeoutMs = 2000;

/** The licence of one product in one data folder.
 *
 * Calls that read or write files return promises and run one after another, in the order they were made; check() is a
 * memory read. Failures are TesseraError; a licence that is not valid is an answer, not a failure. */
export class License {
  readonly #handle: Handle<"license">;
  readonly #check: () => RawVerdict;
  #known: RawVerdict | undefined;
  #verdict!: Verdict; // of #known

  /** @internal */
  constructor(handle: Handle<"license">) {
    this.#handle = handle;
    this.#check = native.licenseChecker(handle);
  }

  /** Reads the state file, probes the hardware and evaluates. A missing or damaged state is not an error: the verdict
   * says so and the next import repairs it. Errors: "arg", "io", "permission", "disk_full", "license". */
  static async open(config: AppConfig, options?: CallOptions): Promise<License> {
    const json = toJson(config);
    return new License(await run(options, () => native.licenseOpen(json)));
  }

  /** The current verdict: never writes and never waits; the same object until it changes. Errors: "state" (closed). */
  check(): Verdict {
    const raw = this.#check();
    if (raw !== this.#known) {
      this.#verdict = new Verdict(raw);
      this.#known = raw;
    }
    return this.#verdict;
  }

  /** Probes the hardware again, rereads the state and moves the clock mark on; for start-up and about hourly.
   * Errors: "state", "busy", "io". */
  refresh(options?: CallOptions): Promise<Verdict> {
    return judge(options, () => native.licenseRefresh(this.#handle));
  }

  /** Verifies the content of a `.lic` file, or one token, and stores all of it or nothing. Bytes are copied before this
   * returns. Errors: "license" (why it was refused), "state", "busy", "io", "permission", "disk_full". */
  importBundle(bundle: string | Uint8Array, options?: CallOptions): Promise<Verdict> {
    return judge(options, () => native.licenseImport(this.#handle, bundle));
  }

  /** Judges the content of a `.lic` file on this machine and stores nothing. A bad document is no error: the verdict
   * says what is wrong with it. Errors: "state". */
  verifyBundle(bundle: string | Uint8Array, options?: CallOptions): Promise<Verdict> {
    return judge(options, () => native.licenseVerify(this.#handle, bundle));
  }

  /** An activation request for the issuer, one compact JWS; also the way to renew or rebind.
   * Errors: "license" (LICENSE_KEY_INVALID, HW_NO_COMPONENTS), "state", "busy", "io". */
  request(options?: RequestOptions): Promise<string> {
    return run(options, () => native.licenseRequest(this.#handle, options?.licenseKey, options?.note));
  }

  /** Starts the trial that the issuer's token grants and binds it to this machine.
   * Errors: "license" (TRIAL_USED, ...), "state", "busy", "io". */
  startTrial(token: string | Uint8Array, options?: CallOptions): Promise<Verdict> {
    return judge(options, () => native.licenseStartTrial(this.#handle, token));
  }

  /** Gives the licence back for good and returns a signed proof for the issuer; again, the same proof.
   * Errors: "license" (NO_LICENSE), "state", "busy", "io". */
  deactivate(options?: CallOptions): Promise<string> {
    return run(options, () => native.licenseDeactivate(this.#handle));
  }

  /** Uses `amount` of a metered entitlement, all or nothing; durable when the promise is resolved. 0 only reads. The
   * reading has numbers, or bigints where asked for. Errors: "arg", "license" (METER_LIMIT, METER_UNKNOWN, or why the
   * licence is not usable), "state", "busy", "io". */
  meterAdd(name: string, amount: number | bigint, options?: CallOptions & { bigint?: false }): Promise<MeterReading>;
  meterAdd(
    name: string,
    amount: number | bigint,
    options: CallOptions & { bigint: true },
  ): Promise<MeterReading<bigint>>;
  async meterAdd(
    name: string,
    amount: number | bigint,
    options?: CallOptions & { bigint?: boolean },
  ): Promise<MeterReading<number | bigint>> {
    const { used, limit } = await run(options, () => native.licenseMeterAdd(this.#handle, name, amount));
    return { used: toInteger(used, options?.bigint), limit: toInteger(limit, options?.bigint) };
  }

  /** Sends log records of at least `level` to `sink` until the Subscription is cancelled. */
  onLog(level: LogLevel, sink: LogSink): Subscription {
    return attach(level, sink, (lowest, raw) => native.licenseOnLog(this.#handle, lowest, raw));
  }

  /** Stores the clock mark and ends the handle's work, after the calls made before; later calls give "state". Again is
   * fine. Errors: "busy" (another process holds the state), "io". */
  close(options?: CloseOptions): Promise<void> {
    return run(options, () => native.licenseClose(this.#handle, options?.timeoutMs ?? closeTimeoutMs));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function judge(options: CallOptions | undefined, start: () => Started<RawVerdict>): Promise<Verdict> {
  return new Verdict(await run(options, start));
}
