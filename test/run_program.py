#!/usr/bin/env python3
"""Builds one Go program with vole, runs it, and compares what it prints.

usage: run_program.py VOLE FILE.go

FILE.out holds the expected standard output. Comments in the program say more: "// exit: N" (status, 0 otherwise), "// stderr: TEXT" (a line
that standard error must contain), "// env: NAME=VALUE".
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

vole, source = sys.argv[1], pathlib.Path(sys.argv[2])
text = source.read_text()


def notes(key):
    return re.findall(rf"^// {key}: (.*)$", text, re.M)


env = dict(os.environ, **dict(n.split("=", 1) for n in notes("env")))
with tempfile.TemporaryDirectory() as tmp:
    program = os.path.join(tmp, "program")
    built = subprocess.run([vole, "build", "-o", program, str(source)], capture_output=True, text=True, timeout=300)
    if built.returncode != 0:
        sys.exit(f"build failed:\n{built.stderr}")
    ran = subprocess.run([program], capture_output=True, env=env, timeout=120, cwd=tmp)
faults = []
expected = source.with_suffix(".out")
want = expected.read_bytes() if expected.exists() else b""
if ran.stdout != want:
    faults.append(f"standard output differs:\n--- want\n{want.decode(errors='replace')}--- got\n{ran.stdout.decode(errors='replace')}")
status = int(notes("exit")[0]) if notes("exit") else 0
if ran.returncode != status:
    faults.append(f"exit status {ran.returncode}, want {status}")
stderr = ran.stderr.decode(errors="replace")
for line in notes("stderr"):
    if line not in stderr:
        faults.append(f"standard error lacks: {line}")
if faults:
    sys.exit("\n".join(faults) + f"\n--- standard error\n{stderr}")
