// A return inside a range over a function sets the results at once: iterators that go on, panic or defer see them.
package main

import "fmt"

func a() (string, int) {
	defer func() { recover() }()
	for i := range func(yield func(int) bool) { yield(7); panic("cleanup") } {
		return "ret", i
	}
	return "end", 0
}
func b() (r string, n int) {
	defer func() { r += "+defer" }()
	for i := range func(yield func(int) bool) { yield(7); r += "+it" } {
		for j := range func(yield func(int) bool) { yield(8); r += "+inner" } {
			return "ret", i + j
		}
	}
	return
}
func c() (r []int) {
	for i := range func(yield func(int) bool) { yield(1); r = append(r, 9); yield = nil } {
		r = append(r, i)
		if i == 1 {
			return append(r, 5)
		}
	}
	return nil
}
func d() (x, y int) {
	for range func(yield func() bool) { yield() } {
		x, y = 1, 2
		return y, x
	}
	return
}
func e() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v %v", p, err)
		}
	}()
	for range func(yield func() bool) { yield(); panic("p") } {
		return fmt.Errorf("inner")
	}
	return nil
}
func g() (r int) {
	for range func(yield func() bool) { yield(); println("it sees", r) } {
		r = 3
		return
	}
	return 4
}
func two() (int, string) { return 5, "five" }
func h() (n int, s string) {
	for range func(yield func() bool) { yield(); n++ } {
		return two()
	}
	return
}
func k() (n int) {
outer:
	for i := range func(yield func(int) bool) { _ = yield(1) && yield(2) && yield(3); n += 100 } {
		for range func(yield func() bool) { yield(); n += 10 } {
			switch i {
			case 1:
				continue outer
			case 2:
				break outer
			}
			return i
		}
	}
	return n + 1
}
func m() (s string) {
	for range func(yield func() bool) {
		defer func() { s += "|" + fmt.Sprint(recover()) }()
		yield()
	} {
		defer func() { s += "|deferred" }()
		if len(s) == 0 {
			return "body"
		}
	}
	return
}
func gen[T any](v T) (r T, ok bool) {
	for x := range func(yield func(T) bool) { yield(v); ok = false } {
		return x, true
	}
	return
}

type big struct{ a [20]int; s string }

func n() (b big) {
	for range func(yield func() bool) { yield(); b.a[3]++; b.s += "!" } {
		return big{s: "big", a: [20]int{3: 4}}
	}
	return
}

func main() {
	fmt.Println(a())
	fmt.Println(b())
	fmt.Println(c())
	fmt.Println(d())
	fmt.Println(e())
	fmt.Println(g())
	fmt.Println(h())
	fmt.Println(k())
	fmt.Println(m())
	fmt.Println(gen("x"))
	fmt.Println(n())
	func() (z int) {
		defer func() { fmt.Println("z", z) }()
		for range func(yield func() bool) { yield(); z *= 2 } {
			return 21
		}
		return
	}()
}
