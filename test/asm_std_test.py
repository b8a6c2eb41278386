"""Every assembly statement of the standard library against an independent assembler: asm_std_test.py VOLE

`vole build -dump=statements std` lists each statement as it was read, beside its bytes. Here each is translated into GNU syntax by rules of this
file's own and assembled by llvm-mc; the bytes must be the same, or disassemble to the same text. Symbols, jump targets, alignment and data
words, which llvm-mc cannot know, are checked against the listing's relocations and offsets.
"""
import os
import re
import struct
import subprocess
import sys
import tempfile

STATEMENT = re.compile(r"at (\d+) bytes ([0-9a-f]*) sp (-?\d+) bp (\d+) line (\d+): (\S+)(?:\t(.*))?$")
REGISTERS = {"AX": "ax", "CX": "cx", "DX": "dx", "BX": "bx", "SP": "sp", "BP": "bp", "SI": "si", "DI": "di"}
BYTE_NAMES = {"AX": "al", "CX": "cl", "DX": "dl", "BX": "bl", "SP": "spl", "BP": "bpl", "SI": "sil", "DI": "dil"}
CONDITIONS = {"EQ": "e", "E": "e", "Z": "e", "NE": "ne", "NZ": "ne", "CS": "b", "C": "b", "B": "b", "LO": "b", "CC": "ae", "NC": "ae", "AE": "ae", "HS": "ae", "LS": "be",
              "BE": "be", "HI": "a", "A": "a", "MI": "s", "S": "s", "PL": "ns", "NS": "ns", "OS": "o", "OC": "no", "PS": "p", "PC": "np", "LT": "l", "L": "l", "GE": "ge",
              "LE": "le", "GT": "g", "G": "g"}
CODES = ["o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"]
# Vector operations that Plan 9 names otherwise than Intel.
RENAMED = {"MOVOU": "movdqu", "MOVO": "movdqa", "MOVOA": "movdqa", "PSHUFL": "pshufd", "PADDL": "paddd", "PSUBL": "psubd", "PCMPEQL": "pcmpeqd", "PSLLL": "pslld",
           "PSRLL": "psrld", "PSRAL": "psrad", "CVTSQ2SD": "cvtsi2sdq", "CVTSL2SD": "cvtsi2sdl", "CVTTSD2SQ": "cvttsd2si", "CVTSD2SL": "cvtsd2si", "MOVBQZX": "movzbq",
           "MOVBLZX": "movzbl", "MOVBQSX": "movsbq", "MOVBLSX": "movsbl", "MOVWLZX": "movzwl", "MOVWQZX": "movzwq", "MOVLQSX": "movslq", "PUNPCKLLQ": "punpckldq",
           "UNDEF": "ud2", "IMUL3Q": "imulq", "IMUL3L": "imull", "PEXTRD": "pextrd", "SYSCALL": "syscall"}
# The size of general registers where the name's last letter does not tell it.
SIZES = {"PINSRQ": 8, "PEXTRQ": 8, "PINSRD": 4, "PEXTRD": 4, "PINSRB": 4, "PEXTRB": 4, "PINSRW": 4, "PEXTRW": 4, "PMOVMSKB": 4, "VPMOVMSKB": 4, "KMOVQ": 8, "KMOVD": 4,
         "KMOVW": 4, "KMOVB": 4, "CVTSQ2SD": 8, "CVTSL2SD": 4, "CVTTSD2SQ": 8, "CVTSD2SL": 4, "MOVMSKPD": 4, "IMUL3Q": 8, "IMUL3L": 4, "VMOVQ": 8, "VMOVD": 4, "MOVD": 8,
         "VPBROADCASTB": 4}
INTEGER = re.compile(r"^(MOV|ADD|ADC|SUB|SBB|XOR|OR|AND|ANDN|CMP|TEST|ROL|ROR|RORX|SHL|SHR|SAR|SAL|SHLX|SHRX|SARX|MUL|IMUL|MULX|ADCX|ADOX|LEA|NOT|NEG|INC|DEC|BSWAP|BT|BTS|BTR|"
                     r"BSF|BSR|XCHG|XADD|CMPXCHG|POPCNT|LZCNT|TZCNT|CRC32|DIV|IDIV|PUSH|POP|BLSR|BZHI|PEXT|PDEP)([BWLQ])$")
WIDTH = {"B": 1, "W": 2, "L": 4, "Q": 8}
CALL32, PCREL32, ABS32 = "Call32", "PcRel32", "Abs32"


class Statement:
    def __init__(self, match, where):
        self.offset, self.code, self.sp, self.bp = int(match[1]), bytes.fromhex(match[2]), int(match[3]), int(match[4])
        self.where = f"{where}:{match[5]}"
        self.op, *self.suffixes = match[6].split(".")
        self.args = match[7].split("\t") if match[7] else []
        self.symbols = []      # names its bytes must refer to, with what is added
        self.text = f"{match[6]} {', '.join(self.args)}"


def read_listing(text):
    """(name and size, statements, {offset: (kind, addend, target)}) of each function."""
    functions, where = [], ""
    for line in text.splitlines():
        if m := STATEMENT.match(line):
            functions[-1][1].append(Statement(m, where))
        elif line.startswith("file "):
            where = os.path.basename(line[5:])
        elif line.startswith("func "):
            functions.append((line[5:], [], {}))
        elif line.startswith("reloc "):
            _, offset, kind, addend, target = line.split(" ", 4)
            functions[-1][2][int(offset)] = (int(kind), int(addend), target)
    return functions


class Unknown(Exception):
    pass


def register(name, size):
    if name in REGISTERS or re.fullmatch(r"R\d+", name):
        if name in REGISTERS:
            base = REGISTERS[name]
            return "%" + {1: BYTE_NAMES[name], 2: base, 4: "e" + base, 8: "r" + base}[size]
        return "%" + name.lower() + {1: "b", 2: "w", 4: "d", 8: ""}[size]
    if m := re.fullmatch(r"([XYZ])(\d+)", name):
        return f"%{m[1].lower()}mm{m[2]}"
    if m := re.fullmatch(r"K(\d)", name):
        return f"%k{m[1]}"
    if re.fullmatch(r"[ACDB][LH]", name) or re.fullmatch(r"R\d+B", name):
        return "%" + name.lower()
    raise Unknown(name)


def memory(s, text):
    m = re.fullmatch(r"(.*?)([+-]?\d+)?(?:\(([A-Z]+\d*)\))?(?:\(([A-Z]+\d*)\*(\d)\))?", text)
    name, disp, base, index, scale = m[1], int(m[2] or 0), m[3], m[4], m[5]
    if "TLS" in (base, index):
        return f"%fs:{disp - 8}"
    if base == "SB":
        s.symbols.append((name, disp))
        return f"(,{register(index, 8)},{scale})" if index else "0(%rip)"
    if base == "FP":
        base, disp = "SP", disp + s.sp + 8
    elif name:
        disp += s.sp - s.bp
    place = register(base, 8) if base else ""
    if index:
        place += f",{register(index, 8)},{scale}"
    return f"{disp}({place})" if place else f"{disp}"


def operand(s, text, size):
    if text.startswith("$"):
        number = int(text[1:])
        if size and size < 8 and number >= 1 << (8 * size - 1):
            number -= 1 << (8 * size)      # as the operand's width sees it
        return f"${number}"
    if "(" in text or re.fullmatch(r"-?\d+", text):
        return memory(s, text)
    return register(text, size or 8)


def masked(s, args):
    """A mask in front of the destination guards it."""
    if not s.op.startswith("V") or len(args) < 3 or not re.fullmatch(r"%k\d", args[-2]) or s.op.startswith("VPCMP"):
        if s.op.startswith("VPCMP") and len(args) == 5:
            return args[:-2] + [f"{args[-1]}{{{args[-2]}}}"]
        return args
    zero = "{z}" if "Z" in s.suffixes else ""
    return args[:-2] + [f"{args[-1]}{{{args[-2]}}}{zero}"]


def move(s):
    """MOVQ and its like reach vectors, constants and addresses too."""
    src, dst = s.args
    size = WIDTH[s.op[3]] if s.op[3] in WIDTH else 8
    vector = [bool(re.fullmatch(r"[XYZ]\d+", a)) for a in s.args]
    if src == "TLS":
        return []
    if src.startswith("$("):
        bits = struct.unpack("<q", struct.pack("<d", float.fromhex(src[2:-1])))[0]
        return [f"movabsq ${bits}, {register(dst, 8)}"]
    if src.startswith("$") and not re.fullmatch(r"\$-?\d+", src):
        return [f"leaq {memory(s, src[1:])}, {register(dst, 8)}"]
    if any(vector):
        return [f"{'movq' if size == 8 else 'movd'} {operand(s, src, size)}, {operand(s, dst, size)}"]
    if src.startswith("$") and size == 8 and "(" not in dst:
        number = int(src[1:])
        if 0 <= number <= 0xffffffff:
            return [f"movl ${number}, {register(dst, 4)}"]
        if not -1 << 31 <= number < 1 << 31:
            return [f"movabsq ${number}, {register(dst, 8)}"]
    letter = {1: "b", 2: "w", 4: "l", 8: "q"}[size]
    return [f"mov{letter} {operand(s, src, size)}, {operand(s, dst, size)}"]


def leave(s):
    lines = []
    if s.sp - s.bp:
        lines.append(f"addq ${s.sp - s.bp}, %rsp")
    if s.bp:
        lines.append("popq %rbp")
    return lines + ["retq"]


def floating_constant(s):
    value = float.fromhex(s.args[0][2:-1]) if s.args[0].startswith("$(") else float(s.args[0][1:])
    if s.op == "MOVSD" and value == 0 and not str(value).startswith("-"):
        return [f"xorps {register(s.args[1], 0)}, {register(s.args[1], 0)}"]
    s.symbols.append((f"$f64.{struct.unpack('<Q', struct.pack('<d', value))[0]:016x}", 0))
    return [f"{s.op.lower()} 0(%rip), {register(s.args[1], 0)}"]


def conditional(s):
    if s.op.startswith("SET"):
        return [f"set{CONDITIONS[s.op[3:]]} {operand(s, s.args[0], 1)}"]
    size = WIDTH[s.op[4]]
    return [f"cmov{CONDITIONS[s.op[5:]]}{s.op[4].lower()} {operand(s, s.args[0], size)}, {operand(s, s.args[1], size)}"]


def integer(s, base, letter):
    size = WIDTH[letter]
    sizes = [size] * len(s.args)
    name = base.lower()
    if base in ("SHL", "SHR", "SAR", "SAL", "ROL", "ROR") and s.args[0] in ("CX", "CL"):
        sizes[0] = 1
    if base in ("SHL", "SHR") and len(s.args) == 3:
        name += "d"
    if base == "CRC32":
        sizes[1] = 8 if size == 8 else 4
    args = [operand(s, a, n) for a, n in zip(s.args, sizes)]
    if base == "CMP":
        args.reverse()
    if base == "LEA":
        args[0] = memory(s, s.args[0].lstrip("$"))
    if base in ("ANDN", "RORX", "MULX", "SHLX", "SHRX", "SARX", "BLSR", "BZHI", "PEXT", "PDEP"):
        letter = letter.lower()
    if base == "IMUL" and len(args) == 2 and s.args[0].startswith("$"):
        args.append(args[1])
    return [f"{name}{letter.lower()} {', '.join(args)}"]


def translate(s):
    """Lines of GNU syntax, None for what is checked otherwise."""
    op = s.op
    if op in ("JMP", "CALL", "BYTE", "WORD", "LONG", "QUAD", "PCALIGN", "FUNCDATA", "PCDATA", "NOP", "END") or (op[0] == "J" and op[1:] in CONDITIONS):
        return None
    if op == "RET":
        return None if s.args else leave(s)
    if op in ("MOVB", "MOVW", "MOVL", "MOVQ", "MOVD"):
        return move(s)
    if op == "ADJSP":
        return [f"leaq {-int(s.args[0][1:])}(%rsp), %rsp"]
    if re.fullmatch(r"SET[A-Z]+|CMOV[WLQ][A-Z]+", op):
        return conditional(s)
    if s.args and s.args[0].startswith("$") and len(s.args) == 2 and op.endswith("SD"):
        return floating_constant(s)
    if m := INTEGER.match(op):
        return integer(s, m[1], m[2])
    args = [operand(s, a, SIZES.get(op, 0)) for a in s.args]
    if op in ("CMPSD", "CMPPD", "CMPSS", "CMPPS"):
        args = [args[2], args[0], args[1]]
    if op in ("CVTTSD2SQ", "CVTSD2SL"):
        args[1] = register(s.args[1], 8 if op.endswith("Q") else 4)
    return [f"{RENAMED.get(op, op.lower())} {', '.join(masked(s, args))}".strip()]


def assemble(lines):
    """Bytes of each line as llvm-mc makes them."""
    r = subprocess.run(["llvm-mc-19", "--triple=x86_64", "--show-encoding"], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=120)
    if r.returncode:
        sys.exit(f"llvm-mc does not take a translation:\n{r.stderr[:3000]}")
    codes = [bytes(int(b, 16) for b in re.sub(r"'?[A-Z]'?", "0x00", m).split(",")) for m in re.findall(r"encoding: \[(.*)\]", r.stdout)]
    return codes


def disassemble(codes):
    marker = bytes.fromhex("0f1f8044332211")
    feed = "\n".join(" ".join(f"0x{b:02x}" for b in code + marker) for code in codes)
    r = subprocess.run(["llvm-mc-19", "--disassemble", "--triple=x86_64"], input=feed, capture_output=True, text=True, timeout=120)
    texts = [[]]
    for line in r.stdout.splitlines():
        if "287454020" in line or "0x11223344" in line:
            texts.append([])
        elif line.strip() and not line.strip().startswith("."):
            texts[-1].append(" ".join(line.split()))
    if len(texts) != len(codes) + 1:
        sys.exit(f"llvm-mc does not decode everything:\n{r.stderr[:2000]}")
    return texts[:-1]


def names_symbol(name, target):
    return target == name or target == name + ".abi0" or target == name.replace("<>", "")


def check_relocations(s, relocs, kinds, faults):
    """Each symbol the statement names is referred to from its bytes."""
    found = [(at, r) for at, r in relocs.items() if s.offset <= at < s.offset + len(s.code)]
    for name, added in s.symbols:
        name = re.sub(r"name$", "", name)
        good = False
        for at, (kind, addend, target) in found:
            distance = 0 if kinds[kind] == ABS32 else s.offset + len(s.code) - at
            good |= names_symbol(name, target) and addend == added - distance
        if not good:
            faults.append(f"{s.where}: {s.text}: refers to {found}, not {name}{added:+}")
    if len(found) > len(s.symbols):
        faults.append(f"{s.where}: {s.text}: has more relocations than symbols: {found}")


def check_jump(s, faults):
    """The opcode's condition and the distance, or a register or memory as target."""
    code, target = s.code, s.args[0] if s.args else ""
    if target.startswith("="):
        want = int(target[1:])
        cc = CODES.index(CONDITIONS[s.op[1:]]) if s.op not in ("JMP", "CALL") else None
        forms = {"JMP": [(b"\xeb", 1), (b"\xe9", 4)], "CALL": [(b"\xe8", 4)]}.get(s.op) or [(bytes([0x70 + cc]), 1), (bytes([0x0f, 0x80 + cc]), 4)]
        for head, size in forms:
            if code.startswith(head) and len(code) == len(head) + size:
                distance = int.from_bytes(code[len(head):], "little", signed=True)
                if s.offset + len(code) + distance == want:
                    return None
        faults.append(f"{s.where}: {s.text}: {code.hex()} does not lead there")
        return None
    if "(SB)" in target:
        name, added = re.fullmatch(r"(.*?)([+-]\d+)\(SB\)", target).groups()
        s.symbols.append((name, int(added)))
        head = {"CALL": b"\xe8", "JMP": b"\xe9", "RET": b"\xe9"}.get(s.op) or bytes([0x0f, 0x80 + CODES.index(CONDITIONS[s.op[1:]])])
        if not code.startswith(head) or len(code) != len(head) + 4:
            faults.append(f"{s.where}: {s.text}: {code.hex()}")
        return None
    name = {"CALL": "callq", "JMP": "jmpq"}[s.op]
    if re.fullmatch(r"0\((?:[A-Z]{2}|R\d+)\)", target):
        target = target[2:-1]
    return [f"{name} *{operand(s, target, 8)}"]


def check_other(s, faults):
    op, code = s.op, s.code
    if op in ("JMP", "CALL", "RET") or op[0] == "J":
        return check_jump(s, faults)
    if op in ("BYTE", "WORD", "LONG", "QUAD"):
        size = {"BYTE": 1, "WORD": 2, "LONG": 4, "QUAD": 8}[op]
        want = b"".join((int(a[1:]) & (1 << 8 * size) - 1).to_bytes(size, "little") for a in s.args)
    elif op == "PCALIGN":
        to = int(s.args[0][1:])
        if (s.offset + len(code)) % to or len(code) >= to:
            faults.append(f"{s.where}: {s.text}: ends at {s.offset + len(code)}")
        return None
    else:
        want = b""
    if code != want:
        faults.append(f"{s.where}: {s.text}: {code.hex()}, not {want.hex()}")
    return None


def same_exchange(ours, lines):
    """XCHG of two registers says the same in either order."""
    return len(ours) == len(lines) and all(x.startswith("xchg") and "(" not in x and sorted(re.split(r"[ ,]+", x)) == sorted(re.split(r"[ ,]+", y)) for x, y in zip(ours, lines))


def compare(cases, faults):
    """cases: (statement, lines)"""
    codes = iter(assemble([line for _, lines in cases for line in lines]))
    other = []
    for s, lines in cases:
        want = b"".join(next(codes) for _ in lines)
        if want != s.code:
            other.append((s, lines, want))
    ours, theirs = disassemble([s.code for s, _, _ in other]), disassemble([w for _, _, w in other])
    for (s, lines, want), a, b in zip(other, ours, theirs, strict=True):
        if a not in (b, lines) and not same_exchange(a, lines):      # llvm-mc exchanges operands where that saves a byte
            faults.append(f"{s.where}: {s.text}: {s.code.hex()} {a}, expected {want.hex()} {b} ({lines})")
    return len(other)


def main():
    goroot = os.environ.get("VOLE_GOROOT")
    if not goroot:
        print("VOLE_GOROOT is not set")
        sys.exit(77)
    kinds = relocation_kinds(os.path.join(os.path.dirname(__file__), "../src/target/reloc.h"))
    with tempfile.TemporaryDirectory() as cache:
        r = subprocess.run([sys.argv[1], "build", "-dump=statements", "std"], env={**os.environ, "VOLECACHE": cache}, capture_output=True, text=True, timeout=300)
    if r.returncode:
        sys.exit(r.stderr)
    cases, faults, count = [], [], 0
    for _, statements, relocs in read_listing(r.stdout):
        for s in statements:
            count += 1
            try:
                lines = translate(s)
                if lines is None:
                    lines = check_other(s, faults)
            except (Unknown, KeyError, ValueError, IndexError) as e:
                faults.append(f"{s.where}: {s.text}: not translated ({e!r})")
                continue
            check_relocations(s, relocs, kinds, faults)
            if lines is not None:
                cases.append((s, lines))
    other = compare(cases, faults)
    print(f"{count} statements, {other} encoded otherwise, {len(faults)} faults")
    for f in faults[:60]:
        print(f)
    if count < 20000:
        faults.append("too few statements")
    sys.exit(1 if faults else 0)


def relocation_kinds(header):
    with open(header, encoding="utf-8") as f:
        body = re.search(r"enum class RelocKind[^{]*\{(.*?)\}", f.read(), re.S)[1]
    return re.findall(r"^\s*(\w+)", re.sub(r"//[^\n]*", "", body).replace(",", "\n"), re.M)


if __name__ == "__main__":
    main()
