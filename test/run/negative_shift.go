// A negative shift count panics wherever the compiler learns of it.
package main

import "fmt"

func left() int   { n := -1; return 1 << n }
func right() int  { n := -1; x := 8; return x >> n }
func narrow() int { var m int8 = -128; x := 8; return x >> m }
func assign() int { n := -1; y := 8; y <<= n; return y }
func small() int8 { n := -3; var y int8 = 8; return y << n }
func unused() int { n := -1; _ = 1 << n; return 1 }
func count() int {
	s := 0
	for n := 1; n > -3; n-- {
		s += 8 >> n
	}
	return s
}

func try[T any](name string, f func() T) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, r)
		}
	}()
	fmt.Println(name, f())
}

func main() {
	try("left", left)
	try("right", right)
	try("narrow", narrow)
	try("assign", assign)
	try("small", small)
	try("unused", unused)
	try("count", count)
}
