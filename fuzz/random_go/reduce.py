"""Makes a program smaller while a test of it still fails.

The text is cut by lines: chunks that are balanced in braces go first (whole functions, then blocks, then lines), then the two ends of a block without what
is between them. What no longer compiles fails no test and is undone. The test decides all; nothing is known of Go but that braces pair.
"""


def depth_change(line):
    plain, quoted = 0, None
    i = 0
    while i < len(line):
        c = line[i]
        if quoted:
            if c == "\\":
                i += 1
            elif c == quoted:
                quoted = None
        elif c in "\"'`":
            quoted = c
        elif c == "{":
            plain += 1
        elif c == "}":
            plain -= 1
        i += 1
    return plain


def blocks(lines):
    """Ranges of lines that open and close a block, outer ones first."""
    stack, found = [], []
    for i, line in enumerate(lines):
        d = depth_change(line)
        if d > 0:
            stack += [i] * d
        for _ in range(-d):
            if stack:
                found.append((stack.pop(), i + 1))
        if d == 0 and line.startswith("}") and stack:  # "} else {"
            found.append((stack.pop(), i))
            stack.append(i)
    return sorted(set(found), key=lambda r: r[0] - r[1])


def drop(lines, start, end):
    return lines[:start] + lines[end:]


def functions(lines):
    """Ranges of whole functions and runs of main."""
    start = None
    for i, line in enumerate(lines):
        if line.startswith(("func ", "Run(")):
            start = i
        if start is not None and (line in ("}", "})") or depth_change(line) == 0 and line.startswith("func ")):
            if sum(depth_change(x) for x in lines[start:i + 1]) == 0:
                yield start, i + 1
                start = None


def try_ranges(lines, fails, ranges):
    """Drops what can be dropped of disjoint ranges, many at a time first."""
    ranges = sorted(ranges)
    chunk = max(1, len(ranges) // 2)
    while ranges:
        kept, i = [], 0
        ranges.reverse()  # what is last is used by nothing
        while i < len(ranges):
            part = ranges[i:i + chunk]
            gone = {n for a, b in part for n in range(a, b)}
            candidate = [None if n in gone else x for n, x in enumerate(lines)]
            if fails([x for x in candidate if x is not None]):
                lines = candidate
            else:
                kept += part
            i += chunk
        if chunk == 1:
            break
        ranges, chunk = kept[::-1], max(1, chunk // 4)
    return [x for x in lines if x is not None]


def pass_blocks(lines, fails):
    i = 0
    while True:
        found = blocks(lines)
        if i >= len(found):
            return lines
        start, end = found[i]
        for candidate in (drop(lines, start, end), lines[:start] + lines[start + 1:end - 1] + lines[end:]):
            if end - start > 1 and fails(candidate):
                lines = candidate
                break
        else:
            i += 1


def pass_lines(lines, fails):
    ranges = [(i, i + 1) for i, line in enumerate(lines) if depth_change(line) == 0]
    return try_ranges(lines, fails, ranges)


def reduce_file(lines, fails):
    lines = try_ranges(lines, fails, functions(lines))
    while True:
        before = len(lines)
        lines = pass_lines(lines, fails)
        lines = try_ranges(lines, fails, functions(lines))
        lines = pass_blocks(lines, fails)
        if len(lines) == before:
            return lines


def only(text, name):
    """The program's text with one function under test, where it stands alone."""
    lines, gone = text.split("\n"), set()
    for start, end in functions(lines):
        head = lines[start]
        if head.startswith(("Run(", "func F")) and not head.startswith((f'Run("{name}"', f"func {name}(")):
            gone |= set(range(start, end))
    return "\n".join(x for i, x in enumerate(lines) if i not in gone)


def reduce_program(files, fails, name):
    """files: name → text; fails: whether such files still show the fault; name: the function under test that shows it, if it is known."""
    files = dict(files)
    alone = {**files, "main.go": only(files["main.go"], name)}
    if name and fails(alone):
        files = alone
    for name in ("main.go", "lib/lib.go"):
        def with_lines(lines):
            return {**files, name: "\n".join(lines) + "\n"}

        lines = reduce_file(files[name].split("\n"), lambda x: fails(with_lines(x)))
        files = with_lines(lines)
    return files
