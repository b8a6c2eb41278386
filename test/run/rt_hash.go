// Equality and hashing: map keys of every shape, zeros and NaNs, blank fields, padding; maps that reflection makes agree with compiled ones.
package main

import (
	"fmt"
	"hash/maphash"
	"maps"
	"math"
	"reflect"
)

type (
	blanks struct {
		a int8
		_ int64
		b string
		_ float32
	}
	padded struct {
		a int8
		b int32
		c int8
		d int64
	}
	nested struct {
		x [2]padded
		i any
		f float32
	}
	inter interface{ m() }
	impl  int
	impl2 string
)

func (impl) m()  {}
func (impl2) m() {}

func panics(name string, f func()) {
	defer func() { fmt.Println(name+":", recover()) }()
	f()
}

// Fills memory with something before and after, so that padding differs.
//
//go:noinline
func dirty[T any](set func(*T)) T {
	var area [2]struct {
		junk [64]byte
		v    T
	}
	for i := range area[0].junk {
		area[0].junk[i] = 0xa5
	}
	set(&area[1].v)
	return area[1].v
}

// The same map by compiled code and by reflection: keys put in by one are found by the other.
func both[K comparable](name string, keys ...K) {
	m := map[K]int{}
	r := reflect.ValueOf(map[K]int{})
	made := reflect.MakeMap(reflect.MapOf(reflect.TypeFor[K](), reflect.TypeFor[int]()))
	for i, k := range keys {
		m[k] = i
		r.SetMapIndex(reflect.ValueOf(&k).Elem(), reflect.ValueOf(i))
		made.SetMapIndex(reflect.ValueOf(&k).Elem(), reflect.ValueOf(i))
	}
	found := 0
	direct := r.Interface().(map[K]int)
	other := made.Interface().(map[K]int)
	for _, k := range keys {
		a, ok1 := direct[k]
		b, ok2 := other[k]
		c := reflect.ValueOf(m).MapIndex(reflect.ValueOf(&k).Elem())
		if ok1 && ok2 && a == b && c.IsValid() && int(c.Int()) == a {
			found++
		}
		if maphash.Comparable(seed, k) != maphash.Comparable(seed, k) {
			fmt.Println(name, "hashes differ")
		}
	}
	for _, k := range keys {
		delete(direct, k)
	}
	fmt.Println(name, len(m), made.Len(), found, len(keys), len(direct), maps.Equal(m, other))
}

var seed = maphash.MakeSeed()

func main() {
	zero, negative := 0.0, math.Copysign(0, -1)
	nan := math.NaN()
	both("bool", true, false, true)
	both("int8", -128, int8(127), 0, -1)
	both("uint16", uint16(0), 65535, 256)
	both("int32", int32(0), -1, 1<<30)
	both("uint64", uint64(0), 1<<63, 1)
	both("float32", float32(zero), float32(negative), 1.5, float32(math.Inf(1)))
	both("float64", zero, negative, 1.5, math.Inf(-1), math.SmallestNonzeroFloat64)
	both("complex64", complex(float32(zero), float32(negative)), complex(float32(negative), float32(zero)), 1i)
	both("complex128", complex(zero, negative), complex(negative, zero), 1, 1i)
	both("string", "", "a", "b", "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdeg")
	both("pointer", new(int), nil, new(int))
	both("chan", make(chan int), nil)
	both("array", [3]string{"a", "b", "c"}, [3]string{"a", "bc", ""}, [3]string{"ab", "c"})
	both("empty array", [0]int{}, [0]int{})
	both("empty struct", struct{}{}, struct{}{})
	both[any]("any", any(1), int8(1), "1", nil, 1.0, zero, negative, [1]int{1}, struct{ a int }{1}, padded{1, 2, 3, 4}, reflect.TypeFor[int]())
	both[inter]("inter", inter(impl(1)), impl2("1"), nil, impl(2))
	both("blanks", blanks{a: 1, b: "x"}, blanks{a: 1, b: "y"})
	both("padded", dirty(func(p *padded) { *p = padded{1, 2, 3, 4} }), padded{1, 2, 3, 4}, padded{1, 2, 3, 5})
	both("nested", nested{i: "x"}, nested{i: 1, f: float32(negative)}, nested{i: 1}, nested{x: [2]padded{{}, {d: 1}}})
	both("large", [40]int64{1}, [40]int64{39: 1}, [40]int64{})

	// Both zeros are one key, no NaN is found again.
	m := map[float64]int{}
	m[zero]++
	m[negative]++
	m[nan]++
	m[nan]++
	_, ok := m[nan]
	delete(m, nan)
	fmt.Println(len(m), m[zero], ok)
	clear(m)
	fmt.Println(len(m))
	a := map[any]int{}
	a[nan], a[float32(math.NaN())], a[complex(nan, 0)], a[[1]float64{nan}] = 1, 2, 3, 4
	a[negative]++
	a[zero]++
	fmt.Println(len(a), a[zero], a[float32(0)])

	// Types made at run time hash and compare as compiled ones do.
	st := reflect.StructOf([]reflect.StructField{
		{Name: "A", Type: reflect.TypeFor[float64]()}, {Name: "B", Type: reflect.TypeFor[string]()}, {Name: "C", Type: reflect.TypeFor[any]()},
	})
	type same = struct {
		A float64
		B string
		C any
	}
	v := reflect.New(st).Elem()
	v.Field(0).SetFloat(negative)
	v.Field(1).SetString("k")
	v.Field(2).Set(reflect.ValueOf(5))
	mm := map[any]string{same{0, "k", 5}: "found"}
	fmt.Println(mm[v.Interface()], v.Interface() == any(same{zero, "k", 5}), v.Interface() == any(same{zero, "k", 6}))
	at := reflect.New(reflect.ArrayOf(3, reflect.TypeFor[string]())).Elem()
	at.Index(1).SetString("q")
	mm[[3]string{"", "q"}] = "array"
	fmt.Println(mm[at.Interface()])

	panics("slice key", func() { a[[]int{1}] = 1 })
	panics("func key", func() { _ = a[func() {}] })
	panics("inside", func() { _ = a[struct{ x any }{map[int]int{}}] })
	panics("delete", func() { delete(a, any([]int(nil))) })
	panics("empty map", func() { var e map[any]int; _ = e[[]int{1}] })
	panics("nil map", func() { var e map[string]int; e["x"] = 1 })
	panics("made type", func() { _ = a[reflect.MakeSlice(reflect.TypeFor[[]string](), 1, 1).Interface()] })
	fmt.Println(len(a))
}
