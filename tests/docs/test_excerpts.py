#!/usr/bin/env python3
"""What the documentation shows of sources is what the sources say.

A block below `<!-- from FILE -->` is lines of that file, in one piece, indented less. A block of C++ must say where it is
from; so everything that is shown is compiled, and run by the test of its program. Records and configurations are JSON.
"""
import json
import pathlib
import sys
import textwrap

import pages

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def is_in(part, whole):
    """The lines of `part` stand in `whole`, in one piece, whatever the indentation of the whole piece."""
    wanted = textwrap.dedent("\n".join(part)).splitlines()
    return any(textwrap.dedent("\n".join(whole[at:at + len(wanted)])).splitlines() == wanted
               for at in range(len(whole) - len(wanted) + 1))


def mistakes_in_json(lines):
    whole = "\n".join(lines)
    for text in [whole] if lines and lines[0] == "{" else [x for x in lines if x.startswith('{"')]:
        try:
            if "..." not in text:
                json.loads(text)
        except ValueError as mistake:
            yield f"{mistake}: {text}"


def main():
    faults, excerpts = [], 0
    for page in PAGES:
        name = page.relative_to(ROOT)
        for block in pages.blocks(page.read_text()):
            where = f"{name}:{block.number}"
            if block.origin is None:
                if block.language in ("cpp", "cmake") and page.parent != ROOT:
                    faults.append(f"{where}: say above it where this is from: <!-- from FILE -->")
                faults += [f"{where}: {x}" for x in mistakes_in_json(block.lines)]
                continue
            excerpts += 1
            source = ROOT / block.origin
            if not source.is_file():
                faults.append(f"{where}: there is no {block.origin}")
            elif not is_in(block.lines, source.read_text().splitlines()):
                faults.append(f"{where}: {block.origin} does not say that (any more)")
    print("\n".join(faults) or f"{excerpts} excerpts are true")
    sys.exit(bool(faults))


main()
