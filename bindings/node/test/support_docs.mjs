// Runs what a page of docs/how-to says, section after section.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const AsyncFunction = (async () => {}).constructor;

export class Page {
  #sections;
  #left;
  #names;

  /** `names` are what the page imports. */
  constructor(name, names) {
    const text = readFileSync(join(process.env.TESSERA_ROOT, "docs/how-to", name), "utf8");
    this.#sections = new Map(text.split(/^## /m).slice(1).map((section) => [section.slice(0, section.indexOf("\n")), section]));
    this.#left = new Set(this.#sections.keys());
    this.#names = names;
  }

  /** Runs the blocks of a section with the names that they leave to the reader, and other texts for some of its own.
   * `await using` is a `const` of today. */
  async follow(heading, given, texts = {}) {
    this.#left.delete(heading);
    const names = { ...this.#names, ...given };
    for (const [, block] of this.#sections.get(heading).matchAll(/^```js\n(.*?)^```$/gms)) {
      const opened = [];
      let code = block.replace(/^import .*$/gm, "").replace(/^await using (\w+) = (.*?);$/gms, "const $1 = $2; opened.push($1);");
      for (const [text, other] of Object.entries(texts)) code = code.replaceAll(text, other);
      try {
        await new AsyncFunction("opened", ...Object.keys(names), code)(opened, ...Object.values(names));
      } finally {
        for (const handle of opened.reverse()) await handle.close();
      }
    }
  }

  /** A test in a folder of its own, which is the user's home as well. */
  section(heading, work) {
    test(heading, async (t) => {
      const before = { folder: process.cwd(), home: process.env.HOME };
      const folder = mkdtempSync(join(tmpdir(), "tessera-node-"));
      process.chdir(folder);
      process.env.HOME = folder;
      try {
        await work(t, folder);
      } finally {
        process.chdir(before.folder);
        process.env.HOME = before.home;
        rmSync(folder, { recursive: true });
      }
    });
  }

  testThatAllWasFollowed() {
    test("every section is followed", () => {
      for (const heading of this.#left) assert.doesNotMatch(this.#sections.get(heading), /^```js$/m, heading);
    });
  }
}
