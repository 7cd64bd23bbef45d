import { native, type Started } from "./native.js";

/** What every call that returns a promise takes. */
export interface CallOptions {
  /** Aborts the call while it waits for its turn: the promise is then rejected with the signal's reason. What already
   * runs finishes and keeps its result. */
  signal?: AbortSignal | undefined;
}

/** Starts an operation and gives its result. Never throws by itself. */
export async function run<T>(options: CallOptions | undefined, start: () => Started<T>): Promise<T> {
  const signal = options?.signal;
  signal?.throwIfAborted();
  const { promise, id } = start();
  if (signal === undefined) return promise;
  const cancel = () => native.cancel(id);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await promise;
  } catch (error) {
    if (signal.aborted && (error as { code?: unknown }).code === "cancelled") throw signal.reason;
    throw error;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}
