// Objects that stay in the frame, objects that must not, and calls that became copies of their callees.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

type node struct {
	val  int
	next *node
}

func grow(n int) int {
	var pad [64]int
	if n == 0 {
		return 0
	}
	pad[n%64] = n
	return grow(n-1) + pad[n%64] - n + 1
}

// Each turn's object is seen by the next one.
func chain(n int) int {
	var head *node
	for i := 0; i < n; i++ {
		head = &node{i, head}
	}
	sum := 0
	for p := head; p != nil; p = p.next {
		sum = sum*3 + p.val
	}
	return sum
}

// The object made in the loop is held by one made outside.
func held(n int) int {
	var holder struct{ p [4]*int }
	for i := 0; i < n; i++ {
		x := i * 10
		holder.p[i%4] = &x
	}
	return *holder.p[0] + *holder.p[1] + *holder.p[2] + *holder.p[3]
}

func swap(a, b *int) { *a, *b = *b, *a }

func local() int {
	x, y := 1, 2
	swap(&x, &y)
	grow(100)
	swap(&x, &y)
	p := &node{x, &node{y, nil}}
	grow(200)
	return p.val*10 + p.next.val
}

func pick(a, b *node, first bool) *node {
	if first {
		return a
	}
	return b
}

func keep(n *node) *node { return pick(n, &node{7, n}, false) }

func each(n int, f func(int)) {
	for i := 0; i < n; i++ {
		f(i)
	}
}

func counters() (func() int, func() int) {
	c := 0
	return func() int { c++; return c }, func() int { c += 10; return c }
}

func deferred() (s string) {
	x := 5
	defer func() {
		r := recover()
		s = fmt.Sprint(r, x)
	}()
	each(3, func(i int) { x += i })
	var m map[string]int
	m["a"] = x
	return "not reached"
}

type shape interface{ area() int }
type sq struct{ a int }
type rect struct{ a, b int }

func (s sq) area() int    { return s.a * s.a }
func (r *rect) area() int { return r.a * r.b }

func total(shapes ...shape) int {
	t := 0
	for _, s := range shapes {
		t += s.area()
	}
	return t
}

func caller() string {
	pc, _, line, _ := runtime.Caller(1)
	return fmt.Sprint(runtime.FuncForPC(pc).Name(), " ", line)
}

func where() string { return caller() }

func frames() string {
	pcs := make([]uintptr, 8)
	n := runtime.Callers(1, pcs)
	fs := runtime.CallersFrames(pcs[:n])
	var out []string
	for {
		f, more := fs.Next()
		out = append(out, f.Function)
		if !more || f.Function == "main.main" {
			break
		}
	}
	return strings.Join(out, " ")
}
func frames1() string { return frames() }
func frames2() string { return frames1() }

func seq(n int) func(func(int, string) bool) {
	return func(yield func(int, string) bool) {
		for i := 0; i < n; i++ {
			if !yield(i, "x") {
				return
			}
		}
	}
}

func main() {
	fmt.Println(chain(20), held(9), local())
	k := keep(&node{3, nil})
	grow(300)
	fmt.Println(k.val, k.next.val)
	sum := 0
	each(10, func(i int) { sum += i; grow(i) })
	a, b := counters()
	fmt.Println(sum, a(), b(), a())
	fmt.Println(deferred())
	fmt.Println(total(sq{3}, &rect{2, 5}, &sq{4}))
	fmt.Println(where())
	fmt.Println(frames2())
	t := 0
	for i, s := range seq(100) {
		if i == 7 {
			break
		}
		t += i + len(s)
	}
	fmt.Println(t)
	var sb strings.Builder
	for i := range 5 {
		fmt.Fprintf(&sb, "%d,", i)
		grow(50)
	}
	fmt.Println(sb.String())
}
