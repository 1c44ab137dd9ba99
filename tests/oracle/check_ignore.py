#!/usr/bin/env python3
"""What ignore_rules says of a path is what git says of it.

usage: check_ignore.py IGNORE_JUDGE [SEED]

Random gitignore files over a small alphabet, each in a directory of its own with the same tree in it, and
all sets of bytes. `git check-ignore` is asked once for everything. It walks from the top, and says
"ignored" of all below an ignored directory; so does the judge. To see past that, half of the files end
with a pattern that keeps every directory. Without a seed it is always the same traffic.
"""
import os
import random
import subprocess
import sys
import tempfile

FILES = 500
PATHS = 40  # asked of each file, drawn from the tree
NAMES = [b"a", b"b", b"ab", b"ba", b"aab", b"a.b", b".b", b"b.a", b"[a", b"a]", b"a b", b"!a", b"#a", b"a\\",
         b"*", b"A", b"a\xff", b"-", b"^"]
PIECES = [b"a", b"b", b"a", b"b", b"ab", b".", b"*", b"*", b"*", b"?", b"/", b"/", b"/", b"**", b"**/", b"/**",
          b"/**/", b"/*/", b"***", b"[ab]", b"[!a]", b"[^b]", b"[a-b]", b"[]a]", b"[!]]", b"[a-]", b"[--b]",
          b"[[:alpha:]]", b"[![:upper:]]", b"[[:nope:]]", b"[[:alpha:", b"[[:]", b"[[:a]", b"[[a]", b"[a/b]",
          b"[", b"]", b"[!", b"[\\]a]", b"[\\a-\\b]", b"\\", b"\\a", b"\\*", b"\\/", b"\\[", b"\\ ", b" ",
          b"  ", b"!", b"#", b"\\!", b"\\#", b"\t", b"\r", b"^", b"-", b"\xff", b"A"]
CLASSES = [b"alnum", b"alpha", b"blank", b"cntrl", b"digit", b"graph", b"lower", b"print", b"punct", b"space",
           b"upper", b"xdigit"]
PLAIN = [b"a", b"b", b"a", b"b", b"*", b"**", b"/", b"/", b"**/", b"?", b"\\/", b"\\a", b"[ab]"]
ENDS = [b"\n", b"\n", b"\n", b"\r\n", b" \n", b"  \r\n", b"/\n", b"/ \n", b"\\ \n", b"\n\n", b"\n#\n"]

# Where git does what few would guess, each asked of every path below; the dice find these too seldom.
ODD = [b"a**/b", b"a**\\/b", b"a/**\\/b", b"**\\/b", b"/a**", b"/a*", b"?**/b", b"a/**b", b"a/b**", b"\\/a",
       b"/\\a", b"a\\/", b"a\\/b", b"a/\\**", b"\\a**/b", b"[a-c-e]", b"[a-c-]", b"[[:alpha:]-z]", b"[\\a-c]",
       b"[a-\\c]", b"[--/]", b"[]-a]", b"[!]-a]", b"[[-a]", b"[a[:digit:]-]", b"[[::]]", b"[[:]", b"[[:a:]",
       b"[[:digit:]", b"a\r", b"a\r\r", b"a\\ ", b"a\\\\ ", b"a\\  ", b"a \\", b"a \\ b ", b"a\t ", b" a",
       b" #a", b"\\#a", b"!#a", b"!\\!a", b"\\!a", b"a//b", b"//a", b"a//", b"/", b"//", b"!", b"!/", b"*/",
       b"/*/", b"**/", b"/**/", b"/**", b"***", b"*/**", b"**/*", b"**/**", b"*\\/b", b"[a/]b", b"a[/]b",
       b"a[!x]b", b"a?b", b"\xef\xbb\xbfa"]
ODD_NAMES = [b"a", b"b", b"ab", b"c", b"d", b"e", b"-", b"]", b"[", b":", b"1", b"z", b"a ", b"a\\", b"a\\ ",
             b"a \\", b" a", b" #a", b"#a", b"!a", b"a\r", b"a\t", b"a  b", b"a b", b"\\", b"*", b"**"]


def any_pattern(dice, tree):
    if dice.random() < 0.4:
        start = dice.choice([b"", b"", b"", b"", b"!", b"/", b"#", b"**/", b"\\!"])
        pieces = dice.choice([PIECES, PLAIN])
        return start + b"".join(dice.choice(pieces) for _ in range(dice.randint(1, 6)))
    return any_likeness(dice, dice.choice(sorted(tree)))


def any_likeness(dice, path):
    """A pattern that was a path before some of it was replaced, so that many match."""
    names = path.split(b"/")
    for _ in range(dice.choice([0, 1, 1, 2])):
        at = dice.randrange(len(names))
        names[at:at + dice.choice([1, 1, 2])] = [dice.choice([b"*", b"**", b"**", b"?*", b"[!.]*"])]
    text = b"/".join(names[dice.choice([0, 0, 0, -1]):])
    for _ in range(dice.choice([0, 1, 2])):
        at = dice.randrange(len(text) + 1)
        text = text[:at] + dice.choice(PIECES) + text[at + dice.choice([0, 1, 1]):]
    return dice.choice([b"", b"", b"", b"!", b"/", b"**/"]) + text


def any_rules(dice, tree):
    lines = [any_pattern(dice, tree) + dice.choice(ENDS) for _ in range(dice.choice([1, 1, 1, 2, 5]))]
    text = dice.choice([b"", b"", b"", b"", b"", b"", b"", b"\xef\xbb\xbf"]) + b"".join(lines)
    if dice.random() < 0.5:
        return text + b"!*/\n"
    return text if dice.random() < 0.9 else text.rstrip(b"\n")


def any_tree(dice):
    """Paths, and whether each is a directory."""
    tree = {}
    for _ in range(60):
        names = [dice.choice(NAMES[:4] if dice.random() < 0.7 else NAMES) for _ in range(dice.randint(1, 4))]
        for depth in range(1, len(names)):
            tree[b"/".join(names[:depth])] = True
        tree.setdefault(b"/".join(names), dice.random() < 0.3)
    return tree


def sets_of_bytes():
    """Every class, every range that matters, and every byte in a name of its own."""
    sets = [b"[[:" + name + b":]]" for name in CLASSES]
    sets += [b"[!-~]", b"[^ -~]", b"[\x80-\xfe]", b"[Z-a]", b"[z-a]", b"?"]
    names = {bytes([x]): False for x in range(1, 256) if x not in b"./"}
    return [(b"x" + one + b"\n", {b"x" + name: False for name in names}) for one in sets]


def odd_ones():
    names = dict.fromkeys(ODD_NAMES, False)
    for path in [b"a", b"a/b", b"a/a", b"a/b/a", b"ab", b"ab/b", b"c", b"c/a", b"a\r", b"a "]:
        names.update({path + b"/b": False, path + b"/ab": False, path + b"/c": True})
    names.update(dict.fromkeys([os.path.dirname(path) for path in names if b"/" in path], True))
    for pattern in ODD:
        yield pattern + b"\n", names
        yield pattern + b"\r\n!*/", names


def traffic(dice):
    trees = [any_tree(dice) for _ in range(10)]
    for _ in range(FILES):
        tree = dice.choice(trees)
        yield any_rules(dice, tree), dict(dice.sample(sorted(tree.items()), min(PATHS, len(tree))))
    yield from odd_ones()
    yield from sets_of_bytes()


def lay_out(top, rules, paths):
    os.makedirs(top)
    with open(os.path.join(top, b".gitignore"), "wb") as file:
        file.write(rules)
    for path, is_directory in paths.items():  # what is not there is no directory for git
        os.makedirs(os.path.join(top, path if is_directory else os.path.dirname(path)), exist_ok=True)


def asked_of_git(repository, paths):
    done = subprocess.run(["git", "-C", repository, "check-ignore", "--no-index", "-v", "-n", "-z", "--stdin"],
                          input=b"".join(path + b"\0" for path in paths), stdout=subprocess.PIPE, check=False)
    assert done.returncode in (0, 1), done.returncode  # 1: none is ignored
    fields = done.stdout.split(b"\0")[:-1]
    assert fields[3::4] == paths
    return ["none" if not source else "kept" if pattern.startswith(b"!") else "ignored"
            for source, pattern in zip(fields[0::4], fields[2::4])]


def asked_of_judge(judge, questions):
    text = b"".join(b"r" + rules + b"\0" + b"".join((b"d" if is_directory else b"f") + path + b"\0"
                                                     for path, is_directory in paths.items())
                    for rules, paths in questions)
    return subprocess.run([judge], input=text, stdout=subprocess.PIPE, check=True).stdout.decode().split()


def main():
    judge = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    questions = list(traffic(random.Random(seed)))
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]  # set when git itself runs the tests
    os.environ.update(GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null", XDG_CONFIG_HOME="/nonexistent")
    # In memory where there is some: 10,000 directories take a busy disk half a minute.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as repository:
        subprocess.run(["git", "init", "-q", "--template=", repository], check=True)
        for number, (rules, paths) in enumerate(questions):
            lay_out(os.path.join(os.fsencode(repository), b"%d" % number), rules, paths)
        asked = [(number, rules, path) for number, (rules, paths) in enumerate(questions) for path in paths]
        from_git = asked_of_git(repository, [b"%d/%s" % (number, path) for number, _, path in asked])
    from_us = asked_of_judge(judge, questions)
    assert len(from_us) == len(from_git), (len(from_us), len(from_git))
    faults = [f"{rules!r} {path!r}: git says {theirs}, we say {ours}"
              for (_, rules, path), theirs, ours in zip(asked, from_git, from_us) if theirs != ours]
    counts = ", ".join(f"{from_git.count(said)} {said}" for said in ("none", "ignored", "kept"))
    print(f"seed {seed}: {len(asked)} verdicts ({counts}), {len(faults)} differ")
    print("\n".join(faults[:40]))  # as many as a person reads
    sys.exit(bool(faults))


main()
