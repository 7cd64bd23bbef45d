"""Builds the Node package, installs its tarball into projects that know nothing of the sources, and runs its tests."""

import os
import pathlib
import re
import shutil
import subprocess
import time

import test_results
from test_results import SuiteResult

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINDING = ROOT / "bindings/node"
WORK = ROOT / "build/node-test"
PRESET = "node"
TIMEOUT_S = 900
LAUNCHERS = [f"-DCMAKE_{language}_COMPILER_LAUNCHER=ccache" for language in ("C", "CXX")]
# What touches memory by hand, and every way in and out; the others would only take longer.
ASAN_SUITES = ("api", "async", "process", "scenarios", "store", "store_parts")
# What users need at least; Node 22 comes from npm as a dependency of the test project.
LOWEST_NODE = (20, 9)
# Where scripts/bootstrap puts Node when the machine's own is older.
OWN_NODE = ROOT / ".node/node_modules/node/bin"


class StepFailure(Exception):
    def __init__(self, result: SuiteResult):
        self.result = result


def step(name: str, command: list[str], cwd: pathlib.Path) -> None:
    started = time.monotonic()
    try:
        done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        failed, output = done.returncode != 0, done.stdout
    except OSError as error:
        failed, output = True, str(error)
    if failed:
        raise StepFailure(
            SuiteResult(
                name, PRESET, failed=1, seconds=time.monotonic() - started, output=output[-test_results.SHOWN_OUTPUT :]
            )
        )


def require_node() -> None:
    if OWN_NODE.exists():
        os.environ["PATH"] = f"{OWN_NODE}:{os.environ['PATH']}"
    try:
        shown = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout
        version = tuple(int(part) for part in re.findall(r"\d+", shown)[:2])
    except (OSError, subprocess.CalledProcessError):
        shown, version = "none", (0, 0)
    if version < LOWEST_NODE or shutil.which("npm") is None:
        needed = ".".join(map(str, LOWEST_NODE))
        raise StepFailure(
            SuiteResult("node", PRESET, failed=1, output=f"Node {needed} or newer and npm are needed; found {shown.strip()}")
        )


def install_locked(folder: pathlib.Path, *flags: str) -> None:
    """npm ci, unless the lock file is the one that was installed last."""
    lock = (folder / "package-lock.json").read_bytes()
    stamp = folder / "node_modules/.tessera-lock"
    if not stamp.exists() or stamp.read_bytes() != lock:
        step("npm ci", ["npm", "ci", "--no-audit", "--no-fund", *flags], folder)
        stamp.write_bytes(lock)


def build_tarball() -> pathlib.Path:
    install_locked(BINDING, "--ignore-scripts")
    step("build", ["node", "build.mjs", *LAUNCHERS], BINDING)
    for old in WORK.glob("*.tgz"):
        old.unlink()
    step("npm pack", ["npm", "pack", "--ignore-scripts", "--pack-destination", str(WORK)], BINDING)
    return next(WORK.glob("*.tgz"))


def install_into_empty_project(tarball: pathlib.Path) -> SuiteResult:
    """Offline, without scripts: the tarball alone must do."""
    started = time.monotonic()
    project = WORK / "empty"
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir()
    step("npm init", ["npm", "init", "--yes"], project)
    step("npm install", ["npm", "install", "--offline", "--ignore-scripts", str(tarball)], project)
    step("require", ["node", "--eval", "console.log(require('tessera-sdk').version())"], project)
    step("import", ["node", "--input-type=module", "--eval", "await (await import('tessera-sdk')).Key.generate()"], project)
    return SuiteResult("install into an empty project", PRESET, passed=1, seconds=time.monotonic() - started)


def prepare_project(tarball: pathlib.Path) -> pathlib.Path:
    """The tests and the examples that they run, beside an installed package."""
    project = WORK / "project"
    kept = project / "node_modules"
    for old in project.glob("*"):
        if old != kept:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(BINDING / "test", project, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copy(ROOT / "examples/issuing_server/node/server.mjs", project / "server.mjs")
    shutil.copy(ROOT / "examples/quickstart/node/main.mjs", project / "quickstart.mjs")
    install_locked(project)
    step("npm install", ["npm", "install", "--no-save", "--no-audit", "--no-fund", str(tarball)], project)
    return project


def prepare_asan_project(project: pathlib.Path) -> pathlib.Path:
    """The same project with an addon under AddressSanitizer."""
    build = ROOT / "build/node-asan"
    flags = "-fsanitize=address -fno-omit-frame-pointer -O1 -g1"
    options = [f"-DCMAKE_{language}_FLAGS={flags}" for language in ("C", "CXX")] + LAUNCHERS
    step("configure asan", ["cmake", "-S", str(BINDING), "-B", str(build), "-G", "Ninja", *options], ROOT)
    step("build asan", ["cmake", "--build", str(build)], ROOT)
    sanitized = WORK / "asan"
    shutil.rmtree(sanitized, ignore_errors=True)
    shutil.copytree(project, sanitized, ignore=shutil.ignore_patterns("node_modules", "*.xml"))
    modules = sanitized / "node_modules"
    modules.mkdir()
    for module in (project / "node_modules").iterdir():
        if module.name == "tessera-sdk":
            shutil.copytree(module, modules / module.name)
        else:
            (modules / module.name).symlink_to(module)
    addon = next(modules.glob("tessera-sdk/prebuilds/*/tessera.node"))
    shutil.copy(build / "tessera.node", addon)
    return sanitized


def asan_environment() -> dict[str, str]:
    runtime = subprocess.run(["gcc", "-print-file-name=libasan.so"], check=True, capture_output=True, text=True)
    # Node frees little at its end, so that leaks are the leak suite's task.
    return {"LD_PRELOAD": runtime.stdout.strip(), "ASAN_OPTIONS": os.environ["ASAN_OPTIONS"] + ":detect_leaks=0"}


def run_suite(
    node: str, project: pathlib.Path, suite: pathlib.Path, label: str, environment: dict[str, str] | None = None
) -> SuiteResult:
    started = time.monotonic()
    log = project / f"{suite.stem}.{label}.xml"
    command = [node, "--test", "--test-reporter=junit", f"--test-reporter-destination={log}", str(suite)]
    result = SuiteResult(f"{suite.name.removesuffix('.test.mjs')} ({label})", PRESET)
    try:
        done = subprocess.run(
            command, cwd=project, env={**os.environ, "TESSERA_ROOT": str(ROOT), **(environment or {})},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_S,
        )  # fmt: skip
        test_results.count_junit_cases(log, result)
        if done.returncode != 0 and result.failed == 0:
            result.failed = 1
        if result.failed:
            result.output += log.read_text(encoding="utf-8")[-test_results.SHOWN_OUTPUT :] if log.exists() else done.stdout
    except subprocess.TimeoutExpired:
        result.failed, result.output = 1, f"stopped after {TIMEOUT_S} s"
    result.seconds = time.monotonic() - started
    return result


def run_all(chosen: str, report) -> None:
    WORK.mkdir(parents=True, exist_ok=True)
    require_node()
    tarball = build_tarball()
    report.add(install_into_empty_project(tarball))
    project = prepare_project(tarball)
    suites = [suite for suite in sorted(project.glob("*.test.mjs")) if re.search(chosen, f"node/{suite.name}")]
    for label, node in (("node 20", "node"), ("node 22", str(project / "node_modules/node/bin/node"))):
        for suite in suites:
            report.add(run_suite(node, project, suite, label))
    sanitized = [suite.name for suite in suites if suite.name.removesuffix(".test.mjs") in ASAN_SUITES]
    if sanitized:
        asan_project = prepare_asan_project(project)
        for name in sanitized:
            report.add(run_suite("node", asan_project, asan_project / name, "asan", asan_environment()))


def run(chosen: str | None, report) -> None:
    """Adds one result per suite and kind of Node to `report`."""
    try:
        run_all(chosen or "", report)
    except StepFailure as failure:
        report.add(failure.result)
