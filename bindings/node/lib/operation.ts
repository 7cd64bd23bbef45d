import { native, type Started } from "./native.js";

/** What every call that returns a promise takes. */
export interface CallOptions {
  /** Aborts the call while it waits for its turn: the promise is then rejected with the signal's reason. What already
   * runs finishes and keeps its result. */
  signal?: AbortSignal | undefined;
}

// One listener for each signal, however many calls share it: a second one would soon look like a leak to Node.
const ends = new WeakMap<AbortSignal, Set<() => void>>();

/** What is called when `signal` is aborted. */
export function endsOf(signal: AbortSignal): Set<() => void> {
  const known = ends.get(signal);
  if (known !== undefined) return known;
  const all = new Set<() => void>();
  ends.set(signal, all);
  signal.addEventListener("abort", () => all.forEach((end) => end()), { once: true });
  return all;
}

/** Starts an operation and gives its result. Never throws by itself. */
export async function run<T>(options: CallOptions | undefined, start: () => Started<T>): Promise<T> {
  const signal = options?.signal;
  if (signal === undefined) return start().promise;
  signal.throwIfAborted();
  const { promise, id } = start();
  const end = () => native.cancel(id);
  const all = endsOf(signal).add(end);
  try {
    return await promise;
  } catch (error) {
    if (signal.aborted && (error as { code?: unknown }).code === "cancelled") throw signal.reason;
    throw error;
  } finally {
    all.delete(end);
  }
}
