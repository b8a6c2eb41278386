// Growth of slices: every capacity that append gives, what moves, aliasing, and the limits of make, append and unsafe.
package main

import (
	"fmt"
	"reflect"
	"strings"
	"unsafe"
)

//go:noinline
func id[T any](v T) T { return v }

var sink any

// Nothing of what p points to may start in a frame.
//
//go:noinline
func escape[T any](p *T) *T {
	sink = p
	return p
}

// The capacities that one-by-one appending goes through.
func caps[E any](name string, limit int) {
	s := *escape(new([]E))
	var e E
	var out []int
	for len(s) < limit {
		s = append(s, e)
		escape(&s)
		if len(out) == 0 || out[len(out)-1] != cap(s) {
			out = append(out, cap(s))
		}
	}
	fmt.Println(name, unsafe.Sizeof(e), out)
}

// The capacity after adding n to a full slice of each length.
func jumps[E any](name string) {
	var b strings.Builder
	for _, have := range []int{0, 1, 3, 5, 100, 255, 256, 300, 2000} {
		for _, n := range []int{1, 2, have, 2*have + 1} {
			s := make([]E, have)
			s = append(s, make([]E, n)...)
			fmt.Fprint(&b, " ", cap(s))
		}
	}
	fmt.Println(name, b.String())
}

func panics(name string, f func()) {
	defer func() { fmt.Println(name, recover()) }()
	f()
}

type (
	odd    [3]byte
	ptrs   struct{ a, b *int }
	large  [300]*int
	mixed  struct{ s string; n [37]byte }
	nobody struct{}
)

func main() {
	caps[byte]("byte", 5000)
	caps[uint16]("uint16", 3000)
	caps[odd]("odd", 2000)
	caps[int]("int", 6000)
	caps[*int]("*int", 6000)
	caps[ptrs]("ptrs", 2000)
	caps[mixed]("mixed", 1000)
	caps[large]("large", 60)
	caps[nobody]("nobody", 10)
	jumps[byte]("byte")
	jumps[int32]("int32")
	jumps[string]("string")
	jumps[large]("large")

	// What fits stays where it is, what does not moves; the old array keeps its values.
	a := make([]int, 2, 3)
	b := append(a, 7)
	c := append(b, 8)
	b[0], c[1] = 5, 6
	fmt.Println(a, b, c, &a[0] == &b[0], &b[0] == &c[0])

	// A slice appended to itself, and a part of it.
	s := []string{"x", "y", "z"}
	s = append(s, s...)
	s = append(s[:1], s[2:4]...)
	fmt.Println(s, len(s))
	fmt.Println(string(append([]byte("ab"), "cdé"...)), len(append([]byte(nil), ""...)), append([]byte(nil), ""...) == nil)
	fmt.Println(copy(a, []int{1, 2, 3}), a, copy(s, s[1:]), s)

	// Memory behind the length of a grown slice reads as zero.
	g := append(make([]byte, 30), 1)
	for _, v := range g[len(g):cap(g)] {
		if v != 0 {
			fmt.Println("not cleared", v)
		}
	}
	v := reflect.ValueOf(&[]int{1, 2, 3}).Elem()
	v.Grow(10)
	fmt.Println(v.Len(), v.Cap(), v.Slice(0, v.Cap()))
	v.Set(reflect.Append(v, reflect.ValueOf(9)))
	fmt.Println(v)

	panics("make len", func() { _ = make([]int, id(-1)) })
	panics("make cap", func() { _ = make([]int, 2, id(1)) })
	panics("make huge", func() { _ = make([]int, id(1<<60)) })
	panics("make huge cap", func() { _ = make([]int, 1, id(1<<60)) })
	panics("make nothing", func() { fmt.Print(len(make([]nobody, id(1<<62))), " ") })
	panics("append huge", func() { n := make([]nobody, id(1<<62)); _ = append(n, n...) })
	panics("append fits", func() { n := make([]nobody, id(1<<61)); fmt.Print(len(append(n, n...)), " ") })
	panics("to array", func() { _ = [4]int(id([]int{1, 2, 3})) })
	panics("to array pointer", func() { _ = (*[4]int)(id([]int{1, 2, 3})) })
	panics("unsafe.Slice len", func() { var x int; _ = unsafe.Slice(&x, id(-1)) })
	panics("unsafe.Slice huge", func() { var x int; _ = unsafe.Slice(&x, id(1<<61)) })
	panics("unsafe.Slice nil", func() { var p *int; _ = unsafe.Slice(p, id(1)) })
	panics("unsafe.Slice none", func() { var p *int; fmt.Print(unsafe.Slice(p, id(0)) == nil, " ") })
	panics("unsafe.String len", func() { var x byte; _ = unsafe.String(&x, id(-1)) })
	panics("unsafe.String nil", func() { var p *byte; _ = unsafe.String(p, id(1)) })
}
