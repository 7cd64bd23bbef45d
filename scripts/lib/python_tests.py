"""Builds the Python sdist and from it the wheel, installs that into environments that know nothing of the sources, and
runs its tests, type checks and, instrumented, its tests once more."""

import os
import pathlib
import re
import shutil
import subprocess
import time

import test_results
from test_results import SuiteResult

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINDING = ROOT / "bindings/python"
WORK = ROOT / "build/python-test"
TOOLS = ROOT / ".venv/bin/python"
PRESET = "python"
TIMEOUT_S = 1200
LAUNCHERS = {f"CMAKE_{language}_COMPILER_LAUNCHER": "ccache" for language in ("C", "CXX")}
# The interpreter and what it loads are not instrumented: only what our frames do counts, and leaks are counted by the
# SDK itself.
ASAN_OPTIONS = "detect_leaks=0:halt_on_error=1:detect_stack_use_after_return=1:allocator_may_return_null=1"


class StepFailure(Exception):
    def __init__(self, result: SuiteResult):
        self.result = result


def step(name: str, command: list[object], **environment: str) -> str:
    started = time.monotonic()
    done = subprocess.run(
        [str(part) for part in command], cwd=WORK, env=os.environ | environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        output = done.stdout[-test_results.SHOWN_OUTPUT :]
        raise StepFailure(SuiteResult(name, PRESET, failed=1, seconds=time.monotonic() - started, output=output))
    return done.stdout


def check(name: str, command: list[object]) -> SuiteResult:
    """A step that counts as one test."""
    started = time.monotonic()
    try:
        step(name, command)
    except StepFailure as failure:
        return failure.result
    return SuiteResult(name, PRESET, passed=1, seconds=time.monotonic() - started)


def empty_folder(name: str) -> pathlib.Path:
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def build_from_sdist() -> pathlib.Path:
    """The unpacked sdist, always in the same place, so that ccache knows its files."""
    dist = empty_folder("dist")
    step("sdist", [TOOLS, "-m", "build", "--sdist", "--no-isolation", "--outdir", dist, BINDING])
    sources = empty_folder("sdist")
    step("unpack", ["tar", "--extract", "--file", next(dist.glob("*.tar.gz")), "--directory", sources])
    return next(sources.iterdir())


def build_wheel(sources: pathlib.Path, name: str, **defines: str) -> pathlib.Path:
    out = empty_folder(name)
    settings = [f"-Ccmake.define.{define}={value}" for define, value in (LAUNCHERS | defines).items()]
    settings.append(f"-Cbuild-dir={WORK / name}-build")
    step(f"wheel ({name})", [TOOLS, "-m", "build", "--wheel", "--no-isolation", *settings, "--outdir", out, sources])
    return next(out.glob("*.whl"))


def tag_wheel(wheel: pathlib.Path) -> pathlib.Path:
    tagged = empty_folder("tagged")
    path = f"{TOOLS.parent}:{os.environ['PATH']}"
    step("auditwheel", [TOOLS, "-m", "auditwheel", "repair", "--plat", "auto", "--wheel-dir", tagged, wheel], PATH=path)
    return next(tagged.glob("*manylinux*.whl"))


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
    known = {"TESSERA_TEST_DATA": str(ROOT / "tests/data"), "TESSERA_EXAMPLES": str(ROOT / "examples")}
    try:
        done = subprocess.run(
            [python, "-X", "dev", "-W", "error", "-m", "pytest", "-q", f"--junit-xml={log}", *options, tests],
            cwd=tests, env=os.environ | known | environment,
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


def run_instrumented(sources: pathlib.Path, tests: pathlib.Path) -> SuiteResult:
    wheel = build_wheel(
        sources, "asan", CMAKE_BUILD_TYPE="Debug", CMAKE_C_FLAGS="-O1 -g1 -fsanitize=address",
        CMAKE_CXX_FLAGS="-O1 -g1 -fsanitize=address -fno-omit-frame-pointer",
    )  # fmt: skip
    python = test_environment(wheel)
    runtime = step("libasan", ["gcc", "-print-file-name=libasan.so"]).strip()
    return run_pytest(
        python, tests, "pytest under AddressSanitizer", "-m", "not wheel and not leaks",
        LD_PRELOAD=runtime, ASAN_OPTIONS=ASAN_OPTIONS, PYTHONMALLOC="malloc",
    )  # fmt: skip


def run(chosen: str | None, report) -> None:
    """Adds one result per suite and check to `report`."""
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
            examples = [ROOT / "examples" / name for name in ("quickstart/python/main.py", "issuing_server/python/server.py")]
            for path in (tests, *examples):
                report.add(check(f"mypy --strict {path.name}", [python, "-m", "mypy", "--strict", path]))
            report.add(check("stubtest", [python, "-m", "mypy.stubtest", "tessera", "--allowlist", BINDING / "stubtest-allowlist.txt"]))
        if wanted("asan"):
            report.add(run_instrumented(sources, tests))
    except StepFailure as failure:
        report.add(failure.result)
