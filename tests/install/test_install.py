#!/usr/bin/env python3
"""The library can be installed, found, linked and run outside its tree; the program too.

usage: test_install.py BUILD_DIRECTORY [embed]
With "embed", only the example built inside the tree is run.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*command, **options):
    done = subprocess.run([str(x) for x in command], text=True, capture_output=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def check_example(program, env=None):
    """Runs the example on a fresh directory; it must tell the file, show health and stop cleanly."""
    with tempfile.TemporaryDirectory() as directory:
        child = subprocess.Popen(
            [str(program), directory, "3"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=env)
        first = child.stdout.readline()  # "ready DIRECTORY": from here on nothing may be missed
        assert first.startswith("ready "), first
        path = os.path.join(directory, "hello.txt")
        with open(path, "w") as file:
            file.write("hello")
        output, _ = child.communicate(timeout=30)
        assert f"create {path}" in output, output
        assert "watcher" in output and "ready" in output, output
        assert "stopped" in output, output
        assert child.returncode == 0, (child.returncode, output)


def check_pkg_config(prefix, scratch, flags):
    """The example is built with what pkg-config says, where there is one."""
    if not shutil.which("pkg-config"):
        return
    places = {**os.environ, "PKG_CONFIG_PATH": str(next(prefix.glob("**/pkgconfig")))}
    said = run("pkg-config", "--cflags", "--libs", "actors", env=places).split()
    program = scratch / "with-pkg-config"
    run("g++", "-std=c++20", *flags, ROOT / "apps/embed_minimal/main.cpp", "-o", program, *said)
    libraries = ":".join({str(x.parent) for x in prefix.glob("**/libactors.so*")})
    check_example(program, {**os.environ, "LD_LIBRARY_PATH": libraries})


def main():
    build = pathlib.Path(sys.argv[1])
    if sys.argv[2:] == ["embed"]:
        check_example(build / "bin" / "embed_minimal")
        return
    with tempfile.TemporaryDirectory() as scratch:
        prefix = pathlib.Path(scratch) / "prefix"
        run("cmake", "--install", build, "--prefix", prefix)
        assert run(prefix / "bin" / "actors", "--version").startswith("actors ")
        for path in ("share/man/man1/actors.1.gz", "share/bash-completion/completions/actors",
                     "share/fish/vendor_completions.d/actors.fish", "lib/systemd/system/actors.service"):
            assert (prefix / path).stat().st_size > 0, path
        consumer = pathlib.Path(scratch) / "consumer"
        flags = os.environ.get("ACTORS_CONSUMER_FLAGS", "")  # a sanitized library needs its runtime
        run("cmake", "-S", ROOT / "tests/install/consumer", "-B", consumer, "-G", "Ninja",
            f"-DCMAKE_PREFIX_PATH={prefix}", f"-DEMBED_MINIMAL={ROOT}/apps/embed_minimal/main.cpp",
            f"-DEMBED_CAF={ROOT}/apps/embed_caf/main.cpp", f"-DCMAKE_CXX_FLAGS={flags}")
        run("cmake", "--build", consumer)
        check_example(consumer / "consumer")
        check_pkg_config(prefix, pathlib.Path(scratch), flags.split())
        run(consumer / "stage_test")
        run(consumer / "caf_host")


if __name__ == "__main__":
    main()
    print("OK")
