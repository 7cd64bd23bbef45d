import { native, type RawSink } from "./native.js";
import { outside } from "./progress.js";

const levels = ["trace", "debug", "info", "warn", "error"] as const;

/** Levels of a record, in rising order. */
export type LogLevel = (typeof levels)[number];

/** One record. Secrets, tokens and hardware identifiers are redacted. */
export interface LogRecord {
  readonly level: LogLevel;
  /** "license", "hwid", ... */
  readonly area: string;
  /** Stable snake_case name, such as "import_refused". */
  readonly event: string;
  /** One sentence. */
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Called on the event loop, in the order of the records, after the call being logged went on. What it throws becomes
 * an uncaught exception of the process, as from any event listener. */
export type LogSink = (record: LogRecord) => void;

/** A live registration of a LogSink, or of a watch on settings. Keeps what it was registered with alive, but not the
 * process. */
export class Subscription {
  readonly #id: number;

  /** @internal */
  constructor(id: number) {
    this.#id = id;
  }

  /** Ends the registration; what is on its way is dropped. Again is fine. */
  cancel(): void {
    native.endSink(this.#id);
  }

  [Symbol.dispose](): void {
    this.cancel();
  }
}

/** Registers `sink` by `attach`, a raw function. */
export function attach(level: LogLevel, sink: LogSink, attach: (level: number, sink: RawSink) => number): Subscription {
  const lowest = levels.indexOf(level);
  if (lowest < 0) throw new TypeError(`the level is one of ${levels.join(", ")}`);
  if (typeof sink !== "function") throw new TypeError("the sink is a function");
  const id = attach(lowest, (number, area, event, message, fields) =>
    outside(() =>
      sink({ level: levels[number]!, area, event, message, fields: JSON.parse(fields) as Record<string, unknown> }),
    ),
  );
  return new Subscription(id);
}

/** Registers a function that hears of changed settings by `attach`, a raw function. */
export function watchSink(changed: (key: string) => void, attach: (raw: (key: string) => void) => number): Subscription {
  if (typeof changed !== "function") throw new TypeError("who is told of changes is a function");
  return new Subscription(attach((key) => outside(() => changed(key))));
}
