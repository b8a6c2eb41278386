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
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
GO_FOLDERS = ["test", "src/internal/types/testdata", "src/cmd/compile/internal/syntax/testdata"]


def go_seeds(goroot):
    for folder in [*(goroot / f for f in GO_FOLDERS), ROOT / "test"]:
        yield from (p.read_bytes() for p in folder.rglob("*.go"))


def asm_seeds(goroot):
    for path in (goroot / "src").rglob("*.s"):
        # Whole files are long: their functions, each a seed.
        text = path.read_bytes()
        yield from (b"#include \"textflag.h\"\nTEXT" + part for part in text.split(b"\nTEXT")[1:]) if path.stem.endswith("amd64") else [text]


def take_bytes(data):
    """A run of bytes as base/codec.h writes it: its length in groups of seven bits, and the bytes; and what follows."""
    length = at = 0
    while True:
        length |= (data[at] & 127) << 7 * at
        at += 1
        if data[at - 1] < 128:
            return data[at : at + length], data[at + length :]


def cache_entries():
    """(declarations, functions, object) of what the smallest programs of test/run consist of, from a cache filled here (driver/cache.h says how it is laid out)."""
    vole = ROOT / "build/bin/vole"
    if not vole.exists():
        sys.exit(f"fuzz.py: {vole} is needed for seeds")
    with tempfile.TemporaryDirectory() as cache:
        programs = sorted((ROOT / "test/run").glob("*.go"), key=lambda p: p.stat().st_size)
        for program in programs[:20]:
            subprocess.run([vole, "build", "-o", os.path.join(cache, "program"), program], env={**os.environ, "VOLECACHE": cache}, capture_output=True)
        for path in pathlib.Path(cache).glob("??/*"):
            data = path.read_bytes()
            length = int.from_bytes(data[24:32], "little")
            declarations, rest = take_bytes(data[32 : 32 + length])
            yield declarations, take_bytes(rest)[0], data[32 + length :]


def export_data_seeds(goroot):
    return (data for data, _, _ in cache_entries())


def exports_seeds(goroot):
    return (data for _, data, _ in cache_entries())


def object_seeds(goroot):
    yield from (data for _, _, data in cache_entries())
    yield from (p.read_bytes() for p in (goroot / "src/debug/elf/testdata").iterdir() if p.is_file())
    yield from (p.read_bytes() for p in (ROOT / "build/runtime").rglob("*.o"))


def archive_seeds(goroot):
    def member(name, data):
        return f"{name:<16}{0:<12}{0:<6}{0:<6}{644:<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)

    yield b"!<arch>\n" + member("a.o/", b"hello")
    yield b"!<arch>\n" + member("/", b"\0\0\0\0") + member("//", b"a-long-name.o/\nanother.o/\n") + member("/0", b"x") + member("/15", b"yz")


def module_seeds(goroot):
    for kind, name in enumerate([b"go.mod", b"modules.txt", b"go.work"]):
        for path in goroot.rglob(name.decode()):
            yield bytes([kind]) + path.read_bytes()
    yield b"\0module m\n\ngo 1.27\n\nrequire (\n\ta.b/c v1.2.3 // indirect\n)\nreplace a.b/c => ../c\n"
    yield b"\2go 1.27\n\nuse (\n\t./a\n\t./b\n)\nreplace a.b/c v1.2.3 => ./c\n"


# What each fuzzer starts from, its dictionary, and how long inputs may be.
FUZZERS = {
    "lex": (go_seeds, "go.dict", 6000),
    "parse": (go_seeds, "go.dict", 6000),
    "check": (go_seeds, "go.dict", 6000),
    "asm": (asm_seeds, "", 4000),
    "export_data": (export_data_seeds, "", 20000),
    "exports": (exports_seeds, "", 20000),
    "read_elf": (object_seeds, "", 20000),
    "archive": (archive_seeds, "", 4000),
    "go_mod": (module_seeds, "", 2000),
}


def fill(folder, seeds, longest):
    """Writes seeds that are short enough into the folder, named by their content."""
    folder.mkdir(parents=True, exist_ok=True)
    for data in seeds:
        if len(data) <= longest:
            (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def run(build, name, minutes):
    """Runs one fuzzer for a while; its findings."""
    work = build / "fuzz"
    seeds, dictionary, longest = FUZZERS[name]
    corpus, findings, log = work / "corpus" / name, work / "findings" / name, work / f"{name}.log"
    findings.mkdir(parents=True, exist_ok=True)
    for old in findings.iterdir():
        old.unlink()
    corpus.mkdir(parents=True, exist_ok=True)
    fill(work / "seeds" / name, seeds(pathlib.Path(os.environ["VOLE_GOROOT"])), longest)
    # A process for a while, then a fresh one: types and names are kept until a process ends, so memory grows.
    command = [build / "bin" / f"{name}_fuzz", "-fork=1", "-ignore_crashes=1", f"-max_total_time={int(minutes * 60)}", "-timeout=10",
               "-rss_limit_mb=2048", f"-max_len={longest}", f"-artifact_prefix={findings}/", corpus, work / "seeds" / name]
    if dictionary:
        command.insert(1, f"-dict={ROOT / 'fuzz' / dictionary}")
    # Leaks are not looked for: a checked package is kept until the process ends.
    env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0:quarantine_size_mb=8"}
    start = time.time()
    with open(log, "w") as out:
        status = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, env=env).returncode
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
    options = parser.parse_intermixed_args()
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
