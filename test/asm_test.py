"""The assembler's bytes against an independent source: asm_test.py VOLE-ASM

GOROOT's own assembler tests (src/cmd/asm/internal/asm/testdata) give an instruction and the encodings it may have, a line each. Every such line is put
into a function of its own and assembled; the bytes must be one of the encodings, or no longer and disassemble (llvm-mc) to the same instruction.
Then faulty lines: instructions with operands they do not have must be reported, each of them, and never crash.
"""
import os
import re
import subprocess
import sys
import tempfile

# Instructions with a list of four registers, which one retired processor family had: vole does not know them.
UNKNOWN = {"V4FMADDPS", "V4FMADDSS", "V4FNMADDPS", "V4FNMADDSS", "VP4DPWSSD", "VP4DPWSSDS"}
# What those tests leave out, from the processor manual.
MANUAL = {"JCXZQ 0(PC)": "e3fe", "JCXZL 0(PC)": "67e3fd", "LOOP 0(PC)": "e2fe", "LOOPEQ 0(PC)": "e1fe", "LOOPNE 0(PC)": "e0fe", "XACQUIRE": "f2", "WAIT": "9b",
          "FMOVD (BX), F0": "dd03", "FMOVD F0, (BX)": "dd13", "FMOVDP F0, (BX)": "dd1b", "FMOVF (BX), F0": "d903", "FMOVX (BX), F0": "db2b",
          "FMOVXP F0, (BX)": "db3b", "FMOVV (BX), F0": "df2b", "FMOVVP F0, (BX)": "df3b", "FMOVLP F0, (BX)": "db1b", "FMOVW F0, (BX)": "df13",
          "FMOVBP F0, (BX)": "df33", "FADDF (BX), F0": "d803", "FADDL (BX), F0": "da03", "FADDW (BX), F0": "de03", "FDIVDP F0, F3": "defb",
          "FDIVRDP F0, F3": "def3", "FSUBDP F0, F3": "deeb", "FXCHD F3, F0": "d9cb", "FSTCW (BX)": "d93b", "FCOMDPP F0, F1": "ded9"}
TEXT_FLAGS = 4 | 512  # NOSPLIT, NOFRAME
LINE = re.compile(r"^\t([^/]*\S)\s*//\s*([0-9a-f]+(?: or [0-9a-f]+)*)\s*$")


def expectations(folder):
    """(file:line, statement, [encoding...]) of every test line for amd64."""
    files = [os.path.join(folder, n) for n in ("amd64enc.s", "amd64enc_extra.s")]
    deep = os.path.join(folder, "avx512enc")
    files += [os.path.join(deep, n) for n in sorted(os.listdir(deep)) if n.endswith(".s")]
    for path in files:
        with open(path, encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                if m := LINE.match(line):
                    yield f"{os.path.basename(path)}:{number}", m[1], m[2].split(" or ")


def assemble(tool, cases, folder):
    """Bytes of each statement as hex, None or nothing where the assembler refuses it."""
    source = os.path.join(folder, "cases.s")
    with open(source, "w", encoding="utf-8") as f:
        for i, (_, statement, _) in enumerate(cases):
            f.write(f"TEXT \u00b7t{i}(SB), {TEXT_FLAGS}, $0; {statement}\n")
    r = subprocess.run([tool, "-p", "p", "--hex", source], capture_output=True, text=True, timeout=300)
    result = [None] * len(cases)
    lines = r.stdout.splitlines()
    for head, body in zip(lines, lines[1:]):
        if m := re.match(r"p\.t(\d+)\.abi0 kind 1 ", head):
            result[int(m[1])] = body
    return result


def disassemble(encodings):
    """The text of each encoding (hex), as llvm-mc reads it; a marker after each keeps them apart."""
    marker = "0f 1f 80 44 33 22 11"
    spaced = [" ".join(h[i:i + 2] for i in range(0, len(h), 2)) for h in encodings]
    feed = "\n".join(" ".join(f"0x{b}" for b in f"{s} {marker}".split()) for s in spaced)
    r = subprocess.run(["llvm-mc-19", "--disassemble", "--triple=x86_64"], input=feed, capture_output=True, text=True, timeout=300)
    texts = [[]]
    for line in r.stdout.splitlines():
        if "0x11223344" in line or "287454020" in line:
            texts.append([])
        elif line.strip() and not line.strip().startswith("."):
            texts[-1].append(" ".join(line.split()))
    if len(texts) != len(encodings) + 1:
        sys.exit(f"llvm-mc does not decode everything:\n{r.stderr[:2000]}")
    return texts[:-1]


def check_encodings(tool, goroot, folder):
    cases = list(expectations(os.path.join(goroot, "src/cmd/asm/internal/asm/testdata")))
    cases = [c for c in cases if c[1].split()[0].split(".")[0] not in UNKNOWN]
    cases += [("manual", statement, [code]) for statement, code in MANUAL.items()]
    if len(cases) < 20000:
        sys.exit(f"only {len(cases)} test lines found")
    got = assemble(tool, cases, folder)
    faults, other = [], []
    for (where, statement, expected), code in zip(cases, got):
        if not code:
            faults.append(f"{where}: {statement}: not assembled")
        elif code not in expected:
            other.append((where, statement, expected, code))
    ours = disassemble([o[3] for o in other])
    theirs = disassemble([o[2][0] for o in other])
    for (where, statement, expected, code), a, b in zip(other, ours, theirs):
        if a != b or len(code) > max(map(len, expected)):
            faults.append(f"{where}: {statement}: {code} {a}, expected {' or '.join(expected)} {b}")
    print(f"{len(cases)} lines: {len(other)} encoded otherwise, {len(faults)} faults")
    return faults


def check_faulty(tool, folder):
    """Statements that are no instructions: each must give a message of its own."""
    bad = ["AAA", "CLC foo(SB)", "UMONITOR", "SLDTW", "ADDQ", "ADDQ X1, AX", "JMP", "JCXZQ AX", "FADDD AX, F0", "MOVQ $1", "NOSUCH AX", "ADDQ (AX)(BX*3), CX",
           "VADDPD.NOSUCH Z1, Z2, Z3", "FMOVX F0, (BX)"]
    source = os.path.join(folder, "bad.s")
    with open(source, "w", encoding="utf-8") as f:
        f.writelines(f"TEXT \u00b7t{i}(SB), {TEXT_FLAGS}, $0; {b}\n" for i, b in enumerate(bad))
    r = subprocess.run([tool, "-p", "p", source], capture_output=True, text=True, timeout=60)
    if r.returncode != 1:
        return [f"faulty lines: exit status {r.returncode}"]
    reported = {int(m) for m in re.findall(r"bad\.s:(\d+):", r.stderr)}
    return [f"no message for {b}" for i, b in enumerate(bad, 1) if i not in reported]


def main():
    goroot = os.environ.get("VOLE_GOROOT")
    if not goroot:
        print("VOLE_GOROOT is not set")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        faults = check_encodings(sys.argv[1], goroot, folder) + check_faulty(sys.argv[1], folder)
    for f in faults[:50]:
        print(f)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
