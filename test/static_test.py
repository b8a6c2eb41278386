#!/usr/bin/env python3
"""Programs are one static file: no interpreter, no dynamic section, the same bytes from any number of threads, and they run in an empty root.

usage: static_test.py VOLE
"""
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

vole = os.path.abspath(sys.argv[1])
tmp = tempfile.TemporaryDirectory()
root = pathlib.Path(tmp.name)
source = root / "hello.go"
source.write_text('package main\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc main() { fmt.Println("hello", len(os.Args)) }\n')
faults = []


def build(name, *flags):
    out = root / name
    subprocess.run([vole, "build", *flags, "-o", str(out), str(source)], check=True, timeout=300)
    return out


def segment_kinds(path):
    data = path.read_bytes()
    offset, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    return [struct.unpack_from("<I", data, offset + i * size)[0] for i in range(count)]


program = build("hello")
PT_DYNAMIC, PT_INTERP = 2, 3
for kind, name in ((PT_DYNAMIC, "dynamic section"), (PT_INTERP, "interpreter")):
    if kind in segment_kinds(program):
        faults.append(f"the program has a {name}")

one, two = build("one", "-a", "-p", "1"), build("two", "-a", "-p", "4")
if one.read_bytes() != two.read_bytes():
    faults.append("the number of threads changes the program")

jail = root / "jail"
jail.mkdir()
(jail / "hello").write_bytes(program.read_bytes())
(jail / "hello").chmod(0o755)
if os.getuid() == 0:
    ran = subprocess.run(["/hello"], preexec_fn=lambda: os.chroot(jail), env={}, cwd="/", capture_output=True, text=True)
    if (ran.returncode, ran.stdout) != (0, "hello 1\n"):
        faults.append(f"in an empty root: status {ran.returncode}, {ran.stdout!r} {ran.stderr!r}")

if faults:
    sys.exit("\n".join(faults))
