#!/usr/bin/env python3
"""Builds random programs in every setting of the optimiser, runs them and compares what they print.

usage: random_programs.py VOLE [--count N] [--seed S] [--jobs N] [--functions N] [--gc GO] [--settings a,b] [--keep DIR] [--reduce]

One program of the count is one function under test, called with three sets of arguments; --functions of them share a Go program (random_go/program.py),
which is built and run in each setting:

  default   as it is
  N         -gcflags=-N
  no-NAME   without one pass or module pass (vole build -gcflags=-disable=NAME)
  stack     as it is, under GODEBUG=stackstress=1,escapecheck=1
  verify    as it is, with the register allocator's verifier

The first setting's output is what the others are compared with, or with --gc that of the official toolchain. A difference is told as
"seed S function F"; --reduce makes the program small first and leaves it in DIR/S-SETTING (build-random by default). Exit status 1 when something differs.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

from random_go.program import Program
from random_go.reduce import reduce_program

PASSES = ["inline", "escape", "promote", "simplify", "params", "clean2", "gvn", "bounds", "divide", "scaled"]
SETTINGS = {"default": ([], ""), "N": (["-gcflags=-N"], ""), "stack": ([], "stackstress=1,escapecheck=1"), "verify": (["-a", "-verify"], "")}
SETTINGS.update({f"no-{p}": ([f"-gcflags=-disable={p}"], "") for p in PASSES})
MEMORY, SECONDS = 8 << 30, 60


def limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def run_setting(tool, folder, setting):
    """The lines that the program prints, or one line that says what went wrong."""
    flags, godebug = SETTINGS[setting] if setting != "gc" else ([], "")
    program = folder / f"program-{setting}"
    env = dict(os.environ, GODEBUG=godebug, VOLE_SEED="1", GOFLAGS="-mod=mod", GOPROXY="off")
    try:
        built = subprocess.run([tool, "build", *flags, "-o", program, "."], cwd=folder, env=env, capture_output=True, text=True, timeout=600)
        if built.returncode:
            return [f"build failed ({built.returncode}): {built.stderr.strip()[:4000]}"]
        ran = subprocess.run([program], cwd=folder, env=env, capture_output=True, text=True, errors="replace", timeout=SECONDS, preexec_fn=limits)
    except subprocess.TimeoutExpired:
        return ["takes too long"]
    finally:
        program.unlink(missing_ok=True)
    lines = [line for line in ran.stderr.splitlines() if line]
    return lines + ([f"exit status {ran.returncode}"] if ran.returncode else [])


def difference(a, b):
    """The first lines that differ."""
    for x, y in zip(a + [""] * len(b), b + [""] * len(a)):
        if x != y:
            return x, y
    return None


def agree(options, folder, settings):
    """Yields (setting, line wanted, line got) for each setting that differs from the reference."""
    tools = {"gc": options.gc}
    results = {s: run_setting(tools.get(s, options.vole), folder, s) for s in settings}
    for s in settings[1:]:
        d = difference(results[settings[0]], results[s])
        if d:
            yield s, *d


def kind(line):
    """What must stay the same about a fault while its program is reduced."""
    if "internal error" in line:
        return next(part for part in line.split("\n") if "internal error" in part)
    if line.startswith("build failed"):
        return "build failed"
    return "runs"


def reduce_fault(options, files, settings, setting, want, got):
    """The smallest program found in which the setting differs from the reference in the same way."""
    kinds = kind(want), kind(got)

    def fails(candidate):
        with tempfile.TemporaryDirectory() as tmp:
            folder = pathlib.Path(tmp)
            write(folder, candidate)
            ran = run_setting(options.vole, folder, setting)
            if not ran or (kind(ran[0]) != kinds[1] if kinds[1] != "runs" else ran[0].startswith("build failed")):
                return False
            reference = run_setting(options.gc if settings[0] == "gc" else options.vole, folder, settings[0])
            if not reference or kind(reference[0]) != kinds[0] or reference[-1].startswith(("exit status", "takes too long")):
                return False
            d = difference(reference, ran)
            return d is not None and kind(d[1]) == kinds[1]

    name = re.search(r"main\.(F\d+)|^(F\d+) ", got, re.M)
    return reduce_program(files, fails, name and (name[1] or name[2]))


def one(options, seed):
    settings = (["gc"] if options.gc else []) + options.settings
    files = Program(seed, options.functions).files()
    found = []
    with tempfile.TemporaryDirectory() as tmp:
        folder = pathlib.Path(tmp)
        write(folder, files)
        found = list(agree(options, folder, settings))
    for setting, want, got in found:
        if options.reduce:
            target = options.keep / f"{seed}-{setting}"
            shutil.rmtree(target, ignore_errors=True)
            write(target, reduce_fault(options, files, settings, setting, want, got))
    return [f"seed {seed} setting {s}: want {want}; got {got}" for s, want, got in found]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("vole")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--functions", type=int, default=50)
    parser.add_argument("--gc")
    parser.add_argument("--settings", default="default,N", type=lambda s: list(SETTINGS) if s == "all" else s.split(","))
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path("build-random"))
    parser.add_argument("--reduce", action="store_true")
    options = parser.parse_args()
    unknown = set(options.settings) - set(SETTINGS)
    if unknown:
        parser.error(f"unknown setting {', '.join(sorted(unknown))}; there are {', '.join(SETTINGS)}")
    options.vole = os.path.abspath(options.vole)
    programs = -(-options.count // options.functions)
    faults = 0
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        for done in concurrent.futures.as_completed([pool.submit(one, options, options.seed + i) for i in range(programs)]):
            for line in done.result():
                faults += 1
                print(line, flush=True)
    print(f"{programs * options.functions} programs, settings {', '.join(options.settings)}{', gc' if options.gc else ''}: {faults} differences")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
