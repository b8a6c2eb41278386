// The order in which == looks at the parts of structs and arrays shows when comparing an interface panics.
package main

import "fmt"

type A struct {
	i any
	n int
}
type B struct {
	n int
	i any
	s string
	j any
}
type C struct {
	s string
	a A
	f float64
}
type D struct {
	_ int
	x [2]any
	n int
}
type E struct {
	n int
	s string
	e error
	m int
}
type G[T any] struct {
	v T
	n int
}
type bad []int

func (bad) Error() string { return "bad" }

func eq[T comparable](name string, a, b T) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, r)
		}
	}()
	fmt.Println(name, a == b)
}

//go:noinline
func direct(a, b A) (r string) {
	defer func() {
		if p := recover(); p != nil {
			r = fmt.Sprint(p)
		}
	}()
	return fmt.Sprint(a == b)
}

func main() {
	u, w := []int{}, bad{}
	fmt.Println(direct(A{u, 1}, A{u, 2}))
	eq("A", A{u, 1}, A{u, 2})
	eq("A types", A{u, 1}, A{w, 1})
	eq("B number first", B{1, u, "", nil}, B{2, u, "", nil})
	eq("B string after", B{1, u, "a", nil}, B{1, u, "b", nil})
	eq("B string before second", B{1, 1, "a", u}, B{1, 1, "b", u})
	eq("C nested", C{"x", A{u, 1}, 1}, C{"x", A{u, 1}, 2})
	eq("C string first", C{"x", A{u, 1}, 1}, C{"y", A{u, 1}, 1})
	eq("D array", D{1, [2]any{1, u}, 1}, D{1, [2]any{2, u}, 1})
	eq("D array panics", D{1, [2]any{1, u}, 1}, D{1, [2]any{1, u}, 2})
	eq("E error", E{1, "a", w, 1}, E{1, "a", w, 2})
	eq("E string", E{1, "a", w, 1}, E{1, "b", w, 1})
	eq("G", G[any]{u, 1}, G[any]{u, 2})
	eq("arrays", [3]any{1, 2, u}, [3]any{1, 3, u})
	eq("arrays panic", [3]any{1, 2, u}, [3]any{1, 2, u})
	m := map[any]int{}
	func() {
		defer func() { fmt.Println(recover()) }()
		m[A{u, 1}]++
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		switch (any)(B{1, u, "", nil}) {
		case any(B{2, u, "", nil}):
			fmt.Println("equal")
		default:
			fmt.Println("different")
		}
	}()
}
