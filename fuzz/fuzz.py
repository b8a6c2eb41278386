#!/usr/bin/env python3
"""Runs the fuzzers of a build folder and prints what they found.

usage: fuzz.py BUILD-FOLDER [--minutes N] [--jobs N] [NAME...]

Needs VOLE_GOROOT for seeds. Corpora, logs and findings are kept in BUILD-FOLDER/fuzz: corpus/NAME is taken up again by the next run, findings/NAME
holds the inputs that crashed, took longer than 10 seconds or more than 2 GB of memory. Exit status 1 when there is one.
"""
import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import re
import resource
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
GO_FOLDERS = ["test", "src/internal/types/testdata", "src/cmd/compile/internal/syntax/testdata"]
MAX_LEN = 6000


def go_seeds(goroot):
    for folder in [*(goroot / f for f in GO_FOLDERS), ROOT / "test"]:
        yield from folder.rglob("*.go")


# What each fuzzer starts from, and its dictionary.
FUZZERS = {
    "lex": (go_seeds, "go.dict"),
    "parse": (go_seeds, "go.dict"),
    "check": (go_seeds, "go.dict"),
}


def fill(folder, seeds):
    """Copies seeds that are short enough into the folder, named by their content."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in seeds:
        data = path.read_bytes()
        if len(data) <= MAX_LEN:
            (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def run(build, name, minutes):
    """Runs one fuzzer for a while; its findings."""
    work = build / "fuzz"
    seeds, dictionary = FUZZERS[name]
    corpus, findings, log = work / "corpus" / name, work / "findings" / name, work / f"{name}.log"
    findings.mkdir(parents=True, exist_ok=True)
    for old in findings.iterdir():
        old.unlink()
    corpus.mkdir(parents=True, exist_ok=True)
    fill(work / "seeds" / name, seeds(pathlib.Path(os.environ["VOLE_GOROOT"])))
    # A process for a while, then a fresh one: types and names are kept until a process ends, so memory grows.
    command = [build / "bin" / f"{name}_fuzz", "-fork=1", "-ignore_crashes=1", f"-max_total_time={int(minutes * 60)}", "-timeout=10",
               "-rss_limit_mb=2048", f"-max_len={MAX_LEN}", f"-artifact_prefix={findings}/", corpus, work / "seeds" / name]
    if dictionary:
        command.insert(1, f"-dict={ROOT / 'fuzz' / dictionary}")
    # Leaks are not looked for: a checked package is kept until the process ends.
    env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0:quarantine_size_mb=8"}
    start = time.time()
    with open(log, "w") as out:
        status = subprocess.run(["nice", "-n", "5", *command], stdout=out, stderr=subprocess.STDOUT, env=env).returncode
    text = log.read_text(errors="replace")
    figures = re.findall(r"^#(\d+): cov: (\d+)", text, re.M)
    found = sorted(findings.iterdir())
    if status and not found and not figures:
        sys.exit(f"{name}: {text[-500:]}")
    executed, covered = figures[-1] if figures else ("0", "0")
    print(f"{name}: {(time.time() - start) / 60:.1f} minutes, {executed} inputs, {covered} edges, {len(found)} findings", flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=30, help="for each fuzzer (30)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="fuzzers at a time")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(FUZZERS))
    options = parser.parse_args()
    unknown = set(options.names) - set(FUZZERS)
    if unknown:
        parser.error(f"no fuzzer {', '.join(unknown)}")
    # Frames of sanitized code are several times as large.
    resource.setrlimit(resource.RLIMIT_STACK, (64 << 20, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        found = [f for fs in pool.map(lambda n: run(options.build.resolve(), n, options.minutes), options.names or FUZZERS) for f in fs]
    for f in found:
        print(f)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
