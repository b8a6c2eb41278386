#!/usr/bin/env python3
"""The build cache seen from outside: what is compiled again after which edit, and what damage does.

usage: cache_test.py VOLE
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

vole = os.path.abspath(sys.argv[1])
tmp = tempfile.TemporaryDirectory()
root = pathlib.Path(tmp.name)
env = dict(os.environ, VOLECACHE=str(root / "cache"))


def write(name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def build(expect_output, *flags, environment=env):
    """Builds and runs the module; returns how many packages were compiled."""
    p = subprocess.run([vole, "build", "-timings", *flags, "-o", str(root / "out"), "."], cwd=root / "m", env=environment, capture_output=True, text=True)
    if p.returncode != 0:
        sys.exit(f"build failed:\n{p.stderr}")
    ran = subprocess.run([str(root / "out")], capture_output=True, text=True)
    if ran.stderr != expect_output:
        sys.exit(f"program printed {ran.stderr!r}, want {expect_output!r}")
    return int(re.search(r"\((\d+) compiled\)", p.stderr)[1])


def check(what, got, want):
    if got != want:
        sys.exit(f"{what}: {got} packages compiled, want {want}")


write("m/go.mod", "module m\n\ngo 1.27\n")
write("m/bottom/b.go", "package bottom\n\ntype T struct{ x int }\n\nfunc (t *T) Add(n int) int {\n\tt.x += n\n\treturn t.x\n}\n\n//go:noinline\nfunc F(x int) int { return x + 1 }\n")
write("m/gen/g.go", "package gen\n\nimport \"m/bottom\"\n\ntype Pair[K comparable, V any] struct {\n\tKey K\n\tVal V\n\tt bottom.T\n}\n\nfunc (p *Pair[K, V]) Get() (K, V) { return p.Key, p.Val }\n\nfunc Map[T, U any](xs []T, f func(T) U) []U {\n\ttype local struct{ u U }\n\tvar out []U\n\tfor _, x := range xs {\n\t\tl := local{f(x)}\n\t\tout = append(out, l.u)\n\t}\n\treturn out\n}\n")
write("m/main.go", "package main\n\nimport (\n\t\"m/bottom\"\n\t\"m/gen\"\n)\n\nfunc main() {\n\tp := &gen.Pair[string, int]{Key: \"a\", Val: bottom.F(1)}\n\tk, v := p.Get()\n\tys := gen.Map([]int{1, 2}, func(x int) string { return k })\n\tprintln(k, v, len(ys), ys[1])\n}\n")

first = build("a 2 2 a\n")
check("nothing changed", build("a 2 2 a\n"), 0)
check("everything asked for again", build("a 2 2 a\n", "-a"), first)
write("m/bottom/b.go", (root / "m/bottom/b.go").read_text().replace("x + 1", "x + 10"))
check("the body of a function changed", build("a 11 2 a\n"), 1)
write("m/bottom/b.go", "\n\n" + (root / "m/bottom/b.go").read_text())
check("lines of a small function moved: copies of it name them", build("a 11 2 a\n"), 3)
write("m/bottom/c.go", "package bottom\n\n//go:noinline\nfunc G() int { return 1 }\n")
build("a 11 2 a\n")
write("m/bottom/c.go", "\n\n" + (root / "m/bottom/c.go").read_text())
check("lines moved", build("a 11 2 a\n"), 1)
write("m/bottom/b.go", (root / "m/bottom/b.go").read_text().replace("t.x += n", "t.x += n - 1"))
check("the body of a small function changed", build("a 11 2 a\n"), 3)
write("m/main.go", (root / "m/main.go").read_text().replace('"a"', '"b"'))
check("main changed", build("b 11 2 b\n"), 1)
write("m/bottom/b.go", (root / "m/bottom/b.go").read_text().replace("x int }", "x, y int }"))
check("a type changed", build("b 11 2 b\n"), 3)
write("m/gen/g.go", (root / "m/gen/g.go").read_text().replace("l.u)", "l.u) // edited"))
check("the body of a generic function changed", build("b 11 2 b\n"), 2)

# An overlay's files stand for others, or make folders that are not there.
over = {"m/gen/g.go": "over_g.go", "m/made/m.go": "over_m.go"}
write("over_g.go", (root / "m/gen/g.go").read_text().replace('"m/bottom"', '"m/bottom"\nimport "m/made"').replace("p.Key, p.Val", "made.Same(p.Key), p.Val"))
write("over_m.go", "package made\n\nfunc Same[T any](x T) T {\n\tprintln(\"same\")\n\treturn x\n}\n")
write("overlay.json", json.dumps({"Replace": {str(root / at): str(root / by) for at, by in over.items()}}))
build("same\nb 11 2 b\n", "-overlay", str(root / "overlay.json"))
check("the overlay is gone", build("b 11 2 b\n"), 0)

# Damage is noticed, and mended by compiling again.
entries = [p for p in (root / "cache").glob("??/*") if p.is_file()]
for p in entries:
    data = bytearray(p.read_bytes())
    if p.name[-1] in "02468ace":
        data[len(data) // 2] ^= 4
    else:
        del data[len(data) // 3:]
    p.write_bytes(data)
os.remove(root / "out")
check("all entries damaged", build("b 11 2 b\n"), first)
check("after mending", build("b 11 2 b\n"), 0)

# A cache that cannot be written, or none at all, only costs time.
write("file", "")
check("no cache", build("b 11 2 b\n", environment=dict(env, VOLECACHE="off")), first)
check("cache below a file", build("b 11 2 b\n", environment=dict(env, VOLECACHE=str(root / "file/x"))), first)

# Several builds at once.
subprocess.run([vole, "clean"], env=env, check=True)
many = [subprocess.Popen([vole, "build", "-o", str(root / f"out{i}"), "."], cwd=root / "m", env=env) for i in range(4)]
if any(p.wait() for p in many):
    sys.exit("a concurrent build failed")
if len({(root / f"out{i}").read_bytes() for i in range(4)}) != 1:
    sys.exit("concurrent builds made different programs")

# Killed builds leave a usable cache.
subprocess.run([vole, "clean"], env=env, check=True)
for delay in (0.01, 0.03, 0.06, 0.1):
    p = subprocess.Popen([vole, "build", "-o", str(root / "out"), "."], cwd=root / "m", env=env, stderr=subprocess.DEVNULL)
    try:
        p.wait(delay)
    except subprocess.TimeoutExpired:
        p.kill()
        p.wait()
build("b 11 2 b\n")
