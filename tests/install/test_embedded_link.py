#!/usr/bin/env python3
"""Two host applications, one that links and one that collects, as built inside the tree.

usage: test_embedded_link.py BUILD_DIRECTORY
"""
import pathlib
import subprocess
import sys
import tempfile

PATIENCE = 60  # seconds; a machine may be busy


def main():
    programs = pathlib.Path(sys.argv[1]) / "bin"
    with tempfile.TemporaryDirectory() as directory:
        collector = subprocess.Popen(
            [programs / "embed_collect", "127.0.0.1:0", pathlib.Path(directory) / "events.db", "600"],
            stdout=subprocess.PIPE, text=True)
        try:
            first = collector.stdout.readline().split()  # "listening on ADDRESS"
            assert first[:2] == ["listening", "on"], first
            for words in (["/hello", "/world"], ["/again"]):  # a second run is a stream of its own
                link = subprocess.Popen([programs / "embed_link", "host-1", first[2]], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                link.stdin.writelines(word + "\n" for word in words)
                link.stdin.flush()
                for number, word in enumerate(words, 1):
                    line = collector.stdout.readline().rstrip("\n")
                    assert line == f"host-1 {number} modify {word}", line
                said, _ = link.communicate(timeout=PATIENCE)
                assert link.returncode == 0, said
        finally:
            collector.kill()
            collector.wait(PATIENCE)
            collector.stdout.close()


if __name__ == "__main__":
    main()
    print("OK")
