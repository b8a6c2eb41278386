// Slices, strings, structs, conversions, panic and recover, without any package.
package main

type point struct{ x, y int }

type shape interface{ area() int }

func (p point) area() int { return p.x * p.y }

func try(name string, f func()) {
	defer func() {
		r := recover()
		if e, ok := r.(error); ok {
			println(name, "->", e.Error())
		} else if s, ok := r.(string); ok {
			println(name, "->", s)
		} else {
			println(name, "-> nothing")
		}
	}()
	f()
}

//go:noinline
func id[T any](v T) T { return v }

func main() {
	a := make([]int, 3, 4)
	print(len(a), " ", cap(a), " [3/4]\n")
	for i := 0; i < 1000; i++ {
		a = append(a, i)
	}
	sum := 0
	for _, v := range a {
		sum += v
	}
	println(len(a), sum)
	s := "héllo" + id(" wörld") + string(rune(id(8984)))
	for i, r := range s {
		print(i, ":", r, " ")
	}
	println(s, len([]rune(s)), string([]byte(s)[1:3]), string([]rune(s)[1:2]))
	println(s < "i", s == "h"+"x", s > "h")
	var e any = point{3, 4}
	if sh, ok := e.(shape); ok {
		println(sh.area(), e == any(point{3, 4}), e == any(point{3, 5}))
	}
	var np *point
	var nf func()
	var ni shape
	zero, neg, five := id(0), id(-1), id(5)
	try("index", func() { println(a[id(100000)]) })
	try("index negative", func() { println(a[neg]) })
	try("index unsigned", func() { println(a[id(uint64(1<<63))]) })
	try("slice", func() { println(len(a[five:id(2)])) })
	try("slice cap", func() { println(len(a[:id(1<<40)])) })
	try("slice3", func() { println(len(a[1:five:id(3)])) })
	try("slice3 cap", func() { println(len(a[1:five:id(1<<40)])) })
	try("string", func() { println(s[five+100]) })
	try("string slice", func() { println(s[five+100:]) })
	try("array", func() { _ = [8]int(a[:five]) })
	try("nil", func() { println(np.y) })
	try("nil func", func() { nf() })
	try("nil interface", func() { println(ni.area()) })
	try("divide", func() { println(five / zero) })
	try("modulo", func() { println(five % zero) })
	try("shift", func() { println(five << neg) })
	try("assert", func() { println(e.(int)) })
	try("assert interface", func() { _ = e.(interface{ volume() int }) })
	try("assert nil", func() { var x any; println(x.(string)) })
	try("compare", func() { var f any = func() {}; println(f == f) })
	try("make", func() { _ = make([]int, neg) })
	try("make cap", func() { _ = make([]int, five, id(2)) })
	try("make chan", func() { _ = make(chan int, neg) })
	try("close nil", func() { var c chan int; close(c) })
	try("close twice", func() { c := make(chan int); close(c); close(c) })
	try("send closed", func() { c := make(chan int, 1); close(c); c <- 1 })
	try("nil map", func() { var m map[string]int; m["a"] = 1 })
	try("hash", func() { m := map[any]int{}; m[[]int{1}] = 1 })
	try("panic value", func() { panic("own") })
	try("panic nil", func() { panic(nil) })
	try("range", func() {
		f := func(yield func(int) bool) { yield(1); yield(2) }
		for range f {
			break
		}
	})
	println(five/3, -five/3, -five%3, uint8(id(300)&0xff), five<<id(70), neg>>id(70), int8(id(200)))
	println(float64(five)/2, float32(0.5), complex(1, -2), true, 'a', uintptr(7))
}
