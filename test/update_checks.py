"""Rewrites the CHECK lines of machine code tests from what the tool prints now: update_checks.py VOLE-OPT FILE.ssa...

For files of test/codegen whose RUN line has --emit=asm or --emit=tables. In front of each function goes its whole output, without bytes; jump
targets stand as they are. Read the difference before you commit it: what is printed is not therefore right.
"""
import re
import subprocess
import sys

INSTRUCTION = re.compile(r"^ +[0-9a-f]+: [0-9a-f]+ +(.*?) *$")


def outputs(tool, path, text):
    """The lines to expect of each function, by name."""
    command = re.search(r"// RUN: %opt (.*?) %s", text)[1].split()
    shown = subprocess.run([tool, *command, path], capture_output=True, text=True, check=True).stdout
    result, name = {}, None
    for line in shown.splitlines():
        if m := INSTRUCTION.match(line):
            result[name].append(" " + m[1])
        elif line.startswith("  "):
            result[name].append(line)
        elif line.endswith(":"):
            name = line[:-1]
            result[name] = []
    return result


def escape(line):
    line = re.sub(r"\[\[", "{{\\[\\[}}", line)
    return re.sub(r" +", " ", line)


def rewrite(tool, path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    expected = outputs(tool, path, text)
    lines = []
    for line in text.splitlines():
        if line.startswith("// CHECK"):
            continue
        if m := re.match(r'func @"?([^" ]+)"? ', line):
            lines.append(f"// CHECK-LABEL: {{{{^}}}}{m[1]}:")
            lines += [f"// CHECK-NEXT:{escape(e)}{{{{$}}}}" for e in expected[m[1]]]
        lines.append(line)
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")


def main():
    for path in sys.argv[2:]:
        rewrite(sys.argv[1], path)


if __name__ == "__main__":
    main()
