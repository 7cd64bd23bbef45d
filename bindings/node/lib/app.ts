import type { AppConfig } from "./config.js";
import { toJson } from "./json.js";
import { closeTimeoutMs, License, type CloseOptions } from "./license.js";
import { attach, type LogLevel, type LogSink, type Subscription } from "./log.js";
import { native, type Handle } from "./native.js";
import { run, type CallOptions } from "./operation.js";
import { Store } from "./store.js";
import type { Secrets } from "./store_config.js";

/** One handle for an application: opens the areas from one configuration. What is obtained from it keeps it alive. */
export class App {
  readonly #handle: Handle<"app">;
  /** The application's licence. */
  readonly license: License;

  /** @internal */
  constructor(handle: Handle<"app">) {
    this.#handle = handle;
    this.license = new License(native.appLicense(handle));
  }

  /** Reads and evaluates the licence state. No network. Errors: as License.open(). */
  static async open(config: AppConfig, options?: CallOptions): Promise<App> {
    const json = toJson(config);
    return new App(await run(options, () => native.appOpen(json)));
  }

  /** The application's store, "app.tdb" in its data folder: opened by the first call, shared by the next ones, which need no
   * secrets. Closed with the application. Errors: as Store.open(), "state" (closed). */
  async store(secrets?: Secrets, options?: CallOptions): Promise<Store> {
    return new Store(await run(options, () => native.appStore(this.#handle, secrets)));
  }

  /** Sends log records of every area of at least `level` to `sink` until the Subscription is cancelled. */
  onLog(level: LogLevel, sink: LogSink): Subscription {
    return attach(level, sink, (lowest, raw) => native.appOnLog(this.#handle, lowest, raw));
  }

  /** Closes every area after the calls made before; later calls, also on what was obtained from the app, give "state".
   * Again is fine. Errors: "busy", "io". */
  close(options?: CloseOptions): Promise<void> {
    return run(options, () => native.appClose(this.#handle, options?.timeoutMs ?? closeTimeoutMs));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
