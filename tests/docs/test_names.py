#!/usr/bin/env python3
"""What the pages name in our code is there: files by their path or name, and members of classes (`class::member`).

Decisions are left out: they tell what was so when they were taken.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FOLDERS = ("libactors", "apps", "tests", "tools", "cmake")
SOURCES = (".hpp", ".cpp")
FILE = re.compile(r"[\w/-]+\.(hpp|cpp|py|c)")
MEMBER = re.compile(r"(\w+)::(\w+)(\(.*\))?")
FOREIGN = {"std", "caf", "tl"}


def sources():
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and FILE.fullmatch(path.name):
                yield path.relative_to(ROOT).as_posix(), path.read_text()


def has_member(owner, member, texts):
    told = re.compile(rf"\b(class|struct|enum|namespace) ([\w:]+::)?{owner}\b|\b{owner}::{member}\b")
    word = re.compile(rf"\b{member}\b")
    return any(told.search(text) and word.search(text) for text in texts)


def main():
    files = dict(sources())
    texts = [text for name, text in files.items() if name.endswith(SOURCES)]
    faults, checked = [], 0
    for page in PAGES:
        prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
        for name in sorted(set(re.findall(r"`([^`\n]+)`", prose))):
            if FILE.fullmatch(name):
                is_there = any(f"/{known}".endswith(f"/{name}") for known in files)
            elif (found := MEMBER.fullmatch(name)) and found[1] not in FOREIGN:
                is_there = has_member(found[1], found[2], texts)
            else:
                continue
            checked += 1
            if not is_there:
                faults.append(f"{page.relative_to(ROOT)}: there is no {name}")
    print("\n".join(faults) or f"{checked} names are there")
    sys.exit(bool(faults) or checked == 0)


main()
