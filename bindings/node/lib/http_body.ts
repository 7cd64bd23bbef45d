import { native, type Handle } from "./native.js";
import { Queue } from "./queue.js";
import { run, type CallOptions } from "./operation.js";

/** A body in pieces, such as a stream of the web or of Node. */
export type HttpPieces = AsyncIterable<string | Uint8Array>;

/** A body that is written while it is sent, with one request, which is sent once: what was written is gone. */
export class HttpUpload {
  readonly #handle: Handle<"http_upload">;
  readonly #queue = new Queue();

  /** `size` is how many bytes there will be, where that is known. */
  constructor(options?: { size?: number | undefined }) {
    this.#handle = native.httpUploadNew(options?.size ?? -1);
  }

  /** @internal */
  static handleOf(upload: HttpUpload): Handle<"http_upload"> {
    return upload.#handle;
  }

  /** Adds bytes, which are copied. Wait for the promise before the next: then memory use stays the same for any size.
   * Errors: "arg" (more than announced), "state" (finished, or its request has ended). */
  write(data: string | Uint8Array): Promise<void> {
    const own = data instanceof Uint8Array ? new Uint8Array(data) : data; // its turn may come later
    return this.#queue.add(() => run(undefined, () => native.httpUploadWrite(this.#handle, own)));
  }

  /** Ends the body after what was written before. Errors: "arg" (less than announced), "state". */
  finish(): Promise<void> {
    return this.#queue.add(async () => native.httpUploadFinish(this.#handle));
  }

  /** The rest can't be had: its request ends with "callback", and writes that wait with "state". */
  fail(): void {
    native.httpUploadFail(this.#handle);
  }
}

/** What a part of a form takes. */
export interface HttpPart {
  fileName?: string | undefined;
  contentType?: string | undefined;
}

/** A form (multipart/form-data) for any number of requests. Its files are read while it is sent, again for each attempt. */
export class HttpForm {
  readonly #handle = native.httpFormNew();

  /** @internal */
  static handleOf(form: HttpForm): Handle<"http_form"> {
    return form.#handle;
  }

  /** Adds a field. Errors: "arg". */
  addField(name: string, value: string): this {
    native.httpFormAddField(this.#handle, name, value);
    return this;
  }

  /** Adds bytes, which are copied, as a file; without `fileName` as a field. Errors: "arg". */
  addBytes(name: string, data: string | Uint8Array, part?: HttpPart): this {
    native.httpFormAddBytes(this.#handle, name, data, part?.fileName, part?.contentType);
    return this;
  }

  /** Adds a file as long as it is now; it is called as on the disk unless `fileName` says otherwise. Parts have the order
   * in which they were there: wait for this before the next. Errors: "arg" (also for what is no regular file), "not_found",
   * "permission", "io". */
  addFile(name: string, path: string, part?: HttpPart): Promise<void> {
    return native.httpFormAddFile(this.#handle, name, path, part?.fileName, part?.contentType);
  }
}

const isPieces = (body: unknown): body is HttpPieces => typeof body === "object" && body !== null && Symbol.asyncIterator in body;

/** Calls `send`. A body in pieces is written meanwhile, into an upload that `send` gets in its place; what the pieces threw
 * is what the request failed with. */
export function feed<Options extends CallOptions & { body?: unknown }, T>(
  options: Options | undefined,
  send: (options: Options | undefined) => Promise<T>,
): Promise<T> {
  const body = options?.body;
  return isPieces(body) ? feedPieces(body, options as Options, send) : send(options);
}

async function feedPieces<Options extends CallOptions, T>(
  pieces: HttpPieces,
  options: Options,
  send: (options: Options) => Promise<T>,
): Promise<T> {
  options.signal?.throwIfAborted(); // nothing would take the pieces
  const upload = new HttpUpload();
  const sent = send({ ...options, body: upload });
  let thrown: { readonly error: unknown } | undefined;
  writeAll(pieces, upload, (error) => (thrown = { error }));
  try {
    return await sent;
  } catch (error) {
    upload.fail();
    if (thrown !== undefined && (error as { code?: unknown }).code === "callback") throw thrown.error;
    throw error;
  }
}

async function writeAll(pieces: HttpPieces, upload: HttpUpload, onThrow: (error: unknown) => void): Promise<void> {
  let isOver = false; // the request ended: it wants no more
  try {
    for await (const piece of pieces) {
      await upload.write(piece).catch((error: unknown) => {
        isOver = (error as { code?: unknown }).code === "state";
        if (!isOver) throw error;
      });
      if (isOver) return;
    }
    await upload.finish().catch(() => {});
  } catch (error) {
    onThrow(error);
    upload.fail();
  }
}
