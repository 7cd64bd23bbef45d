import { native, type Started } from "./native.js";

/** What every call that returns a promise takes. */
export interface CallOptions {
  /** Aborts the call while it waits for its turn: the promise is then rejected with the signal's reason. What already
   * runs finishes and keeps its result. */
  signal?: AbortSignal | undefined;
}

// One listener for each signal, however many calls share it: a second one would soon look like a leak to Node.
const waiting = new WeakMap<AbortSignal, Set<number>>();

/** The operations that end when `signal` is aborted. */
function waitingFor(signal: AbortSignal): Set<number> {
  const known = waiting.get(signal);
  if (known !== undefined) return known;
  const ids = new Set<number>();
  waiting.set(signal, ids);
  signal.addEventListener("abort", () => ids.forEach((id) => native.cancel(id)), { once: true });
  return ids;
}

/** Starts an operation and gives its result. Never throws by itself. */
export async function run<T>(options: CallOptions | undefined, start: () => Started<T>): Promise<T> {
  const signal = options?.signal;
  if (signal === undefined) return start().promise;
  signal.throwIfAborted();
  const { promise, id } = start();
  const ids = waitingFor(signal).add(id);
  try {
    return await promise;
  } catch (error) {
    if (signal.aborted && (error as { code?: unknown }).code === "cancelled") throw signal.reason;
    throw error;
  } finally {
    ids.delete(id);
  }
}
