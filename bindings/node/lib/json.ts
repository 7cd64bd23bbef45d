// Configurations and specifications as the C ABI takes them: members in snake_case, times in seconds since 1970.

/** A time: a Date, or whole seconds since 1970. */
export type Time = Date | number;

/** Members whose own members are names that the application chose. */
const namesOfTheApplication = new Set(["entitlements"]);

const toSnake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const toCamel = (name: string) => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function toValue(value: unknown): unknown {
  if (value instanceof Date) {
    const seconds = Math.floor(value.getTime() / 1000);
    if (Number.isNaN(seconds)) throw new RangeError("a time is an invalid Date");
    return seconds;
  }
  if (typeof value === "bigint") {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is beyond 2^53, more than a document can hold`);
    return number;
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError(`${value} is not a number of JSON`);
  if (Array.isArray(value)) return value.map(toValue);
  if (typeof value !== "object" || value === null) return value;
  return toObject(value, toSnake);
}

function toObject(value: object, rename: (name: string) => string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isMap = namesOfTheApplication.has(name) && typeof member === "object" && member !== null;
      return [rename(name), isMap ? toObject(member as object, (own) => own) : toValue(member)];
    }),
  );
}

/** The JSON text of a configuration or specification; members that are undefined stay out. */
export function toJson(value: object): string {
  if (typeof value !== "object" || value === null) throw new TypeError("expected an object");
  return JSON.stringify(toValue(value));
}

/** The object of a JSON text that names its members in snake_case, with camelCase names. */
export function fromJson<T>(text: string): T {
  return JSON.parse(text, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).map(([name, member]) => [toCamel(name), member]))
      : value,
  ) as T;
}

/** A number that holds `value` exactly, or `value` itself when a bigint was asked for. */
export function toInteger(value: bigint, wantsBigint: boolean | undefined): number | bigint {
  if (wantsBigint) return value;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is beyond 2^53; ask for it with {bigint: true}`);
  return number;
}
