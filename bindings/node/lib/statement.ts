import { byName, Reader, readChanges, Step, type StepFunction } from "./rows.js";
import type { Changes, Params, Row, Value } from "./sql.js";

const noValues: readonly Value[] = [];

/** A statement that is run often, in the calling thread: what does not change from call to call is kept. Obtained from
 * prepare() of a Store, a SyncTransaction, or a Store in another tenant's scope, where it runs. */
export class Statement<R = Row, Integer extends number | bigint = number> {
  readonly #step: StepFunction;
  readonly #reader: Reader;
  #names: readonly string[] = [];

  /** @internal */
  constructor(step: StepFunction) {
    this.#step = step;
    this.#reader = new Reader(step);
  }

  /** Executes it; a write is committed before the return. Errors: as Store.execute(). */
  run(params: Params = noValues): Changes<Integer> {
    return readChanges(this.#call(Step.run, params)) as Changes<Integer>;
  }

  /** The first row, or undefined. Errors: as Store.query(). */
  get(params: Params = noValues): R | undefined {
    return this.#reader.first(this.#call(Step.first, params)) as R | undefined;
  }

  /** All rows. Errors: as Store.query(). */
  all(params: Params = noValues): R[] {
    const rows: R[] = [];
    let left = this.#reader.chunk(this.#call(Step.read, params), rows);
    while (left >= 0) left = this.#reader.chunk(this.#step(Step.more, left), rows);
    return rows;
  }

  /** Rows as they are asked for, a chunk at a time. Leaving a `for` loop early ends the reading; who calls next()
   * without reading to the end calls return(), or holds a connection for reading until the iterator is collected. Errors: as Store.query(). */
  iterate(params: Params = noValues): IterableIterator<R> {
    return new RowIterator<R>(this.#step, this.#reader, () => this.#call(Step.read, params));
  }

  #call(step: Step, params: Params): unknown {
    if (Array.isArray(params)) return this.#step(step, ...(params as Value[]));
    if (typeof params !== "object" || params === null || params instanceof Uint8Array) {
      throw new TypeError("parameters are an array, or an object that has them by name");
    }
    const names = Object.keys(params);
    const known = this.#names;
    if (names.length !== known.length || !names.every((name, at) => name === known[at])) {
      this.#step(Step.name, ...names);
      this.#names = names;
    }
    return this.#step(step + byName, ...(Object.values(params) as Value[]));
  }
}

/** Ends the rows of an iterator that was dropped before its end: its statement may live as long as the store. */
const dropped = new FinalizationRegistry<{ step: StepFunction; left: number }>(({ step, left }) => step(Step.end, left));

class RowIterator<R> implements IterableIterator<R> {
  readonly #step: StepFunction;
  readonly #reader: Reader;
  #start: (() => unknown) | undefined;
  #rows: R[] = [];
  #at = 0;
  #left = -1;

  constructor(step: StepFunction, reader: Reader, start: () => unknown) {
    this.#step = step;
    this.#reader = reader;
    this.#start = start;
  }

  next(): IteratorResult<R, undefined> {
    if (this.#at === this.#rows.length && !this.#read()) return { value: undefined, done: true };
    return { value: this.#rows[this.#at++]!, done: false };
  }

  return(): IteratorResult<R, undefined> {
    if (this.#left >= 0) this.#step(Step.end, this.#left);
    dropped.unregister(this);
    this.#rows = [];
    this.#at = 0;
    this.#left = -1;
    this.#start = undefined;
    return { value: undefined, done: true };
  }

  [Symbol.iterator](): this {
    return this;
  }

  /** Whether there are rows again. */
  #read(): boolean {
    const start = this.#start;
    if (start === undefined && this.#left < 0) return false;
    const left = this.#left;
    this.#start = undefined;
    this.#left = -1; // a failed read ends the rows
    if (left >= 0) dropped.unregister(this);
    this.#rows = [];
    this.#at = 0;
    this.#left = this.#reader.chunk(start !== undefined ? start() : this.#step(Step.more, left), this.#rows);
    if (this.#left >= 0) dropped.register(this, { step: this.#step, left: this.#left }, this);
    return this.#rows.length > 0;
  }
}
