#!/usr/bin/env python3
"""Every event id that the code logs is in the runbook of docs/operating.md, and every one there is in the code."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# How an id comes into a log line, or into the events of a node.
SOURCES = (
    r'log_level::\w+\s*,\s*"([a-z][a-z0-9_]*)"',            # ctx.log(level, "id", ...), log_line{level, "id", ...}
    r'case notice_id::\w+:\s*return "([a-z_]+)"',           # what supervisors tell
    r'(?:transitions->|transitions\.)add\(\s*\{\s*"([a-z_]+)"',
    r'\bevent = "([a-z_]+)"', r'ask_rescan\("[^"]*", "([a-z_]+)"',  # handed to a function that logs
    r'let_go\(x, "([a-z_]+)", log_level::',                  # a reader of a socket
    r'\bopen\("([a-z_]+_door_closed)",',                     # a door of the node
    r'note_failure\(\s*"([a-z_]+)"', r'note_failure_until\(\*?\w+,\s*"([a-z_]+)"',  # outage
    r'log_level::\w+,[^"{;]*\? "([a-z_]+)" : "[a-z_]+"', r'log_level::\w+,[^"{;]*\? "[a-z_]+" : "([a-z_]+)"',
    r'"[^"\n]*\bevent=([a-z_]+)',                           # written without the logger
)
# An id that comes into the log by yet another way is to be added here.


def ids_in_code():
    found = {}
    for folder in ("libactors", "apps/actors"):
        for path in sorted((ROOT / folder).rglob("*.[ch]pp")):
            if "testkit" in path.parts:
                continue
            text = re.sub(r"//.*", "", path.read_text())
            for pattern in SOURCES:
                for match in re.finditer(pattern, text):
                    found.setdefault(match.group(1), path.relative_to(ROOT))
    return found


def ids_in_runbook():
    text = (ROOT / "docs/operating.md").read_text()
    runbook = text[text.index("## The runbook"):text.index("### Records in the stream")]
    rows = re.findall(r"^\| `([a-z0-9_]+)` \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", runbook, re.M)
    assert len(rows) == len(re.findall(r"^\| `", runbook, re.M)), "a row has not four columns"
    names = [x[0] for x in rows]
    assert len(names) == len(set(names)), "an event has two rows"
    return set(names)


code, book = ids_in_code(), ids_in_runbook()
assert "child_crashed" in code and "dead_letter" in code and "log_dropped" in code, sorted(code)
faults = [f"{code[x]}: event {x} is not in the runbook of docs/operating.md" for x in sorted(set(code) - book)]
faults += [f"docs/operating.md: no code logs the event {x}" for x in sorted(book - set(code))]
print("\n".join(faults) or f"{len(book)} events have a row in the runbook")
sys.exit(bool(faults))
