#!/usr/bin/env python3
"""Runs the standard library's own tests, compiled by vole, and prints a table.

usage: std_tests.py VOLE PACKAGE... [--run REGEXP] [--skip REGEXP] [--long] [--timeout S] [--keep DIR] [--expected FILE] [--show]

The test files are laid over the package they test (-overlay): those of the package itself become files of it, those of the external test
package a package beside it, and a program that lists all tests stands in a folder below. A test that ends the whole program, or outlasts the
timeout, is noted as failed and the program runs again without it. --show prints what failing tests say. Go's sources are $VOLE_GOROOT's.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

MEMORY_KB = 8_000_000
MAX_CRASHES = 12

MAIN = """package main

import (
	"os"
{reflect}	"testing"
	"{path}/vole_testmain/deps"
{imports})

var tests = []testing.InternalTest{{
{tests}}}
var fuzz_targets = []testing.InternalFuzzTarget{{
{fuzz}}}
var examples = []testing.InternalExample{{
{examples}}}

func main() {{
	testdeps.ModulePath = "std"
	testdeps.ImportPath = "{path}"
	m := testing.MainStart(testdeps.TestDeps{{}}, tests, nil, fuzz_targets, examples)
{run}}}
"""
RUN_PLAIN = "\tos.Exit(m.Run())\n"
RUN_OWN = "\t{package}.TestMain(m)\n\tos.Exit(int(reflect.ValueOf(m).Elem().FieldByName(\"exitCode\").Int()))\n"


def is_test(name, prefix):
    rest = name[len(prefix):]
    return name.startswith(prefix) and not rest[:1].islower()


def examples_of(text):
    """Example functions and what they promise to print; those that promise nothing are only compiled."""
    for m in re.finditer(r"^func (Example\w*)\(\) \{\n(.*?)^\}", text, re.M | re.S):
        if not is_test(m[1], "Example"):
            continue
        promise = re.search(r"((?:^[ \t]*//.*\n)+)\s*\Z", m[2], re.M)
        if not promise:
            continue
        comment = re.sub(r"^[ \t]*// ?", "", promise[1], flags=re.M)
        head = re.match(r"\s*(unordered )?output:", comment, re.I)
        if head:
            yield m[1], comment[head.end():].strip() + "\n", bool(head[1])


def go_string(s):
    return json.dumps(s, ensure_ascii=False).replace("\x7f", "\\u007f")


class Program:
    """The test program of one package: its overlay, its build, its runs."""

    def __init__(self, vole, goroot, path, work):
        self.vole, self.goroot, self.path, self.work = vole, goroot, path, work
        self.replace, self.main, self.shown = {}, [], {}
        self.dir = f"{goroot}/src/{path}"
        listed = subprocess.run([vole, "list", "-json=TestGoFiles,XTestGoFiles", path], capture_output=True, text=True)
        info = json.loads(listed.stdout)
        own, outside = ([f"{self.dir}/{f}" for f in info.get(key) or []] for key in ("TestGoFiles", "XTestGoFiles"))
        if not own + outside:
            raise RuntimeError("no tests")
        texts = {f: pathlib.Path(f).read_text() for f in own + outside}
        self.inside_texts = [t for f, t in texts.items() if f not in outside]
        self.outside_texts = [texts[f] for f in outside]
        self.test_path = path + "_test"
        for n, (f, t) in enumerate(texts.items()):
            place = f"{goroot}/src/{self.test_path}" if f in outside else self.dir
            # A file that is no _test.go file any more but still says where its lines are.
            self.lay_over(f"{place}/vole_test_{n}.go", f"//line {f}:1\n{t}")
        self.write_main()

    def lay_over(self, at, text):
        name = f"{self.work}/{len(self.replace)}.go"
        pathlib.Path(name).write_text(text)
        self.replace[at] = name

    def write_main(self):
        lists, own = {"Test": "", "Fuzz": "", "Example": ""}, None
        used = set()
        for package, texts in (("_test", self.inside_texts), ("_xtest", self.outside_texts)):
            for text in texts:
                for kind, param in (("Test", "testing.T"), ("Fuzz", "testing.F")):
                    for name in re.findall(rf"^func ({kind}\w*)\(\w+ \*(?:{param}|{param[-1]})\)", text, re.M):
                        if is_test(name, kind):
                            lists[kind] += f'\t{{"{name}", {package}.{name}}},\n'
                            used.add(package)
                if re.search(r"^func TestMain\(\w+ \*(testing\.)?M\)", text, re.M):
                    own = package
                    used.add(package)
                for name, output, unordered in examples_of(text):
                    lists["Example"] += f'\t{{"{name}", {package}.{name}, {go_string(output)}, {str(unordered).lower()}}},\n'
                    used.add(package)
        imports = f'\t{"_test" if "_test" in used else "_"} "{self.path}"\n'
        if self.outside_texts:
            imports += f'\t{"_xtest" if "_xtest" in used else "_"} "{self.test_path}"\n'
        self.lay_over(f"{self.dir}/vole_testmain/main.go", MAIN.format(
            path=self.path, imports=imports, tests=lists["Test"], fuzz=lists["Fuzz"], examples=lists["Example"],
            reflect='\t"reflect"\n' if own else "", run=RUN_OWN.format(package=own) if own else RUN_PLAIN))
        self.replace[f"{self.dir}/vole_testmain/deps/deps.go"] = f"{self.goroot}/src/testing/internal/testdeps/deps.go"

    def build(self):
        overlay = f"{self.work}/overlay.json"
        pathlib.Path(overlay).write_text(json.dumps({"Replace": self.replace}))
        self.program = f"{self.work}/{self.path.rsplit('/')[-1]}.test"
        command = [self.vole, "build", "-overlay", overlay, "-ldflags", "-X testing.testBinary=1", "-o", self.program, f"{self.path}/vole_testmain"]
        for _ in range(2):
            built = subprocess.run(command, capture_output=True, text=True, cwd=self.goroot + "/src")
            if built.returncode == 0:
                return
            # What looked like a test may have stood in a string.
            for name in re.findall(r"main\.go:.* undefined: (_x?test\.\w+)", built.stderr):
                main = pathlib.Path(self.replace[f"{self.dir}/vole_testmain/main.go"])
                main.write_text(re.sub(rf"^.*\b{re.escape(name)}\b.*\n", "", main.read_text(), flags=re.M))
        raise RuntimeError(f"build failed:\n{built.stdout}{built.stderr}")

    def run(self, options):
        """Results by test: "PASS", "FAIL", "SKIP"."""
        results, skip = {}, [options.skip] if options.skip else []
        for _ in range(MAX_CRASHES):
            args = [self.program, "-test.v", f"-test.short={str(not options.long).lower()}", f"-test.timeout={options.timeout}s",
                    "-test.paniconexit0"]
            args += ["-test.run", options.run] if options.run else []
            args += ["-test.skip", "|".join(skip)] if skip else []
            limited = ["/bin/sh", "-c", f'ulimit -v {MEMORY_KB}; exec "$@"', "sh", *args]
            try:
                ran = subprocess.run(limited, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=self.dir,
                                     timeout=options.timeout + 20)
                code, out = ran.returncode, ran.stdout
            except subprocess.TimeoutExpired as e:
                code, out = -1, e.stdout or b""
            out = out.decode(errors="replace")
            blamed = self.read(out, results)
            if code == 0 or not blamed or re.search(r"^(PASS|FAIL)$", out, re.M):
                if code and "FAIL" not in results.values():
                    results["(program)"] = "FAIL"
                    self.shown["(program)"] = [f"exit status {code}", out[-3000:]]
                break
            for name in blamed:
                results[name] = "FAIL"
                self.shown[name] = [f"ended the program (status {code}):", out[-6000:]]
                skip.append(f"^{re.escape(name)}$")
        return results

    def read(self, out, results):
        """Takes the results out of what the program printed; the test to blame should it not have come to its end."""
        at, running = None, []
        for line in out.split("\n"):
            if m := re.match(r"=== (RUN|CONT) +(\S+)", line):
                at = m[2].split("/")[0]
                if m[1] == "RUN" and "/" not in m[2]:
                    running.append(at)
            if m := re.search(r"--- (PASS|FAIL|SKIP): (\S+)", line):
                if "/" not in m[2]:
                    results[m[2]] = m[1]
                    at = m[2]
                    if m[2] in running:
                        running.remove(m[2])
            if at:
                self.shown.setdefault(at, []).append(line)
        # A panic's traceback names the test that is to blame when several were under way.
        named = re.findall(r"\.(Test\w+|Fuzz\w+|Example\w+)(?:\.func\d+)*(?:\.\d+)*\(", out)
        return [t for t in named if t in running][:1] or running[-1:] or [at][:bool(at)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("vole")
    parser.add_argument("packages", nargs="+")
    parser.add_argument("--run", default="")
    parser.add_argument("--skip", default="")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--timeout", type=int, default=120)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--keep")
    options = parser.parse_args()
    vole, goroot = os.path.abspath(options.vole), os.environ["VOLE_GOROOT"]
    bad = False
    for path in options.packages:
        with tempfile.TemporaryDirectory() as tmp:
            work = options.keep or tmp
            os.makedirs(work, exist_ok=True)
            try:
                program = Program(vole, goroot, path, work)
                program.build()
                results = program.run(options)
            except RuntimeError as e:
                print(f"{path}: {e}", flush=True)
                bad |= str(e) != "no tests"
                continue
        count = lambda kind: sum(r == kind for r in results.values())
        failed = sorted(t for t, r in results.items() if r == "FAIL")
        bad |= bool(failed)
        print(f"{path}: passed {count('PASS')}, failed {len(failed)}, skipped {count('SKIP')}{': ' if failed else ''}{' '.join(failed)}", flush=True)
        if options.show:
            for t in failed:
                print(f"==== {path} {t}\n" + "\n".join(program.shown.get(t, [])), flush=True)
    sys.exit(bad)


main()
