"""Counts test cases: Boost.Test suites by the JUnit file each writes, other ctest tests as one case each."""

import dataclasses
import pathlib
import xml.etree.ElementTree as ElementTree

# A test that can't run without the public data names this variable in its reason for being skipped.
DATA_VARIABLE = "TESSERA_DATA_DIR"
SHOWN_OUTPUT = 12000


@dataclasses.dataclass
class SuiteResult:
    suite: str
    preset: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    without_data: int = 0  # of those skipped, how many for want of the data folder
    output: str = ""  # shown when something failed

    def fail_without_data(self) -> None:
        """For runs that must have the data: what could not run has failed."""
        if self.without_data:
            self.failed += self.without_data
            self.skipped -= self.without_data
            self.output += f"\n{self.without_data} not run: {DATA_VARIABLE} is missing"


def collect(preset: str, build_dir: pathlib.Path, ctest_junit: pathlib.Path, boost_suites: set[str]) -> list[SuiteResult]:
    """One result per test of a ctest run."""
    results = []
    for test in ElementTree.parse(ctest_junit).getroot().iter("testcase"):
        name = test.get("name", "?")
        result = SuiteResult(name, preset, seconds=float(test.get("time") or 0))
        output = test.findtext("system-out") or ""
        if test.get("status") in ("notrun", "disabled"):
            _count_not_run(test, output, result)
        elif name in boost_suites:
            count_junit_cases(build_dir / "results" / f"{name}.xml", result)
            # Leaks, races and crashes after the last case show in the exit status alone.
            if test.get("status") != "run" and result.failed == 0:
                result.failed = 1
        elif test.get("status") == "run":
            result.passed = 1
        else:
            result.failed = 1
        if result.failed:
            result.output += output[-SHOWN_OUTPUT:]
        results.append(result)
    return results


def _count_not_run(test: ElementTree.Element, output: str, result: SuiteResult) -> None:
    # ctest says "notrun" too when the program is missing or a fixture failed; only a wanted skip is harmless.
    skip = test.find("skipped")
    if test.get("status") == "disabled" or (skip is not None and skip.get("message", "").startswith("SKIP_")):
        result.skipped = 1
        result.without_data = int(DATA_VARIABLE in output)
    else:
        result.failed = 1


def count_junit_cases(path: pathlib.Path, result: SuiteResult) -> None:
    try:
        cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        result.failed += 1
        result.output += f"no usable test log, the suite has crashed: {error}\n"
        return
    for case in cases:
        if case.find("failure") is not None or case.find("error") is not None:
            result.failed += 1
        elif case.find("skipped") is not None:
            result.skipped += 1
            result.without_data += int(DATA_VARIABLE in (case.findtext("system-out") or ""))
        else:
            result.passed += 1
