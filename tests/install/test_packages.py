#!/usr/bin/env python3
"""The Debian packages hold what they should, can be built upon, and come and go without a trace.

usage: test_packages.py DIRECTORY_OF_DEBS
"""
import os
import pathlib
import re
import shutil
import sys
import tempfile

from test_install import ROOT, check_example, check_pkg_config, run

NAMES = ("libactors0", "libactors-dev", "actors")


def check_papers(debs):
    """Dependencies, and no scripts that root would run."""
    fields = {name: run("dpkg-deb", "-f", deb) for name, deb in debs.items()}
    version = re.search("^Version: (.*)$", fields["actors"], re.M).group(1)
    for name in NAMES:
        scripts = run("dpkg-deb", "-I", debs[name])
        for script in ("preinst", "postinst", "prerm", "postrm"):
            assert not re.search(r"\b%s\b" % script, scripts), (name, scripts)
    for name in ("libactors-dev", "actors"):
        assert f"libactors0 (= {version})" in fields[name], fields[name]
    control = run("dpkg-deb", "-I", debs["libactors0"])
    assert "triggers" in control and "shlibs" in control, control
    assert "libc6" in fields["libactors0"] and "libcaf" in fields["libactors0"], fields["libactors0"]


def check_files(root):
    for path in ("usr/bin/actors", "usr/share/man/man1/actors.1.gz", "usr/lib/systemd/system/actors.service",
                 "usr/share/bash-completion/completions/actors", "usr/share/zsh/vendor-completions/_actors",
                 "usr/share/fish/vendor_completions.d/actors.fish", "usr/share/doc/actors/operating.md.gz"):
        assert (root / path).is_file(), path
    for name in NAMES:
        for paper in ("copyright", "changelog.Debian.gz"):
            assert (root / "usr/share/doc" / name / paper).is_file(), (name, paper)
    return next(root.glob("usr/lib/**/libactors.so.0")).parent


def check_use(root, libraries, scratch):
    """The program runs, and a stranger builds upon the library, from the packages alone."""
    os.environ["LD_LIBRARY_PATH"] = str(libraries)
    assert run(root / "usr/bin/actors", "--version").startswith("actors ")
    consumer = scratch / "consumer"
    run("cmake", "-S", ROOT / "tests/install/consumer", "-B", consumer, "-G", "Ninja",
        f"-DCMAKE_PREFIX_PATH={root}/usr", f"-Dactors_DIR={next(root.glob('usr/lib/**/cmake/actors'))}",
        f"-DEMBED_MINIMAL={ROOT}/apps/embed_minimal/main.cpp",
        f"-DEMBED_CAF={ROOT}/apps/embed_caf/main.cpp")
    run("cmake", "--build", consumer)
    check_example(consumer / "consumer")
    run(consumer / "stage_test")
    run(consumer / "caf_host")
    check_pkg_config(root / "usr", scratch, [])
    del os.environ["LD_LIBRARY_PATH"]


def files_of(root):
    return {str(x.relative_to(root)) for x in root.rglob("*") if not str(x.relative_to(root)).startswith("var/")}


def check_coming_and_going(debs, scratch):
    """dpkg installs and removes them in a root of its own; what was there before is there after."""
    if os.geteuid() != 0:
        return
    root = scratch / "empty"
    for path in ("var/lib/dpkg/updates", "var/lib/dpkg/info", "var/log"):
        (root / path).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    before = files_of(root)
    dpkg = ("dpkg", f"--root={root}", "--force-depends", "--log=/dev/null", "--no-triggers")
    run(*dpkg, "--install", *debs.values())
    assert "usr/bin/actors" in files_of(root)
    run(*dpkg, "--purge", *reversed(NAMES))
    assert files_of(root) == before, files_of(root) - before


def check_lintian(debs):
    if shutil.which("lintian"):
        # No bug of Debian's asks for these packages.
        said = run("lintian", "--allow-root", "--suppress-tags", "initial-upload-closes-no-bugs", *debs.values())
        assert not said.strip(), said


def main():
    debs = {}
    for name in NAMES:
        found = sorted(pathlib.Path(sys.argv[1]).glob(f"{name}_*.deb"))
        assert len(found) == 1, (name, found)
        debs[name] = found[0].resolve()
    check_papers(debs)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        root = scratch / "root"
        for deb in debs.values():
            run("dpkg-deb", "-x", deb, root)
        check_use(root, check_files(root), scratch)
        check_coming_and_going(debs, scratch)
    check_lintian(debs)


main()
print("OK")
