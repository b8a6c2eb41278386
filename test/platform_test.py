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

# Words for compiler, assembler and linker: each works for the packages it is for, or is refused by its name.
d = module("words", **{"main.go": 'package main\n\nimport "m/p"\n\nvar S string\nvar N int\nvar I any\n\nfunc g(x int) int { return x + 1 }\n\nfunc main() { println(g(1), p.F(2), S, N, I == nil) }\n',
                       "p__p.go": "package p\n\nfunc F(x int) int { return x + 2 }\n"})


def kept(flags):
    """Whether g and p.F are functions of the program still, and not only copies in main."""
    expect(flags, run("build", "-o", "x", flags, ".", cwd=d).returncode, 0)
    symbols = subprocess.run(["nm", str(d / "x")], capture_output=True, text=True).stdout
    return (" main.g\n" in symbols, " m/p.F\n" in symbols)


for flags, want in [("-gcflags=", (False, False)), ("-gcflags=-l", (True, True)), ("-gcflags=-N", (True, True)), ("-gcflags=all=-l", (True, True)), ("-gcflags=m/p=-l", (False, True)),
                    ("-gcflags=m/...=-l", (True, True)), ("-gcflags=./p=-l", (False, True)), ("-gcflags=other=-l", (False, False)), ("-gcflags=-l=4", (False, False)), ("-gcflags=-l=0", (False, False)), ("-gcflags=-l=1", (True, True)),
                    ("-gcflags=-N=false -l=false", (False, False)), ("-gcflags=std=-l", (False, False))]:
    expect(flags, kept(flags), want)
expect("the last value that is for a package", kept("-gcflags=-l") == (True, True) and run("build", "-o", "x", "-gcflags=-l", "-gcflags=all=-N=false", ".", cwd=d).returncode, 0)
for flag, text in [("-gcflags=-m", "vole: -gcflags=-m is not supported\n"), ("-gcflags=-S", "vole: -gcflags=-S is not supported\n"), ("-gcflags=-d=ssa/all", "vole: -gcflags=-d=ssa/all is not supported\n"),
                   ("-gcflags=other=-B", "vole: -gcflags=-B is not supported\n"), ("-gcflags=-zz", "vole: flag provided but not defined: -zz (in -gcflags)\n"),
                   ("-gcflags=-lang=go1.99", 'vole: invalid value "go1.99" for -lang: max known version is "go1.27"\n'),
                   ("-gcflags=-lang=x", 'vole: invalid value "x" for -lang: should be something like "go1.12"\n'), ("-gcflags=-N=x", 'vole: invalid value "x" for -N (in -gcflags)\n'),
                   ("-asmflags=-S", "vole: -asmflags=-S is not supported\n"), ("-asmflags=-zz", "vole: flag provided but not defined: -zz (in -asmflags)\n"),
                   ("-ldflags=-H=x", "vole: -ldflags=-H=x is not supported\n"), ("-ldflags=-linkmode=external", "vole: -ldflags=-linkmode=external is not supported\n"),
                   ("-ldflags=-X=a", "vole: -X flag requires argument of the form importpath.name=value\n"),
                   ("-ldflags=-X=main.N=1", "# m\nmain.N: cannot set with -X: not a var of type string (type:int)\n"),
                   ("-ldflags=-X=main.I=1", "# m\nmain.I: cannot set with -X: not a var of type string (type:interface {})\n")]:
    r = run("build", "-o", "y", flag, ".", cwd=d)
    expect(flag, (r.returncode, r.stderr, (d / "y").exists()), (1, text, False))
expect("-gcflags=word", run("build", "-gcflags=word", ".", cwd=d).stderr.splitlines()[0], 'invalid value "word" for flag -gcflags: missing =<value> in <pattern>=<value>')
for flags, want in [("-ldflags=-X=main.S=hey", "hey"), ("-ldflags=all=-X=main.S=hey", "hey"), ("-ldflags=-X main.S=hey -X main.Nosuch=1 -X 'main.S=h o'", "h o"), ("-ldflags=-X=m/p.F=1", "")]:
    expect(flags, run("run", flags, ".", cwd=d).stderr, f"2 4 {want} 0 true\n")
(d / "main.go").write_text("package main\n\nfunc main() { x := 1 }\n")
expect("-C", run("build", "-gcflags=-C", ".", cwd=d).stderr, "# m\n./main.go:3: declared and not used: x\n")

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
    expect(f"-o {target}", (r.returncode, r.stderr), (1, f'go: build output "{target}" already exists and is not an object file\n'))
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

d = module("library", **{"l.go": "package lib\n\nfunc F() int { return 1 }\n"})
expect("-o lib.a", (run("build", "-o", "lib.a", ".", cwd=d).returncode, (d / "lib.a").read_bytes()[:8]), (0, b"!<arch>\n"))

# Module borders.
d = module("borders", **{"main.go": HELLO, "inner__go.mod": "module m/inner\n", "inner__i.go": "package inner\n", "a__vendor__zz__z.go": "package zz\n",
                         "skip__s.go": "package broken\n\nx\n", "deep__skip__s.go": "package broken\n\nx\n"})
for path, text in [("m/inner", "main.go:3:8: package m/inner is not in std "), ("m/a/vendor/zz", "main.go:3:8: use of vendored package not allowed\n"),
                   ("vendor/golang.org/x/net/idna", "main.go:3:8: use of vendored package not allowed\n"),
                   ("fmt/", 'main.go:3:8: malformed import path "fmt/": trailing slash\n'), ("a//b", 'main.go:3:8: malformed import path "a//b": double slash\n'),
                   ("./x", 'main.go:3:8: "./x" is relative, but relative import paths are not supported in module mode\n'),
                   ("m/日本", "main.go:3:8: malformed import path \"m/日本\": invalid char '日'\n"), ("m/x.", 'main.go:3:8: malformed import path "m/x.": trailing dot in path element\n')]:
    (d / "main.go").write_text(f'package main\n\nimport _ "{path}"\n\nfunc main() {{}}\n')
    r = run("build", "-o", "x", ".", cwd=d)
    expect(f"import {path}", (r.returncode, r.stderr[:len(text)]), (1, text))
(d / "main.go").write_text(HELLO)
(d / "go.mod").write_text("module m\n\ngo 1.27\n\nignore (\n\t./skip\n\tdeep/skip\n)\n")
expect("ignore", run("build", "./...", cwd=d).stderr, "")
for lines, text in [("require a.b/c\nrequire d.e/f v2.0.0", "go: errors parsing go.mod:\ngo.mod:5: usage: require module/path v1.2.3\n"
                                                            'go.mod:6: require d.e/f: version "v2.0.0" invalid: should be v0 or v1, not v2\n'),
                    ("go 1.20", "go: errors parsing go.mod:\ngo.mod:5: repeated go statement\n"), ("module n", "go: errors parsing go.mod:\ngo.mod:5: repeated module statement\n"),
                    ("replace a => b", "go: errors parsing go.mod:\ngo.mod:5: replacement module without version must be directory path (rooted or starting with . or ..)\n"),
                    ("tool x y", "go: errors parsing go.mod:\ngo.mod:5: tool directive expects exactly one argument\n"),
                    ("godebug panicnil", "go: errors parsing go.mod:\ngo.mod:5: usage: godebug key=value\n"),
                    ("nosuch x", "go: errors parsing go.mod:\ngo.mod:5: unknown directive: nosuch\n")]:
    (d / "go.mod").write_text("module m\n\ngo 1.27\n\n" + lines + "\n")
    expect(lines, run("build", "-o", "x", ".", cwd=d).stderr, text)
for path, text in [("m x", "invalid char ' '"), ("m/", "trailing slash"), ("-m", "leading dash"), ("", "empty string")]:
    (d / "go.mod").write_text(f'module "{path}"\n\ngo 1.27\n')
    expect(path, run("build", "-o", "x", ".", cwd=d).stderr, f'go: malformed module path "{path}": {text}\n')

# GODEBUG: defaults of older language versions, lines of go.mod, directives.
NIL = 'package main\n\nimport "fmt"\n\nfunc main() {\n\tdefer func() { fmt.Println(recover()) }()\n\tpanic(nil)\n}\n'
NEW, OLD = "runtime error: panic called with nil argument\n", "<nil>\n"
for mod, head, want in [("go 1.27", "", NEW), ("go 1.20", "", OLD), ("go 1.27\n\ngodebug panicnil=1", "", OLD), ("go 1.27\n\ngodebug (\n\tdefault=go1.20\n)", "", OLD),
                        ("go 1.27", "//go:debug panicnil=1\n", OLD), ("go 1.20", "//go:debug panicnil=0\n", NEW), ("go 1.20", "// Doc.\n\n//go:debug default=go1.27\n", NEW)]:
    d = module("godebug", **{"main.go": head + NIL, "go.mod": f"module m\n\n{mod}\n"})
    expect(f"godebug {mod} {head}", run("run", ".", cwd=d).stdout, want)
for line, text in [("nosuch=1", 'unknown //go:debug setting "nosuch"'), ("", "missing key=value"), ("panicnil", "missing key=value"), ("a,b=1", "key contains comma"),
                   ("panicnil=1,2", "value contains comma"), ("default=1.20", "value for default= must be goVERSION")]:
    d = module("godebug", **{"main.go": f"//go:debug {line}\n" + NIL, "go.mod": "module m\n\ngo 1.27\n"})
    expect(f"//go:debug {line}", run("run", ".", cwd=d).stderr, f"# m\nmain.go:1:1: invalid //go:debug: {text}\n")
d = module("godebug", **{"main.go": "//go:debug panicnil=1\n" + NIL, "go.mod": "module m\n\ngo 1.27\n\ngodebug http2client=0\n"})
expect("list", run("list", "-f", "{{.DefaultGODEBUG}}", ".", cwd=d).stdout, "http2client=0,panicnil=1\n")
expect("build info", (run("build", "-o", "x", ".", cwd=d).returncode, "build\tDefaultGODEBUG=http2client=0,panicnil=1\n" in run("version", "-m", "x", cwd=d).stdout), (0, True))

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
