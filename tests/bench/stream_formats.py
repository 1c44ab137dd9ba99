"""What a line of each watcher says: a list of (kind, path, old path).

Kinds: `exists` and `changed` (there, and told after its change), `gone`, `look` (something happened: whoever
reads it looks at the disk), `overflow` (changes were lost), `baseline` (what was told before counts no
more). An old path is gone by the same line.
"""

import json

PROBE = ".probe-"  # begins the names of files made only to learn whether a watcher is ready

_JSON_KINDS = {"create": "exists", "rename": "exists", "modify": "changed", "attrib": "changed",
               "delete": "gone", "look": "look", "overflow": "overflow"}


def read_json(line):
    """`actors` and our raw readers."""
    record = json.loads(line)
    kind = _JSON_KINDS.get(record["type"])
    if kind is None:
        return []
    if kind == "overflow" and record.get("baseline"):
        kind = "baseline"
    return [(kind, record.get("path", record.get("root")), record.get("from"))]


def read_inotifywait(line):
    """`inotifywait --format '%e %w%f'`. Its two halves of a rename are on their own."""
    events, _, path = line.decode().partition(" ")
    events = set(events.split(","))
    if "Q_OVERFLOW" in events:
        return [("overflow", None, None)]
    if events & {"DELETE", "MOVED_FROM"}:
        return [("gone", path, None)]
    return [("exists" if events & {"CREATE", "MOVED_TO"} else "changed", path, None)]


def read_fswatch(line):
    """`fswatch -x --event-flag-separator ,`: a path and the flags of all that happened to it."""
    path, _, flags = line.decode().rpartition(" ")
    flags = set(flags.split(","))
    if "Overflow" in flags:
        return [("overflow", None, None)]
    gone, appeared = flags & {"Removed", "MovedFrom"}, flags & {"Created", "MovedTo"}
    kind = "look" if gone and appeared else "gone" if gone else "exists" if appeared else "changed"
    return [(kind, path, None)]


def read_watchman(line):
    """An object for each batch. Watchman looks at the disk itself before it tells."""
    if b'"files"' not in line:
        return []
    batch = json.loads(line)
    return [("gone" if not file["exists"] else "exists" if file["new"] else "changed",
             f"{batch['root']}/{file['name']}", None) for file in batch["files"]]


def read_plain(line):
    """The scripts in peers/: "KIND PATH"."""
    kind, _, path = line.decode().partition(" ")
    return [(kind, path, None)] if kind in ("exists", "changed", "gone") else []
