// Makes objects of rows. The addon writes a chunk of rows into memory that it shares with this module, and gives beside
// it what can't lie there: texts, large blobs and bigints.

import { native, type Handle, type Started } from "./native.js";
import { endsOf, run, type CallOptions } from "./operation.js";

// --- The memory that is shared with src/scratch.hpp ---

const enum Tag {
  null = 0,
  number = 1,
  other = 2,
  blob = 3,
  bool = 4,
  json = 5,
}

const memory = native.setScratch((...cells) => cells);
/** Rows, where to go on or -1, the shape of the rows, cells that are not in the memory. */
const header = new Int32Array(memory.buffer, 0, 8);
const numbers = new Float64Array(memory.buffer, 32, memory.cells);
const tags = new Uint8Array(memory.buffer, 32 + memory.cells * 8, memory.cells);
const bytes = new Uint8Array(memory.buffer, 32 + memory.cells * 9, memory.bytes);

// Of the chunk that is being read.
let others: readonly unknown[] = [];
let nextOther = 0;
let nextByte = 0;

/** The cell at `index` that is no number. */
function cell(index: number): unknown {
  switch (tags[index] as Tag) {
    case Tag.other:
      return others[nextOther++];
    case Tag.blob: {
      const from = nextByte;
      nextByte += numbers[index]!;
      return bytes.slice(from, nextByte);
    }
    case Tag.bool:
      return numbers[index] !== 0;
    case Tag.json:
      return JSON.parse(others[nextOther++] as string);
    default:
      return null;
  }
}

// --- One factory for each list of columns ---

/** Reads rows of one shape from the memory. */
interface Factory {
  first(): unknown;
  all(rows: unknown[], count: number): void;
}

const knownFactories = 256;
const factories = new Map<string, Factory>();

function factoryOf(columns: readonly string[]): Factory {
  const key = JSON.stringify(columns);
  let factory = factories.get(key);
  if (factory === undefined) {
    factory = makeFactory(columns);
    if (factories.size >= knownFactories) factories.clear();
    factories.set(key, factory);
  }
  return factory;
}

/** Compiled, so that V8 knows the members of the objects beforehand. */
function makeFactory(columns: readonly string[]): Factory {
  const members = columns.map((name, at) => {
    const member = name === "__proto__" ? '["__proto__"]' : JSON.stringify(name);
    return `${member}: tags[i + ${at}] === ${Tag.number} ? numbers[i + ${at}] : cell(i + ${at})`;
  });
  const object = `({${members.join(", ")}})`;
  const source = `"use strict";
    return {
      first() { const i = 0; return ${object}; },
      all(rows, count) {
        for (let row = 0, i = 0; row < count; ++row, i += ${columns.length}) rows.push(${object});
      },
    };`;
  try {
    return new Function("tags", "numbers", "cell", source)(tags, numbers, cell) as Factory;
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    return plainFactory(columns); // code from strings is forbidden here
  }
}

function plainFactory(columns: readonly string[]): Factory {
  const make = (from: number) =>
    Object.fromEntries(columns.map((name, at) => [name, tags[from + at] === Tag.number ? numbers[from + at] : cell(from + at)]));
  return {
    first: () => make(0),
    all(rows, count) {
      for (let row = 0; row < count; ++row) rows.push(make(row * columns.length));
    },
  };
}

// --- Rows of a prepared statement ---

/** Numbers of src/statement.cpp. */
export const enum Step {
  run = 0,
  first = 1,
  read = 2,
  more = 3,
  end = 4,
  name = 5,
  columns = 6,
}
/** Added to the first three: the parameters are by name. */
export const byName = 8;

/** The function of one statement. */
export type StepFunction = (step: number, ...given: unknown[]) => unknown;

/** Reads what a statement's function left in the memory. */
export class Reader {
  readonly #step: StepFunction;
  #shape = -1;
  #factory!: Factory; // of #shape

  constructor(step: StepFunction) {
    this.#step = step;
  }

  /** The first row, or undefined. `rest` is what the function returned. */
  first(rest: unknown): unknown {
    if (header[0] === 0) return undefined;
    this.#begin(rest);
    return this.#factory.first();
  }

  /** Adds a chunk of rows to `rows`. Gives the number of those that are left, or -1. */
  chunk(rest: unknown, rows: unknown[]): number {
    const count = header[0]!;
    const left = header[1]!;
    if (count > 0) {
      this.#begin(rest);
      this.#factory.all(rows, count);
    }
    return left;
  }

  #begin(rest: unknown): void {
    beginChunk(rest);
    const shape = header[2]!;
    if (shape === this.#shape) return;
    this.#factory = factoryOf(this.#step(Step.columns) as string[]);
    this.#shape = shape;
  }
}

function beginChunk(rest: unknown): void {
  others = header[3]! > 1 ? (rest as unknown[]) : [rest];
  nextOther = 0;
  nextByte = 0;
}

/** What a statement changed. `rowId` is what its function returned: a bigint where bigints were asked for. */
export function readChanges(rowId: unknown): { changes: number; rowId: number } {
  return { changes: numbers[0]!, rowId: rowId === undefined ? numbers[1]! : (rowId as number) };
}

// --- Copied rows ---

/** All rows of a set, which is released. */
export function takeRows<R>(set: Handle<"rowset">, wantsBigint = false): R[] {
  const rows: R[] = [];
  const factory = factoryOf(native.rowsetColumns(set));
  for (let from = 0; from >= 0; from = header[1]!) {
    beginChunk(native.rowsetRead(set, from, wantsBigint));
    factory.all(rows, header[0]!);
  }
  native.rowsetFree(set);
  return rows;
}

/** The only row of a set. */
export function takeRow<R>(set: Handle<"rowset">, wantsBigint = false): R {
  return takeRows<R>(set, wantsBigint)[0]!;
}

const rowsAtATime = 256;

/** Rows as they are asked for: the next chunk is read when the one before was used up. */
export async function* stream<R>(
  options: (CallOptions & { bigint?: boolean }) | undefined,
  start: () => Started<Handle<"rows">>,
): AsyncGenerator<R, void, undefined> {
  const rows = await run(options, start);
  const ends = options?.signal && endsOf(options.signal);
  const interrupt = () => native.rowsInterrupt(rows);
  ends?.add(interrupt);
  try {
    for (let isMore = true; isMore; ) {
      const set = await run(options, () => native.rowsFetch(rows, rowsAtATime));
      isMore = native.rowsetMore(set);
      yield* takeRows<R>(set, options?.bigint);
    }
  } finally {
    ends?.delete(interrupt);
    native.rowsFree(rows);
  }
}

/** The first row, or undefined. */
export async function firstRow<R>(
  options: (CallOptions & { bigint?: boolean }) | undefined,
  start: () => Started<Handle<"rows">>,
): Promise<R | undefined> {
  const rows = await run(options, start);
  try {
    return takeRows<R>(await run(options, () => native.rowsFetch(rows, 1)), options?.bigint)[0];
  } finally {
    native.rowsFree(rows);
  }
}
