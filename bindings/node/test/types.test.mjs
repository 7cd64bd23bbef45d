import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

test("the types accept what is right and refuse what is not, from modules and from CommonJS", () => {
  const { status, stdout } = spawnSync(process.execPath, ["node_modules/typescript/lib/tsc.js", "--project", "types"], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});
