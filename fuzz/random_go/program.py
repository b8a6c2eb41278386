"""One random program: package lib (types, methods, small functions, hashes) and package main (functions under test and the calls of them).

A program is a pair of texts and the names of its functions under test. main calls every one of them with a few sets of arguments, catches what it panics
with and prints a line: name, number of the set, the hash of everything the function saw, and the panic's text. Hashes know NaNs only as such
and nothing of capacities and addresses, which Go leaves open.
"""
import random

from .exprs import Exprs, Function, Var
from .stmts import Body
from .types import ANY, BOOL, FLOATS, INT, INTS, INT64, STRING, UINT8, UINT64, Universe, integer

PRELUDE = """package lib

import "math"

var Acc uint64
var Never bool

//go:noinline
func HashU(x uint64) { Acc = (Acc ^ x) * 1099511628211; Acc ^= Acc >> 29 }
func HashF(x float64) {
	if x != x { HashU(0x7ff1); return }
	HashU(math.Float64bits(x))
}
func HashS(s string) {
	HashU(uint64(len(s)))
	for i := 0; i < len(s); i++ { HashU(uint64(s[i])) }
}
func HashB(b bool) {
	if b { HashU(1) } else { HashU(2) }
}
func HashPanic(e any) { HashS(Text(e)) }
func Text(e any) string {
	switch e := e.(type) {
	case nil: return "-"
	case error: return e.Error()
	case string: return "string " + e
	case int: return "int"
	}
	return "other"
}
func Run(name string, set int, f func()) {
	Acc = 14695981039346656037
	defer func() { println(name, set, Acc, Text(recover())) }()
	f()
}
func Id[T any](x T) T { return x }
//go:noinline
func IdNo[T any](x T) T { return x }
func New[T any](x T) *T { return &x }
func Sel[T any](c bool, a, b T) T {
	if c { return a }
	return b
}
func At[T any](s []T, i int) T {
	if len(s) == 0 { var z T; return z }
	return s[uint(i)%uint(len(s))]
}
func Clip[T any](s []T) []T { return s[:len(s):len(s)] }
func Head[T any](s []T, n int) []T { return s[:min(n, len(s))] }
func Cut(s string, i, j int) string {
	i = max(0, min(i, len(s)))
	return s[i:max(i, min(j, len(s)))]
}
func Try(f func() int64) (r int64) {
	defer func() { _ = recover() }()
	return f()
}
type Pair[A, B any] struct { A A; B B }
func (p Pair[A, B]) First() A { return p.A }
func (p *Pair[A, B]) Other() B { return p.B }
func (p Pair[A, B]) Second() B { return p.Other() }
type Int interface { ~int8 | ~int16 | ~int32 | ~int64 | ~int | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uint | ~uintptr }
type I interface { M(int64) int64 }
func Call(i I, x int64) int64 { return i.M(x) }
"""


class Program:
    def __init__(self, seed, functions, prefix="F"):
        self.rng = random.Random(seed)
        self.u = Universe(self.rng)
        self.reach_cache, self.names = {}, 0
        self.pure, self.changers, self.iterators = [], [], []
        self.hashers, self.lib, self.main, self.tests = {}, [], [], []
        self.make_types()
        for i in range(14):
            self.pure_function(f"P{i}", self.lib if i < 8 else self.main)
        self.generics()
        for i in range(4):
            self.iterator(f"It{i}", self.lib if i < 2 else self.main)
        for i in range(4):
            self.changer(f"Q{i}")
        for i in range(functions):
            self.test(f"{prefix}{i}")

    def body(self, params, results, named=None, hashes=False, functions=(), limit=400):
        return Body(self, params, results, named, hashes, functions, limit)

    def make_types(self):
        for t in self.u.named:
            self.lib.append(f"type {t} {t.base}")
        for t in self.u.structs:
            self.lib.append(f"type {t} struct {{ {'; '.join(f'{n} {f}' for n, f in t.fields)} }}")
        for t in self.u.named + self.u.structs:
            if t.method:
                b = self.body([("r", t), ("x", INT64)], [INT64])
                b.methods = False
                star = "*" if t.pointer_method else ""
                self.lib.append(f"func (r {star}{t}) M(x int64) int64 {{ return {b.expr(INT64, 3)} }}")

    def function(self, name, params, results, body, statements, to, type_params="", pressure=0):
        """Writes a function: `body` has its parameters in scope already."""
        for _ in range(pressure):
            body.declare(self.rng.choice(INTS if self.rng.random() < 0.5 else FLOATS))
        for _ in range(statements):
            body.statement()
        body.hash_some()
        body.emit(body.return_text())
        head = ", ".join(f"{n} {t}" for n, t in params)
        result = ", ".join(f"{n} {t}" for n, t in zip(body.named, results)) if body.named else ", ".join(map(str, results))
        if self.rng.random() < 0.6:
            to.append("//go:noinline")
        to.append(f"func {name}{type_params}({head}) ({result}) {{")
        to += body.out
        to.append("}")
        return max(3, body.cost)

    def params(self, n, choose):
        return [(f"a{i}", choose()) for i in range(n)]

    def pure_function(self, name, to):
        rng = self.rng
        params = self.params(rng.randint(0, 6), self.u.value)
        results = [self.u.value() for _ in range(rng.choice([1, 1, 1, 2, 3]))]
        if rng.random() < 0.3:
            results = [rng.choice(INTS + FLOATS)]
        named = [f"r{i}" for i in range(len(results))] if rng.random() < 0.3 else None
        b = self.body(params, results, named, functions=self.pure, limit=60)
        cost = self.function(name, params, results, b, rng.choice([0, 0, 1, 2, 4, 6]), to)
        self.pure.append(Function(name, [t for _, t in params], results, cost))

    def changer(self, name):
        """A function whose arguments lead to memory that it may change."""
        rng = self.rng
        params = self.params(rng.randint(1, 5), self.u.any_type)
        results = [self.u.any_type() for _ in range(rng.randint(1, 3))]
        b = self.body(params, results, functions=self.pure, limit=80)
        cost = self.function(name, params, results, b, rng.randint(2, 6), self.main)
        self.changers.append(Function(name, [t for _, t in params], results, cost))

    def generics(self):
        t = self.u.add(integer("T", 8, False))
        for i in range(3):
            b = self.body([("a", t), ("b", t), ("n", INT)], [t], functions=[], limit=60)
            b.methods = False
            self.function(f"G{i}", [("a", t), ("b", t), ("n", INT)], [t], b, self.rng.randint(0, 3), self.lib, "[T Int]")
            for k in self.rng.sample(INTS + self.u.named, 5):
                self.pure.append(Function(f"G{i}[{k}]", [k, k, INT], [k], max(3, b.cost)))

    def iterator(self, name, to):
        rng, t = self.rng, self.rng.choice(INTS + FLOATS)
        e = rng.choice([t, self.u.value()])
        b = self.body([("n", INT), ("x", t), ("i", INT)], [], functions=[])
        value = b.expr(e, 2)
        to.append(f"func {name}(n int, x {t}) func(func(int, {e}) bool) {{")
        to.append(f"return func(yield func(int, {e}) bool) {{")
        if rng.random() < 0.4:
            to.append("defer func() { x++ }()")
        to.append("for i := 0; i < n; i++ {")
        to.append(f"if !yield(i, {value}) {{ return }}")
        if rng.random() < 0.5:
            to.append(f"x = {b.expr(t, 2)}")
        to += ["}", "}", "}"]
        self.iterators.append(Function(name, [t], [e], 4))

    def test(self, name):
        rng = self.rng
        choose = rng.choice([self.u.any_type, self.u.any_type, self.u.value, lambda: rng.choice(INTS + FLOATS)])
        params = self.params(rng.randint(0, 10), choose)
        results = [self.u.any_type() for _ in range(rng.randint(1, 4))]
        named = [f"r{i}" for i in range(len(results))] if rng.random() < 0.4 else None
        b = self.body(params, results, named, True, self.pure, limit=1500)
        pressure = rng.choice([0, 0, 3, 8, 16, 28])
        self.function(name, params, results, b, rng.randint(4, 14), self.main, pressure=pressure)
        self.tests.append((name, [t for _, t in params], results))

    def hasher(self, t):
        basic = {"float": "HashF", "bool": "HashB", "string": "HashS"}
        if t.kind in basic and t.text != "float32":
            return basic[t.kind]
        if t.text not in self.hashers:
            self.hashers[t.text] = f"Hash{len(self.hashers)}", t
            for e in [t.elem, t.key] + [f for _, f in t.fields or []]:
                if e:
                    self.hasher(e)
            if t.kind == "iface":
                for e in INTS + FLOATS + [STRING, BOOL] + self.u.structs + self.u.named:
                    self.hasher(e)
        return self.hashers[t.text][0]

    def hasher_text(self, name, t):
        h = lambda e, x: f"{self.hasher(e)}({x})"
        head = f"func {name}(x {t}) {{ "
        if t.is_int:
            return f"{head}HashU(uint64(x)) }}"
        if t.kind == "float":
            return f"{head}HashF(float64(x)) }}"
        if t.kind == "complex":
            return f"{head}HashF(float64(real(x))); HashF(float64(imag(x))) }}"
        if t.kind == "struct":
            return head + "; ".join(h(f, "x." + n) for n, f in t.fields) + " }"
        if t.kind == "array":
            return f"{head}for i := range x {{ {h(t.elem, 'x[i]')} }} }}"
        if t.kind == "slice":
            return f"{head}HashB(x == nil); HashU(uint64(len(x))); for i := range x {{ {h(t.elem, 'x[i]')} }} }}"
        if t.kind == "map":
            return (f"{head}HashB(x == nil); HashU(uint64(len(x))); sum, old := uint64(0), Acc; for k, e := range x {{ Acc = 1; {h(t.key, 'k')}; "
                    f"{h(t.elem, 'e')}; sum += Acc }}; Acc = old; HashU(sum) }}")
        if t.kind == "ptr":
            return f"{head}if x == nil {{ HashU(9) }} else {{ {h(t.elem, '*x')} }} }}"
        cases = "; ".join(f"case {e}: HashU({i}); {h(e, 'x')}" for i, e in enumerate(self.hashed_in_any(t)))
        return f"{head}switch x := any(x).(type) {{ case nil: HashU(0); {cases}; default: HashU(77) }} }}"

    def hashed_in_any(self, t):
        if t is ANY:
            return INTS + FLOATS + [STRING, BOOL] + self.u.structs + self.u.named
        return [h for h, b in self.u.implementers() if h.kind != "ptr"]

    def calls(self):
        """main: every function under test with three sets of arguments."""
        yield "func main() {"
        b = self.body([], [])
        b.functions = []
        for name, params, results in self.tests:
            for s in range(3):
                args = ", ".join(b.expr(p, 1 if p.size > 8 else 2) for p in params)
                rs = ", ".join(f"r{i}" for i in range(len(results)))
                yield f'Run("{name}", {s}, func() {{'
                yield f"{rs} := {name}({args})"
                for i, t in enumerate(results):
                    yield f"{self.hasher(t)}(r{i})"
                yield "})"
        yield "}"

    def files(self):
        """File name → text."""
        calls = list(self.calls())
        hashers, done = [], 0
        while done < len(self.hashers):
            for name, t in list(self.hashers.values())[done:]:
                hashers.append(self.hasher_text(name, t))
                done += 1
        main = ["package main", 'import . "random/lib"'] + self.main + calls
        return {"go.mod": "module random\n\ngo 1.27\n", "lib/lib.go": PRELUDE + "\n".join(self.lib + hashers) + "\n", "main.go": "\n".join(main) + "\n"}
