// exit: 0
package main

// What a traceback prints of arguments that are too many or too deep: groups are closed where they are cut.

import (
	"fmt"
	"runtime/debug"
	"strings"
)

type wide struct{ a, b, c, d, e, f, g, h, i, j, k, l int }
type nested struct {
	x int
	y struct{ p, q, r, s, t, u, v, w, z, aa, bb int }
	c int
}
type deep struct {
	a struct{ b struct{ c struct{ d struct{ e struct{ f int } } } } }
}
type empty struct {
	a [3]struct{}
	b struct{}
	c int
}

//go:noinline
func f1(a wide) { panic("x") }

//go:noinline
func f2(b nested, n int) { panic("x") }

//go:noinline
func f3(d deep) { panic("x") }

//go:noinline
func f4(a [10]int, b int) { panic("x") }

//go:noinline
func f5(e empty, x struct{}, y [0]int) { panic("x") }

//go:noinline
func f6(a [1]wide, b int) { panic("x") }

//go:noinline
func f7(a [4][4]int, b int) { panic("x") }

func try(f func()) {
	defer func() {
		recover()
		for _, line := range strings.Split(string(debug.Stack()), "\n") {
			if strings.HasPrefix(line, "main.f") {
				fmt.Println(line)
			}
		}
	}()
	f()
}

func main() {
	try(func() { f1(wide{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}) })
	try(func() { f2(nested{}, 3) })
	try(func() { f3(deep{}) })
	try(func() { f4([10]int{}, 1) })
	try(func() { f5(empty{}, struct{}{}, [0]int{}) })
	try(func() { f6([1]wide{}, 1) })
	try(func() { f7([4][4]int{}, 1) })
}
