// Deferred calls see the line of the return that runs them.
package main

import (
	"fmt"
	"runtime"
)

func where() {
	_, _, line, _ := runtime.Caller(1)
	fmt.Println(line)
}

func f(n int) int {
	defer where()
	if n == 0 {
		return 1
	}
	return 2
}

func main() {
	f(0)
	f(1)
}
