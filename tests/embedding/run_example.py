#!/usr/bin/env python3
"""An example runs, ends by itself with 0, and says what docs/embedding.md says it does.

usage: run_example.py PROGRAM OUTPUT_FILE
It is given a directory of its own, which its output calls DIRECTORY.
"""
import difflib
import pathlib
import subprocess
import sys
import tempfile

program, expected = sys.argv[1], pathlib.Path(sys.argv[2])
with tempfile.TemporaryDirectory() as directory:
    done = subprocess.run([program, directory], capture_output=True, text=True, timeout=60)
said = done.stdout.replace(directory, "DIRECTORY")
if done.returncode != 0 or said != expected.read_text():
    sys.exit(f"exit {done.returncode}\n{done.stderr}\n" + "".join(difflib.unified_diff(
        expected.read_text().splitlines(True), said.splitlines(True), str(expected), "what it said")))
