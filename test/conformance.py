#!/usr/bin/env python3
"""Runs GOROOT/test with vole and prints a table.

usage: conformance.py VOLE [--kind KIND] [--match REGEXP] [--jobs N] [--list FAILED|PASSED|SKIPPED]

Kinds (the first line of a file names its kind): run, runoutput, rundir, compile, compiledir, build, buildrun, errorcheck, errorcheckdir.
asmcheck and the diagnostics of gc's own passes (errorcheck with -m, -d=…) test gc's internals and are skipped with that reason.
"""
import argparse
import collections
import concurrent.futures
import itertools
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

GOOS, GOARCH = "linux", "amd64"
TAGS = {"linux", "amd64", "unix", "gc", "goexperiment.jsonv2", "goexperiment.greenteagc", "goexperiment.regabiargs", "goexperiment.regabiwrappers"}
TAGS |= {f"go1.{n}" for n in range(1, 28)}
MEMORY = 6 << 30
# Listed as failures of gc's own type checker in cmd/internal/testdir, or with a text that gc 1.27 does not have.
GC_FAILS = {"shift1.go", "fixedbugs/issue10700.go", "fixedbugs/issue18419.go", "fixedbugs/issue20233.go", "fixedbugs/issue31053.go",
            "fixedbugs/issue48230.go"}
# Frames that only gc makes larger than 1 GB: temporaries and literals of that size are on the heap elsewhere.
GC_FRAMES = {"fixedbugs/issue20529.go", "fixedbugs/issue20780.go"}


class Skip(Exception):
    pass


def constraint_holds(expr):
    """Evaluates a //go:build expression."""
    py = re.sub(r"[\w.]+", lambda m: repr(m[0] in TAGS), expr).replace("&&", " and ").replace("||", " or ").replace("!", " not ")
    return eval(py)  # only True, False, not, and, or, parentheses


def run(command, cwd, timeout=60, stdin=None, env=None, stderr=subprocess.PIPE):
    limited = ["/bin/sh", "-c", f'ulimit -v {MEMORY >> 10}; exec "$@"', "sh", *command]
    try:
        p = subprocess.run(limited, cwd=cwd, stdout=subprocess.PIPE, stderr=stderr, timeout=timeout, stdin=stdin or subprocess.DEVNULL, env=env)
        return p.returncode, p.stdout.decode(errors="replace"), (p.stderr or b"").decode(errors="replace")
    except subprocess.TimeoutExpired:
        return -1, "", f"timeout after {timeout} s"


class Test:
    def __init__(self, root, path, vole):
        self.root, self.path, self.vole = root, path, vole
        self.text = path.read_text(errors="surrogateescape")
        self.kind, self.args = self.action()

    def action(self):
        header = re.split(r"^package\b", self.text, maxsplit=1, flags=re.M)[0]
        for m in re.finditer(r"^//go:build(.*)$", header, re.M):
            if not constraint_holds(m[1]):
                raise Skip("build constraint")
        for line in self.text.split("\n"):
            if line.startswith("//") and line[2:].strip() and not line.startswith("//go:"):
                words = shlex.split(line[2:].strip())
                return words[0], words[1:]
            elif line.strip() and not line.startswith("//"):
                break
        raise Skip("no kind")

    def flags_and_args(self):
        flags = [a for a in self.args if a.startswith("-")]
        return flags, [a for a in self.args if not a.startswith("-")]

    def build(self, tmp, sources, extra=()):
        program = os.path.join(tmp, "a.exe")
        code, out, err = run([self.vole, "build", *extra, "-o", program, *map(str, sources)], self.path.parent)
        if code != 0:
            raise AssertionError(f"build: {out}{err}")
        return program

    def expected(self):
        out = self.path.with_suffix(".out")
        return out.read_text(errors="replace") if out.exists() else None

    def check_output(self, code, out, err):
        if code != 0:
            raise AssertionError(f"exit status {code}\n{out[-2000:]}{err[-3000:]}")
        want = self.expected()
        if want is not None and out + err != want:
            raise AssertionError(f"output differs\n--- want\n{want[:2000]}\n--- got\n{(out + err)[:2000]}")

    def do_run(self, tmp):
        flags, args = self.flags_and_args()
        unsupported = [f for f in flags if not f.startswith("-gcflags") and not f.startswith("-goexperiment")]
        if unsupported:
            raise Skip(f"flag {unsupported[0]}")
        more = list(itertools.takewhile(lambda a: a.endswith(".go"), args))
        program = self.build(tmp, [self.path, *(self.path.parent / f for f in more)])
        self.run_program([program, *args[len(more):]])

    def run_program(self, command):
        go = os.path.dirname(command[0])  # tests that run the go command
        os.symlink(self.vole, os.path.join(go, "go"))
        env = dict(os.environ, PATH=go + ":" + os.environ["PATH"])
        self.check_output(*run(command, self.root, env=env, stderr=subprocess.STDOUT))

    def do_buildrun(self, tmp):
        self.do_run(tmp)

    def do_runoutput(self, tmp):
        more = [self.path.parent / f for f in self.flags_and_args()[1]]
        code, out, err = run([self.build(tmp, [self.path, *more])], self.root)
        if code != 0:
            raise AssertionError(f"generator: exit status {code}\n{err[-2000:]}")
        made = os.path.join(tmp, "tmp__.go")
        pathlib.Path(made).write_text(out)
        program = os.path.join(tmp, "b.exe")
        code, out, err = run([self.vole, "build", "-o", program, made], tmp, 120)
        if code != 0:
            raise AssertionError(f"build of generated program: {err[-2000:]}")
        self.check_output(*run([program], tmp, stderr=subprocess.STDOUT))

    def do_compile(self, tmp):
        code, out, err = run([self.vole, "build", "-compileonly", "-incomplete", str(self.path)], self.path.parent)
        if code != 0:
            raise AssertionError(out + err)

    def do_build(self, tmp):
        self.build(tmp, [self.path])

    def packages(self, tmp):
        """The packages of a *dir test as a module in tmp: files that share a package clause belong together, in order of appearance."""
        folder = self.path.with_suffix(".dir")
        groups = collections.OrderedDict()
        for f in sorted(folder.iterdir()):
            if f.suffix in (".go", ".s") and not f.name.startswith("_"):
                text = f.read_text(errors="surrogateescape")
                m = re.search(r"^//go:build(.*)$", text, re.M)
                if m and not constraint_holds(m[1]):
                    continue
                name = re.search(r"^package (\w+)", text, re.M)
                name = name[1] if name else ""
                alone = "-s" in self.args and name != "main"  # each file is a package
                groups.setdefault((name, f.stem if alone else ""), []).append(f)
        return groups

    def lay_out(self, tmp):
        """Writes a GOPATH-less module "test" whose packages are imported as ./a → test/a."""
        module = pathlib.Path(tmp, "test")
        module.mkdir()
        (module / "go.mod").write_text("module test\n\ngo 1.27\n")
        order = []
        for (name, _), files in self.packages(tmp).items():
            # A file x.go is imported as "./x"; main stays at the top.
            folder = module if name == "main" else module / files[0].stem
            folder.mkdir(exist_ok=True)
            for f in files:
                text = f.read_text(errors="surrogateescape")
                text = re.sub(r'(^import\s+[\w.]*\s*|^\s+[\w.]*\s*)"\./([^"]+)"', r'\1"test/\2"', text, flags=re.M)
                # To Go's own runner a name like x_test.go means nothing.
                (folder / re.sub(r"_test\.go$", "_test_.go", f.name)).write_text(text, errors="surrogateescape")
            order.append(folder)
        return module, order

    def do_rundir(self, tmp):
        if self.flags_and_args()[0]:
            flags = [f for f in self.flags_and_args()[0] if f not in ("-s",)]
            if flags:
                raise Skip(f"flag {flags[0]}")
        module, order = self.lay_out(tmp)
        program = os.path.join(tmp, "a.exe")
        code, out, err = run([self.vole, "build", "-o", program, "."], module, 120)
        if code != 0:
            raise AssertionError(f"build: {err}")
        self.check_output(*run([program], self.path.parent, stderr=subprocess.STDOUT))

    def do_compiledir(self, tmp):
        module, order = self.lay_out(tmp)
        code, out, err = run([self.vole, "build", "./..."], module, 120)
        if code != 0:
            raise AssertionError(err)

    def errors_wanted(self, text, name=""):
        """Line → its patterns. LINE, LINE+n and LINE-n in a pattern stand for a place in the same file."""
        wanted = {}
        for number, line in enumerate(text.split("\n"), 1):
            m = re.search(r"// (?:GC_)?ERROR (.*)", line)
            if not m or "////" in line:
                continue
            place = lambda m: f"{name}:{number + int(m[1] or 0)}"
            patterns = re.findall(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`', m[1])
            # Within `…` Go's own runner looks at what stands in quotes.
            patterns = [p for a, b in patterns for p in ([a] if a else re.findall(r'"([^"]*)"', b) or [b])]
            wanted[number] = [re.sub(r"LINE([+-]\d+)?", place, p.replace('\\"', '"')) for p in patterns]
        return wanted

    def compare_errors(self, output, files):
        # Files are shown by their base names, as the patterns have them.
        for folder in sorted({str(f.parent) for f in files}, key=len, reverse=True):
            output = output.replace(folder + "/", "")
        output = output.replace("\t./", "\t")
        got = collections.defaultdict(list)
        last = None
        for line in output.split("\n"):
            m = re.match(r"(?:\S*/)?([^/\s:]+):(\d+)(?::\d+)?: (.*)", line)
            if m:
                last = (m[1], int(m[2]))
                got[last].append(m[3])
            elif line.startswith("\t") and last:
                got[last][-1] += "\n" + line
        faults = []
        for f in files:
            text = f.read_text(errors="surrogateescape")
            wanted = self.errors_wanted(text, f.name)
            for number, patterns in wanted.items():
                messages = got.pop((f.name, number), [])
                for p in patterns:
                    # go's regular expressions, nearly python's
                    hit = [m for m in messages if re.search(p, m)]
                    if not hit:
                        faults.append(f"{f.name}:{number}: no match for {p!r} in {messages}")
                    messages = [m for m in messages if m not in hit]
                if messages:
                    faults.append(f"{f.name}:{number}: unmatched {messages}")
        faults += [f"{name}:{number}: unexpected {m}" for (name, number), m in got.items()]
        if faults:
            raise AssertionError("\n".join(faults[:12]))

    def internal_flags(self):
        for f in self.flags_and_args()[0]:
            if re.match(r"-(m|d|l|live|wb|S|K)\b|-d=(?!panic$)|-m=|-\+|-race|-N|-std|-l=|-asan", f):
                return f
        return None

    def skip_gc_cases(self):
        name = str(self.path.relative_to(self.root))
        if name in GC_FAILS:
            raise Skip("gc itself fails it")
        if name in GC_FRAMES:
            raise Skip("tests the size of gc's frames")

    def do_errorcheck(self, tmp):
        flag = self.internal_flags()
        if flag:
            raise Skip(f"tests gc's own passes ({flag})")
        flags = [f for f in self.flags_and_args()[0] if f not in ("-0", "-e", "-d=panic", "-complete")]
        extra = [f for f in flags if f.startswith("-lang")]
        if flags != extra:
            raise Skip(f"flag {flags[0]}")
        self.skip_gc_cases()
        complete = [] if "-complete" in self.args else ["-incomplete"]
        code, out, err = run([self.vole, "build", "-compileonly", "-e", *extra, *complete, str(self.path)], self.path.parent)
        if code == 0 and self.errors_wanted(self.text):
            raise AssertionError("compiled without error")
        self.compare_errors(out + err, [self.path])

    def do_errorcheckdir(self, tmp):
        flag = self.internal_flags()
        if flag:
            raise Skip(f"tests gc's own passes ({flag})")
        self.skip_gc_cases()
        module, order = self.lay_out(tmp)
        code, out, err = run([self.vole, "build", "-e", "./..."], module, 120)
        self.compare_errors(out + err, [f for d in order for f in sorted(d.glob("*.go"))])


def execute(root, path, vole, only):
    try:
        test = Test(root, path, vole)
        if only and test.kind != only:
            return None
        method = getattr(test, "do_" + test.kind, None)
        if not method:
            return test.kind, "skipped", "kind is not run: " + test.kind
        tmp = tempfile.mkdtemp(prefix="vole-conformance-")
        try:
            method(tmp)
        finally:
            shutil.rmtree(tmp, ignore_errors=True)
        return test.kind, "passed", ""
    except Skip as s:
        kind = "other" if str(s) in ("no kind", "build constraint") else test.kind
        return (None if only and kind != only else (kind, "skipped", str(s)))
    except AssertionError as e:
        return test.kind, "failed", str(e)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vole")
    parser.add_argument("--kind")
    parser.add_argument("--match", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--log", help="file that gets every failure's text")
    options = parser.parse_args()
    goroot = os.environ.get("VOLE_GOROOT")
    if not goroot or not os.path.isdir(goroot + "/test"):
        sys.exit("conformance: VOLE_GOROOT names no Go source tree")
    root = pathlib.Path(goroot).resolve() / "test"
    vole = os.path.abspath(options.vole)
    paths = [p for d in ("", "ken", "chan", "interface", "syntax", "dwarf", "fixedbugs", "typeparam", "internal/runtime/sys", "abi", "escape_") for p in sorted((root / d).glob("*.go"))]
    paths = [p for p in paths if re.search(options.match, str(p.relative_to(root)))]
    table = collections.defaultdict(collections.Counter)
    reasons = collections.Counter()
    log = open(options.log, "w") if options.log else None
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for path, result in zip(paths, pool.map(lambda p: execute(root, p, vole, options.kind), paths)):
            if not result:
                continue
            kind, verdict, why = result
            table[kind][verdict] += 1
            name = path.relative_to(root)
            if verdict == "failed":
                print(f"FAIL {kind} {name}", flush=True)
                if log:
                    log.write(f"=== {kind} {name}\n{why}\n")
            elif verdict == "skipped":
                reasons[f"{kind}: {why}"] += 1
    print(f"\n{'kind':<16}{'passed':>8}{'failed':>8}{'skipped':>8}{'rate':>8}")
    for kind, c in sorted(table.items()):
        ran = c["passed"] + c["failed"]
        print(f"{kind:<16}{c['passed']:>8}{c['failed']:>8}{c['skipped']:>8}{(100 * c['passed'] / ran if ran else 0):>7.1f}%")
    print("\nskipped:")
    for reason, n in reasons.most_common():
        print(f"{n:>6} {reason}")


if __name__ == "__main__":
    main()
