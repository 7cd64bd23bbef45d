import type { HttpResponse, HttpHeaders } from "./http_response.js";
import { native, type Handle } from "./native.js";
import { endsOf, run, type CallOptions } from "./operation.js";

/** Bytes of a piece at most. */
const pieceBytes = 65_536;

/** A response whose body is read at its reader's pace, by one who reads: iterate over it, once, or read(). At most 256 KiB
 * wait for the reader; then the server has to. ReadableStream.from() and Readable.from() make streams of it. */
export class HttpStream implements AsyncIterable<Uint8Array> {
  readonly #handle: Handle<"http_stream">;
  readonly #signal: AbortSignal | undefined;
  readonly #end = () => native.httpStreamClose(this.#handle);
  /** All of the response but its body. */
  readonly head: HttpResponse;

  /** @internal */
  constructor(handle: Handle<"http_stream">, head: HttpResponse, options: CallOptions | undefined) {
    this.#handle = handle;
    this.head = head;
    this.#signal = options?.signal;
    if (this.#signal?.aborted) this.#end();
    else if (this.#signal !== undefined) endsOf(this.#signal).add(this.#end);
  }

  /** Status code, such as 200. */
  get status(): number {
    return this.head.status;
  }

  /** Whether the status is 2xx. */
  get ok(): boolean {
    return this.head.ok;
  }

  get headers(): HttpHeaders {
    return this.head.headers;
  }

  /** The next piece, decoded; undefined at the end. One at a time. Errors: "cancelled" (closed), "state" (another read
   * waits), "network", "protocol", "limit", and as HttpClient.request(). */
  async read(): Promise<Uint8Array | undefined> {
    try {
      const piece = await run(undefined, () => native.httpStreamRead(this.#handle, pieceBytes));
      if (piece.length > 0) return piece;
      this.#forget();
      return undefined;
    } catch (error) {
      if (this.#signal?.aborted && (error as { code?: unknown }).code === "cancelled") throw this.#signal.reason;
      throw error;
    }
  }

  #forget(): void {
    if (this.#signal !== undefined) endsOf(this.#signal).delete(this.#end);
  }

  /** Ends what still runs: a read that waits, and later ones, give "cancelled". Again is fine. */
  close(): void {
    this.#forget();
    this.#end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (let piece; (piece = await this.read()) !== undefined; ) yield piece;
    } finally {
      this.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}
