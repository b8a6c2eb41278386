// Pointer methods promoted through embedded pointers work on the object itself, however the outer value is held.
package main

type inner struct{ n int }

func (i *inner) inc() int { i.n++; return i.n }

type mid struct{ inner }
type outer struct{ *mid }
type incer interface{ inc() int }

func make1(m *mid) outer { return outer{m} }

func main() {
	m := &mid{}
	o := outer{m}
	o.inc()
	make1(m).inc()
	var i incer = o
	i.inc()
	f := o.inc
	f()
	outer.inc(o)
	g := make1(m).inc
	g()
	println(m.n)
}
