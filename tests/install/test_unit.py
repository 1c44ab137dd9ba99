#!/usr/bin/env python3
"""The systemd unit is one that systemd takes, and is locked down; so is the drop-in for fanotify."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNITS = ROOT / "packaging/systemd"

# Of `systemd-analyze security`, in tenths: 15 when this was written, and 22 with what fanotify needs.
EXPOSURE_MAX = 20
EXPOSURE_MAX_FANOTIFY = 30


def analyze(*arguments):
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60)
    said = done.stdout + done.stderr
    if done.returncode != 0:
        sys.exit(f"systemd-analyze {' '.join(map(str, arguments))}: exit {done.returncode}\n{said}")
    return said


def check(folder, exposure_max):
    unit = folder / "actors.service"
    said = analyze("verify", "--man=no", unit)
    assert not said.strip(), said
    analyze("security", "--offline=true", f"--threshold={exposure_max}", unit)


if not shutil.which("systemd-analyze"):
    print("skipped: there is no systemd-analyze")
    sys.exit(77)
with tempfile.TemporaryDirectory() as scratch:
    folder = pathlib.Path(scratch)
    # The program need not be installed where this is tested.
    text = (UNITS / "actors.service").read_text().replace("/usr/bin/actors", "/bin/true")
    (folder / "actors.service").write_text(text)
    check(folder, EXPOSURE_MAX)
    # A drop-in is read from the system's own directories alone: so it is appended.
    (folder / "actors.service").write_text(
        re.sub(r"(?=\n\[Install\])", (UNITS / "fanotify.conf").read_text(), text))
    check(folder, EXPOSURE_MAX_FANOTIFY)
print("OK")
