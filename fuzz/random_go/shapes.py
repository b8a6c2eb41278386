"""Statements that are made of more than one piece: loops, closures, defers, jumps, channels, and the orders that Go leaves open and gc chooses."""
from .exprs import Function, Var
from .types import ANY, BOOL, FLOATS, INT, INTS, INT64, STRING, UINT8


class Shapes:
    def loop_body(self, turns, label, n=None):
        self.breakable, self.looping = self.breakable + 1, self.looping + 1
        self.labels += [label] if label else []
        self.block(n or self.rng.randint(1, 4), turns)
        self.labels = self.labels[:-1] if label else self.labels
        self.breakable, self.looping = self.breakable - 1, self.looping - 1

    def turns(self):
        n = self.rng.choice([1, 2, 3, 3, 4, 5, 8])
        while n > 1 and not self.affordable(n * 6):
            n -= 1
        return n

    def label(self):
        """Text of a label and its name, or nothing."""
        if self.chance(0.25):
            name = self.name("L")
            return name, name
        return "", ""

    def open_loop(self, head, turns, vars, n=None):
        name, label = self.label()
        if label:
            self.emit(f"{name}:")
        self.emit(head + " {")
        if label:
            self.emit(f"if Never {{ continue {label} }}")
        with self.scope():
            self.vars += vars
            for v in vars:
                self.emit(f"_ = {v.name}")
            self.loop_body(turns, label, n)
        self.emit("}")

    def counted_loop(self):
        i, n = self.name("i"), self.turns()
        t = self.rng.choice([INT, INT, *INTS])
        kind = self.rng.randrange(5)
        if kind == 0:
            head = f"for {i} := {t}({n}); {i} > 0; {i}--"
        elif kind == 1:
            head = f"for {i} := {t}(0); {i} < {t}({n}) && {self.expr(BOOL, 2, True)}; {i}++"
        elif kind == 2:
            head = f"for {i} := range {t}({n})"
        elif kind == 3:
            head = f"for {i} := {t}(Id({n}) + 1); {i} > 1; {i} -= 1"
        else:
            head = f"for {i} := {t}(0); {i} < {t}({n * 3}); {i} += 3"
        self.open_loop(head, n, [Var(i, t, False)])

    def several_counters(self):
        """Two or three counters that advance together, some of them floats."""
        n = self.turns()
        i, j, k = self.name("i"), self.name("j"), self.name("k")
        tj, tk = self.rng.choice(INTS + FLOATS), self.rng.choice(INTS + FLOATS)
        kind = self.rng.randrange(3)
        if kind == 0:
            self.open_loop(f"for {i}, {j}, {k} := 0, {self.expr(tj, 2, True)}, {self.expr(tk, 2, True)}; {i} < {n}; "
                           f"{i}, {j}, {k} = {i}+1, {j}+{self.literal(tj)}, {k}-{tk}({i})", n, [Var(i, INT, False), Var(j, tj), Var(k, tk)])
        elif kind == 1:
            self.open_loop(f"for {i}, {j} := 0, {2 * n}; {i} < {j}; {i}, {j} = {i}+1, {j}-1", n, [Var(i, INT, False), Var(j, INT, False)])
        else:  # Fibonacci-like: the counters are each other's next values
            self.open_loop(f"for {i}, {j}, {k} := {n}, {self.expr(tj, 2, True)}, {self.expr(tj, 2, True)}; {i} > 0; "
                           f"{i}, {j}, {k} = {i}-1, {k}, {j}+{k}", n, [Var(i, INT, False), Var(j, tj), Var(k, tj)])

    def labelled_loops(self):
        outer, i, j = self.name("L"), self.name("i"), self.name("j")
        n, m = self.turns(), self.turns()
        while n * m > 4 and not self.affordable(n * m * 8):
            n, m = max(1, n - 1), max(1, m - 1)
        self.emit(f"{outer}:")
        self.emit(f"for {i} := 0; {i} < {n}; {i}++ {{")
        with self.scope(n):
            self.vars.append(Var(i, INT, False))
            self.breakable, self.looping = self.breakable + 1, self.looping + 1
            self.labels = self.labels + [outer]
            self.block(self.rng.randint(0, 2))
            self.emit(f"for {j} := range {m} {{")
            with self.scope():
                self.vars.append(Var(j, INT, False))
                self.emit(f"if {self.condition()} {{ {self.rng.choice(['continue', 'break'])} {outer} }}")
                self.loop_body(m, "")
                if self.chance(0.5):
                    self.emit(f"switch {{ case {self.condition()}: {self.rng.choice(['continue ' + outer, 'break', 'continue'])} }}")
            self.emit(f"_ = {j} }}")
            self.block(self.rng.randint(0, 2))
            self.labels = self.labels[:-1]
            self.breakable, self.looping = self.breakable - 1, self.looping - 1
        self.emit("}")

    def shadow_loop(self):
        """Closures over loop variables, called behind the loop."""
        fs, i, n = self.name("f"), self.name("i"), self.turns()
        t = self.rng.choice(INTS[:5])
        self.emit(f"var {fs} []func() {t}; _ = {fs}")
        self.emit(f"for {i} := {t}(0); {i} < {n}; {i}++ {{")
        with self.scope(n):
            self.vars.append(Var(i, t, False))
            e = self.expr(t, 2)
            if self.chance(0.4):
                self.emit(f"{fs} = append({fs}, func() {t} {{ {i} += 2; return {i} ^ {e} }})")
            else:
                self.emit(f"{fs} = append({fs}, func() {t} {{ return {i} * {e} }})")
        self.emit("}")
        s = self.declare(t)
        self.emit(f"for _, f := range {fs} {{ {s} = {s}*3 + f() }}")

    def range_loop(self):
        rng = self.rng
        candidates = [v for v in self.vars if v.type.kind in ("slice", "array", "map", "string")]
        k, e = self.name("k"), self.name("e")
        v = rng.choice(candidates) if candidates and self.chance(0.8) else None
        t = v.type if v else STRING
        if t.kind == "map":  # in no order: only sums
            total = self.declare(INT64)
            with self.scope(4):
                saved, self.vars = self.vars, [Var(k, t.key, False), Var(e, t.elem, False)]
                functions, self.functions = self.functions, []
                term = self.expr(INT64, 2)
                self.vars, self.functions = saved, functions
            self.emit(f"for {k}, {e} := range {v.name} {{ _, _ = {k}, {e}; {total} += Try(func() int64 {{ return {term} }}) }}")
            return
        if t is STRING:
            n, vars = 8, [Var(k, INT, False), Var(e, INTS[2])]
        else:
            n, vars = (t.n if t.kind == "array" else 6), [Var(k, INT, False), Var(e, t.elem)]
        while not self.affordable(n * 6) and n > 3:
            n -= 1
        source = v.name if v else self.expr(STRING, 2)
        if t.kind == "array" and self.chance(0.3):
            source = f"&{source}" if v.assignable else source
        elif t is STRING or t.kind == "slice":
            source = f"Head({source}, {n})" if t is not STRING else f"Cut({source}, 0, {n})"
        if self.chance(0.25):
            self.open_loop(f"for {k} := range {source}", n, vars[:1])
        else:
            self.open_loop(f"for {k}, {e} := range {source}", n, vars)

    def closure(self):
        """A closure in a variable: one that only reads can be called in expressions, one that changes what it captures only by statements."""
        rng, reads = self.rng, self.chance(0.4)
        params = [(self.name("p"), self.u.value()) for _ in range(rng.randint(0, 3))]
        results = [self.u.value() for _ in range(rng.choice([1, 1, 1, 2, 3]))]
        name, cost = self.name("c"), self.cost
        head = ", ".join(f"{n} {t}" for n, t in params)
        self.emit(f"{name} := func({head}) ({', '.join(map(str, results))}) {{")
        with self.literal_scope(results):
            self.vars += [Var(n, t) for n, t in params]
            if not reads:
                weight, self.weight = self.weight, 1
                self.block(rng.randint(1, 3))
                self.weight = weight
            self.emit("return " + ", ".join(self.expr(r, 3) for r in results))
        self.emit(f"}}; _ = {name}")
        f = Function(name, [t for _, t in params], results, max(2, self.cost - cost))
        if reads:
            self.functions.append(f)
        else:
            self.closures.append(f)

    def closure_maker(self):
        """A closure that returns closures, which share what they capture."""
        t, u = self.rng.choice(INTS + FLOATS), self.rng.choice(INTS + FLOATS)
        make, get, put, x = self.name("m"), self.name("c"), self.name("c"), self.name("x")
        self.emit(f"{make} := func({x} {t}) (func() {t}, func({u}) {t}) {{")
        with self.literal_scope([]):
            self.vars.append(Var(x, t))
            n = self.declare(u)
            e = self.expr(t, 2)
            self.emit(f"return func() {t} {{ {n}++; return {x} + {t}({n}) }}, func(q {u}) {t} {{ {x}, {n} = {x} - {t}(q), q; return {e} }}")
        self.emit(f"}}; {get}, {put} := {make}({self.expr(t, 2)}); _, _ = {get}, {put}")
        self.closures += [Function(get, [], [t], 2), Function(put, [u], [t], 2)]

    def call_closure(self):
        found = [f for f in self.closures if self.affordable(f.cost)]
        if not found:
            return self.closure()
        f = self.rng.choice(found)
        self.spend(f.cost)
        names = [self.name() for _ in f.results]
        args = ", ".join(self.expr(p, 1) for p in f.params)
        r = self.rng.random()
        if r < 0.15 and not self.in_goroutine:
            self.emit(f"defer {f.name}({args})")
        elif r < 0.6:
            self.emit(f"{', '.join(names)} := {f.name}({args}); {', '.join('_' for _ in names)} = {', '.join(names)}")
            self.vars += [Var(n, t) for n, t in zip(names, f.results)]
        else:
            places = [self.place(t, assignable=True, depth=0) or "_" for t in f.results]
            if len(places) == 1 and self.chance(0.3):
                self.emit(f"{f.name}({args})")
            else:
                self.emit(f"{', '.join(p if p.isidentifier() else '_' for p in places)} = {f.name}({args})")

    def method_value(self):
        h, base = self.rng.choice(self.u.implementers())
        name = self.name("mv")
        v = self.place(base, assignable=True, depth=0) if h.kind == "ptr" else None
        if v and "(*" not in v:
            self.emit(f"{name} := {v}.M; _ = {name}")
        elif self.chance(0.4):
            self.emit(f"{name} := {self.expr(self.u.iface, 2)}.M; _ = {name}")
        else:
            self.emit(f"{name} := ({self.expr(h, 2, True)}).M; _ = {name}")
        self.functions.append(Function(name, [INT64], [INT64], 4))

    def protected(self):
        """A block whose panics are caught; what it panicked with is hashed."""
        t = self.rng.choice(INTS + FLOATS)
        named = self.chance(0.6)
        r = self.name("r")
        v = self.name()
        self.emit(f"{v} := func() ({r if named else ''} {t}) {{")
        if not named:
            self.out[-1] = f"{v} := func() {t} {{"
        note = "HashPanic(e)" if self.hashes and not self.in_goroutine else "_ = e"
        with self.literal_scope([t], [r] if named else None):
            self.emit("defer func() {")
            self.emit(f"if e := recover(); e != nil {{ {note} }}")
            if named and self.chance(0.7):
                self.emit(f"{r} = {r}*3 + {self.literal(t)}")
            self.emit("}()")
            if named:
                self.vars.append(Var(r, t))
            self.block(self.rng.randint(1, 4))
            if self.chance(0.5):
                self.emit(f"if {self.condition()} {{ panic({self.expr(self.rng.choice([STRING, INT, ANY]), 1)}) }}")
            self.emit(self.return_text())
        self.emit(f"}}(); _ = {v}")
        self.vars.append(Var(v, t))

    def defer(self):
        if self.in_goroutine:
            return
        kind = self.rng.random()
        if kind < 0.4 and self.hashes:
            t = self.u.any_type()
            self.emit(f"defer {self.program.hasher(t)}({self.expr(t, 2)})")
            return
        self.emit("defer func() {")
        with self.literal_scope([]):
            self.deferring = True
            weight, self.weight = self.weight, self.weight * 2
            self.block(self.rng.randint(1, 2))
            self.weight = weight
            if self.chance(0.3):
                self.emit("if e := recover(); e != nil { " + ("HashPanic(e)" if self.hashes else "_ = e") + " }")
        self.emit("}()")

    def goto(self):
        if self.chance(0.5):
            label = self.name("G")
            self.emit("{")
            self.emit(f"if {self.condition()} {{ goto {label} }}")
            self.emit("{")
            self.block(self.rng.randint(1, 3))
            self.emit("}")
            self.emit(f"{label}:")
            self.emit("{")
            self.block(1)
            self.emit("}")
            self.emit("}")
        else:
            label, n = self.name("G"), self.turns()
            i = self.declare(INT, "0", assignable=False, prefix="g")
            self.emit(f"{label}:")
            self.emit("{")
            self.block(self.rng.randint(1, 3), n)
            self.emit("}")
            self.emit(f"if {i}++; {i} < {n} && {self.condition()} {{ goto {label} }}")

    def range_function(self):
        """A loop over an iterator; the iterator is a function of the program or a literal with a defer."""
        iterators = [f for f in self.program.iterators if self.affordable(f.cost * 4)]
        n = min(self.turns(), 4)
        k, e = self.name("k"), self.name("e")
        if iterators and self.chance(0.7):
            f = self.rng.choice(iterators)
            self.spend(f.cost)
            head = f"for {k}, {e} := range {f.name}({n}, {self.expr(f.params[0], 2)})"
            vars = [Var(k, INT, False), Var(e, f.results[0])]
        else:
            t, s = self.rng.choice(INTS + FLOATS), self.declare(INT64)
            it = self.name("it")
            self.emit(f"{it} := func(yield func(int, {t}) bool) {{")
            with self.literal_scope([]):
                if self.chance(0.5):
                    self.emit(f"defer func() {{ {s} = {s}*5 + 1 }}()")
                q = self.name("q")
                self.emit(f"for {q} := range {n} {{")
                with self.scope(n):
                    self.vars.append(Var(q, INT, False))
                    self.emit(f"{s} += int64({q})")
                    self.emit(f"if !yield({q}, {self.expr(t, 2)}) {{ {s}--; return }}")
                self.emit("}")
                self.emit(f"{s} ^= 77")
            self.emit(f"}}; _ = {it}")
            head, vars = f"for {k}, {e} := range {it}", [Var(k, INT, False), Var(e, t)]
        self.open_loop(head, n, vars, self.rng.randint(1, 3))

    def channel(self):
        """A goroutine that computes from copies of a few values and sends; its panics end it."""
        t, n = self.u.value(), self.turns()
        if t.kind == "func":
            t = INT
        ch, sum_ = self.name("ch"), self.declare(INT64)
        params = [v for v in self.vars if not v.type.shared() and v.type.size < 20]
        params = self.rng.sample(params, min(3, len(params)))
        names = [self.name("p") for _ in params]
        self.emit(f"{ch} := make(chan {t}, {self.rng.choice([0, 0, 1, 4])})")
        self.emit(f"go func({', '.join(f'{m} {v.type}' for m, v in zip(names, params))}) {{")
        vars, functions, closures, goroutine = self.vars, self.functions, self.closures, self.in_goroutine
        hashes, self.hashes = self.hashes, False
        self.vars, self.in_goroutine = [], True
        self.functions, self.closures = list(self.program.pure), []
        self.emit(f"defer close({ch}); defer func() {{ _ = recover() }}()")
        with self.literal_scope([]):
            self.vars += [Var(m, v.type) for m, v in zip(names, params)]
            self.emit(f"for i := range {n} {{ _ = i")
            with self.scope(n):
                self.vars.append(Var("i", INT, False))
                self.deferring = True
                self.block(self.rng.randint(0, 2))
                self.deferring = False
                self.emit(f"{ch} <- {self.expr(t, 2)}")
            self.emit("}")
        self.vars, self.functions, self.closures, self.in_goroutine, self.hashes = vars, functions, closures, goroutine, hashes
        self.emit(f"}}({', '.join(v.name for v in params)})")
        x = self.name("x")
        self.emit(f"for {x} := range {ch} {{ _ = {x}")
        with self.scope(n):
            self.vars.append(Var(x, t))
            e = self.expr(INT64, 2)
            self.emit(f"{sum_} = {sum_}*7 + {e}")
            self.hash(x, t)
        self.emit("}")

    def select(self):
        ch, t = self.name("ch"), self.rng.choice(INTS + [STRING] + FLOATS)
        v, ok = self.name(), self.name()
        self.emit(f"{ch} := make(chan {t}, 1)")
        self.emit(f"if {self.condition()} {{ {ch} <- {self.expr(t, 2)} }}")
        if self.chance(0.3):
            self.emit(f"close({ch})")
        self.emit("select {")
        self.emit(f"case {v}, {ok} := <-{ch}: _, _ = {v}, {ok}")
        with self.scope():
            self.vars += [Var(v, t), Var(ok, BOOL)]
            self.breakable += 1
            self.block(2)
            self.breakable -= 1
        self.emit("default:")
        self.emit("}")

    def builtin(self):
        rng = self.rng
        slices = [v for v in self.vars if v.type.kind == "slice" and v.assignable]
        maps = [v for v in self.vars if v.type.kind == "map"]
        kind = rng.randrange(4)
        if kind == 0 and maps:
            v = rng.choice(maps)
            self.emit(rng.choice([f"clear({v.name})", f"delete({v.name}, {self.expr(v.type.key, 2)})"]))
        elif kind == 1 and slices:
            v = rng.choice(slices)
            self.emit(rng.choice([f"clear({v.name}[1:])", f"copy({v.name}, {self.expr(v.type, 1)})", f"copy({v.name}[1:], {v.name})"]))
        elif kind == 2 and slices:
            v = rng.choice(slices)
            self.emit(f"{v.name} = append({v.name}{rng.choice(['', '[:2]'])}, {self.expr(v.type.elem, 2)})")
            self.limited(v.name, v.type)
        elif slices:
            v = rng.choice(slices)
            self.emit(f"{v.name} = append({v.name}[:1], {v.name}[1:]...)")
        else:
            self.declare_one()

    def alias(self):
        """Slices of one array, or bytes and strings of each other, one of which changes."""
        a, b, c, rng = self.name("a"), self.name("b"), self.name("b"), self.rng
        if rng.random() < 0.4:
            s = self.declare(STRING)
            copy = rng.choice([f"string({a})", f'"" + string({a})', f"string({a}) + {s}"])
            self.emit(f"{a} := []byte({s}); {b} := {copy}; _ = {b}")
            self.emit(f"for i := range {a} {{ {a}[i] ^= {self.expr(UINT8, 1)} }}")
            self.emit(f"{c} := Cut(string({a}) + {b}, 0, 30); _ = {c}")
            self.vars += [Var(b, STRING), Var(c, STRING)]
            return
        t = rng.choice(INTS + FLOATS)
        n = rng.randint(5, 8)
        self.emit(f"var {a} [{n}]{t}; _ = {a}")
        self.emit(f"{b}, {c} := {a}[:{rng.randint(0, 3)}], {a}[1:{rng.randint(2, 5)}:{n}]; _, _ = {b}, {c}")
        self.vars += [Var(a, self.u.array(t, n)), Var(b, self.u.slice(t)), Var(c, self.u.slice(t))]
        self.emit(f"{b} = append({b}, {self.expr(t, 2)}, {self.expr(t, 1)})")
        self.emit(f"copy({a}[{rng.randint(0, 2)}:], {c})")

    def order(self):
        """Variables read beside a call that changes them: gc's choice counts."""
        rng = self.rng
        t = rng.choice(INTS)
        x, f = self.name("x"), self.name("f")
        self.emit(f"{x}, {f} := {self.expr(t, 2, True)}, Id(func() {t} {{ return 0 }}); _ = {f}")
        self.emit(f"{f} = func() {t} {{ {x} += {rng.choice([1, 3, 5])}; return {x} ^ 6 }}")
        self.vars.append(Var(x, t))
        a, b = self.name(), self.name()
        form = rng.randrange(7)
        if form == 0:
            self.emit(f"{a}, {b} := {x}, {f}(); _, _ = {a}, {b}")
        elif form == 1:
            self.emit(f"{a}, {b} := {f}() - {x}, {x}*{f}(); _, _ = {a}, {b}")
        elif form == 2:
            self.emit(f"{a}, {b} := {x}{rng.choice('+-^')}{f}(), [2]{t}{{{x}, {f}()}}[{rng.randrange(2)}]; _, _ = {a}, {b}")
        elif form == 3:
            self.emit(f"{a}, {b} := {t}({x}&3) + {f}(), [...]{t}{{1, 2, 3, 4, 5, 6, 7, 8}}[({x}^{f}())&7]; _, _ = {a}, {b}")
        elif form == 4:
            self.emit(f"{a}, {b} := Sel[{t}]({x} > {f}(), {x}, {f}()), -{x}; _, _ = {a}, {b}")
        elif form == 5:
            s = self.name("s")
            self.emit(f"{s} := make([]{t}, 4); {s}[{x}&3] = {f}(); {s}[({x}+1)&3] += {f}()")
            self.emit(f"{a}, {b} := {s}[0]*3 ^ {s}[1]*5, {s}[2]*7 ^ {s}[3]*9; _, _ = {a}, {b}")
        else:
            self.emit(f"{a}, {b} := {x}, {x}; {x} += {f}(); {a}, {x} = {f}(), {x}; _, _ = {a}, {b}")
        self.vars += [Var(a, t), Var(b, t)]
