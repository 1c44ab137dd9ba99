#!/usr/bin/env python3
"""What the documentation shows of sources is what the sources say.

A block below `<!-- from FILE -->` is lines of that file, in one piece, indented less. A block of C++ must say where it is
from; so everything that is shown is compiled, and run by the test of its program.
"""
import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(text):
    """(line number, the comment above or None, language, lines) of each fenced block."""
    lines, number = text.splitlines(), 0
    while number < len(lines):
        opening = re.match(r"```(\w*)$", lines[number])
        if not opening:
            number += 1
            continue
        end = lines.index("```", number + 1)
        above = re.match(r"<!-- from (\S+) -->$", lines[number - 1]) if number else None
        yield number + 1, above.group(1) if above else None, opening.group(1), lines[number + 1:end]
        number = end + 1


def is_in(part, whole):
    """The lines of `part` stand in `whole`, in one piece, whatever the indentation of the whole piece."""
    wanted = textwrap.dedent("\n".join(part)).splitlines()
    return any(textwrap.dedent("\n".join(whole[at:at + len(wanted)])).splitlines() == wanted
               for at in range(len(whole) - len(wanted) + 1))


def main():
    faults, excerpts = [], 0
    for page in PAGES:
        name = page.relative_to(ROOT)
        for number, origin, language, lines in blocks(page.read_text()):
            if origin is None:
                if language in ("cpp", "cmake") and page.parent != ROOT:
                    faults.append(f"{name}:{number}: say above it where this is from: <!-- from FILE -->")
                continue
            excerpts += 1
            source = ROOT / origin
            if not source.is_file():
                faults.append(f"{name}:{number}: there is no {origin}")
            elif not is_in(lines, source.read_text().splitlines()):
                faults.append(f"{name}:{number}: {origin} does not say that (any more)")
    print("\n".join(faults) or f"{excerpts} excerpts are true")
    sys.exit(bool(faults))


main()
