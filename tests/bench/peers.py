"""Fetches the peers that are packages of npm."""

import json
import pathlib
import shutil
import subprocess

# chokidar 5 and later need a newer Node.js than Debian 12 has.
VERSIONS = {"chokidar": "4.0.3", "@parcel/watcher": "2.6.0"}
INSTALL_TIMEOUT_S = 120


def install(directory, note):
    """Whether all of them are below directory/node_modules now; calls note(text) when not."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            note(f"left out, {program} is not installed: {', '.join(VERSIONS)}")
            return False
    if _installed(directory) == VERSIONS:
        return True
    directory.mkdir(parents=True, exist_ok=True)
    # Their scripts are not run: what @parcel/watcher needs is a package of its own, already built.
    command = ["npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund",
               "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--prefix", str(directory),
               *(f"{name}@{version}" for name, version in VERSIONS.items())]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=INSTALL_TIMEOUT_S)
        trouble = done.stdout.strip()[-300:] if done.returncode != 0 else None
    except subprocess.TimeoutExpired:
        trouble = f"npm was not done after {INSTALL_TIMEOUT_S} s"
    if _installed(directory) == VERSIONS:
        return True
    note(f"left out, npm could not install them: {', '.join(VERSIONS)}: {trouble}")
    return False


def _installed(directory):
    found = {}
    for name in VERSIONS:
        about = pathlib.Path(directory, "node_modules", name, "package.json")
        if about.is_file():
            found[name] = json.loads(about.read_text(encoding="utf-8"))["version"]
    return found
