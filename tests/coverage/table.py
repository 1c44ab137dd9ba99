#!/usr/bin/env python3
"""Prints what gcovr counted, by room, and the files that are below a bound.

usage: table.py COVERAGE.json PERCENT
"""
import collections
import json
import pathlib
import sys


def room_of(name):
    parts = pathlib.PurePath(name).parts
    if parts[0] == "apps":
        return "apps/actors"
    return parts[2] if len(parts) > 3 else "the faces"


def share(covered, total):
    return f"{100 * covered / total:5.1f} %" if total else "    - "


def main():
    files = json.loads(pathlib.Path(sys.argv[1]).read_text())["files"]
    below = int(sys.argv[2])
    rooms = collections.defaultdict(collections.Counter)
    for each in files:
        for room in (room_of(each["filename"]), "all"):
            for what in ("line_covered", "line_total", "branch_covered", "branch_total"):
                rooms[room][what] += each[what]
    print("| room | lines | of | branches | of |\n|---|---|---|---|---|")
    for room in sorted(rooms, key=lambda x: (x == "all", x)):
        sums = rooms[room]
        print(f"| {room} | {share(sums['line_covered'], sums['line_total'])} | {sums['line_total']} "
              f"| {share(sums['branch_covered'], sums['branch_total'])} | {sums['branch_total']} |")
    low = [x for x in files if x["line_total"] and 100 * x["line_covered"] / x["line_total"] < below]
    print(f"\nLess than {below} % of the lines:" if low else f"\nNo file has less than {below} % of its lines run.")
    for each in sorted(low, key=lambda x: x["line_covered"] / x["line_total"]):
        print(f"  {share(each['line_covered'], each['line_total'])} of {each['line_total']:4}  {each['filename']}")


main()
