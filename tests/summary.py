"""Summarises a JUnit file of cargo-nextest: the slowest tests, the skipped checks, and the counts.

Usage: summary.py JUNIT FAILED_STEPS [REASON…]

Prints the ten slowest tests, a line for each test that passed only when it was retried, a line for each reason why a
test skipped a check, and a line for each REASON. The last line is `N passed, N failed, N skipped`. The number of
failures is the number of failed tests or the number of failed steps, whichever is larger. The script exits with 0 only
if at least one test passed and nothing failed.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

SLOWEST = 10


def main(junit: Path, failed_steps: int, reasons: list[str]) -> int:
    cases = list(ElementTree.parse(junit).iter("testcase")) if junit.exists() else []
    slowest = sorted(cases, key=lambda case: -float(case.get("time", 0)))[:SLOWEST]
    if slowest:
        print("the slowest tests:")
    for case in slowest:
        print(f"  {float(case.get('time', 0)):6.1f} s  {case.get('classname')} {case.get('name')}")
    flaky = [case.get("name") for case in cases if case.find("flakyFailure") is not None]
    for name in flaky:
        print(f"FLAKY {name}: failed once and passed on retry")
    skipped = set(reasons)
    for case in cases:
        for output in (case.find("system-out"), case.find("system-err")):
            skipped.update(re.findall(r"^SKIPPED (.*)$", output.text or "", re.M) if output is not None else [])
    for reason in sorted(skipped):
        print(f"SKIPPED {reason}")
    failed = sum(1 for case in cases if case.find("failure") is not None or case.find("error") is not None)
    ignored = sum(1 for case in cases if case.find("skipped") is not None)
    passed = len(cases) - failed - ignored
    if not cases:
        print("no test ran")
    failed = max(failed, failed_steps)
    print(f"{passed} passed, {failed} failed, {len(skipped)} skipped")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
