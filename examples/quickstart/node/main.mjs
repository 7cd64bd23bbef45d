// usage: node main.mjs DATA_DIR ROOT_PUBLIC_KEY [LICENCE_FILE]
// Says whether this application is licensed here, and what identifies this machine.
import { readFile } from "node:fs/promises";
import { App, Hwid, TesseraError } from "tessera-sdk";

const [dataDir, rootKey, licenceFile] = process.argv.slice(2);
try {
  const app = await App.open({ product: "player", dataDir, trustedKeys: [rootKey], keystore: "file" });
  if (licenceFile) await app.license.importBundle(await readFile(licenceFile));

  const verdict = app.license.check(); // a memory read: ask as often as you like
  console.log(verdict.explain());
  if (verdict.usable) console.log(`copies a month: ${verdict.entitlement("copies.monthly").asInt()}`);

  const hwid = await Hwid.probe();
  console.log(hwid.explain());
  await app.close();
  process.exitCode = verdict.usable ? 0 : 2;
} catch (error) {
  if (!(error instanceof TesseraError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
