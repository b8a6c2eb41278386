// Calls deep in several operands: gc makes them first, in order, with a few other operations, and reads variables when all are done.
package main

type P struct{ a, b int }
type Q struct{ a, b, c, d, e int }

func (p P) M() int  { return p.a }
func (p *P) N() int { return p.a }

//go:noinline
func show(name string, a ...any) {
	print(name, ":")
	for _, x := range a {
		switch x := x.(type) {
		case int:
			print(" ", x)
		case string:
			print(" ", x)
		case bool:
			print(" ", x)
		case []int:
			print(" len", len(x))
		case P:
			print(" P", x.a)
		case Q:
			print(" Q", x.a)
		case func() int:
			print(" f", x())
		}
	}
	println()
}

func main() {
	m := map[int]int{1: 1}
	var i any = 1
	var pi any = P{1, 1}
	s := "a"
	b := []byte("a")
	sl := []int{1, 2, 3}
	x, y := 1, 2
	p := P{1, 1}
	q := Q{a: 1}
	pp := &P{1, 1}
	ar := [3]int{1, 2, 3}
	ch := make(chan int, 100)
	for k := range 100 {
		ch <- k
	}
	n := 1
	var f func() int
	reset := func() {
		m, i, pi, s, b, sl, x, y, p, q, pp, ar, n = map[int]int{1: 1}, 1, P{1, 1}, "a", []byte("a"), []int{1, 2, 3}, 1, 2, P{1, 1}, Q{a: 1}, &P{1, 1}, [3]int{1, 2, 3}, 1
	}
	f = func() int {
		n++
		m[1], i, pi, s, x, y, p.a, q.a, ar[1] = n, n, P{n, n}, s+"b", n, n+1, n, n, n
		b[0] = 'z'
		sl = append(sl, n)
		pp.a = n
		return n
	}
	{ reset(); a, c := m[1]+f(), m[1]*f(); show("map", a, c) }
	{ reset(); a, c := m[1], f(); show("map2", a, c) }
	{ reset(); a, c := i.(int)+f(), i.(int)+f(); show("assert", a, c) }
	{ reset(); a, c := pi.(P).a+f(), f(); show("assertP", a, c) }
	{ reset(); a, c := pi.(P), f(); show("assertP2", a, c) }
	{ reset(); a, c := string(b), f(); show("string", a, c) }
	{ reset(); a, c := s+"q", f(); show("concat", a, c) }
	{ reset(); a, c := s+"q"+s, s == "a" && f() > 0; show("concat2", a, c) }
	{ reset(); a, c := any(x), f(); show("iface", a, c) }
	{ reset(); a, c := any(p), f(); show("ifaceP", a, c) }
	{ reset(); a, c := any(q), f(); show("ifaceQ", a, c) }
	{ reset(); a, c := append(sl, 9), f(); show("append", a, c) }
	{ reset(); a, c := min(x, y), f(); show("min", a, c) }
	{ reset(); a, c := max(x, y, f()), f(); show("max", a, c) }
	{ reset(); a, c := len(sl), f(); show("len", a, c) }
	{ reset(); a, c := sl[1:], f(); show("slice", a, c) }
	{ reset(); a, c := ar, f(); show("array", a[1], c) }
	{ reset(); a, c := ar[x], f(); show("arrayindex", a, c) }
	{ reset(); a, c := p, f(); show("struct", a, c) }
	{ reset(); a, c := q, f(); show("structQ", a, c) }
	{ reset(); a, c := *pp, f(); show("deref", a, c) }
	{ reset(); a, c := p.M, f(); show("mv", a, c) }
	{ reset(); a, c := p.M()+p.a, f(); show("method", a, c) }
	{ reset(); a, c := p == P{1, 1}, f(); show("eq", a, c) }
	{ reset(); a, c := q == Q{a: 1}, f(); show("eqQ", a, c) }
	{ reset(); a, c := s == "a", f(); show("eqs", a, c) }
	{ reset(); a, c := i == any(1), f(); show("eqi", a, c) }
	{ reset(); a, c := x == 1 && y == 2, f(); show("and", a, c) }
	{ reset(); a, c := x == 1 || y == 2, f(); show("or", a, c) }
	{ reset(); a, c := !(x == 1), f(); show("not", a, c) }
	{ reset(); a, c := []int{x, y}, f(); show("lit", a[0], c) }
	{ reset(); a, c := [2]int{x, y}, f(); show("litA", a[0], c) }
	{ reset(); a, c := Q{a: x, b: y}, f(); show("litQ", a, c) }
	{ reset(); a, c := &Q{a: x, b: y}, f(); show("litpQ", a.a, c) }
	{ reset(); a, c := map[int]int{1: x}, f(); show("litM", a[1], c) }
	{ reset(); a, c := f()-x, x*f(); show("sub", a, c) }
	{ reset(); a, c := x&3+f(), [...]int{1, 2, 3, 4, 5, 6, 7, 8}[(x^f())&7]; show("idx", a, c) }
	{ reset(); show("args", x+f(), x*f(), x) }
	{ reset(); show("args2", x, f(), any(x), p, q, f(), p.a, m[1]) }
	{ reset(); a := (x + f()) + (x * f()); show("bin", a) }
	{ reset(); a := x + (f() + (x * (f() - x))); show("bin2", a) }
	{ reset(); a := m[1] + f() + m[1]; show("binm", a) }
	{ reset(); a := []int{x + f(), x + f(), x}; show("lit3", a[0], a[1], a[2]) }
	{ reset(); a := Q{x + f(), x + f(), x, m[1], f()}; show("lit4", a.a, a.b, a.c, a.d, a.e) }
	{ reset(); a := map[int]int{x: f(), x + 10: f()}; for k := 0; k < 20; k++ { if v, ok := a[k]; ok { show("lit5", k, v) } } }
	{ reset(); sl[x&1], ar[x&1] = f(), x; show("asg", sl[0], sl[1], ar[0], ar[1]) }
	{ reset(); sl[x&1] += x * f(); show("asgop", sl[0], sl[1]) }
	{ reset(); m[x] = x + f(); show("asgm", m[1], m[2]) }
	{ reset(); m[x] += x + f(); show("asgmop", m[1], m[2]) }
	{ reset(); var a, c int = x + f(), x - f(); show("var", a, c) }
	{ reset(); a, c := func() (int, int) { return x + f(), x - f() }(); show("ret", a, c) }
	{ reset(); a, c := x+<-ch, x+f(); show("recv", a, c) }
	{ reset(); a, c := sl[f()-2:f()], x; show("slc", len(a), c) }
	{ reset(); ch2 := make(chan int, 1); ch2 <- x + f()*x; show("send", <-ch2) }
	{ reset(); if a := x + f(); a > x+f() { show("if", a) } else { show("else", a, x) } }
	{ reset(); switch x + f() { case x + f(): show("case") ; case f(): show("case2"); default: show("default", x) } }
	{ reset(); a, c := *pp == P{1, 1}, pp.a+f(); show("pp", a, c) }
	{ reset(); a, c := int8(x)+int8(f()), float64(x)+float64(f()); show("conv", int(a), int(c)) }
	{ reset(); a, c := -x+f(), ^x^f(); show("un", a, c) }
	{ reset(); a, c := (x+f())<<1>>x, x<<f(); show("sh", a, c) }
	{ reset(); a, c := [2]P{p, {x, f()}}, f(); show("nest", a[0].a, a[1].a, a[1].b, c) }
	{ reset(); a, c := []any{x, f(), x, p, m[1]}, f(); show("anys", append(a, c)...) }
}
