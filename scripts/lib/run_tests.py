"""Builds the test presets, runs their suites and the consumers of an installed SDK, and counts the cases."""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import node_tests
import python_tests
import test_results
from test_results import SuiteResult

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
SUITE_PRESETS = ("dev", "asan-ubsan", "tsan")
DEFAULT_PRESETS = (*SUITE_PRESETS, "consumer", "python", "node", "demo")
ALL_PRESETS = (*DEFAULT_PRESETS, "coverage")
PROGRAM_TIMEOUT_S = 900
END_OF_OUTPUT = 2500

SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=1:halt_on_error=1:strict_string_checks=1:detect_stack_use_after_return=1"
    ":check_initialization_order=1:allocator_may_return_null=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    # The library starts threads in a child of a process that has threads, and that is what some tests are about.
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1:die_after_fork=0"
    f":suppressions={ROOT}/tests/support/tsan.supp",
}


class BuildFailure(Exception):
    def __init__(self, result: SuiteResult):
        self.result = result


class Report:
    """Prints one row per suite as it comes and keeps the totals."""

    def __init__(self, data_is_required: bool):
        self._data_is_required = data_is_required
        self.passed = self.failed = self.skipped = self.without_data = 0
        self._failures: list[SuiteResult] = []
        print(f"{'suite':<32} {'preset':<12} {'passed':>7} {'failed':>7} {'skipped':>7} {'seconds':>8}", flush=True)

    def add(self, result: SuiteResult) -> None:
        if self._data_is_required:
            result.fail_without_data()
        self.passed += result.passed
        self.failed += result.failed
        self.skipped += result.skipped
        self.without_data += result.without_data
        print(
            f"{result.suite:<32} {result.preset:<12} {result.passed:>7} {result.failed:>7} {result.skipped:>7}"
            f" {result.seconds:>8.1f}",
            flush=True,
        )
        if result.failed:
            self._failures.append(result)
            print(f"---- {result.suite} ({result.preset}) failed:\n{result.output.strip()}\n----", flush=True)

    def finish(self) -> int:
        if self.without_data:
            print(
                f"NOT RUN: {self.without_data} tests need the public data; "
                f"set {test_results.DATA_VARIABLE} to its folder."
            )
        # Once more where a log that keeps only its end still shows it.
        for failure in self._failures:
            end = failure.output.strip()[-END_OF_OUTPUT:]
            print(f"FAILED: {failure.suite} ({failure.preset}), {failure.failed} of its cases; the end of its output:\n{end}")
        total = self.passed + self.failed + self.skipped
        if total == 0:
            print("No test fits.")
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        return 1 if self.failed or total == 0 else 0


def build_step(preset: str, step: str, command: list[str]) -> None:
    """Runs one step of a build with its output kept for the case that it fails."""
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise BuildFailure(
            SuiteResult(
                step, preset, failed=1, seconds=time.monotonic() - started, output=done.stdout[-test_results.SHOWN_OUTPUT :]
            )
        )


def build(preset: str) -> None:
    build_step(preset, "configure", ["cmake", "--preset", preset])
    build_step(preset, "build", ["cmake", "--build", "--preset", preset])


def boost_suites(preset: str) -> set[str]:
    shown = subprocess.run(
        ["ctest", "--preset", preset, "--show-only=json-v1"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    suites = set()
    for test in json.loads(shown.stdout)["tests"]:
        labels = next((p["value"] for p in test.get("properties", []) if p["name"] == "LABELS"), [])
        if "boost" in labels:
            suites.add(test["name"])
    return suites


def run_suites(preset: str, arguments: argparse.Namespace, report: Report) -> None:
    build(preset)
    build_dir = BUILD / preset
    # Logs of an earlier run must not stand in for those of a suite that crashes now.
    shutil.rmtree(build_dir / "results", ignore_errors=True)
    (build_dir / "results").mkdir()
    # Counters of an earlier run would be added to, or would no longer fit the programs.
    for counters in build_dir.rglob("*.gcda"):
        counters.unlink()
    junit = build_dir / "ctest.xml"
    junit.unlink(missing_ok=True)
    command = ["ctest", "--preset", preset, "--output-junit", str(junit), "--parallel", str(os.cpu_count() or 1)]
    if arguments.filter:
        command += ["--tests-regex", arguments.filter]
    if not arguments.soak:
        command += ["--label-exclude", "^soak$"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if not junit.exists():
        report.add(SuiteResult("ctest", preset, failed=1, output=done.stdout))
        return
    for result in test_results.collect(preset, build_dir, junit, boost_suites(preset)):
        report.add(result)
    if preset == "coverage":
        report.add(write_coverage(build_dir))


def write_coverage(build_dir: pathlib.Path) -> SuiteResult:
    result = run_program(
        "coverage.html", "coverage",
        [ROOT / ".venv/bin/gcovr", "--root", ROOT, "--filter", f"{ROOT}/sdk/", "--filter", f"{ROOT}/capi/",
         "--print-summary", "--exclude-throw-branches", "--html", build_dir / "coverage.html", build_dir],
    )  # fmt: skip
    print(*re.findall(r"^(?:lines|functions|branches): .*", result.output, re.MULTILINE), sep="\n")
    return result


def run_consumers(arguments: argparse.Namespace, report: Report) -> None:
    scripts = sorted((ROOT / "tests/consumer").glob("*/run.sh"))
    chosen = [s for s in scripts if re.search(arguments.filter or "", f"consumer/{s.parent.name}")]
    if not chosen:
        return
    prefix = BUILD / "consumer/prefix"
    build("consumer")
    shutil.rmtree(prefix, ignore_errors=True)
    build_step("consumer", "install", ["cmake", "--install", "build/consumer", "--prefix", str(prefix)])
    for script in chosen:
        # As deep as the presets' folders: then what they compile alike comes from ccache.
        work = BUILD / f"consumer-{script.parent.name}"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        report.add(run_program(script.parent.name, "consumer", [script, prefix, work]))


def run_demo(arguments: argparse.Namespace, report: Report) -> None:
    if re.search(arguments.filter or "", "demo"):
        report.add(run_program("main_job", "demo", [ROOT / "scripts/demo"]))


def run_program(suite: str, preset: str, command: list[str | pathlib.Path]) -> SuiteResult:
    """One case: the program's exit code."""
    started = time.monotonic()
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PROGRAM_TIMEOUT_S
        )
        passed, output = done.returncode == 0, done.stdout
    except subprocess.TimeoutExpired:
        passed, output = False, f"stopped after {PROGRAM_TIMEOUT_S} s"
    return SuiteResult(
        suite, preset, int(passed), int(not passed), seconds=time.monotonic() - started, output=output
    )


def prepare_environment() -> None:
    environment = os.environ
    environment.setdefault(test_results.DATA_VARIABLE, str((ROOT / "../shared/data").resolve()))
    environment.setdefault("CCACHE_BASEDIR", str(ROOT))
    environment.setdefault("CCACHE_NOHASHDIR", "1")
    environment.setdefault("CTEST_OUTPUT_ON_FAILURE", "1")
    # A crash must reach the sanitizer and end the suite, not become one more failed check.
    environment.setdefault("BOOST_TEST_CATCH_SYSTEM_ERRORS", "no")
    environment.setdefault("BOOST_TEST_COLOR_OUTPUT", "no")
    symbolizer = "/usr/lib/llvm-19/bin/llvm-symbolizer"
    environment.setdefault("ASAN_SYMBOLIZER_PATH", symbolizer)
    for name, value in SANITIZER_OPTIONS.items():
        environment.setdefault(name, f"{value}:external_symbolizer_path={symbolizer}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/test",
        description="Builds and runs every test suite. The last line is 'N passed, N failed, N skipped'.",
        epilog=f"{test_results.DATA_VARIABLE} names the folder of public test data (default ../shared/data). "
        "Tests that miss it count as skipped, and as failed when CI=true.",
    )
    parser.add_argument("--preset", choices=ALL_PRESETS, help="run only this preset")
    parser.add_argument("--filter", metavar="REGEX", help="run only suites whose name matches")
    parser.add_argument("--soak", action="store_true", help="run the long suites too")
    return parser.parse_args()


def run_preset(preset: str, arguments: argparse.Namespace, report: Report) -> None:
    if preset == "consumer":
        run_consumers(arguments, report)
    elif preset == "demo":
        run_demo(arguments, report)
    elif preset == "node":
        node_tests.run(arguments.filter, report)
    elif preset == "python":
        python_tests.run(arguments.filter, report)
    else:
        run_suites(preset, arguments, report)


def main() -> int:
    arguments = parse_arguments()
    prepare_environment()
    report = Report(data_is_required=os.environ.get("CI") == "true")
    chosen = [arguments.preset] if arguments.preset else DEFAULT_PRESETS
    for preset in chosen:
        try:
            run_preset(preset, arguments, report)
        except BuildFailure as failure:
            report.add(failure.result)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
