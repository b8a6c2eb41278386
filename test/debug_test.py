#!/usr/bin/env python3
"""What debuggers make of a program: usage: debug_test.py VOLE. gdb stops at lines, prints variables and unwinds; llvm-dwarfdump finds no fault."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

vole = sys.argv[1]
source = pathlib.Path(__file__).resolve().parent / "debug" / "locals.go"
GDB_SCRIPT = [
    "break main.sum", "run", "info args", "backtrace",
    "break locals.go:26", "continue", "info locals", "up", "info locals", "print *p", "print main.total", "print list",
    "ptype p", "break main.show", "continue", "info args", "delete",
    "break main.probe", "continue", "up", "info locals", "continue", "up", "info args", "info locals",
]
EXPECTED = [
    r"Breakpoint 1, main\.sum \(p=0x[0-9a-f]+, list=.*, k=2\) at .*locals\.go:13",
    r"#1  .* in main\.main \(\) at .*locals\.go:\d+",
    r"Breakpoint 2, main\.report \(n=6\) at .*locals\.go:26",
    r"#1 .* in main\.sum .* at .*locals\.go:18",
    r"\ns = 6",
    r"\ni = 0",
    r"= \{x = 1, y = 2, name = 0x[0-9a-f]+ \"origin\"\}",
    r"type = struct main\.point \{\n\s*int x;\n\s*int y;\n\s*string name;\n\} \*",
    r"Breakpoint 3, main\.show \(s=.*, c=3\)",
    r"\ns = 0x[0-9a-f]+ \"n is\"",
    r"\nat = \{x = .*, y = -3,",                       # an object whose fields became values
    r"#1  .* in main\.scale \(v=-3, by=.*\) at .*locals\.go:\d+",   # an inlined call with its own variables
    r"\nscaled = -15",
]


UNOPTIMIZED = source.parent / "unoptimized.go"
UNOPTIMIZED_EXPECTED = [
    r"\nt = \{a = \{0 <repeats 20 times>\}, s = 0x[0-9a-f]+ \"hello\"\}",   # parameters on the stack
    r"\narr = \{1, 2, 3, 4, 5, 6\}",
    r"\na = 1\nb = 2\n",
    r"\nj = 10\n",
    r"\nm = 0x[0-9a-f]+",
    r"\nsl = \{array = 0x[0-9a-f]+, len = 2, cap = 2\}",
    r"\nsum = 70",
]


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def show(program, script, expected):
    command = ["gdb", "-nx", "-batch"]
    for line in script:
        command += ["-ex", line]
    shown = run(*command, program)
    for pattern in expected:
        if not re.search(pattern, shown.stdout):
            sys.exit(f"gdb does not show {pattern!r}\n{shown.stdout}\n{shown.stderr[-2000:]}")


def check_unoptimized(tmp):
    program = os.path.join(tmp, "unoptimized")
    built = run(vole, "build", "-gcflags=-N", "-o", program, str(UNOPTIMIZED))
    if built.returncode:
        sys.exit(built.stderr)
    show(program, ["break unoptimized.go:20", "run", "info args", "info locals"], UNOPTIMIZED_EXPECTED)
    # The rows of every function name their file.
    symbols = run("nm", program).stdout
    address = re.search(r"([0-9a-f]+) \w main\.main\n", symbols).group(1)
    place = run("addr2line", "-e", program, address).stdout.strip()
    if not place.endswith("unoptimized.go:23"):
        sys.exit(f"addr2line shows main.main at {place}")


def main():
    dwarfdump = next((t for t in ("llvm-dwarfdump-19", "llvm-dwarfdump") if shutil.which(t)), None)
    if not shutil.which("gdb") or not dwarfdump:
        print("needs gdb and llvm-dwarfdump")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as tmp:
        program = os.path.join(tmp, "locals")
        built = run(vole, "build", "-o", program, str(source))
        if built.returncode:
            sys.exit(built.stderr)
        verified = run(dwarfdump, "--verify", program)
        faults = [l for l in verified.stdout.split("\n") if re.match(r"(error|warning):", l)]
        if verified.returncode or faults:
            sys.exit("\n".join(faults[:10]) or verified.stdout[-2000:])
        show(program, GDB_SCRIPT, EXPECTED)
        check_unoptimized(tmp)
        stripped = os.path.join(tmp, "stripped")
        if run(vole, "build", "-ldflags=-w", "-o", stripped, str(source)).returncode or b".debug_info" in pathlib.Path(stripped).read_bytes():
            sys.exit("-ldflags=-w leaves debug sections")


main()
