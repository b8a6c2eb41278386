"""Random expressions of a given type.

An expression changes no variable: what it calls are functions and closures that only read, so that its value does not depend on the order in which its
operands are read (statements of their own ask for gc's order). It may panic. Two constant operands never meet directly, since the checker would
fold them and refuse overflow; Id, which is inlined or not, makes a value of a constant, so that it is the optimiser that folds.
"""
from .types import ANY, BOOL, COMPLEX, FLOATS, INT, INT32, INTS, INT64, STRING, UINT8

FLOAT_WORDS = ["0", "1", "-1", "0.5", "-2.25", "1e10", "-3e-5", "7", "1e30", "123456.789", "255", "-129", "65536", "4294967297", "-9.3e18", "1.9e19"]
STRING_WORDS = ['""', '"a"', '"gopher"', '"\\x00\\xff"', '"äöü€"', '"longer than sixteen bytes, surely"', '"b"']
DEPTH = 4


class Var:
    def __init__(self, name, type, assignable=True):
        self.name, self.type, self.assignable = name, type, assignable


class Function:
    """Something that can be called in an expression: a function, closure, or method value without effects."""

    def __init__(self, name, params, results, cost=1):
        self.name, self.params, self.results, self.cost = name, params, results, cost


class Exprs:
    """Needs: rng, u (Universe), vars (list of Var in scope), functions (list of Function in scope), cost, budget, weight."""

    def chance(self, p):
        return self.rng.random() < p

    def literal(self, t):
        rng = self.rng
        if t.is_int:
            low, high = (-(1 << t.bits - 1), (1 << t.bits - 1) - 1) if t.kind == "int" else (0, (1 << t.bits) - 1)
            if t.base == "T":
                low, high = 0, 127
            v = rng.choice([0, 1, 2, 3, 5, 7, 8, 10, 63, 64, 100, -1, -2, -8, low, high, low + 1, high - 1, rng.randint(low, high)])
            return f"{t}({min(max(v, low), high)})"
        if t.kind == "float":
            return f"{t}({rng.choice(FLOAT_WORDS)})"
        if t.kind == "complex":
            return f"{t}({rng.choice(FLOAT_WORDS[:6])} + {rng.choice(FLOAT_WORDS[:6]).lstrip('-')}i)"
        if t.kind == "bool":
            return rng.choice(["true", "false"])
        return rng.choice(STRING_WORDS)

    # Where a value of type `want` is found in a value of type t: patterns around the text of that value; @ is an index.
    def reach(self, t, depth=3):
        yield "%s", t
        if depth == 0:
            return
        if t.kind == "struct":
            for name, f in t.fields:
                for p, e in self.reach(f, depth - 1):
                    yield p % ("%s." + name), e
        elif t.kind == "array":
            for p, e in self.reach(t.elem, depth - 1):
                yield p % f"%s[@{t.n}]", e
        elif t.kind == "slice":
            for p, e in self.reach(t.elem, 1):
                yield p % "%s[@4]", e
        elif t.kind == "ptr":
            for p, e in self.reach(t.elem, depth - 1):
                yield p % "(*%s)", e

    def patterns(self, t):
        cache = self.reach_cache
        if t.text not in cache:
            found = {}
            for p, e in self.reach(t):
                found.setdefault(e.text, []).append(p)
            cache[t.text] = found
        return cache[t.text]

    def place(self, want, assignable=False, depth=1):
        """The text of a variable, or part of one, of type want; None if there is none."""
        found = []
        for v in self.vars:
            if assignable and not v.assignable:
                continue
            for p in self.patterns(v.type).get(want.text, ()):
                found.append((v, p))
        if not found:
            return None
        v, p = self.rng.choice(found[-24:] if self.chance(0.7) else found)
        return self.indexed(p % v.name, depth)

    def indexed(self, text, depth):
        parts = text.split("@")
        out = parts[0]
        for part in parts[1:]:
            n, rest = part.split("]", 1)
            out += self.index(int(n), depth) + "]" + rest
        return out

    def index(self, n, depth):
        """An index below n, now and then one that may be too large."""
        if depth <= 0 or self.chance(0.5):
            return str(self.rng.randrange(n))
        t = self.rng.choice(INTS)
        e = self.expr(t, depth - 1, variable=True)
        if self.chance(0.01):
            return e
        if n & (n - 1) == 0:
            return f"{e}&{n - 1}"
        return f"uint64({e})%{n}"

    def expr(self, t, depth=DEPTH, variable=False):
        """Text of an expression of type t. variable: must not be a constant."""
        text, constant = self.typed(t, depth)
        return f"Id({text})" if constant and variable else text

    def typed(self, t, depth):
        r = self.rng.random()
        if r < 0.45 or depth <= 0:
            p = self.place(t, depth=depth)
            if p is not None and (depth > 0 or r < 0.9):
                return p, False
        if depth > 0 and r > 0.9:
            call = self.call(t, depth)
            if call:
                return call, False
        if depth > 0 and 0.86 < r < 0.9 and t.text != "T":
            return self.selected(t, depth - 1), False
        if t.is_int:
            return self.int_expr(t, depth)
        if t.kind == "float":
            return self.float_expr(t, depth)
        return getattr(self, t.kind + "_expr")(t, depth)

    def selected(self, t, depth):
        kind = self.rng.randrange(4)
        a, b = self.expr(t, depth), self.expr(t, depth)
        if kind == 0:
            return f"Sel[{t}]({self.expr(BOOL, depth)}, {a}, {b})"
        if kind == 1:
            return f"func() {t} {{ if {self.expr(BOOL, depth, True)} {{ return {a} }}; return {b} }}()"
        if kind == 2 and t.kind not in ("func",):
            return f"IdNo[{t}]({a})"
        return f"(Pair[{t}, {t}]{{{a}, {b}}}).{self.rng.choice(['First', 'Second'])}()"

    def call(self, t, depth):
        found = [f for f in self.functions if len(f.results) == 1 and f.results[0] is t and self.affordable(f.cost)]
        if not found:
            return None
        f = self.rng.choice(found)
        self.spend(f.cost)
        return f"{f.name}({', '.join(self.expr(p, min(depth - 1, 2)) for p in f.params)})"

    # Two operands of type t that are not both constant.
    def operands(self, t, depth):
        a, ca = self.typed(t, depth - 1)
        b, cb = self.typed(t, depth - 1)
        if ca and cb:
            a = f"Id({a})"
        return a, b

    def count(self, depth):
        """A shift count."""
        r, rng = self.rng.random(), self.rng
        if r < 0.35:
            return str(rng.choice([0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 200]))
        if r < 0.6:
            return f"({self.expr(rng.choice(INTS), depth - 1, True)}&{rng.choice([7, 15, 31, 63, 127])})"
        if r < 0.985:
            return self.expr(rng.choice([t for t in INTS if t.kind == "uint"]), depth - 1, True)
        return self.expr(rng.choice(INTS), depth - 1, True)

    def int_expr(self, t, depth):
        rng, r = self.rng, self.rng.random()
        if depth <= 0 or r < 0.12:
            return self.literal(t), True
        if r < 0.45:
            a, b = self.operands(t, depth)
            return f"({a} {rng.choice(['+', '-', '*', '&', '|', '^', '&^', '+', '-'])} {b})", False
        if r < 0.55:
            a = self.expr(t, depth - 1, True)
            kind = rng.random()
            if kind < 0.4:
                b = self.literal(t)
                b = f"{t}({rng.choice([1, 3, 7, 10, 64, 127])})" if b.endswith("(0)") else b
            elif kind < 0.98:
                b = f"({self.expr(t, depth - 1, True)}|1)"
            else:
                b = self.expr(t, depth - 1, True)
            return f"({a} {rng.choice('/%')} {b})", False
        if r < 0.64:
            return f"({self.expr(t, depth - 1, True)} {rng.choice(['<<', '>>'])} {self.count(depth)})", False
        if r < 0.68:
            return f"({rng.choice('-^')}{self.expr(t, depth - 1, True)})", False
        if r < 0.84:
            return f"{t}({self.expr(rng.choice(INTS + self.u.named + FLOATS), depth - 1, True)})", False
        if r < 0.88:
            a, b = self.operands(t, depth)
            return f"{rng.choice(['min', 'max'])}({a}, {b})", False
        if r < 0.92 and t.text != "T":
            return self.int_of_other(t, depth), False
        return self.from_container(t, depth) or self.literal(t), False

    def int_of_other(self, t, depth):
        rng, kind = self.rng, self.rng.randrange(6 if self.methods else 2)
        if kind == 0:
            return f"{t}(len({self.expr(STRING, depth - 1, True)}))"
        if kind == 1:
            # The length of an array is a constant unless a function is called in its expression.
            v = [v for v in self.vars if v.type.kind in ("slice", "map")]
            if v:
                return f"{t}(len({rng.choice(v).name}))"
        if kind == 2:
            holders = [h for h, _ in self.u.implementers() if h.kind != "ptr"]
            h = rng.choice(holders)
            return f"{t}({self.expr(h, depth - 1, True)}.M({self.expr(INT64, depth - 1)}))"
        if kind == 3:
            return f"{t}(Call({self.expr(self.u.iface, depth - 1)}, {self.expr(INT64, depth - 1)}))"
        if kind == 4:
            return f"{t}({self.expr(STRING, depth - 1, True)}[{self.index(3, depth - 1)}])" if self.chance(0.2) else f"{t}(At([]byte({self.expr(STRING, depth - 1)}), {self.expr(INT, depth - 1)}))"
        if kind == 5:
            h = rng.choice([h for h, _ in self.u.implementers() if h.kind != "ptr"])
            return f"{t}(({h}).M({self.expr(h, depth - 1, True)}, {self.expr(INT64, depth - 1)}))"
        return f"{t}({self.expr(rng.choice(INTS), depth - 1, True)})"

    def from_container(self, t, depth):
        """An element of a map in scope, or of a composite made on the spot."""
        maps = [v for v in self.vars if v.type.kind == "map" and v.type.elem is t]
        if maps and self.chance(0.6):
            v = self.rng.choice(maps)
            return f"{v.name}[{self.expr(v.type.key, depth - 1)}]"
        slices = [v for v in self.vars if v.type.kind == "slice" and v.type.elem is t]
        if slices and self.chance(0.6):
            return f"At({self.rng.choice(slices).name}, {self.expr(INT, depth - 1)})"
        if t.text == "T":
            return f"({self.expr(t, depth - 1, True)})"
        n = self.rng.randint(1, 4)
        return f"[...]{t}{{{', '.join(self.expr(t, depth - 1) for _ in range(n))}}}[{self.index(n, depth - 1)}]"

    def float_expr(self, t, depth):
        rng, r = self.rng, self.rng.random()
        if depth <= 0 or r < 0.12:
            return self.literal(t), True
        if r < 0.6:
            a, b = self.operands(t, depth)
            if rng.random() < 0.25:
                return f"({self.expr(t, depth - 1, True)} / {self.expr(t, depth - 1, True)})", False
            return f"({a} {rng.choice('+-*')} {b})", False
        if r < 0.66:
            return f"(-{self.expr(t, depth - 1, True)})", False
        if r < 0.84:
            return f"{t}({self.expr(rng.choice(INTS + FLOATS), depth - 1, True)})", False
        if r < 0.89:
            a, b = self.operands(t, depth)
            return f"{rng.choice(['min', 'max'])}({a}, {b})", False
        if r < 0.93:
            c = COMPLEX[t.bits // 32 - 1]
            return f"{rng.choice(['real', 'imag'])}({self.expr(c, depth - 1, True)})", False
        return self.from_container(t, depth) or self.literal(t), False

    def complex_expr(self, t, depth):
        r, f = self.rng.random(), FLOATS[t.bits // 64 - 1]
        if depth <= 0 or r < 0.15:
            return self.literal(t), True
        if r < 0.6:
            a, b = self.operands(t, depth)
            return f"({a} {self.rng.choice('+-*')} {b})", False
        if r < 0.7:
            return f"{t}({self.expr(COMPLEX[self.rng.randrange(2)], depth - 1, True)})", False
        return f"complex({self.expr(f, depth - 1, True)}, {self.expr(f, depth - 1)})", False

    def bool_expr(self, t, depth):
        rng, r = self.rng, self.rng.random()
        if depth <= 0 or r < 0.04:
            if r < 0.5:
                p = self.place(BOOL, depth=0)
                if p:
                    return p, False
            return self.literal(BOOL), True
        if r < 0.2:
            return f"({self.expr(BOOL, depth - 1, True)} {rng.choice(['&&', '||'])} {self.expr(BOOL, depth - 1, True)})", False
        if r < 0.25:
            return f"!{self.expr(BOOL, depth - 1, True)}", False
        if r < 0.78:
            o = rng.choice(INTS + FLOATS + [STRING] + self.u.named) if rng.random() < 0.85 else INT
            a, b = self.operands(o, min(depth, 3))
            return f"({a} {rng.choice(['==', '!=', '<', '<=', '>', '>='])} {b})", False
        if r < 0.92:
            o = rng.choice([t for t in self.u.structs + self.u.arrays + [ANY, self.u.iface] + COMPLEX if t.comparable()])
            a, b = self.operands(o, min(depth, 2))
            return f"({a} {rng.choice(['==', '!='])} {b})", False
        nilable = [v for v in self.vars if v.type.kind in ("slice", "map", "ptr", "iface", "func")]
        if nilable:
            return f"({rng.choice(nilable).name} {rng.choice(['==', '!='])} nil)", False
        return f"({self.expr(INT, depth - 1, True)} > 3)", False

    def string_expr(self, t, depth):
        rng, r = self.rng, self.rng.random()
        if depth <= 0 or r < 0.25:
            return self.literal(t), True
        if r < 0.5:
            # Only one part may be long: what is added to itself again and again would not end.
            parts = [self.short_string(depth) for _ in range(rng.randint(1, 3))]
            parts.insert(rng.randrange(len(parts) + 1), self.expr(STRING, depth - 1, True))
            return f"({' + '.join(parts)})", False
        if r < 0.65:
            return f"Cut({self.expr(STRING, depth - 1)}, {self.expr(INT, depth - 1)}, {self.expr(INT, depth - 1)})", False
        if r < 0.7:
            return f"({self.expr(STRING, depth - 1, True)} + \"ab\")[{rng.randrange(3)}:]", False
        if r < 0.8:
            return f"string(rune({self.expr(INT32, depth - 1, True)}))", False
        if r < 0.9:
            return f"string({self.expr(self.u.slice(UINT8), depth - 1)})", False
        return f"string([]byte({self.expr(STRING, depth - 1)}))", False

    def short_string(self, depth):
        kind = self.rng.randrange(3)
        if kind == 0:
            return self.literal(STRING)
        if kind == 1:
            return f"string(rune({self.expr(INT32, depth - 1, True)}))"
        return f"Cut({self.expr(STRING, depth - 1)}, 0, {self.rng.randint(0, 9)})"

    def struct_expr(self, t, depth):
        if self.chance(0.15) or not t.fields:
            return f"({t}{{}})", False
        if self.chance(0.3):
            some = [f for f in t.fields if self.chance(0.6)]
            return f"({t}{{{', '.join(f'{n}: {self.expr(f, min(depth - 1, 2))}' for n, f in some)}}})", False
        return f"({t}{{{', '.join(self.expr(f, min(depth - 1, 2)) for _, f in t.fields)}}})", False

    def array_expr(self, t, depth):
        d = min(depth - 1, 1)
        if self.chance(0.15):
            return f"({t}{{}})", False
        if self.chance(0.15) and depth > 0:
            return f"{t}(append(make([]{t.elem}, {t.n}), {self.expr(t.elem, d)}))", False
        if self.chance(0.4):
            at = sorted(self.rng.sample(range(t.n), self.rng.randint(1, min(t.n, 3))))
            return f"({t}{{{', '.join(f'{i}: {self.expr(t.elem, d)}' for i in at)}}})", False
        return f"({t}{{{', '.join(self.expr(t.elem, d) for _ in range(t.n))}}})", False

    def slice_expr(self, t, depth):
        r, d = self.rng.random(), min(depth - 1, 2)
        if r < 0.02:
            return f"{t}(nil)", False
        if r < 0.25:
            return f"make({t}, {self.rng.randint(4, 9)})", False
        if r < 0.35 and t.elem is UINT8:
            return f"[]byte({self.expr(STRING, d)} + \"wxyz\")", False
        arrays = [v for v in self.vars if v.type.kind == "array" and v.type.elem is t.elem and v.type.n >= 4 and v.assignable]
        if arrays and self.chance(0.4):
            v = self.rng.choice(arrays)
            return f"{v.name}[{self.rng.choice(['', '0', '0:4'])}:]".replace("4:]", "4]"), False
        if r < 0.55 and depth > 0:
            return f"append(Clip({self.expr(t, 0)}), {', '.join(self.expr(t.elem, d) for _ in range(self.rng.randint(1, 3)))})", False
        if r < 0.62 and depth > 0:
            return f"{self.expr(t, 0)}[0:4{self.rng.choice(['', ':4'])}]", False
        return f"{t}{{{', '.join(self.expr(t.elem, d) for _ in range(self.rng.randint(4, 6)))}}}", False

    def map_expr(self, t, depth):
        if self.chance(0.02):
            return f"{t}(nil)", False
        pairs = ", ".join(f"Id({self.expr(t.key, 1)}): {self.expr(t.elem, 1)}" for _ in range(self.rng.randint(0, 4)))
        return f"{t}{{{pairs}}}", False

    def ptr_expr(self, t, depth):
        r, e = self.rng.random(), t.elem
        if r < 0.015:
            return f"(*{e})(nil)", False
        if r < 0.5:
            p = self.place(e, assignable=True, depth=min(depth, 1))
            if p and "(*" not in p and not self.pure_closure:
                return f"&{p}", False
        if e.kind == "struct" and self.chance(0.5):
            return f"&{self.struct_expr(e, depth)[0].strip('()')}", False
        return f"New({self.expr(e, min(depth - 1, 2))})", False

    def iface_expr(self, t, depth):
        if self.chance(0.03 if t is ANY else 0.005):
            return f"{t}(nil)", False
        if t is ANY:
            e = self.rng.choice([self.rng.choice(INTS + FLOATS), STRING, self.u.any_type(), self.u.any_type()])
            if e.kind == "iface":
                e = INT
            return f"any({self.expr(e, min(depth - 1, 2))})", False
        h, _ = self.rng.choice(self.u.implementers())
        return f"{t}({self.expr(h, min(depth - 1, 2))})", False

    def func_expr(self, t, depth):
        names = [f"p{i}" for i in range(len(t.params))]
        saved = self.vars[:]
        self.vars += [Var(n, p, False) for n, p in zip(names, t.params)]
        body = ", ".join(self.expr(r, min(depth - 1, 2)) for r in t.results)
        self.vars[:] = saved
        head = ", ".join(f"{n} {p}" for n, p in zip(names, t.params))
        r = ", ".join(map(str, t.results))
        return f"func({head}) ({r}) {{ return {body} }}", False

