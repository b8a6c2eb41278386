"""What is built is what was asked for: usage platform_test.py VOLE. Targets, constraints, flags, inputs of packages, outputs."""
import os
import pathlib
import subprocess
import sys
import tempfile

vole = os.path.abspath(sys.argv[1])
faults = []
place = pathlib.Path(tempfile.mkdtemp())


def run(*args, cwd, **env):
    e = {k: v for k, v in os.environ.items() if k not in ("GOFLAGS", "GOOS", "GOARCH", "GOAMD64")}
    e.update(VOLECACHE=str(place / "cache"), **env)
    return subprocess.run([vole, *args], cwd=cwd, env=e, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)


def expect(name, got, want):
    if got != want:
        faults.append(f"{name}: {got!r}, not {want!r}")


def module(name, **files):
    d = place / name
    for path, text in {"go.mod": "module m\n\ngo 1.27\n", **{k.replace("__", "/"): v for k, v in files.items()}}.items():
        path = d / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return d


HELLO = "package main\n\nfunc main() { println(\"ok\") }\n"

# Targets.
d = module("targets", **{"main.go": HELLO, "x_windows.go": "package main\n", "x_arm64.go": "package main\n"})
for goos, goarch, text in [("windows", "arm64", "vole: cannot build for windows/arm64: only linux/amd64 is supported\n"),
                           ("linux", "mips", "vole: cannot build for linux/mips: only linux/amd64 is supported\n"),
                           ("plan9", "mips", "go: unsupported GOOS/GOARCH pair plan9/mips\n"),
                           ("bogus", "amd64", "go: unsupported GOOS/GOARCH pair bogus/amd64\n"),
                           ("linux", "AMD64", "go: unsupported GOOS/GOARCH pair linux/AMD64\n")]:
    r = run("build", "-o", "x", ".", cwd=d, GOOS=goos, GOARCH=goarch)
    expect(f"{goos}/{goarch}", (r.returncode, r.stderr, (d / "x").exists()), (1, text, False))
expect("list for windows", run("list", "-f", "{{.GoFiles}}", ".", cwd=d, GOOS="windows").stdout, "[main.go x_windows.go]\n")
expect("list for arm64", run("list", "-f", "{{.GoFiles}}", ".", cwd=d, GOARCH="arm64").stdout, "[main.go x_arm64.go]\n")
expect("env for windows", run("env", "GOOS", "GOARCH", "GOEXE", cwd=d, GOOS="windows", GOARCH="arm64").stdout, "windows\narm64\n.exe\n")
r = run("build", ".", cwd=d, GOAMD64="v9")
expect("GOAMD64", (r.returncode, r.stderr), (1, "go: invalid GOAMD64: must be v1, v2, v3, v4\n"))
for name, value, text in [("GOEXPERIMENT", "arenas", "go: GOEXPERIMENT=arenas is not supported\n"),
                          ("GO111MODULE", "maybe", "go: unknown environment setting GO111MODULE=maybe\n"),
                          ("GOFLAGS", "-nosuch", "go: parsing $GOFLAGS: unknown flag -nosuch\n"),
                          ("GOFLAGS", "word", 'go: parsing $GOFLAGS: non-flag "word"\n')]:
    r = run("build", "-o", "x", ".", cwd=d, **{name: value})
    expect(f"{name}={value}", (r.returncode, r.stderr), (1, text))
expect("flags of other commands", run("build", "-o", "x", ".", cwd=d, GOFLAGS="-count=1 -timeout=9s").returncode, 0)
for flag in ("-buildvcs=xx", "-pgo=missing", "-race", "-buildmode=plugin", "-mod=xx"):
    expect(flag, run("build", flag, ".", cwd=d).returncode, 2)

# Constraints.
d = module("constraints", **{
    "main.go": HELLO.replace("println", "println(a, b); println").replace("func main", "var a, b = 1, 2\n\nfunc main"),
    "a.go": "// +build windows\n\npackage main\n\nvar a, b = 3, 4\n",
    "b.go": "// +build !linux darwin,amd64\n\npackage main\n\nvar a, b = 3, 4\n",
    "c.go": "// Documentation.\n// +build windows\npackage main\n\nvar c = 1\n",
    "d.go": "//go:build linux\n// +build windows\n\npackage main\n\nvar d = c\n",
    "e.go": "// +build linux\n// +build amd64,gc\n\npackage main\n\nvar e = d\n",
    "f.go": "//go:build amd64.v3\n\npackage main\n\nvar a, b = 5, 6\n",
})
expect("+build", run("run", ".", cwd=d).stderr, "1 2\nok\n")
for text, error in [("//go:build linux\n//go:build amd64\n\npackage main\n", "b.go: multiple //go:build comments\n"),
                    ("//go:build linux &&\n\npackage main\n", "b.go: parsing //go:build line: unexpected end of expression\n")]:
    r = run("build", "-o", "x", ".", cwd=module("constraint_errors", **{"main.go": HELLO, "b.go": text}))
    expect(text, (r.returncode, r.stderr), (1, error))

# Inputs: headers of assembly, and nothing else compiles anew.
ASM = '#include "textflag.h"\n#include "outer.h"\n\nTEXT ·k(SB), NOSPLIT, $0-8\n\tMOVQ $K, ret+0(FP)\n\tRET\n'
d = module("headers", **{"main.go": "package main\n\nfunc k() int\n\nfunc main() { println(k()) }\n", "k_amd64.s": ASM, "outer.h": '#include "k.h"\n', "k.h": "#define K 1\n"})
for k in "1", "2", "2":
    (d / "k.h").write_text(f"#define K {k}\n")
    expect("header", run("run", ".", cwd=d).stderr, k + "\n")


def compiled(*args, **env):
    out = run("build", "-timings", *args, cwd=place, **env).stderr
    return [line.split("(")[1].split()[0] for line in out.splitlines() if " packages (" in line]


compiled("fmt", "unsafe", "net/url")
for args in (["unsafe", "fmt"], ["net/url"], ["-p", "1", "net/url", "fmt"], ["strings", "unsafe", "os"], ["unsafe"]):
    expect(f"again {args}", compiled(*args), ["0"])

# Outputs.
d = module("outputs", **{"main.go": HELLO})
for target in "main.go", "go.mod":
    r = run("build", "-o", target, ".", cwd=d)
    expect(f"-o {target}", (r.returncode, r.stderr), (1, f'vole: build output "{target}" already exists and is not an object file\n'))
expect("sources stay", (d / "main.go").read_text(), HELLO)
expect("parents", run("build", "-o", "a/b/prog", ".", cwd=d).returncode, 0)
expect("program again", run("build", "-o", "a/b/prog", ".", cwd=d).returncode, 0)
(d / "empty").write_text("")
expect("empty file", run("build", "-o", "empty", ".", cwd=d).returncode, 0)
(d / "link").symlink_to("a/b/prog")
expect("through a link", (run("build", "-o", "link", ".", cwd=d).returncode, (d / "link").is_symlink()), (0, True))
os.mkfifo(d / "pipe")
reader = subprocess.Popen(["cat", str(d / "pipe")], stdout=open(d / "read", "wb"))
expect("pipe", run("build", "-o", "pipe", ".", cwd=d).returncode, 0)
reader.wait(timeout=60)
expect("through a pipe", ((d / "read").read_bytes()[:4], (d / "pipe").is_fifo()), (b"\x7fELF", True))

# Cleaning takes what builds left.
d = module("cleaning", **{"main.go": HELLO, "notes.a": "mine", "m": "mine too"})
cache = sum(1 for p in (place / "cache").rglob("*") if p.is_file())
expect("build", run("build", "-o", "main", ".", cwd=d).returncode, 0)
expect("clean", run("clean", cwd=d).returncode, 0)
expect("what is left", sorted(p.name for p in d.iterdir()), ["go.mod", "m", "main.go", "notes.a"])
expect("cache", sum(1 for p in (place / "cache").rglob("*") if p.is_file()) >= cache, True)
expect("clean -cache", run("clean", "-cache", cwd=d).returncode, 0)
expect("empty cache", [p for p in (place / "cache").rglob("*") if p.is_file()], [])

# Embedding.
d = module("embedding", **{"main.go": "", "d__a.txt": "a\n", "d__.hidden": "", "e__.only": "", "n__go.mod": "module n\n", "n__f": "", "w__b:c": ""})
(place / "secret").write_text("secret\n")
(d / "d" / "l.txt").symlink_to(place / "secret")
(d / "up").symlink_to(place)
MAIN = 'package main\n\nimport "embed"\n\n//go:embed {}\nvar v {}\n\nvar _ embed.FS\n\nfunc main() {{ {} }}\n'
LIST = 'e, _ := v.ReadDir("d"); for _, x := range e { println(x.Name()) }'
for pattern, type, body, text in [
    ("d", "embed.FS", LIST, "a.txt\n"),
    ("all:d", "embed.FS", LIST, ".hidden\na.txt\n"),
    ("d/a.txt", "string", "print(v)", "a\n"),
    ("d/l.txt", "string", "print(v)", "main.go:5:12: pattern d/l.txt: cannot embed irregular file d/l.txt\n"),
    ("up/secret", "string", "print(v)", "main.go:5:12: pattern up/secret: cannot embed file up/secret: in non-directory up\n"),
    ("e", "embed.FS", "", "main.go:5:12: pattern e: cannot embed directory e: contains no embeddable files\n"),
    ("n/f", "string", "", "main.go:5:12: pattern n/f: cannot embed file n/f: in different module\n"),
    ("w/*", "embed.FS", "", "main.go:5:12: pattern w/*: cannot embed file w/b:c: invalid name b:c\n"),
    ("nosuch d", "embed.FS", "", "main.go:5:12: pattern nosuch: no matching files found\n"),
    ("d nosuch", "embed.FS", "", "main.go:5:14: pattern nosuch: no matching files found\n"),
    ("../x", "string", "", "main.go:5:12: pattern ../x: invalid pattern syntax\n"),
    ("main.go", "int", "_ = v", "# m\n./main.go:6:5: go:embed cannot apply to var of type int\n"),
    ("main.go go.mod", "string", "_ = v", "# m\n./main.go:6:5: invalid go:embed: multiple files for type string\n"),
]:
    (d / "main.go").write_text(MAIN.format(pattern, type, body))
    expect(f"embed {pattern} {type}", run("run", ".", cwd=d).stderr, text)

subprocess.run(["rm", "-rf", str(place)])
print("\n".join(faults))
sys.exit(bool(faults))
