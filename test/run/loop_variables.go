// Which variables of loops are new in each iteration, seen through pointers that are kept.
package main

import "fmt"

type T struct{ n int }

var ps []*T

func (t *T) keep() { ps = append(ps, t) }
func (t *T) pass() {}

type E struct{ T }
type U struct{ p *T }

func same() bool { r := ps[0] == ps[1]; ps = nil; return r }

func main() {
	for t, i := (T{}), 0; i < 3; i++ {
		t.keep()
	}
	fmt.Println("method", same())
	for t, i := (E{}), 0; i < 3; i++ {
		t.keep()
	}
	fmt.Println("promoted", same())
	for t, i := (E{}), 0; i < 3; i++ {
		t.T.keep()
	}
	fmt.Println("field", same())
	for t, i := ([2]T{}), 0; i < 3; i++ {
		t[1].keep()
	}
	fmt.Println("element", same())
	for t, i := ([2]T{}), 0; i < 3; i++ {
		s := t[:]
		ps = append(ps, &s[0])
	}
	fmt.Println("slice", same())
	for t, i := (T{}), 0; i < 3; i++ {
		f := t.keep
		f()
	}
	fmt.Println("value", same())
	for t, i := (T{}), 0; i < 3; i++ {
		ps = append(ps, &t)
	}
	fmt.Println("addr", same())
	for t, i := (T{}), 0; i < 3; i++ {
		(*T).keep(&t)
	}
	fmt.Println("expr", same())
	for t, i := ([2]T{}), 0; i < 3; i++ {
		for j := range t[:] {
			_ = j
		}
		t[0].keep()
	}
	fmt.Println("range", same())
	for t, i := (T{}), 0; i < 3; i++ {
		func() { t.keep() }()
	}
	fmt.Println("closure", same())
	for t, i := (T{}), 0; i < 3; i++ {
		defer t.keep()
		go t.pass() // runs whenever it may: it must not touch ps
	}
	for _, t := range []T{{1}, {2}} {
		t.keep()
	}
	fmt.Println("rangevar", same())
	var t T
	for _, t = range []T{{1}, {2}} {
		t.keep()
	}
	fmt.Println("assigned", same())
	func() *T {
		for t, i := (T{}), 0; i < 3; i++ {
			t.keep()
			if i == 2 {
				return &t
			}
		}
		return nil
	}()
	fmt.Println("returned", same())
	func() func() {
		for t, i := (T{}), 0; i < 3; i++ {
			t.keep()
			if i == 2 {
				return func() { t.keep() }
			}
		}
		return nil
	}()
	fmt.Println("returned closure", same())
}
