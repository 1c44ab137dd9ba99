"""The commands that the documentation shows, and what it says they do.

Commands stand in blocks: fenced ones without a language, where they begin with "$ ", and indented ones. A comment may say
what is done meanwhile: `# then: echo x > f/a`, `# Ctrl-C after fourteen seconds`. What follows a command up to the next one
is what it says; "..." leaves something out; `$ echo $?` tells how it ended. A block that is not to be run has
`<!-- not run: WHY -->` above it, one that shows lines of a file `<!-- from FILE -->`.
"""
import dataclasses
import re

INDENT = "    "
COMMAND = re.compile(r"(?:[A-Z_]+=\S+ )*(actors|tools/\w+|curl|apt|systemctl|socat|sysctl|\{) (?! )")


@dataclasses.dataclass
class Command:
    place: str  # "docs/faults.md:45"
    text: str
    comment: str = ""
    says: list = dataclasses.field(default_factory=list)
    ends_with: int | None = None
    exports: str = ""

    @property
    def program(self):
        return COMMAND.match(self.text + " -").group(1)


@dataclasses.dataclass
class Block:
    number: int
    lines: list
    skip: str | None
    origin: str | None  # the file that its lines are from
    language: str = ""


def blocks(text):
    lines, number = text.splitlines(), 0
    while number < len(lines):
        above = next((x for x in reversed(lines[:number]) if x.strip()), "")
        skip = re.match(r"<!-- not run: (.*) -->$", above)
        origin = re.match(r"<!-- from (\S+) -->$", lines[number - 1]) if number else None
        marks = skip and skip.group(1), origin and origin.group(1)
        if fence := re.match(r"```(\w*)$", lines[number]):
            end = lines.index("```", number + 1)
            yield Block(number + 2, lines[number + 1:end], *marks, fence.group(1))
            number = end + 1
        elif lines[number].startswith(INDENT) and (number == 0 or not lines[number - 1].strip()):
            end = number
            while end < len(lines) and lines[end].startswith(INDENT):
                end += 1
            yield Block(number + 1, [x[len(INDENT):] for x in lines[number:end]], *marks)
            number = end
        else:
            number += 1


def commands(page, text):
    """Those that are to be run, and (place, why) of those that are not."""
    run, left_out = [], []
    for block in blocks(text):
        found, exports = [], ""
        if block.language or block.origin:
            continue
        for offset, line in enumerate(block.lines):
            place = f"{page}:{block.number + offset}"
            if line == "$ echo $?":
                found[-1].ends_with = int(block.lines[offset + 1])
                found[-1].says.append(line)  # what follows is no more of it
                continue
            bare = line.removeprefix("$ ")
            if line.startswith("$ export "):
                exports = bare.removeprefix("export ")
            elif line.startswith("$ ") or COMMAND.match(bare):
                code, _, comment = re.sub(r"\s{3,}#|\s#\s", "\0", bare, count=1).partition("\0")
                for each in re.split(r"\s{3,}(?=actors )", code.strip()):  # two in one line
                    found.append(Command(place, each.strip(), comment.strip(), exports=exports))
            elif found and "$ echo $?" not in found[-1].says:
                found[-1].says.append(line)
        for each in found:
            each.says = [x for x in each.says if x != "$ echo $?"]
        if block.skip:
            left_out += [(x.place, block.skip) for x in found]
        else:
            run += found
    return run, left_out
