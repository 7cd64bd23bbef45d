import type { Progress as RawProgress, Started } from "./native.js";
import { run, type CallOptions } from "./operation.js";

/** How far long work is; `total` is 0 while unknown. */
export type Progress = (done: number, total: number) => void;

/** What long work takes. Aborting ends it also while it runs; what was half made goes away. */
export interface CareOptions extends CallOptions {
  /** Called on the event loop. What it throws becomes an uncaught exception of the process. */
  progress?: Progress | undefined;
}

/** Starts long work and gives its result. */
export function runLong<T>(options: CareOptions | undefined, start: (listener?: RawProgress) => Started<T>): Promise<T> {
  const progress = options?.progress;
  return run(options, () => start(progress && ((done, total) => outside(() => progress(done, total)))));
}

/** Calls a function of the application; what it throws is thrown outside of the addon's frames, which must not see it. */
export function outside(call: () => void): void {
  try {
    call();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

