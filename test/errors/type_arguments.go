// errorcheck

// An instance with too few or too many type arguments is reported once and keeps its name in what follows from it.

package p

type Pair[A, B any] struct{ a A }

func (p *Pair[A, B]) get() A { return p.a }

func few(x Pair[int]) Pair[int] { // ERROR "not enough type arguments for type Pair: have 1, want 2"
	x.a = 1
	x.get()
	var y Pair[int, string]
	x = y // ERROR "cannot use y \(variable of struct type Pair\[int, string\]\) as Pair\[int\] value in assignment"
	return x
}

func many(x Pair[int, int, int]) {} // ERROR "too many type arguments for type Pair: have 3, want 2"

type Alias[P any] = []P

var alias Alias[int, int] // ERROR "too many type arguments for type Alias: have 2, want 1"

// The wrong instance is not compared with the right one.
type T[U interface{ M() T[U, int] }] int // ERROR "too many type arguments for type T: have 2, want 1"

type V int

func (V) M() T[V] { return 0 }
