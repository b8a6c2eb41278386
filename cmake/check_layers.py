#!/usr/bin/env python3
"""Reads every #include under src/ and fails where a folder includes one that cmake/layers.txt does not allow it.

A line of that file names a folder of src/, a folder inside one, or a single file; the longest name that leads to a
file is its own. Tests may include what they like."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
allowed = {}
for line in (root / "cmake/layers.txt").read_text().splitlines():
    if line.strip() and not line.startswith("#"):
        folder, _, deps = line.partition(":")
        allowed[folder.strip()] = set(deps.split())


def layer(path):
    """The longest name in layers.txt that leads to `path`, which is relative to src/."""
    parts = path.split("/")
    return next((n for k in range(len(parts), 0, -1) if (n := "/".join(parts[:k])) in allowed), parts[0])


faults = []
for path in sorted((root / "src").rglob("*")):
    if path.suffix not in (".cc", ".h", ".def", ".inc") or path.stem.endswith("_test"):
        continue
    folder = layer(str(path.relative_to(root / "src")))
    if folder not in allowed:
        faults.append(f"{path.relative_to(root)}: folder {folder} is not in cmake/layers.txt")
        continue
    for number, line in enumerate(path.read_text().splitlines(), 1):
        m = re.match(r'\s*#include "([a-z]+/[^"]*)"', line)
        if not m:
            continue
        other = layer(m[1])
        if other in allowed and other != folder and other not in allowed[folder] and "*" not in allowed[folder]:
            faults.append(f"{path.relative_to(root)}:{number}: {folder} must not include {other}")
print("\n".join(faults) if faults else "layers hold")
sys.exit(1 if faults else 0)
