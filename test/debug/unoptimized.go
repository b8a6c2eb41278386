// What a debugger sees of a program built with -gcflags=-N: everything, as long as it exists.
package main

import "fmt"

type large struct {
	a [20]int
	s string
}

//go:noinline
func big(t large, arr [6]int, a, b, c, d, e, f, g, h, i, j, k int) int {
	m := map[string]int{"one": 1, "two": 2}
	sl := []string{"x", "y"}
	sum := 0
	for n, x := range arr {
		sum += n * x
	}
	fmt.Println(m, sl, t.s, arr)
	return k + len(t.s) // here everything has been used for the last time
}

func main() {
	fmt.Println(big(large{s: "hello"}, [6]int{1, 2, 3, 4, 5, 6}, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
}
