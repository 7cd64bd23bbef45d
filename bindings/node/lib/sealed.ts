import { native, type Handle } from "./native.js";

/** Calls one after another: a file is written by one at a time. */
class Queue {
  #last: Promise<unknown> = Promise.resolve();

  add<T>(call: () => Promise<T>): Promise<T> {
    const result = this.#last.then(call, call);
    this.#last = result;
    result.catch(() => {}); // who added it hears of it
    return result;
  }

}

/** An encrypted file being written. It lies beside its path, which it takes with finish(). */
export class SealedWriter {
  readonly #handle: Handle<"sealed_writer">;
  readonly #queue = new Queue();
  /** Bytes that an earlier writer left, behind which this one goes on. */
  readonly offset: number;

  /** @internal */
  constructor(handle: Handle<"sealed_writer">, offset: number) {
    this.#handle = handle;
    this.offset = offset;
  }

  /** Adds bytes, which are copied. Wait for the promise before the next: then memory use stays the same for any size.
   * Errors: "state", "io", "disk_full". */
  write(data: string | Uint8Array): Promise<void> {
    const own = data instanceof Uint8Array ? new Uint8Array(data) : data; // its turn may come later
    return this.#queue.add(() => native.sealedWrite(this.#handle, own));
  }

  /** Makes the file durable and gives it its name. Errors: "state", "io", "disk_full". */
  finish(): Promise<void> {
    return this.#queue.add(() => native.sealedFinish(this.#handle));
  }

  /** A stream of the web that writes here: closing finishes the file, aborting leaves it for `resume`. */
  toWritable(): WritableStream<string | Uint8Array> {
    return new WritableStream({
      write: (chunk) => this.write(chunk),
      close: async () => {
        await this.finish();
        await this.close();
      },
      abort: () => this.close(),
    });
  }

  /** Ends the writer after the calls made before; an unfinished file stays for `resume`. Again is fine. */
  close(): Promise<void> {
    return this.#queue.add(async () => native.sealedWriterFree(this.#handle));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** An encrypted file being read. */
export class SealedReader {
  readonly #handle: Handle<"sealed_reader">;
  readonly #reading = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;
  /** Bytes of content. */
  readonly size: number;

  /** @internal */
  constructor(handle: Handle<"sealed_reader">) {
    this.#handle = handle;
    this.size = native.sealedSize(handle);
  }

  /** Reads at any place, less than `length` only at the end. Never gives bytes that were changed.
   * Errors: "corrupt", "io", "arg" (closed). */
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (this.#closing !== undefined) await this.#closing;
    const reading = native.sealedRead(this.#handle, offset, length);
    this.#reading.add(reading);
    try {
      return await reading;
    } finally {
      this.#reading.delete(reading);
    }
  }

  /** Ends the reader after the calls made before. Again is fine. */
  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#reading).then(() => native.sealedReaderFree(this.#handle));
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** What openLog() takes. */
export interface LogOptions {
  /** Size of a file before the next one begins; 8 MiB unless given. */
  maxFileBytes?: number;
  /** How many files are kept; 5 unless given. */
  maxFiles?: number;
}

/** An encrypted log being written. */
export class SealedLog {
  readonly #handle: Handle<"sealed_log">;
  readonly #queue = new Queue();

  /** @internal */
  constructor(handle: Handle<"sealed_log">) {
    this.#handle = handle;
  }

  /** Adds a record; it is buffered. Errors: "limit" (over 1 MiB), "state", "io", "disk_full". */
  append(record: string | Uint8Array): void {
    native.sealedLogAppend(this.#handle, record);
  }

  /** Makes what was added durable. Errors: "state", "io", "disk_full". */
  flush(): Promise<void> {
    return this.#queue.add(() => native.sealedLogFlush(this.#handle));
  }

  /** Makes what was added durable and ends the log. Again is fine. Errors: as flush(). */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.flush();
    } finally {
      native.sealedLogFree(this.#handle);
    }
  }
  #isClosed = false;

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A record of an encrypted log; where records are damaged, what is wrong instead. */
export type SealedRecord =
  | { readonly record: Uint8Array; readonly problem: null }
  | { readonly record: null; readonly problem: string };
