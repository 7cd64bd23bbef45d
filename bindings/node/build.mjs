// Builds what the package ships: dist/ from TypeScript, prebuilds/<platform>-<arch>/tessera.node with CMake, licenses/.
// Arguments are passed to CMake's configuration, such as -DCMAKE_BUILD_TYPE=Debug.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const buildDir = join(here, "../../build/node");

function run(program, ...args) {
  execFileSync(program, args, { cwd: here, stdio: "inherit" });
}

// npm does not install the tools of a package that it links to.
if (!existsSync(join(here, "node_modules/typescript"))) run("npm", "ci", "--ignore-scripts");

const defaults = ["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"];
run("cmake", "-S", ".", "-B", buildDir, ...defaults, ...process.argv.slice(2));
run("cmake", "--build", buildDir, "--parallel", String(availableParallelism()));
const target = join(here, "prebuilds", `${process.platform}-${process.arch}`);
mkdirSync(target, { recursive: true });
copyFileSync(join(buildDir, "tessera.node"), join(target, "tessera.node"));

rmSync(join(here, "licenses"), { recursive: true, force: true });
run("cmake", "--install", buildDir, "--prefix", here, "--component", "licenses");

rmSync(join(here, "dist"), { recursive: true, force: true });
run(process.execPath, "node_modules/typescript/lib/tsc.js", "--project", ".");
