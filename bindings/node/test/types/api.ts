// Compiled, never run: what TypeScript accepts, and what it must refuse.
import { App, Entitlement, Hwid, Issuer, Key, License, TesseraError, type ErrorCode, type LicenseCode } from "tessera-sdk";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Equal<A, B>) => {};

export async function use(signal: AbortSignal): Promise<void> {
  await using app = await App.open({ product: "player", dataDir: "/tmp/x", trustedKeys: ["k"], buildDate: "2026-01-01" }, { signal });
  const verdict = app.license.check();
  same<typeof verdict.usable, boolean>(true);
  same<typeof verdict.code, LicenseCode>(true);
  same<typeof verdict.expiresAt, Date | undefined>(true);
  same<ReturnType<typeof verdict.explain>, string>(true);

  const entitlement = verdict.entitlement("copies");
  same<typeof entitlement, Entitlement>(true);
  same<typeof entitlement.value, boolean | number | string | undefined>(true);
  same<ReturnType<typeof entitlement.asInt>, number>(true);
  const exact = verdict.entitlement("copies", { bigint: true });
  same<ReturnType<typeof exact.asInt>, bigint>(true);

  const reading = await app.license.meterAdd("copies", 1n, { bigint: true, signal });
  same<typeof reading.used, bigint>(true);
  same<Awaited<ReturnType<typeof app.license.request>>, string>(true);

  using key = await Key.generate("rs256");
  same<typeof key.type, "ed25519" | "rs256">(true);
  using issuer = Issuer.open({ issuer: "acme", product: "player" }, key);
  same<ReturnType<typeof issuer.issue>, string>(true);
  issuer.issue(undefined, { sku: "pro", expiresAt: new Date(), entitlements: { a: 1, b: { value: 2n, per: "day" } } });
  using hwid = await Hwid.probe();
  same<typeof hwid.strength, "none" | "weak" | "medium" | "strong">(true);
  using subscription = app.onLog("warn", (record) => same<typeof record.message, string>(true));
  subscription.cancel();

  try {
    await app.license.importBundle(new Uint8Array(), { signal });
  } catch (error) {
    if (error instanceof TesseraError) {
      same<typeof error.code, ErrorCode>(true);
      same<typeof error.licenseCode, LicenseCode | undefined>(true);
    }
  }

  // @ts-expect-error: required members are missing
  await License.open({ product: "player" }).catch(() => {});
  // @ts-expect-error: no such member
  await App.open({ product: "player", dataDir: "/tmp/x", licenseKey: "A" });
  // @ts-expect-error: no such policy
  await App.open({ product: "player", dataDir: "/tmp/x", clockPolicy: "maybe" });
  // @ts-expect-error: a verdict is read-only
  verdict.usable = true;
  // @ts-expect-error: no such code
  if (verdict.code === "EXPIRD") return;
  // @ts-expect-error: no such error
  if ({} as ErrorCode === "expired") return;
  // @ts-expect-error: a check is not a promise
  verdict.then();
  // @ts-expect-error: a promise is not a verdict
  (await app).license.refresh().usable;
  // @ts-expect-error: no such key type
  await Key.generate("rsa");
  // @ts-expect-error: a key is not its text
  Issuer.open({ issuer: "acme", product: "player" }, "key");
  // @ts-expect-error: a licence has a product
  issuer.issue(undefined, {});
  // @ts-expect-error: periods of a meter are day, month and total
  issuer.issue(undefined, { sku: "pro", entitlements: { a: { value: 1, per: "year" } } });
  // @ts-expect-error: no such level
  app.onLog("loud", () => {});
  // @ts-expect-error: handles are made by the library
  new License({});
}
