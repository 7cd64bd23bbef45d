"""Installs the Python wheel into environments that know nothing of the sources, and runs its tests, type checks and,
with the binding instrumented, its tests once more."""

import os
import pathlib
import re
import shutil
import subprocess
import time

import test_results
from python_wheel import BINDING, ROOT, TOOLS, WORK, StepFailure, build_from_sdist, build_wheel, empty_folder, step, tag_wheel
from test_results import SuiteResult

PRESET = "python"
TIMEOUT_S = 1200
# The interpreter and what it loads are not instrumented: only what our frames do counts, and leaks are counted by the
# SDK itself.
ASAN_OPTIONS = "detect_leaks=0:halt_on_error=1:detect_stack_use_after_return=1:allocator_may_return_null=1"


def failed(failure: StepFailure, seconds: float) -> SuiteResult:
    return SuiteResult(failure.step, PRESET, failed=1, seconds=seconds, output=failure.output[-test_results.SHOWN_OUTPUT :])


def check(name: str, command: list[object]) -> SuiteResult:
    """A step that counts as one test."""
    started = time.monotonic()
    try:
        step(name, command)
    except StepFailure as failure:
        return failed(failure, time.monotonic() - started)
    return SuiteResult(name, PRESET, passed=1, seconds=time.monotonic() - started)


def install_into_empty_environment(wheel: pathlib.Path) -> SuiteResult:
    """Without the index and without a compiler: the wheel alone must do."""
    started = time.monotonic()
    environment = empty_folder("empty")
    step("venv", [TOOLS, "-m", "venv", "--without-pip", environment])
    python = environment / "bin/python"
    step("pip install", [TOOLS, "-m", "pip", "--python", python, "install", "--no-index", wheel], PATH="/nowhere")
    step("import", [python, "-W", "error", "-c", "import tessera; print(tessera.Hwid.probe().explain())"], PATH="/nowhere")
    return SuiteResult("install into an empty environment", PRESET, passed=1, seconds=time.monotonic() - started)


def test_environment(wheel: pathlib.Path) -> pathlib.Path:
    """Keeps what the tests need from run to run and takes the wheel anew."""
    requirements = BINDING / "tests/requirements.txt"
    environment = WORK / "venv"
    python = environment / "bin/python"
    stamp = environment / "requirements.txt"
    if not stamp.exists() or stamp.read_bytes() != requirements.read_bytes():
        step("venv", [TOOLS, "-m", "venv", "--clear", environment])
        step("pip install", [python, "-m", "pip", "install", "--quiet", "--requirement", requirements])
        shutil.copy(requirements, stamp)
    step("pip install", [python, "-m", "pip", "install", "--quiet", "--no-index", "--force-reinstall", "--no-deps", wheel])
    return python


def run_pytest(python: pathlib.Path, tests: pathlib.Path, name: str, *options: str, **environment: str) -> SuiteResult:
    started = time.monotonic()
    log = WORK / f"{name}.xml"
    log.unlink(missing_ok=True)
    result = SuiteResult(name, PRESET)
    known = {f"TESSERA_{name}": str(ROOT / folder) for name, folder in (("TEST_DATA", "tests/data"), ("EXAMPLES", "examples"), ("DOCS", "docs"))}
    try:
        done = subprocess.run(
            [python, "-X", "dev", "-W", "error", "-m", "pytest", "-q", f"--junit-xml={log}", *options, tests],
            cwd=WORK, env=os.environ | known | environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_S,
        )  # fmt: skip
        test_results.count_junit_cases(log, result)
        if done.returncode != 0 and result.failed == 0:
            result.failed = 1
        if result.failed:
            result.output += done.stdout[-test_results.SHOWN_OUTPUT :]
    except subprocess.TimeoutExpired:
        result.failed, result.output = 1, f"stopped after {TIMEOUT_S} s"
    result.seconds = time.monotonic() - started
    return result


# GCC 12's AddressSanitizer keeps the locks of its allocator over fork(), so that a child of a busy process may hang;
# the SDK's own suites fork under Clang's, which does not.
def run_instrumented(sources: pathlib.Path, tests: pathlib.Path) -> SuiteResult:
    wheel = build_wheel(sources, "asan", TESSERA_PYTHON_SANITIZE="address")
    python = test_environment(wheel)
    # With libstdc++, which the interpreter lacks: AddressSanitizer looks for what throws when it starts.
    runtime = " ".join(step(name, ["gcc", f"-print-file-name={name}"]).strip() for name in ("libasan.so", "libstdc++.so.6"))
    return run_pytest(
        python, tests, "pytest_asan", "-m", "not wheel and not leaks and not busy_fork",
        LD_PRELOAD=runtime, ASAN_OPTIONS=ASAN_OPTIONS, PYTHONMALLOC="malloc",
    )  # fmt: skip


def run(chosen: str | None, report) -> None:
    """Adds one result per suite and check to `report`."""
    started = time.monotonic()
    WORK.mkdir(parents=True, exist_ok=True)

    def wanted(name: str) -> bool:
        return re.search(chosen or "", f"python/{name}") is not None

    try:
        sources = build_from_sdist()
        wheel = tag_wheel(build_wheel(sources, "release"))
        report.add(install_into_empty_environment(wheel))
        # A copy, so that no test finds the package's folder beside it.
        tests = WORK / "tests"
        shutil.rmtree(tests, ignore_errors=True)
        shutil.copytree(BINDING / "tests", tests)
        shutil.copy(BINDING / "pyproject.toml", tests)
        python = test_environment(wheel)
        for suite in sorted(tests.glob("test_*.py")):
            if wanted(suite.stem):
                report.add(run_pytest(python, suite, suite.stem))
        if wanted("types"):
            report.add(check("mypy --strict", [python, "-m", "mypy", "--strict", "-p", "tessera"]))
            programs = [
                ROOT / name for name in ("examples/quickstart/python/main.py", "examples/issuing_server/python/server.py",
                                         "benchmark/bindings/python/bench.py", "benchmark/store/python/bench.py")
            ]  # fmt: skip
            for path in (tests, *programs):
                name = path.name if path == tests else path.relative_to(ROOT)
                report.add(check(f"mypy --strict {name}", [python, "-m", "mypy", "--strict", path]))
            report.add(check("stubtest", [python, "-m", "mypy.stubtest", "tessera", "--allowlist", BINDING / "stubtest-allowlist.txt"]))
        if wanted("asan"):
            report.add(run_instrumented(sources, tests))
    except StepFailure as failure:
        report.add(failed(failure, time.monotonic() - started))
