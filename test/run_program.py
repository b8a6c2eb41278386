#!/usr/bin/env python3
"""Builds one Go program with vole, runs it plainly and under the runtime's stress modes, and compares what it prints.

usage: run_program.py [--write] VOLE FILE.go

FILE.out holds the expected standard output, FILE.err (where there is one) the whole of standard error with addresses, folders and goroutine
numbers taken out. Comments in the program say more: "// exit: N" (status, 0 otherwise; a signal's number is negative), "// stderr: TEXT" (a
line that standard error must contain), "// env: NAME=VALUE", "// stress: no" (only the plain run). --write records what the plain run
printed instead of comparing it.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

write = "--write" in sys.argv
vole, source = [a for a in sys.argv[1:] if a != "--write"]
source = pathlib.Path(source)
text = source.read_text()
out, err = source.with_suffix(".out"), source.with_suffix(".err")


def notes(key):
    return re.findall(rf"^// {key}: (.*)$", text, re.M)


def normal(stderr):
    """What of a traceback does not depend on the compiler, the machine or chance."""
    s = re.sub(r"0x[0-9a-f]+\??", "0x?", stderr)
    s = re.sub(r"^(\S.*?)(?:\([^()\n]*\))?\n\t", r"\1()\n\t", s, flags=re.M)
    s = re.sub(r"^\t/.*/runtime/[^/\n]+\.go:\d+( \+0x\?)?$", r"\truntime/", s, flags=re.M)
    s = re.sub(r"^\t/.*/([^/\n]+\.(go|s):\d+)( \+0x\?)?$", r"\t\1", s, flags=re.M)
    s = re.sub(r"goroutine (?!1\b)\d+", "goroutine N", s)
    return re.sub(r"\d+ minutes\b", "N minutes", s)


def check(ran):
    faults = []
    want = out.read_bytes() if out.exists() else b""
    if ran.stdout != want:
        faults.append(f"standard output differs:\n--- want\n{want.decode(errors='replace')}--- got\n{ran.stdout.decode(errors='replace')}")
    status = int(notes("exit")[0]) if notes("exit") else 0
    if ran.returncode != status:
        faults.append(f"exit status {ran.returncode}, want {status}")
    stderr = ran.stderr.decode(errors="replace")
    if err.exists() and normal(stderr) != err.read_text():
        faults.append(f"standard error differs:\n--- want\n{err.read_text()}--- got\n{normal(stderr)}")
    faults += [f"standard error lacks: {line}" for line in notes("stderr") if line not in stderr]
    if faults:
        faults.append(f"--- standard error\n{stderr}")
    return faults


env = dict(os.environ, **dict(n.split("=", 1) for n in notes("env")))
modes = [""] if notes("stress") == ["no"] else ["", "stackstress=1,escapecheck=1", "schedstress=1", "preemptstress=1"]
with tempfile.TemporaryDirectory() as tmp:
    program = os.path.join(tmp, "program")
    built = subprocess.run([vole, "build", "-o", program, str(source)], capture_output=True, text=True, timeout=300)
    if built.returncode != 0:
        sys.exit(f"build failed:\n{built.stderr}")
    for mode in modes:
        settings = ",".join(filter(None, [env.get("GODEBUG"), mode]))
        stress = {"GODEBUG": settings, "VOLE_SEED": "1"} if mode else {}
        ran = subprocess.run([program], capture_output=True, env={**env, **stress}, timeout=120, cwd=tmp, stdin=subprocess.DEVNULL)
        if write:
            if ran.stdout:
                out.write_bytes(ran.stdout)
            if ran.stderr:
                err.write_text(normal(ran.stderr.decode(errors="replace")))
            break
        faults = check(ran)
        if faults:
            sys.exit((f"under GODEBUG={mode}:\n" if mode else "") + "\n".join(faults))
