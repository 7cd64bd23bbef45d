import { type Handle } from "./native.js";
import { takeRow } from "./rows.js";

/** What a setting holds: objects and arrays as JSON. */
export type SettingValue = null | number | bigint | boolean | string | Uint8Array | Json;

/** An object or array that JSON can hold. */
export type Json = { readonly [name: string]: JsonValue } | readonly JsonValue[];
type JsonValue = null | number | boolean | string | Json | undefined;

/** A value as the addon takes it, and whether it is the text of JSON. */
export function setting(value: SettingValue): [value: null | number | bigint | boolean | string | Uint8Array, isJson: boolean] {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return [value, false];
  return [JSON.stringify(value), true];
}

/** The value of a setting that was read; undefined when there is none. */
export function settingOf(rows: Handle<"rowset"> | undefined, wantsBigint: boolean | undefined): unknown {
  return rows && takeRow<{ value: unknown }>(rows, wantsBigint).value;
}
