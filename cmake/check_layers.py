#!/usr/bin/env python3
"""Reads every #include under src/ and fails where a folder includes one that cmake/layers.txt does not allow it.

Tests may include what they like."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
allowed = {}
for line in (root / "cmake/layers.txt").read_text().splitlines():
    if line.strip() and not line.startswith("#"):
        folder, _, deps = line.partition(":")
        allowed[folder.strip()] = set(deps.split())
faults = []
for path in sorted((root / "src").rglob("*")):
    if path.suffix not in (".cc", ".h", ".def", ".inc") or path.stem.endswith("_test"):
        continue
    folder = path.relative_to(root / "src").parts[0]
    if folder not in allowed:
        faults.append(f"{path.relative_to(root)}: folder {folder} is not in cmake/layers.txt")
        continue
    for number, line in enumerate(path.read_text().splitlines(), 1):
        m = re.match(r'\s*#include "([a-z]+)/', line)
        if m and m[1] in allowed and m[1] != folder and m[1] not in allowed[folder] and "*" not in allowed[folder]:
            faults.append(f"{path.relative_to(root)}:{number}: {folder} must not include {m[1]}")
print("\n".join(faults) if faults else "layers hold")
sys.exit(1 if faults else 0)
