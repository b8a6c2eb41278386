"""The types of random programs: what is needed of them is their Go text, what their values are made of, and whether they can be compared.

A Universe is the set of types of one program: the basic ones and random named integers, structs, arrays and interfaces. Types are shared by text,
so that two equal types are one object.
"""


class Type:
    def __init__(self, kind, text, **parts):
        self.kind, self.text = kind, text
        self.elem = parts.get("elem")        # array, slice, ptr, map (value), chan
        self.key = parts.get("key")          # map
        self.n = parts.get("n", 0)           # array
        self.fields = parts.get("fields")    # struct: [(name, Type)]
        self.bits = parts.get("bits", 0)
        self.base = parts.get("base", text)  # the basic type under a named integer
        self.params, self.results = parts.get("params"), parts.get("results")  # func
        self.method = parts.get("method")    # the name of a method of (int64) int64, and whether its receiver is a pointer
        self.pointer_method = parts.get("pointer_method", False)
        self.size = parts.get("size", 1)     # words, roughly

    def __repr__(self):
        return self.text

    @property
    def is_int(self):
        return self.kind in ("int", "uint")

    @property
    def is_num(self):
        return self.kind in ("int", "uint", "float")

    def comparable(self):
        if self.kind in ("slice", "map", "func"):
            return False
        if self.kind == "struct":
            return all(t.comparable() for _, t in self.fields)
        if self.kind == "array":
            return self.elem.comparable()
        return True

    def shared(self):
        """Whether a copy of a value leads to memory that the original leads to."""
        if self.kind in ("slice", "map", "func", "ptr", "iface"):
            return True
        if self.kind == "struct":
            return any(t.shared() for _, t in self.fields)
        return self.kind == "array" and self.elem.shared()


def integer(text, bits, signed, **more):
    return Type("int" if signed else "uint", text, bits=bits, **more)


SIGNED = [integer(f"int{b}", b, True) for b in (8, 16, 32, 64)] + [integer("int", 64, True)]
UNSIGNED = [integer(f"uint{b}", b, False) for b in (8, 16, 32, 64)] + [integer("uint", 64, False), integer("uintptr", 64, False)]
INTS = SIGNED + UNSIGNED
INT, INT64, UINT64, UINT8, INT32 = SIGNED[4], SIGNED[3], UNSIGNED[3], UNSIGNED[0], SIGNED[2]
FLOATS = [Type("float", "float32", bits=32), Type("float", "float64", bits=64)]
COMPLEX = [Type("complex", "complex64", bits=64), Type("complex", "complex128", bits=128, size=2)]
BOOL, STRING, ANY = Type("bool", "bool"), Type("string", "string", size=2), Type("iface", "any", size=2)


class Universe:
    def __init__(self, rng):
        self.rng = rng
        self.by_text = {t.text: t for t in INTS + FLOATS + COMPLEX + [BOOL, STRING, ANY]}
        self.named, self.structs, self.arrays = [], [], []
        for i in range(4):
            b = rng.choice(INTS)
            self.named.append(self.add(integer(f"N{i}", b.bits, b.kind == "int", base=b.text, method="M")))
        for i in range(4):
            self.array(self.element(2), rng.choice([1, 2, 3, 4, 7, 12]))
        for i in range(8):
            self.structs.append(self.struct(i))
        self.iface = self.add(Type("iface", "I", method="M", size=2))
        for i in range(3):
            self.array(rng.choice(self.structs[:4] + FLOATS + INTS[:3]), rng.choice([2, 3, 5]))

    def add(self, t):
        return self.by_text.setdefault(t.text, t)

    def array(self, elem, n):
        t = self.add(Type("array", f"[{n}]{elem}", elem=elem, n=n, size=n * elem.size))
        if t not in self.arrays:
            self.arrays.append(t)
        return t

    def slice(self, elem):
        return self.add(Type("slice", f"[]{elem}", elem=elem, size=3))

    def ptr(self, elem):
        return self.add(Type("ptr", f"*{elem}", elem=elem))

    def map(self, key, elem):
        return self.add(Type("map", f"map[{key}]{elem}", key=key, elem=elem))

    def func(self, params, results):
        r = ", ".join(map(str, results))
        text = f"func({', '.join(map(str, params))})" + (f" ({r})" if len(results) > 1 else f" {r}" if r else "")
        return self.add(Type("func", text, params=params, results=results))

    def struct(self, i):
        rng, fields = self.rng, []
        big = i >= 6
        for j in range(rng.randint(5, 9) if big else rng.randint(0 if i == 0 else 1, 5)):
            fields.append((f"{chr(65 + j)}", self.element(3 if i > 2 else 2)))
        methods = {"method": "M", "pointer_method": rng.random() < 0.4} if rng.random() < 0.7 else {}
        return self.add(Type("struct", f"S{i}", fields=fields, size=sum(t.size for _, t in fields), **methods))

    def element(self, depth):
        """A type for an element or a field."""
        rng, r = self.rng, self.rng.random()
        if r < 0.45 or depth <= 0:
            return rng.choice(INTS + self.named)
        if r < 0.65:
            return rng.choice(FLOATS)
        if r < 0.72:
            return rng.choice([BOOL, STRING])
        if r < 0.82 and self.structs:
            return rng.choice(self.structs)
        if r < 0.87 and self.arrays:
            return rng.choice([a for a in self.arrays if a.size < 40])
        if r < 0.91:
            return ANY
        if r < 0.95:
            return self.slice(rng.choice(INTS + FLOATS))
        return rng.choice(COMPLEX)

    def value(self):
        """A type without references into shared memory."""
        while True:
            t = self.any_type()
            if not t.shared():
                return t

    def any_type(self):
        rng, r = self.rng, self.rng.random()
        if r < 0.40:
            return rng.choice(INTS + self.named)
        if r < 0.58:
            return rng.choice(FLOATS)
        if r < 0.62:
            return BOOL
        if r < 0.68:
            return STRING
        if r < 0.76:
            return rng.choice(self.structs)
        if r < 0.80:
            return rng.choice(self.arrays)
        if r < 0.85:
            return self.slice(rng.choice(INTS + FLOATS + [STRING] + self.structs[:5]))
        if r < 0.89:
            return self.map(rng.choice(INTS + [STRING, FLOATS[1]] + [s for s in self.structs[:3] if s.comparable() and not s.shared()]),
                            rng.choice(INTS + FLOATS + self.structs[:3]))
        if r < 0.93:
            return self.ptr(rng.choice(INTS + FLOATS + self.structs + self.arrays[:2]))
        if r < 0.97:
            return rng.choice([ANY, self.iface])
        return rng.choice(COMPLEX)

    def implementers(self):
        """Pairs: a type that implements I, and the type it is or points to."""
        found = [(t, t) for t in self.named]
        for s in self.structs:
            if s.method:
                if not s.pointer_method:
                    found.append((s, s))
                found.append((self.ptr(s), s))
        return found
