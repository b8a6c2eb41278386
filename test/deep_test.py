#!/usr/bin/env python3
"""Sources that nest or chain without measure compile or end with one clear message: usage: deep_test.py VOLE"""
import os
import pathlib
import subprocess
import sys
import tempfile

vole = os.path.abspath(sys.argv[1])
N = 20000
TOO_DEEP = ("syntax error: nesting too deep", "nesting is too deep")
# name: (source, whether it must be accepted)
CASES = {
    "parentheses": ("var x = " + "(" * N + "1" + ")" * N, False),
    "blocks": ("func main() { " + "{" * N + "}" * N + " }", False),
    "types": ("var x " + "[]" * N + "int", False),
    "literals": ("type T []T\nvar x = T" + "{" * N + "}" * N, False),
    "functions": ("func main() { " + "func() { " * N + "}()" * N + " }", False),
    "selectors": ("type T struct{ p *T }\nvar t T\nvar x = t" + ".p" * N, True),
    "constants": ("const A0 = 1\n" + "".join(f"const A{i} = A{i + 1}\n" for i in range(1, N)) + f"const A{N} = 1" + "\nfunc main() { println(A0) }", True),
    "aliases": ("type A0 = int\n" + "".join(f"type A{i + 1} = A{i}\n" for i in range(2000)) + "var x A2000\nfunc main() { println(x) }", True),
    "closures": ("func main() { x := 1; " + "func() { x++; " * 900 + "println(x)" + "}()" * 900 + " }", True),
    "structs": ("var x " + "struct { f " * 1000 + "int" + " }" * 1000 + "\nfunc main() { println(&x) }", True),
    "named structs": ("".join(f"type T{i} struct {{ f T{i + 1} }}\n" for i in range(5000)) + "type T5000 struct{}\nvar x T0\nfunc main() { println(&x) }", True),
    "instances": ("type G[T any] struct{ x T }\nvar x " + "G[" * 1000 + "int" + "]" * 1000 + "\nfunc main() { println(&x) }", True),
    "loops": ("var x int\nfunc main() { " + "for x > 0 { " * 2000 + "x--" + "}" * 2000 + " }", True),
    "defers": ("func main() { " + "defer func() {" * 1000 + "}()" * 1000 + " }", True),
    "cases": ("var x int\nfunc main() { switch x {" + "".join(f"case {i}: x += {i}\n" for i in range(N)) + "} }", True),
    "else-if": ("var x int\nfunc main() { " + "".join(f"if x == {i} {{ x++ }} else " for i in range(10000)) + "{ } }", True),
    "labels": ("func main() { " + "".join(f"L{i}: " for i in range(10000)) + 'println(1)\n' + "".join(f"if len(\"\") > 0 {{ goto L{i} }}\n" for i in range(10000)) + "}",
               True),
    "range variables": ("var s []int\nfunc f(i int) {}\nfunc main() { " + "".join(f"for i{k} := range s {{ f(i{k})\n" for k in range(1500)) + "}" * 1500 + " }", True),
    "sums": ("func f(x int) int { return x" + " + x" * N + " }", True),
}

with tempfile.TemporaryDirectory() as tmp:
    for name, (source, accepted) in CASES.items():
        path = pathlib.Path(tmp, name + ".go")
        path.write_text("package main\n" + source + "\n")
        p = subprocess.run([vole, "build", "-compileonly", str(path)], capture_output=True, text=True, timeout=300)
        lines = [l for l in p.stderr.split("\n") if l and not l.startswith("#")]
        if accepted and (p.returncode != 0 or lines):
            sys.exit(f"{name}: {p.stderr[:500]}")
        if not accepted and (p.returncode != 1 or len(lines) != 1 or not lines[0].endswith(TOO_DEEP)):
            sys.exit(f"{name}: exit status {p.returncode}\n{p.stderr[:500]}")
