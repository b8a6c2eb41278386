// Interfaces: tables made at run time (more than the first table holds), caches of assertions and switches that fill up, types made by reflection,
// comparison, and what failing assertions say.
package main

import (
	"fmt"
	"reflect"
)

type Sized interface{ Size() int }
type Named interface {
	Sized
	Name() string
}
type hidden interface{ hidden() int }

// Four hundred types with methods, of which compiled code makes no tables.
type pair[A, B any] struct {
	a A
	b B
}

func (p pair[A, B]) Size() int  { return int(reflect.TypeFor[A]().Size())*1000 + int(reflect.TypeFor[B]().Size()) }
func (p *pair[A, B]) Name() string { return "pointer" }

func row[A any]() []any {
	return []any{
		pair[A, [0]byte]{}, &pair[A, [0]byte]{},
		pair[A, [1]byte]{}, &pair[A, [1]byte]{},
		pair[A, [2]byte]{}, &pair[A, [2]byte]{},
		pair[A, [3]byte]{}, &pair[A, [3]byte]{},
		pair[A, [4]byte]{}, &pair[A, [4]byte]{},
		pair[A, [5]byte]{}, &pair[A, [5]byte]{},
		pair[A, [6]byte]{}, &pair[A, [6]byte]{},
		pair[A, [7]byte]{}, &pair[A, [7]byte]{},
		pair[A, [8]byte]{}, &pair[A, [8]byte]{},
		pair[A, [9]byte]{}, &pair[A, [9]byte]{},
		pair[A, [10]byte]{}, &pair[A, [10]byte]{},
		pair[A, [11]byte]{}, &pair[A, [11]byte]{},
		pair[A, [12]byte]{}, &pair[A, [12]byte]{},
		pair[A, [13]byte]{}, &pair[A, [13]byte]{},
		pair[A, [14]byte]{}, &pair[A, [14]byte]{},
		pair[A, [15]byte]{}, &pair[A, [15]byte]{},
		pair[A, [16]byte]{}, &pair[A, [16]byte]{},
		pair[A, [17]byte]{}, &pair[A, [17]byte]{},
		pair[A, [18]byte]{}, &pair[A, [18]byte]{},
		pair[A, [19]byte]{}, &pair[A, [19]byte]{},
	}
}

func all() (v []any) {
	v = append(v, row[[0]int16]()...)
	v = append(v, row[[1]int16]()...)
	v = append(v, row[[2]int16]()...)
	v = append(v, row[[3]int16]()...)
	v = append(v, row[[4]int16]()...)
	v = append(v, row[[5]int16]()...)
	v = append(v, row[[6]int16]()...)
	v = append(v, row[[7]int16]()...)
	v = append(v, row[[8]int16]()...)
	v = append(v, row[[9]int16]()...)
	v = append(v, row[[10]int16]()...)
	v = append(v, row[[11]int16]()...)
	v = append(v, row[[12]int16]()...)
	v = append(v, row[[13]int16]()...)
	v = append(v, row[[14]int16]()...)
	v = append(v, row[[15]int16]()...)
	v = append(v, row[[16]int16]()...)
	v = append(v, row[[17]int16]()...)
	v = append(v, row[[18]int16]()...)
	v = append(v, row[[19]int16]()...)
	return v
}

type value int

func (v value) Size() int   { return int(v) }
func (v value) hidden() int { return -int(v) }

type other struct{ _ [3]int }

func (other) Size(int) int { return 0 } // the same name, another signature

func asserted(v any) (n int) {
	if s, ok := v.(Sized); ok {
		n += s.Size()
	}
	if s, ok := v.(Named); ok {
		n += 7 * len(s.Name())
	}
	switch x := v.(type) {
	case interface{ Missing() }:
		n += 1000000
	case Named:
		n += x.Size() + 3
	case Sized:
		n += x.Size() + 5
	case fmt.Stringer:
		n += 11
	case nil:
		n += 13
	}
	return n
}

func panics(name string, f func()) {
	defer func() {
		r := recover()
		_, isErr := r.(error)
		fmt.Println(name+":", r, isErr)
	}()
	f()
}

//go:noinline
func id[T any](v T) T { return v }

func main() {
	values := all()
	for round := 0; round < 2; round++ {
		sum := 0
		for i, v := range values {
			sum += asserted(v) * (i%10 + 1)
		}
		fmt.Println(len(values), sum)
	}
	// Types without methods, more of them than a site's cache keeps; a few that have them in between.
	for round := 0; round < 2; round++ {
		yes, sum := 0, 0
		for i := 0; i < 1200; i++ {
			v := reflect.New(reflect.ArrayOf(i, reflect.TypeFor[int8]())).Elem().Interface()
			if i%100 == 0 {
				v = value(i)
			}
			if _, ok := v.(Sized); ok {
				yes++
			}
			sum += asserted(v)
		}
		fmt.Println(yes, sum)
	}

	var none any
	var nobody Sized
	panics("concrete", func() { _ = id[any](1).(string) })
	panics("nil", func() { _ = none.(string) })
	panics("nil to interface", func() { _ = none.(Sized) })
	panics("nil interface to interface", func() { _ = nobody.(Named) })
	panics("no method", func() { _ = id[any](1).(Sized) })
	panics("missing", func() { _ = id[any](value(1)).(Named) })
	panics("pointer receiver", func() { _ = id[any](pair[int, int]{}).(Named) })
	panics("wrong signature", func() { _ = id[any](other{}).(Sized) })
	panics("from interface", func() { _ = id[Sized](value(2)).(*pair[int, int]) })
	panics("call on nil", func() { nobody.Size() })
	h, ok := id[any](value(4)).(hidden)
	fmt.Println(ok, h.hidden())
	f := Sized.Size
	g := id[Sized](value(9)).Size
	fmt.Println(f(value(8)), g())

	// Comparison.
	type key struct {
		a any
		f float64
	}
	x, y := id[any](key{1, 2}), id[any](key{1, 2})
	fmt.Println(x == y, x == id[any](key{int8(1), 2}), id[any](0.0) == id[any](0), id[any]("") == none, none == nil, nobody == nil, id[any](nobody) == nil)
	fmt.Println(id[any]((*int)(nil)) == nil, id[any]((*int)(nil)) == id[any]((*int)(nil)), id[any]((*int)(nil)) == id[any]((*int8)(nil)))
	fmt.Println(id[Sized](value(1)) == Sized(value(1)), id[Sized](value(1)) == id[any](value(1)), id[any](value(1)) == value(2))
	panics("compare slices", func() { _ = id[any]([]int{1}) == id[any]([]int{1}) })
	panics("compare other types", func() { fmt.Print(id[any]([]int{1}) == id[any]([]int8{1}), " ") })
	panics("compare inside", func() { _ = id[any](key{func() {}, 1}) == id[any](key{func() {}, 1}) })
	panics("differ before", func() { fmt.Print(id[any](key{1, 1}) == id[any](key{func() {}, 1}), " ") })

	// Small values share memory; they must not change.
	var small []any
	for i := 0; i < 600; i++ {
		small = append(small, byte(i), uint16(i), int32(i), int64(i), i%2 == 0)
	}
	sum := 0
	for i, v := range small {
		switch v := v.(type) {
		case byte:
			sum += int(v) * i
		case uint16:
			sum += int(v) * i
		case int32:
			sum += int(v) * i
		case int64:
			sum += int(v) * i
		case bool:
			if v {
				sum += i
			}
		}
	}
	fmt.Println(sum, id[any]("") == "", id[any]([0]int{}) == [0]int{}, len(id[any]([]byte(nil)).([]byte)))
}
