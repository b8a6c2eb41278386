// When variables are read beside calls that change them: gc reads late, and programs rely on it.
package main

import "fmt"

type T struct{ a, b int }

type S struct{ s []int }

func (t T) val(i int) int   { return t.a*100 + i }
func (t *T) ptr(i int) int  { return t.a*100 + i }
func two(a, b int) string   { return fmt.Sprint(a, b) }
func three(a ...any) string { return fmt.Sprint(a...) }


func index() int {
	var s []int
	add := func(v int) int { s = append(s, v); return len(s) - 1 }
	return s[add(7)]
}
func indexAddr() int {
	var s []int
	add := func(v int) int { s = append(s, v); return len(s) - 1 }
	p := &s[add(7)]
	*p += 1
	return s[0]
}
func indexOp() []int {
	var s []int
	add := func(v int) int { s = append(s, v); return len(s) - 1 }
	s[add(3)] += 5
	s[add(4)]++
	s[add(5)] = 9
	return s
}
func field() int {
	x := S{}
	add := func(v int) int { x.s = append(x.s, v); return len(x.s) - 1 }
	return x.s[add(6)]
}
func viaPointer() int {
	x := &S{}
	add := func(v int) int { x.s = append(x.s, v); return len(x.s) - 1 }
	return x.s[add(6)]
}
func global() int { return gs[gadd(8)] }

var gs []int

func gadd(v int) int { gs = append(gs, v); return len(gs) - 1 }

func sum() int       { a := 1; f := func() int { a = 10; return 1 }; return a + f() }
func sumRight() int  { a := 1; f := func() int { a = 10; return 1 }; return f() + a }
func args() string   { a := 1; f := func() int { a = 10; return 1 }; return two(a, f()) }
func argsAny() string { a := 1; f := func() int { a = 10; return 1 }; return three(a, f(), a) }
func lit() []int     { a := 1; f := func() int { a = 10; return 1 }; return []int{a, f(), a} }
func structLit() T   { a := 1; f := func() int { a = 10; return 1 }; return T{a, f()} }
func ret() (int, int) { a := 1; f := func() int { a = 10; return 1 }; return a, f() }
func assign() (int, int) {
	a := 1
	f := func() int { a = 10; return 1 }
	x, y := a, f()
	return x, y
}
func recv() int { t := T{1, 2}; f := func() int { t.a = 5; return 1 }; return t.val(f()) }
func recvPtr() int {
	t := &T{1, 2}
	f := func() int { t = &T{5, 6}; return 1 }
	return t.ptr(f())
}
func deref() int   { p := &T{1, 2}; f := func() int { p = &T{5, 6}; return 1 }; return p.a + f() }
func deref2() int  { p := &T{1, 2}; f := func() int { p.a = 7; return 1 }; return p.a + f() }
func array() int   { a := [3]int{1, 2, 3}; f := func() int { a[1] = 9; return 1 }; return a[f()] }
func arrayIdx() int { a := [3]int{1, 2, 3}; i := 0; f := func() int { i = 2; return 10 }; return a[i] + f() }
func mapRead() int { m := map[int]int{1: 1}; f := func() int { m[1] = 9; return 1 }; return m[1] + f() }
func slice() []int {
	s := []int{1, 2}
	f := func() int { s = []int{7, 8, 9}; return 3 }
	return s[:f()]
}
func str() string    { s := "a"; f := func() string { s = "b"; return "c" }; return s + f() }
func cmp() bool      { a := 1; f := func() int { a = 10; return 10 }; return a == f() }
func closureCall() int {
	g := func(i int) int { return i }
	f := func() int { g = func(i int) int { return i * 100 }; return 2 }
	return g(f())
}
func appendArg() []int {
	s := []int{1}
	f := func() int { s = append(s, 2); return 3 }
	return append(s, f())
}
func assignIndex() string {
	i := 0
	a := []int{0, 0, 0}
	f := func() int { i = 2; return 5 }
	a[i] = f()
	return fmt.Sprint(a, i)
}
func assignDeref() string {
	x, y := 1, 2
	p := &x
	f := func() int { p = &y; return 5 }
	*p = f()
	return fmt.Sprint(x, y)
}
func assignField() string {
	x, y := &T{}, &T{}
	p := x
	f := func() int { p = y; return 5 }
	p.a = f()
	return fmt.Sprint(*x, *y)
}
func assignMap() string {
	k := 1
	m := map[int]int{}
	f := func() int { k = 2; return 5 }
	m[k] = f()
	return fmt.Sprint(m)
}
func iface() string {
	var v any = 1
	f := func() int { v = "s"; return 1 }
	return fmt.Sprint(v, f())
}
func conv() string {
	a := 1
	f := func() int { a = 10; return 1 }
	return fmt.Sprint(int64(a)+int64(f()), float64(a), -a+f())
}
func opAssign() int { a := 1; f := func() int { a = 10; return 1 }; a += f(); return a }
func cond() bool     { ok := false; f := func() bool { ok = true; return true }; return f() && ok }
func send() int {
	c := make(chan int, 2)
	d := c
	f := func() int { c = make(chan int, 2); return 4 }
	c <- f()
	return len(d)*10 + len(c)
}

func main() {
	try := func(name string, f func() any) {
		defer func() {
			if r := recover(); r != nil {
				fmt.Println(name, "panics:", r)
			}
		}()
		fmt.Println(name, f())
	}
	try("index", func() any { return index() })
	try("indexAddr", func() any { return indexAddr() })
	try("indexOp", func() any { return indexOp() })
	try("field", func() any { return field() })
	try("viaPointer", func() any { return viaPointer() })
	try("global", func() any { return global() })
	try("sum", func() any { return sum() })
	try("sumRight", func() any { return sumRight() })
	try("args", func() any { return args() })
	try("argsAny", func() any { return argsAny() })
	try("lit", func() any { return lit() })
	try("structLit", func() any { return structLit() })
	try("ret", func() any { a, b := ret(); return two(a, b) })
	try("assign", func() any { a, b := assign(); return two(a, b) })
	try("recv", func() any { return recv() })
	try("recvPtr", func() any { return recvPtr() })
	try("deref", func() any { return deref() })
	try("deref2", func() any { return deref2() })
	try("array", func() any { return array() })
	try("arrayIdx", func() any { return arrayIdx() })
	try("mapRead", func() any { return mapRead() })
	try("slice", func() any { return slice() })
	try("str", func() any { return str() })
	try("cmp", func() any { return cmp() })
	try("closureCall", func() any { return closureCall() })
	try("appendArg", func() any { return appendArg() })
	try("assignIndex", func() any { return assignIndex() })
	try("assignDeref", func() any { return assignDeref() })
	try("assignField", func() any { return assignField() })
	try("assignMap", func() any { return assignMap() })
	try("iface", func() any { return iface() })
	try("conv", func() any { return conv() })
	try("opAssign", func() any { return opAssign() })
	try("cond", func() any { return cond() })
	try("send", func() any { return send() })
}
