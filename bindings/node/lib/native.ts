// The raw addon: one function for each of the C ABI, or one object where C has a getter per member.

import type { ErrorCode, LicenseCode } from "./codes.js";

declare const tag: unique symbol;
/** A handle of the library. Released by the garbage collector, or by a `...Free` function. */
export interface Handle<Noun extends string> {
  readonly [tag]: Noun;
}

/** A started operation: its result, and the number by which it is cancelled. */
export interface Started<T> {
  readonly promise: Promise<T>;
  readonly id: number;
}

export interface RawVerdict {
  readonly handle: Handle<"verdict">;
  readonly usable: boolean;
  readonly code: LicenseCode;
  readonly state: string;
  readonly reasons: { readonly code: LicenseCode; readonly text: string }[];
  readonly usableUntilMs?: number;
  readonly expiresAtMs?: number;
  readonly nextCheckMs?: number;
  readonly hardwareScore: number;
  readonly licenseId: string;
  readonly subject: string;
  readonly product: string;
  readonly sku: string;
  readonly edition: string;
  readonly kind: string;
  readonly entitlements: string[];
}

export interface RawEntitlement {
  readonly code: LicenseCode;
  readonly value: boolean | bigint | string | undefined;
  readonly expiresAtMs?: number;
}

export interface RawHwid {
  readonly strength: number;
  readonly vm: string;
  readonly container: string;
  readonly legacyDigest: string;
  readonly factors: { readonly kind: string; readonly class: number; readonly weight: number; readonly state: number }[];
}

/** What a statement changed. */
export interface RawChanges {
  readonly changes: number;
  readonly rowId: bigint;
}

/** An item for the outbox. */
export interface RawItem {
  readonly topic: string;
  readonly url: string;
  readonly method: string | undefined;
  readonly headers: string | undefined;
  readonly body: string | Uint8Array | undefined;
  readonly orderingKey: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly priority: number;
  readonly notBeforeMs: number;
}

/** Hears how far long work is. */
export type Progress = (done: number, total: number) => void;

type Store = Handle<"store">;
type Tx = Handle<"tx">;
type Rows = Handle<"rows">;
type Rowset = Handle<"rowset">;
type Scalar = null | number | bigint | boolean | string | Uint8Array;
type Params = readonly Scalar[] | Readonly<Record<string, Scalar>> | undefined;
type Statement = (step: number, ...given: unknown[]) => unknown;
interface Secrets {
  passphrase?: Bytes | undefined;
  appKey?: Uint8Array | undefined;
  recoveryKey?: string | undefined;
}

export type RawSink = (level: number, area: string, event: string, message: string, fields: string) => void;
type ErrorFactory = (code: ErrorCode, text: string, domain: string, retryable: boolean, detail: string) => Error;
type Bytes = string | Uint8Array;

export interface Native {
  setErrorFactory(factory: ErrorFactory): void;
  cancel(id: number): void;
  endSink(id: number): void;

  version(): string;
  buildInfo(): string;
  features(): number;
  liveObjects(): number;
  licenseCodeText(code: number): string;
  licenseCodeNext(code: number): string;
  documentInspect(document: Bytes): string;

  appOpen(config: string): Started<Handle<"app">>;
  appLicense(app: Handle<"app">): Handle<"license">;
  appOnLog(app: Handle<"app">, level: number, sink: RawSink): number;
  appClose(app: Handle<"app">, timeoutMs: number): Started<void>;

  licenseOpen(config: string): Started<Handle<"license">>;
  /** Gives a function that gives the same object as long as the verdict is the same. */
  licenseChecker(license: Handle<"license">): () => RawVerdict;
  licenseRefresh(license: Handle<"license">): Started<RawVerdict>;
  licenseImport(license: Handle<"license">, bundle: Bytes): Started<RawVerdict>;
  licenseVerify(license: Handle<"license">, bundle: Bytes): Started<RawVerdict>;
  licenseRequest(license: Handle<"license">, licenseKey?: string, note?: string): Started<string>;
  licenseStartTrial(license: Handle<"license">, token: Bytes): Started<RawVerdict>;
  licenseDeactivate(license: Handle<"license">): Started<string>;
  licenseMeterAdd(
    license: Handle<"license">,
    name: string,
    amount: number | bigint,
  ): Started<{ used: bigint; limit: bigint }>;
  licenseOnLog(license: Handle<"license">, level: number, sink: RawSink): number;
  licenseClose(license: Handle<"license">, timeoutMs: number): Started<void>;

  verdictEntitlement(verdict: Handle<"verdict">, name: string): RawEntitlement;
  verdictExplain(verdict: Handle<"verdict">): string;
  verdictJson(verdict: Handle<"verdict">): string;

  hwidProbe(config?: string): Started<Handle<"hwid">>;
  hwidReport(hwid: Handle<"hwid">): RawHwid;
  hwidExplain(hwid: Handle<"hwid">): string;
  hwidJson(hwid: Handle<"hwid">): string;
  hwidFree(hwid: Handle<"hwid">): void;

  keyGenerate(type: number): Started<Handle<"key">>;
  keyImport(text: Bytes): Handle<"key">;
  keyExport(key: Handle<"key">): Buffer;
  keyFacts(key: Handle<"key">): { publicKey: string; id: string; type: number };
  keyFree(key: Handle<"key">): void;

  issuerOpen(config: string, key: Handle<"key">): Handle<"issuer">;
  issuerReadRequest(issuer: Handle<"issuer">, request: string): string;
  issuerReadDeactivation(issuer: Handle<"issuer">, proof: string): string;
  issuerIssue(issuer: Handle<"issuer">, request: string | undefined, spec: string): string;
  issuerTrial(issuer: Handle<"issuer">, spec: string): string;
  issuerLease(issuer: Handle<"issuer">, request: string, spec: string): string;
  issuerKeyset(issuer: Handle<"issuer">, spec: string): string;
  issuerCrl(issuer: Handle<"issuer">, spec: string): string;
  issuerTime(issuer: Handle<"issuer">, request: string): string;
  issuerRs256(issuer: Handle<"issuer">, spec: string): string;
  issuerFree(issuer: Handle<"issuer">): void;
  licenseKeyGenerate(): string;
  licenseKeyCheck(text: string): string;

  setScratch(collect: (...cells: unknown[]) => unknown[]): { buffer: ArrayBuffer; cells: number; bytes: number };
  rowsetColumns(rows: Rowset): string[];
  rowsetRead(rows: Rowset, from: number, wantsBigint: boolean): unknown;
  rowsetMore(rows: Rowset): boolean;
  rowsetFree(rows: Rowset): void;
  rowsFetch(rows: Rows, most: number): Started<Rowset>;
  rowsInterrupt(rows: Rows): void;
  rowsFree(rows: Rows): void;

  storeOpen(config: string, secrets?: Secrets): Started<Store>;
  appStore(app: Handle<"app">, secrets?: Secrets): Started<Store>;
  storeWithTenant(store: Store, tenant: string): Store;
  storeDeclareTenant(store: Store, table: string, column: string): Started<void>;
  storePrepare(store: Store, sql: string, commit: number, timeoutMs: number, wantsBigint: boolean): Statement;
  storeExecute(store: Store, sql: string, params: Params, commit: number, timeoutMs: number): Started<RawChanges>;
  storeExecuteMany(
    store: Store,
    sql: string,
    values: readonly Scalar[],
    width: number,
    commit: number,
    timeoutMs: number,
  ): Started<RawChanges>;
  storeExecuteManySync(
    store: Store,
    sql: string,
    values: readonly Scalar[],
    width: number,
    commit: number,
    timeoutMs: number,
  ): RawChanges;
  storeExecuteScript(store: Store, sql: string, commit: number, timeoutMs: number): Started<void>;
  storeExecuteScriptSync(store: Store, sql: string, commit: number, timeoutMs: number): void;
  storeQuery(store: Store, sql: string, params: Params, timeoutMs: number): Started<Rows>;
  storeQueryAll(store: Store, sql: string, params: Params, timeoutMs: number): Started<Rowset>;
  /** Names and SQL of the steps, one after another. */
  storeMigrate(store: Store, steps: readonly string[], flags: number): Started<Rowset>;
  storePut(store: Store, key: string, value: Scalar, isJson: boolean, commit: number): Started<void>;
  storePutSync(store: Store, key: string, value: Scalar, isJson: boolean, commit: number): void;
  storeGet(store: Store, key: string): Started<Rowset | undefined>;
  storeGetSync(store: Store, key: string): Rowset | undefined;
  storeRemove(store: Store, key: string, commit: number): Started<boolean>;
  storeRemoveSync(store: Store, key: string, commit: number): boolean;
  storeList(store: Store, prefix: string): Started<Rowset>;
  storeListSync(store: Store, prefix: string): Rowset;
  storeWatch(store: Store, prefix: string, changed: (key: string) => void): number;
  storeOnLog(store: Store, level: number, sink: RawSink): number;
  storeClose(store: Store, timeoutMs: number): Started<void>;

  txBegin(store: Store, commit: number, timeoutMs: number): Started<Tx>;
  txBeginSync(store: Store, commit: number, timeoutMs: number): Tx;
  txNest(tx: Tx): Tx;
  txPrepare(tx: Tx, sql: string, commit: number, timeoutMs: number, wantsBigint: boolean): Statement;
  txExecute(tx: Tx, sql: string, params: Params): Started<RawChanges>;
  txExecuteMany(tx: Tx, sql: string, values: readonly Scalar[], width: number): Started<RawChanges>;
  txExecuteManySync(tx: Tx, sql: string, values: readonly Scalar[], width: number): RawChanges;
  txQuery(tx: Tx, sql: string, params: Params): Started<Rows>;
  txQueryAll(tx: Tx, sql: string, params: Params): Started<Rowset>;
  txPut(tx: Tx, key: string, value: Scalar, isJson: boolean): Started<void>;
  txPutSync(tx: Tx, key: string, value: Scalar, isJson: boolean): void;
  txRemove(tx: Tx, key: string): Started<boolean>;
  txRemoveSync(tx: Tx, key: string): boolean;
  txEnqueue(tx: Tx, item: RawItem): Started<string>;
  txEnqueueSync(tx: Tx, item: RawItem): string;
  txCommit(tx: Tx): Started<void>;
  txCommitSync(tx: Tx): void;
  txRollback(tx: Tx): Started<void>;
  txRollbackSync(tx: Tx): void;
  txFree(tx: Tx): void;

  storeSlots(store: Store): Rowset;
  storeAddSlot(store: Store, type: number, secrets?: Secrets): Started<void>;
  storeRemoveSlot(store: Store, slot: number): Started<void>;
  storeChangePassphrase(store: Store, from: Bytes, to: Bytes): Started<void>;
  storeCreateRecoveryKey(store: Store): Started<string>;
  storeHasRecoveryKey(store: Store): boolean;
  storeProtection(store: Store): number;
  storeRebindDevice(store: Store): Started<void>;
  storeRotateDataKey(store: Store, secrets: Secrets | undefined, flags: number, listener?: Progress): Started<void>;
  storeExportDataKey(store: Store, reason: string): Started<Buffer>;

  storeBackup(store: Store, path: string, listener?: Progress): Started<void>;
  storeCompact(store: Store, listener?: Progress): Started<void>;
  storeExport(store: Store, path: string, secrets: Secrets, listener?: Progress): Started<void>;
  storeExportPlain(store: Store, path: string, reason: string, listener?: Progress): Started<void>;
  storeImport(
    store: Store,
    path: string,
    kind: number,
    secrets: Secrets | undefined,
    listener?: Progress,
  ): Started<void>;
  storeCheck(store: Store, listener?: Progress): Started<Rowset>;
  storeStats(store: Store): Started<string>;
  storeAudit(store: Store): Started<Rowset>;
  storeSalvage(config: string, secrets: Secrets | undefined, path: string, listener?: Progress): Started<Rowset>;
  storeErase(config: string): Started<void>;

  cachePut(store: Store, space: string, key: string, value: Bytes | null, ttlMs: number): Started<void>;
  cacheGet(store: Store, space: string, key: string): Started<Rowset | undefined>;
  cacheLoad(
    store: Store,
    space: string,
    key: string,
    load: (key: string) => [value: Bytes | null, ttlMs: number],
    timeoutMs: number,
  ): Rowset;
  cacheRemove(store: Store, space: string, key: string): Started<void>;
  cacheClear(store: Store, space: string): Started<void>;
  cacheStats(store: Store, space: string): Started<Rowset>;

  outboxEnqueue(store: Store, item: RawItem): Started<string>;
  outboxLease(store: Store, topic: string | undefined, most: number): Started<Rowset>;
  outboxComplete(store: Store, id: string, attempt: number): Started<void>;
  outboxFail(
    store: Store,
    id: string,
    attempt: number,
    reason: string,
    flags: number,
    retryAfterMs: number,
  ): Started<void>;
  outboxExtend(store: Store, id: string, attempt: number, leaseMs: number): Started<void>;
  outboxRetry(store: Store, id: string): Started<void>;
  outboxRemove(store: Store, id: string): Started<void>;
  outboxRevoke(store: Store, topic: string): Started<RawChanges>;
  outboxList(store: Store, state: number, most: number): Started<Rowset>;
  outboxCounts(store: Store): Started<Rowset>;

  sealedCreate(
    store: Store,
    path: string,
    flags: number,
  ): Promise<{ writer: Handle<"sealed_writer">; offset: number }>;
  sealedWrite(writer: Handle<"sealed_writer">, data: Bytes): Promise<void>;
  sealedFinish(writer: Handle<"sealed_writer">): Promise<void>;
  sealedWriterFree(writer: Handle<"sealed_writer">): void;
  sealedOpen(store: Store, path: string): Promise<Handle<"sealed_reader">>;
  sealedSize(reader: Handle<"sealed_reader">): number;
  sealedRead(reader: Handle<"sealed_reader">, offset: number, length: number): Promise<Uint8Array>;
  sealedReaderFree(reader: Handle<"sealed_reader">): void;
  sealedPut(store: Store, path: string, data: Bytes): Started<void>;
  sealedGet(store: Store, path: string): Started<Uint8Array>;
  sealedLogOpen(
    store: Store,
    path: string,
    maxFileBytes: number,
    maxFiles: number,
  ): Promise<Handle<"sealed_log">>;
  sealedLogAppend(log: Handle<"sealed_log">, record: Bytes): void;
  sealedLogFlush(log: Handle<"sealed_log">): Promise<void>;
  sealedLogFree(log: Handle<"sealed_log">): void;
  sealedLogRead(store: Store, path: string): Started<Rowset>;
}

function load(): Native {
  const folder = `${process.platform}-${process.arch}`;
  try {
    return require(`../prebuilds/${folder}/tessera.node`) as Native;
  } catch (cause) {
    throw new Error(`tessera-sdk can't load its addon for ${folder}; build it on this platform with npm run build`, {
      cause,
    });
  }
}

export const native = load();
