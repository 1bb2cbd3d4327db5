"""Adds up what the test programs (cmocka) and pytest counted, and says it in one line."""
import pathlib
import re
import sys
import xml.etree.ElementTree as tree

build = pathlib.Path(sys.argv[1])
passed = failed = skipped = 0
for log in ("unit.txt", "dutch.txt"):
    text = (build / "meson-logs" / log).read_text(errors="replace")
    passed += sum(map(int, re.findall(r"\[  PASSED  \] (\d+) test", text)))
    failed += sum(map(int, re.findall(r"\[  FAILED  \] (\d+) test", text)))
    skipped += sum(map(int, re.findall(r"\[  SKIPPED \] (\d+) test", text)))
    # a program that crashed counts nothing itself
    failed += sum(map(int, re.findall(r"^(?:Fail|Timeout):\s+(\d+)", text, re.M)))
for suite in tree.parse(build / "pytest.xml").getroot():
    bad = int(suite.get("failures")) + int(suite.get("errors"))
    failed += bad
    skipped += int(suite.get("skipped"))
    passed += int(suite.get("tests")) - bad - int(suite.get("skipped"))
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
