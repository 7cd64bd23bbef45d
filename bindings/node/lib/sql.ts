// What every statement takes and gives, in the background or not.

import type { CallOptions } from "./operation.js";

/** A value that goes into the store. A whole number or a bigint is an INTEGER, any other number a REAL, a boolean an
 * INTEGER, a string TEXT, a Uint8Array a BLOB. */
export type Value = null | number | bigint | boolean | string | Uint8Array;

/** A cell that comes out of it. An INTEGER is a number; one beyond 2^53 is a RangeError unless bigints were asked for. */
export type Cell = null | number | bigint | string | Uint8Array;

/** A row: the cells by the names of their columns. */
export type Row = Record<string, Cell>;

/** Parameters of a statement: by position, or by name with or without ":", "@" or "$". */
export type Params = readonly Value[] | Readonly<Record<string, Value>>;

/** When a write counts as done: "strict" survives a power cut, "relaxed" the end of the process. */
export type Commit = "strict" | "relaxed";

/** What a statement takes that runs in the calling thread. */
export interface SyncSqlOptions {
  /** As the store is configured unless given. */
  commit?: Commit;
  /** Ends the statement with "timeout". */
  timeoutMs?: number;
  /** Every INTEGER is a bigint. */
  bigint?: boolean;
}

/** What a statement takes that runs in the background. */
export interface SqlOptions extends SyncSqlOptions, CallOptions {}

/** What a statement changed. */
export interface Changes<Integer extends number | bigint = number> {
  /** Rows inserted, updated or deleted. */
  readonly changes: number;
  /** The row that was inserted last; NaN when a number can't hold it exactly. */
  readonly rowId: Integer;
}

/** As the library numbers them. */
export function commitNumber(commit: Commit | undefined): number {
  if (commit === undefined) return 0;
  const number = { relaxed: 1, strict: 2 }[commit];
  if (number === undefined) throw new TypeError('commit is "strict" or "relaxed"');
  return number;
}

/** Changes whose row id is a number. */
export function toChanges(raw: { changes: number; rowId: bigint }, wantsBigint: boolean | undefined): Changes<number | bigint> {
  const rowId = Number(raw.rowId);
  return { changes: raw.changes, rowId: wantsBigint ? raw.rowId : Number.isSafeInteger(rowId) ? rowId : NaN };
}

/** The values of all rows one after another, and how many each has. */
export function toTable(rows: readonly (readonly Value[])[]): { values: Value[]; width: number } {
  const width = rows[0]?.length ?? 1;
  const values: Value[] = [];
  for (const row of rows) {
    if (!Array.isArray(row) || row.length !== width || width === 0) {
      throw new TypeError("the rows are arrays of the same length, with a value at least");
    }
    for (const value of row as readonly Value[]) values.push(value); // unlike flat(), which passes holes over
  }
  return { values, width };
}
