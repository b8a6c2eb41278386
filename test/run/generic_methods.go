package main

import "fmt"

// Generic methods as values, and interfaces whose methods depend on type arguments.

type Pair[A, B any] struct {
	a A
	b B
}

func (p Pair[A, B]) With[C any](c C) string { return fmt.Sprintf("%T %T %v", p.a, p.b, c) }

type Outer struct{ Pair[int, string] }

type num int

func (n num) get() int { return int(n) }

func pick[T any](x any) {
	switch v := x.(type) {
	case interface{ get() T }:
		fmt.Println("get", v.get())
	default:
		fmt.Println("other")
	}
}

type getter interface{ get() int }

func is[T any](g getter) bool {
	_, ok := g.(T)
	return ok
}

func main() {
	var p Pair[int, string]
	fmt.Println(p.With[bool](true))
	f := p.With[float64]
	fmt.Println(f(1.5))
	g := Pair[int, string].With[byte]
	fmt.Println(g(p, 7))
	h := (*Pair[int, string]).With[byte]
	fmt.Println(h(&p, 8))
	o := Outer{p}.With[string]
	fmt.Println(o("promoted"))
	pick[int](num(3))
	pick[string](num(3))
	fmt.Println(is[num](num(1)), is[bool](num(1)))
	print2()
}

type one interface{ get() int }
type two interface{ get() int }

func print2() {
	a, b := one(num(1)), two(num(1))
	fmt.Println(a == b, one(b) == a, two(a) == any(b).(two))
}
