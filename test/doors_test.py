#!/usr/bin/env python3
"""Every door of every command, with what should not stand behind it: one clear line, status 1 or 2, nothing left behind.

usage: doors_test.py VOLE
"""
import itertools
import os
import pathlib
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

vole = os.path.abspath(sys.argv[1])
place = pathlib.Path(tempfile.mkdtemp())
faults = []
# Rights do not bind root: as root everything runs as somebody else.
user = 65534 if os.getuid() == 0 else None
scratch = place / "scratch"
base_env = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "VOLE")) or k == "VOLE_GOROOT"}
base_env.update(TMPDIR=str(scratch), HOME=str(place / "home"), GOENV="off")


def limited(limits):
    def apply():
        for name, value in limits.items():
            resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))
        if user:
            os.setuid(user)

    return apply


def run(*args, cwd, limits={}, timeout=120, stdout=subprocess.PIPE, **env):
    command = [vole, *args]
    try:
        r = subprocess.run(command, cwd=cwd, env={**base_env, "VOLECACHE": str(place / "cache"), **env}, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
                           timeout=timeout, preexec_fn=limited(limits))
        return r.returncode, (r.stdout or b"").decode(errors="replace"), r.stderr.decode(errors="replace")
    except subprocess.TimeoutExpired:
        return "hangs", "", ""


def snapshot():
    """All names but those of the cache, and what regular files hold."""
    out = {}
    for folder, folders, files in os.walk(place):
        if folder.startswith(str(place / "cache")):
            continue
        for name in folders + files:
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            out[path] = (mode, open(path, "rb").read() if stat.S_ISREG(mode) and os.access(path, os.R_OK) else None)
    return out


def say(what, text):
    faults.append(f"{what}: {text}")


def complains(what, result, lines=1, wanted=""):
    """A command that failed as it should."""
    status, _, err = result
    if status not in (1, 2):
        say(what, f"status {status}: {err!r}")
    elif not 1 <= len(err.splitlines()) <= lines + (2 if status == 2 else 0):   # wrong flags also get the usage
        say(what, f"{len(err.splitlines())} lines: {err!r}")
    elif re.search(r"terminate|internal error|std::|what\(\)|\x1b", err):
        say(what, f"crashed: {err!r}")
    elif wanted not in err:
        say(what, f"{err!r} does not say {wanted!r}")


def make(kind, path):
    """Puts something odd at a path."""
    if path.is_symlink() or path.is_file() or path.is_fifo():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
        os.chmod(path, 0o666)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "ring":
        path.symlink_to(path.name)
    elif kind == "dangling":
        path.symlink_to("nowhere")
    elif kind == "unreadable":
        path.write_text("")
        path.chmod(0)


HELLO = 'package main\n\nfunc main() { println("hello") }\n'
ODD = ("folder", "pipe", "device", "ring", "dangling", "unreadable")


def module(name, **files):
    d = place / name
    shutil.rmtree(d, ignore_errors=True)
    for path, text in {"go.mod": "module m\n\ngo 1.27\n", "main.go": HELLO, **{k.replace("__", "/"): v for k, v in files.items()}}.items():
        (d / path).parent.mkdir(parents=True, exist_ok=True)
        (d / path).write_text(text)
    return d


for folder in ("scratch", "home", "cache"):
    (place / folder).mkdir()
d = module("hello", empty__e="", p__p="")
for path in (place, scratch, place / "home", place / "cache", d, d / "p"):
    path.chmod(0o777)
result = run("build", "-o", "out", ".", cwd=d)
if result[0] != 0:
    sys.exit(f"hello does not build: {result}")
program = (d / "out").read_bytes()
os.unlink(d / "out")

# What a command reads: files that are not.
for kind in ODD:
    odd = d / "odd"
    make(kind, odd)
    before = snapshot()
    doors = {
        "version": ["version", "odd"], "overlay": ["build", "-overlay", "odd", "."], "list -overlay": ["list", "-overlay", "odd"], "run -overlay": ["run", "-overlay", "odd", "."],
        "clean -overlay": ["list", "-e", "-overlay", "odd"], "-C": ["build", "-C", "odd"], "env -C": ["env", "-C", "odd", "GOOS"], "file": ["build", "odd/x.go"], "pgo": ["build", "-pgo=odd", "."],
        "package": ["list", "./odd"],
    }
    for name, args in doors.items():
        harmless = (kind == "folder" and name in ("version", "-C", "env -C")) or (kind == "pipe" and name == "")
        got = run(*args, cwd=d)
        if not (harmless and got[0] in (0, 1)):
            complains(f"{name} {kind}", got)
    for key in ("GOENV", "VOLE_GOROOT"):
        got = run("env" if key == "GOENV" else "version", cwd=d, **{key: str(odd)})
        if key == "VOLE_GOROOT":
            complains(f"{key} {kind}", got)
        elif got[0] != 0:   # as go: a file of settings that cannot be read holds none
            say(f"{key} {kind}", got)
    if kind != "folder":
        complains(f"GOTMPDIR {kind}", run("build", ".", cwd=d, GOTMPDIR=str(odd)), wanted="temporary folder")
        complains(f"TMPDIR {kind}", run("build", ".", cwd=d, TMPDIR=str(odd)), wanted="temporary folder")
        got = run("build", "-o", str(d / "out"), ".", cwd=d, VOLECACHE=str(odd))
        if got[0] != 0:
            say(f"VOLECACHE {kind}", got)
        (d / "out").unlink(missing_ok=True)
    if snapshot() != before:
        say(kind, f"left {sorted(set(snapshot()) ^ set(before))}")
    make("", odd)

# Files of a package and a module.
for kind, name in itertools.product(ODD, ("f.go", "f.s", "f_amd64.s", "f_test.go", "go.mod", "go.work", "go.sum", "vendor/modules.txt", "h.h", "e.txt")):
    d = module("odd", **{"vendor__x": "", "vendor__modules.txt": "", "a_amd64.s": '#include "h.h"\n\nTEXT ·f(SB), 4, $0-0\n\tRET\n', "h.h": "",
                         "b.go": 'package main\n\nimport _ "embed"\n\n//go:embed e.txt\nvar e string\n\nfunc f()\n', "e.txt": ""})
    make(kind, d / name)
    d.chmod(0o777)
    before = snapshot()
    for command in ("build", "list", "run", "clean"):
        got = run(*([command, "-o", "out"] if command == "build" else [command]), *([] if command == "clean" else ["."]), cwd=d)
        (d / "out").unlink(missing_ok=True)
        # A folder is passed over; what a command does not need does not matter to it.
        if got[0] not in (0, 1, 2) or len(got[2].splitlines()) > 3 or (got[0] == 0 and got[2] not in ("", "hello\n")):
            say(f"{command} {kind} {name}", got)
        if command in ("build", "run") and kind != "folder" and name in ("f.go", "f_amd64.s", "e.txt", "h.h") and got[0] != 1:
            say(f"{command} {kind} {name}", got)
    if snapshot() != before:
        say(f"{kind} {name}", f"left {sorted(set(snapshot()) ^ set(before))}")

# Patterns over rings of links and folders that may not be read.
d = module("tree", p__p="")
(d / "p" / "p.go").write_text("package p\n")
(d / "p" / "up").symlink_to("..")
(d / "p" / "self").symlink_to("self")
(d / "shut").mkdir()
(d / "shut" / "s.go").write_text("package s\n")
(d / "shut").chmod(0)
for args in (["list", "./..."], ["build", "./..."], ["list", "all"], ["list", "-deps", "m/..."]):
    got = run(*args, cwd=d)
    if got[0] != 1 or "/shut: permission denied" not in got[2] or len(got[2].splitlines()) > 1:
        say(args, got)
if run("list", "./p/...", cwd=d)[:2] != (0, "m/p\n") or run("list", "-e", "./...", cwd=d)[1] != "m\nm/p\n":
    say("tree", run("list", "-e", "./...", cwd=d))
complains("a folder that may not be read", run("build", "./shut", cwd=d))
(d / "shut").chmod(0o755)

# Names with line ends and escapes: messages stay one line.
bad = "a\nb\x1b[31m"
d = module("names")
(d / bad).mkdir()
(d / bad / "x.go").write_text("package x\n")
(d / f"{bad}.go").write_text("package main\n\nvar x int = y\n")
for args in (["build", f"./{bad}"], ["build", bad], ["list", bad], ["run", bad], ["run", f"{bad}/y.go"], ["version", f"{bad}x"], ["build", "-C", f"{bad}x"], ["build", "-overlay", f"{bad}x", "."],
             ["build", "-o", f"{bad}/x/", f"./{bad}"], ["list", "-f", bad + "{{", "."], ["build", "-tags", bad, "nosuch"], ["build", "-mod", bad], ["build", "-" + bad],
             ["build", "-p", bad], ["build", "-gcflags", bad, "."], ["build", "-ldflags", bad, "."], ["build", "-asmflags", bad, "."], [bad], ["help", bad], ["build", "-pgo", bad, "."]):
    complains(args, run(*args, cwd=d))
d.chmod(0o777)
complains("faulty file", run("build", "-o", "x", ".", cwd=d), lines=2, wanted=r"a\nb\x1b[31m.go:3:13: undefined: y")
(d / f"{bad}.go").unlink()
for name, value in (("GOOS", bad), ("GOFLAGS", "-" + bad.replace("\n", "")), ("GOEXPERIMENT", bad), ("GO111MODULE", bad), ("GOAMD64", bad), ("GOWORK", "/" + bad), ("VOLECACHE", bad), ("GOTOOLCHAIN", bad), ("GOFIPS140", bad), ("VOLE_GOROOT", bad),
                    ("TMPDIR", bad)):
    complains(f"{name} with a line end", run("build", "-o", "x", ".", cwd=d, **{name: value}))
for text in (f'package main\n\nimport "a\x1bb"\n\nfunc main() {{}}\n', 'package main\n\nimport "a\\nb"\n\nfunc main() {}\n', "package a\x1b[31mb\n", "package main\x00\n"):
    (d / "main.go").write_text(text)
    complains(text, run("build", "-o", "x", ".", cwd=d), lines=4)

# Output that cannot be written.
d = module("full")
d.chmod(0o777)
before = snapshot()
for args in (["env"], ["env", "GOOS"], ["env", "-json"], ["version"], ["list", "std"], ["list", "-json", "."], ["list", "-deps"], ["list", "-f", "{{.Dir}}"], ["list", "-m"], ["help"], ["help", "build"],
             ["clean", "-n", "-cache"], ["build", "-json", "nosuch/package"], ["version", "-m", vole]):
    with open("/dev/full", "wb") as full:
        complains(f"full {args}", run(*args, cwd=d, stdout=full), lines=2)
(d / "pipe").mkdir()
for target, wanted in (("/dev/full", "no space left"), ("pipe/", ""), ("main.go", "not an object file"), ("go.mod/x", ""), ("/proc/x/y", "")):
    if target != "pipe/":
        complains(f"-o {target}", run("build", "-o", target, ".", cwd=d), wanted=wanted)
(d / "pipe").rmdir()
if snapshot() != before:
    say("full", f"left {sorted(set(snapshot()) ^ set(before))}")

# Limits: of memory, files, stack and file sizes. A command does its work or says in one line why not.
COMMANDS = (["version"], ["env"], ["list", "std"], ["list", "-deps", "-json", "."], ["build", "-o", "out", "."], ["run", "."], ["clean"])
LIMITS = [{"AS": n << 20} for n in (100, 200, 300)] + [{"NOFILE": n} for n in (4, 6, 10)] + [{"STACK": n << 10} for n in (64, 256)] + [{"FSIZE": n} for n in (0, 100, 70000)]
LIMITS += [{"AS": 300 << 20, "NOFILE": 8}, {"STACK": 64 << 10, "AS": 300 << 20}]
d = module("limits", **{"main.go": 'package main\n\nimport ("os"; "strings")\n\nfunc main() { os.Stderr.WriteString(strings.Repeat("hi", 1) + "\\n") }\n'})
d.chmod(0o777)
before = snapshot()
for args, limits in itertools.product(COMMANDS, LIMITS):
    if "STACK" not in limits and "AS" in limits and limits["AS"] < 100 << 20 and args[0] != "version":
        continue   # too little to load the program itself, on some systems
    got = run(*args, cwd=d, limits=limits)
    ran = args[0] == "run" and "AS" in limits   # the program has the same limit, and its own words for it
    if got[0] != 0 and not ran and not (got[0] == 127 and "shared" in got[2]):
        complains(f"{args} {limits}", got, lines=2)
    if got[0] in ("hangs", -6, -11):
        say(f"{args} {limits}", got)
    (d / "out").unlink(missing_ok=True)
    if snapshot() != before:
        say(f"{args} {limits}", f"left {sorted(set(snapshot()) ^ set(before))}")
        before = snapshot()
complains("little memory for much", run("build", "-a", "-o", "out", ".", cwd=d, limits={"AS": 150 << 20}), wanted="vole: out of memory")
if [p for p in (place / "cache").rglob("*.tmp")]:
    say("limits", "left unfinished entries in the cache")

# Signals take temporary files away, whenever they come.
for number, delay in itertools.product((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), (0.02, 0.2, 0.6)):
    p = subprocess.Popen([vole, "build", "-a", "-o", "out", "."], cwd=d, env={**base_env, "VOLECACHE": str(place / "cache")}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL, preexec_fn=limited({}))
    time.sleep(delay)   # wherever it is then
    p.send_signal(number)
    status = p.wait(timeout=60)
    if status not in (0, -number):
        say(f"signal {number}", f"status {status}")
    (d / "out").unlink(missing_ok=True)
    if snapshot() != before or [p for p in (place / "cache").rglob("*.tmp")]:
        say(f"signal {number} after {delay}", f"left {sorted(set(snapshot()) ^ set(before))}")
        before = snapshot()

for path in place.rglob("*"):
    if path.is_dir() and not path.is_symlink():
        path.chmod(0o777)
shutil.rmtree(place, ignore_errors=True)
print("\n".join(map(str, faults)))
sys.exit(bool(faults))
