#!/usr/bin/env python3
"""Bad input gets one clear message, exit status 1, and leaves nothing behind.

usage: bad_input_test.py VOLE
"""
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

vole = os.path.abspath(sys.argv[1])
tmp = tempfile.TemporaryDirectory()
root = pathlib.Path(tmp.name)
env = dict(os.environ, VOLECACHE=str(root / "cache"), GOWORK="off")
faults = []


def write(name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def run(args, cwd=root, environment=env, limit_file_size=None):
    def before():
        if limit_file_size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_file_size, limit_file_size))

    return subprocess.run([vole, *args], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, preexec_fn=before)


def expect(what, result, pattern, status=1):
    text = result.stderr + result.stdout
    if result.returncode != status:
        faults.append(f"{what}: exit status {result.returncode}, want {status}: {text}")
    if not re.search(pattern, text, re.M):
        faults.append(f"{what}: no /{pattern}/ in {text!r}")
    if "internal" in text and "panic" in text or "check failed" in text:
        faults.append(f"{what}: crashed: {text}")


def program(name, text):
    return str(write(f"{name}/{name}.go", text))


hello = program("hello", 'package main\n\nfunc main() { println("hello") }\n')
out = root / "out"

# No Go sources, or the wrong ones.
expect("missing goroot", run(["build", hello], environment=dict(env, VOLE_GOROOT=str(root / "nowhere"))), r"^vole: cannot find the Go sources at .*nowhere")
write("old/VERSION", "go1.19\n")
expect("old goroot", run(["build", hello], environment=dict(env, VOLE_GOROOT=str(root / "old"))), r"^vole: .* holds go1\.19, Go 1\.27 is needed$")

# Sources that are wrong.
expect("syntax", run(["build", "-o", str(out), program("syntax", "package main\n\nfunc main() { x := }\n")]), r"syntax\.go:3:20: syntax error: unexpected }")
expect("types", run(["build", "-o", str(out), program("types", 'package main\n\nfunc main() { var x int = "s" }\n')]),
       r'types\.go:3:27: cannot use "s" \(untyped string constant\) as int value in variable declaration')
expect("missing package", run(["build", program("missing", 'package main\n\nimport _ "no/such"\n\nfunc main() {}\n')]), r"missing\.go:3:8: package no/such is not in std")
expect("no main", run(["build", "-o", str(out), program("nomain", "package main\n\nfunc main_() {}\n")]),
       r"^# command-line-arguments\nruntime\.main_main·f: function main is undeclared in the main package$")
expect("no body", run(["build", "-o", str(out), program("nobody", "package main\n\nfunc f()\nfunc main() { f() }\n")]), r"nobody\.go:3:6: missing function body")
expect("no module", run(["build", "./hello"]), r"go\.mod file not found in current directory or any parent directory")
expect("no file", run(["build", "nosuch.go"]), r"nosuch\.go")
expect("not Go", run(["build", "-o", str(out), program("binary", "\x00\x01\x02")]), r"binary\.go:1:1: ")
expect("no flag", run(["build", "-nosuch"]), r"^flag provided but not defined: -nosuch$", status=2)
expect("no command", run(["nosuch"]), r"unknown command", status=2)
write("m/go.mod", "module m\ngo 1.27\n")
write("m/a/a.go", 'package a\n\nimport _ "m/b"\n')
write("m/b/b.go", 'package b\n\nimport _ "m/a"\n')
expect("import cycle", run(["build", "./a"], cwd=root / "m"), r"^package m/a\n\timports m/b from a\.go\n\timports m/a from b\.go: import cycle not allowed$")
write("newer/go.mod", "module m\ngo 1.99\n")
expect("newer Go", run(["build", "."], cwd=root / "newer"), r"^go: go\.mod requires go >= 1\.99 \(running go1\.27")
write("broken/go.mod", "module m\nwhat is this\n")
expect("broken go.mod", run(["build", "."], cwd=root / "broken"), r"^go\.mod:2: unknown directive: what$")
if out.exists():
    faults.append("a failed build left a program")

# Disks that are full (a limit on the size of files stands in for one): the program cannot be written, the old one stays.
if run(["build", "-o", str(out), hello]).returncode != 0:
    faults.append("hello does not build")
before = out.read_bytes()
full = run(["build", "-o", str(out), "-ldflags=-s", hello], limit_file_size=65536)
expect("full disk", full, r"cannot write .*: file too large")
if out.read_bytes() != before:
    faults.append("a full disk damaged the program that was there")
left = [p.name for p in root.iterdir() if p.name.startswith("out") and p != out]
if left:
    faults.append(f"a full disk left {left}")
(root / "plain").write_text("")
expect("no folder", run(["build", "-o", str(root / "plain" / "folder" / "x"), hello]), r"cannot make folder .*/plain/folder: not a directory")

# An archive that is cut off: a copy of the installation whose runtime archive is half as long.
prefix = pathlib.Path(vole).parent.parent
copy = root / "copy"
(copy / "bin").mkdir(parents=True)
shutil.copy(vole, copy / "bin/vole")
shutil.copytree(prefix / "share", copy / "share")
shutil.copytree(prefix / "lib/vole", copy / "lib/vole")
archive = copy / "lib/vole/runtime-amd64.a"
data = archive.read_bytes()
goroot = subprocess.run([vole, "env", "VOLE_GOROOT"], env=env, capture_output=True, text=True).stdout.strip()
for what, bytes_ in (("cut off", data[: len(data) // 2]), ("empty", b""), ("not an archive", b"x" * 5000), ("flipped", data[:3000] + bytes(b ^ 0x55 for b in data[3000:3200]) + data[3200:])):
    archive.write_bytes(bytes_)
    result = subprocess.run([str(copy / "bin/vole"), "build", "-o", str(root / "x"), hello], cwd=root, env=dict(env, VOLE_GOROOT=goroot), capture_output=True, text=True, timeout=300)
    if result.returncode not in (0, 1) or (what != "flipped" and result.returncode != 1) or (result.returncode == 1 and "runtime-amd64.a" not in result.stderr and "link:" not in result.stderr):
        faults.append(f"archive {what}: status {result.returncode}: {result.stderr}")

# An interrupted run leaves no folder behind.
scratch = root / "scratch"
scratch.mkdir()
running = subprocess.Popen([vole, "run", program("wait", 'package main\n\nimport "time"\n\nfunc main() { println("up"); time.Sleep(time.Minute) }\n')], env=dict(env, TMPDIR=str(scratch)),
                           stderr=subprocess.PIPE, text=True, start_new_session=True)
running.stderr.readline()
os.killpg(running.pid, signal.SIGINT)
running.wait(timeout=60)
running.stderr.close()
if list(scratch.iterdir()):
    faults.append("an interrupted run left its folder")

if faults:
    sys.exit("\n".join(faults))
