"""Adds up what the test programs (cmocka) and pytest counted, and says it in one line."""
import pathlib
import re
import sys
import xml.etree.ElementTree as tree

build = pathlib.Path(sys.argv[1])
passed = failed = skipped = 0
for log in ("unit.txt", "dutch.txt"):
    text = (build / "meson-logs" / log).read_text(errors="replace")
    # cmocka 1.1.7 and newer say "tests: N test(s)"
    passed += sum(map(int, re.findall(r"\[  PASSED  \] (?:tests: )?(\d+) test", text)))
    skipped += sum(map(int, re.findall(r"\[  SKIPPED \] (?:tests: )?(\d+) test", text)))
    cases = sum(map(int, re.findall(r"\[  FAILED  \] (?:tests: )?(\d+) test", text)))
    # a program that crashed counts nothing itself
    programs = sum(map(int, re.findall(r"^(?:Fail|Timeout):\s+(\d+)", text, re.M)))
    failed += max(cases, programs)
for name in ("pytest.xml", "newest.xml"):
    if not (build / name).exists():  # it ended before it could count
        failed += 1
        continue
    suite = tree.parse(build / name).getroot()[0]
    bad = int(suite.get("failures")) + int(suite.get("errors"))
    failed += bad
    skipped += int(suite.get("skipped"))
    passed += int(suite.get("tests")) - bad - int(suite.get("skipped"))
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
