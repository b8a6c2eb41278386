"""Random statements: the body of one function.

Every loop is bounded and costs are counted, so that all programs end soon: a statement in a loop of n turns costs n, a call costs what the function
called does, and what would be too much is not made. A line that declares also uses what it declares, and a block opens and closes on lines of
its own, so that a reducer can take lines and blocks away and is left with a program.

Statements may change variables, also through pointers, closures and defers; expressions do not (exprs.py).
"""
import contextlib

from .exprs import Exprs, Function, Var
from .shapes import Shapes
from .types import ANY, BOOL, FLOATS, INT, INTS, INT64, STRING, Type

NEST = 4


class Body(Shapes, Exprs):
    def __init__(self, program, params, results, named, hashes, functions, limit):
        self.program, self.rng, self.u = program, program.rng, program.u
        self.reach_cache = program.reach_cache
        self.vars = [Var(n, t) for n, t in params]
        self.results, self.named, self.hashes = results, named, hashes
        if named:
            self.vars += [Var(n, t) for n, t in zip(named, results)]
        self.functions, self.closures = list(functions), []
        self.out, self.labels, self.nest = [], [], 0
        self.weight, self.cost, self.limit = 1, 0, limit
        self.pure_closure, self.in_goroutine, self.deferring, self.methods = False, False, False, True
        self.breakable, self.looping = 0, 0  # loops and switches, and loops, around, inside this function literal

    def affordable(self, cost):
        return self.cost + self.weight * cost < self.limit

    def spend(self, cost):
        self.cost += self.weight * cost

    def name(self, prefix="v"):
        self.program.names += 1
        return f"{prefix}{self.program.names}"

    def emit(self, line):
        self.out.append(line)

    @contextlib.contextmanager
    def scope(self, turns=1):
        """A block: what is declared in it ends with it; `turns`: how often it runs."""
        vars, functions, closures, weight = self.vars[:], self.functions[:], self.closures[:], self.weight
        self.weight *= turns
        self.nest += 1
        yield
        self.nest -= 1
        self.weight = weight
        self.vars[:], self.functions[:], self.closures[:] = vars, functions, closures

    @contextlib.contextmanager
    def literal_scope(self, results, named=None):
        """The body of a function literal: labels, results and loops of its own."""
        saved = self.results, self.named, self.labels, self.breakable, self.looping, self.deferring
        self.results, self.named, self.labels, self.breakable, self.looping, self.deferring = results, named, [], 0, 0, False
        with self.scope():
            yield
        self.results, self.named, self.labels, self.breakable, self.looping, self.deferring = saved

    def declare(self, t, value=None, assignable=True, prefix="v"):
        n = self.name(prefix)
        self.emit(f"var {n} {t} = {value or self.expr(t)}; _ = {n}")
        self.vars.append(Var(n, t, assignable))
        return n

    def block(self, n, turns=1):
        """n statements in a block that is open already."""
        with self.scope(turns):
            for _ in range(n):
                self.statement()

    def hash(self, text, t):
        if self.hashes:
            self.emit(f"{self.program.hasher(t)}({text})")

    def hash_some(self, share=0.6):
        for v in self.vars:
            if self.chance(share) and v.type.kind != "func":
                self.hash(v.name, v.type)

    # Every kind of statement with its weight.
    def kinds(self):
        deep = self.nest < NEST and self.affordable(6)
        yield 10, self.declare_one
        yield 14, self.assign
        yield 6, self.op_assign
        yield 5, self.parallel_assign
        yield 3, self.swap
        yield 2, self.hash_one
        yield 3, self.return_if
        yield 2, self.builtin
        yield 4, self.call_several
        yield 3, self.comma_ok
        if self.labels or self.breakable:
            yield 6, self.jump
        if not deep:
            return
        yield 9, self.if_chain
        yield 6, self.counted_loop
        yield 4, self.range_loop
        yield 5, self.several_counters
        yield 3, self.labelled_loops
        yield 4, self.switch
        yield 3, self.type_switch
        yield 3, self.closure
        yield 2, self.closure_maker
        yield 3, self.call_closure
        yield 2, self.protected
        yield 2, self.defer
        yield 2, self.goto
        yield 3, self.range_function
        yield 2, self.channel
        yield 1, self.select
        yield 2, self.method_value
        yield 3, self.order
        yield 2, self.alias
        yield 1, self.block_statement
        yield 2, self.shadow_loop

    def statement(self):
        self.spend(1)
        kinds = list(self.kinds())
        weights = [w for w, _ in kinds]
        self.rng.choices([k for _, k in kinds], weights)[0]()

    def declare_one(self):
        self.declare(self.u.any_type())

    def target(self, value_only=False):
        """A place to assign to and its type."""
        for _ in range(8):
            v = self.rng.choice([v for v in self.vars if v.assignable] or [None])
            if v is None:
                return None
            found = self.patterns(v.type)
            text = self.rng.choice(list(found))
            t = self.u.by_text[text]
            if t.kind != "func" and not (value_only and not t.is_num):
                return self.indexed(self.rng.choice(found[text]) % v.name, 1), t
        return None

    def limited(self, place, t):
        """Strings and slices that grow are cut: there may be no collector."""
        if t is STRING:
            self.emit(f"if len({place}) > 40 {{ {place} = {place}[:20] }}")
        elif t.kind == "slice":
            self.emit(f"if len({place}) > 24 {{ {place} = {place}[:12] }}")

    def assign(self):
        got = self.target()
        if not got:
            return self.declare_one()
        place, t = got
        self.emit(f"{place} = {self.expr(t)}")
        if t is STRING or t.kind == "slice":
            self.limited(place, t)
        maps = [v for v in self.vars if v.type.kind == "map"]
        if maps and self.chance(0.3):
            m = self.rng.choice(maps)
            self.emit(f"{m.name}[{self.expr(m.type.key, 2)}] = {self.expr(m.type.elem, 2)}")

    def op_assign(self):
        got = self.target(value_only=True)
        if not got:
            return self.declare(self.rng.choice(INTS))
        place, t = got
        if self.chance(0.25):
            self.emit(f"{place}{self.rng.choice(['++', '--'])}")
        elif t.is_int and self.chance(0.2):
            self.emit(f"{place} {self.rng.choice(['<<=', '>>='])} {self.count(2)}")
        elif t.is_int:
            self.emit(f"{place} {self.rng.choice(['+=', '-=', '*=', '^=', '|=', '&=', '&^='])} {self.expr(t, 3)}")
        else:
            self.emit(f"{place} {self.rng.choice(['+=', '-=', '*='])} {self.expr(t, 3)}")

    def parallel_assign(self):
        got = [g for g in (self.target() for _ in range(self.rng.randint(2, 4))) if g]
        got = [g for g in got if g[1] is not STRING and g[1].kind != "slice"]
        if got:
            self.emit(f"{', '.join(p for p, _ in got)} = {', '.join(self.expr(t, 2) for _, t in got)}")

    def swap(self):
        """A permutation of variables of one type: parallel moves."""
        by_type = {}
        for v in self.vars:
            if v.assignable and v.type.kind != "func":
                by_type.setdefault(v.type.text, []).append(v.name)
        lists = [n for n in by_type.values() if len(n) > 1]
        if lists:
            names = self.rng.choice(lists)
            names = self.rng.sample(names, min(len(names), self.rng.randint(2, 5)))
            self.emit(f"{', '.join(names)} = {', '.join(self.rng.sample(names, len(names)))}")

    def hash_one(self):
        v = self.rng.choice(self.vars or [None])
        if v and v.type.kind != "func":
            self.hash(v.name, v.type)

    def return_text(self):
        if self.named and self.chance(0.4):
            return "return"
        several = [f for f in self.functions if len(self.results) > 1 and f.results == self.results and self.affordable(f.cost)]
        if several and self.chance(0.5):
            f = self.rng.choice(several)
            self.spend(f.cost)
            return f"return {f.name}({', '.join(self.expr(p, 1) for p in f.params)})"
        return "return " + ", ".join(self.expr(r, 3) for r in self.results)

    def return_if(self):
        if not self.deferring and self.nest:
            self.emit(f"if {self.condition()} {{")
            self.emit(self.return_text())
            self.emit("}")

    def condition(self):
        return self.expr(BOOL, 3, True)

    def jump(self):
        words = []
        if self.breakable:
            words += ["break"]
        words += [f"{w} {label}" for label in self.labels for w in ("break", "continue")]
        if self.looping:
            words += ["continue"]
        self.emit(f"if {self.condition()} {{ {self.rng.choice(words)} }}")

    def if_chain(self):
        """if / else-if … where every branch assigns some of a few variables."""
        got = [g for g in (self.target() for _ in range(self.rng.randint(1, 4))) if g]
        got = [g for g in got if g[1] is not STRING and g[1].kind != "slice"]
        branches = self.rng.randint(1, 4)
        for i in range(branches):
            self.emit(("} else " if i else "") + f"if {self.condition()} {{")
            self.branch(got)
        if self.chance(0.5):
            self.emit("} else {")
            self.branch(got)
        self.emit("}")

    def branch(self, got):
        for place, t in got:
            if self.chance(0.75):
                self.emit(f"{place} = {self.expr(t, 3)}")
        if self.chance(0.4):
            self.block(self.rng.randint(1, 3))

    def switch(self):
        t = self.rng.choice(INTS + [STRING, BOOL] + self.u.named + [s for s in self.u.structs if s.comparable()][:2])
        tag = "" if t is BOOL else self.expr(t, 3, True)
        self.emit(f"switch {tag} {{")
        seen, cases = set(), self.rng.randint(1, 5)
        default = self.rng.randrange(cases + 2)
        for i in range(cases):
            if i == default:
                self.emit("default:")
            else:
                options = []
                for _ in range(self.rng.randint(1, 3)):
                    e = self.condition() if t is BOOL else self.literal(t) if t.is_int or t is STRING else self.expr(t, 2, True)
                    if self.chance(0.2) and t is not BOOL:
                        e = self.expr(t, 2, True)
                    if e not in seen:
                        options.append(e)
                        seen.add(e)
                if not options:
                    continue
                self.emit(f"case {', '.join(options)}:")
            self.breakable += 1
            self.block(self.rng.randint(1, 3))
            self.breakable -= 1
            if i + 1 < cases and self.chance(0.2):
                self.emit("fallthrough")
        if self.out[-1] == "fallthrough":
            self.out.pop()
        self.emit("}")

    def type_switch(self):
        any_vars = [v for v in self.vars if v.type.kind == "iface"]
        value = self.rng.choice(any_vars).name if any_vars and self.chance(0.6) else f"any({self.expr(self.u.any_type(), 2)})"
        x = self.name("x")
        iface = value in [v.name for v in any_vars if v.type is not ANY]
        types = [h for h, _ in self.u.implementers()] if iface else INTS + FLOATS + [STRING, self.u.iface] + self.u.structs + self.u.named
        self.emit(f"switch {x} := {value}.(type) {{")
        for t in self.rng.sample(types, self.rng.randint(1, 5)):
            self.emit(f"case {t}: _ = {x}")
            with self.scope():
                self.vars.append(Var(x, t))
                self.breakable += 1
                self.block(self.rng.randint(1, 2))
                self.breakable -= 1
        self.emit(f"default: _ = {x}")
        self.emit("}")

    def comma_ok(self):
        anys = [v for v in self.vars if v.type.kind == "iface"]
        maps = [v for v in self.vars if v.type.kind == "map"]
        a, ok = self.name(), self.name()
        if anys and self.chance(0.5):
            v = self.rng.choice(anys)
            types = [h for h, _ in self.u.implementers()] if v.type is not ANY else INTS + FLOATS + [STRING, self.u.iface] + self.u.structs
            t = self.rng.choice(types)
            if self.chance(0.2):
                self.emit(f"{a}, {ok} := {v.name}.({t}), true; _, _ = {a}, {ok}")
            else:
                self.emit(f"{a}, {ok} := {v.name}.({t}); _, _ = {a}, {ok}")
        elif maps:
            v = self.rng.choice(maps)
            t = v.type.elem
            self.emit(f"{a}, {ok} := {v.name}[{self.expr(v.type.key, 2)}]; _, _ = {a}, {ok}")
        else:
            return self.declare_one()
        self.vars += [Var(a, t), Var(ok, BOOL)]

    def call_several(self):
        """A call with several results, or one whose arguments lead to memory that the function changes."""
        found = [f for f in self.functions + self.program.changers if f.results and self.affordable(f.cost) and
                 (len(f.results) > 1 or f in self.program.changers)]
        if self.program.changers and not self.hashes:
            found = [f for f in found if f not in self.program.changers]
        if not found:
            return self.declare_one()
        f = self.rng.choice(found)
        self.spend(f.cost)
        args = []
        for p in f.params:
            place = self.place(p, depth=0) if p.shared() else None
            args.append(place or self.expr(p, 1 if p.shared() else 2))
        names = [self.name() for _ in f.results]
        self.emit(f"{', '.join(names)} := {f.name}({', '.join(args)}); {', '.join('_' for _ in names)} = {', '.join(names)}")
        self.vars += [Var(n, t) for n, t in zip(names, f.results)]

    def block_statement(self):
        self.emit("{")
        self.block(self.rng.randint(2, 4))
        self.emit("}")
