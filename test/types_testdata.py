#!/usr/bin/env python3
"""Runs vole-check over GOROOT/src/internal/types/testdata and prints a table: files whose messages are exactly those expected.

usage: types_testdata.py VOLE-CHECK [--match REGEXP] [--log FILE]

A comment ERROR "text" or ERRORx "regexp" behind a token stands for a message on that token's line.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOKEN = re.compile(r"""(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<token>"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)+'|\w+|[^\s\w])""", re.S)
# The universe of these tests has two more functions.
PRELUDE = "package {}\nfunc assert(bool) bool {{ return true }}\nfunc trace() {{}}\n"
SKIPPED = {"importC.go", "issue45639.go"}  # cgo
SKIPPED |= {"labels.go", "gotos.go", "doubled_labels.go"}  # types2 words these messages otherwise than the parser, whose gc prints
IGNORED = re.compile(r"anonymous interface refers to itself")  # reported by gc after types2


def wanted(text):
    """Line → [(is regexp, pattern)]."""
    out = collections.defaultdict(list)
    line, at, last = 1, 0, 1
    for m in TOKEN.finditer(text):
        line += text.count("\n", at, m.start())
        at = m.start()
        if m["token"]:
            last = line
            continue
        e = re.match(r" (ERRORx?) (.*)", re.sub(r"\*/$", "", m["comment"])[2:], re.S)
        if e:
            quoted = e[2].strip()
            out[last].append((e[1] == "ERRORx", quoted[1:-1] if quoted[0] == "`" else json.loads(re.sub(r"\\x(..)", r"\\u00\1", quoted))))
    return out


def check(vole_check, files):
    text = files[0].read_text(errors="surrogateescape")
    first = text.split("\n", 1)[0]
    flags = first[2:].split() if re.match(r"//\s*-", first) else []
    if any("goexperiment" in f or "fakeImportC" in f for f in flags) or any("goexperiment" in f for f in flags):
        return "skipped", flags[0]
    lang = [f.split("=")[1] for f in flags if f.startswith("-lang")]
    names = {re.search(r"^\s*package (\w+)", f.read_text(errors="surrogateescape"), re.M) for f in files}
    name = next((m[1] for m in names if m), "p")
    with tempfile.TemporaryDirectory() as tmp:
        prelude = pathlib.Path(tmp, "prelude.go")
        prelude.write_text(PRELUDE.format(name))
        extra = [prelude] if any(re.search(r"\b(assert|trace)\(", f.read_text(errors="surrogateescape")) for f in files) else []
        named = [shutil.copy(f, tmp) for f in files] if extra else files  # all in one folder
        command = [vole_check, "-asm", "-k", "-repeats", *(["-lang", lang[0]] if lang else []), *named, *extra]
        try:
            p = subprocess.run(command, capture_output=True, timeout=60)
        except subprocess.TimeoutExpired:
            return "failed", "timeout"
    if p.returncode not in (0, 1):
        return "failed", f"exit status {p.returncode}: {p.stderr.decode(errors='replace')[:500]}"
    faults = []
    expected = {f.name: wanted(f.read_text(errors="surrogateescape")) for f in files}
    messages = []
    for line in p.stdout.decode(errors="replace").split("\n"):
        m = re.match(r"(\S*?)([^/\s:]+):(\d+)(?::\d+)?: (.*)", line)
        if line.startswith("\t") and messages:
            messages[-1][2] += "\n" + line
        elif m:
            # What the driver says of a missing package, as the checker would.
            messages.append([m[2], int(m[3]), re.sub(r"^package (\S+) is not in std.*", r"could not import \1", m[4])])
        elif messages and line:
            messages[-1][2] += "\n" + line
        elif line:
            messages.append(["?", 0, line])
    source = {f.name: f.read_text(errors="surrogateescape").split("\n") for f in files}
    about_prelude = lambda file, line: file in source and re.search(r"\b(assert|trace)\b", source[file][line - 1])
    messages = [m for m in messages if not about_prelude(m[0], m[1]) and not IGNORED.search(m[2])]
    for lines in expected.values():
        for line in [n for n in lines if about_prelude(files[0].name, n)]:
            del lines[line]
    for file, line, message in messages:
        rules = expected.get(file, {}).get(line, [])
        hit = next((r for r in rules if (re.search(r[1], message) if r[0] else r[1] in message)), None)
        if hit:
            rules.remove(hit)
        else:
            faults.append(f"{file}:{line}: no error expected: {message}")
    for file, lines in expected.items():
        faults += [f"{file}:{line}: unreported: {pattern}" for line, rules in sorted(lines.items()) for _, pattern in rules]
    return ("failed", "\n".join(faults)) if faults else ("passed", "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vole_check")
    parser.add_argument("--match", default="")
    parser.add_argument("--log")
    options = parser.parse_args()
    root = pathlib.Path(os.environ["VOLE_GOROOT"]).resolve() / "src/internal/types/testdata"
    units = []
    for path in sorted(root.glob("*/*")):
        if re.search(options.match, str(path.relative_to(root))) and path.name not in SKIPPED:
            files = sorted(path.glob("*.go")) if path.is_dir() else [path]
            if files and files[0].suffix == ".go":
                units.append((path, files))
    table = collections.defaultdict(collections.Counter)
    log = open(options.log, "w") if options.log else None
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (path, _), (verdict, why) in zip(units, pool.map(lambda u: check(options.vole_check, u[1]), units)):
            table[path.parent.name][verdict] += 1
            if verdict == "failed":
                print(f"FAIL {path.relative_to(root)}")
                if log:
                    log.write(f"=== {path.relative_to(root)}\n{why}\n")
    print(f"\n{'folder':<16}{'passed':>8}{'failed':>8}{'skipped':>8}{'rate':>8}")
    for kind, c in [*sorted(table.items()), ("all", sum(table.values(), collections.Counter()))]:
        print(f"{kind:<16}{c['passed']:>8}{c['failed']:>8}{c['skipped']:>8}{100 * c['passed'] / max(1, c['passed'] + c['failed']):>7.1f}%")


if __name__ == "__main__":
    main()
