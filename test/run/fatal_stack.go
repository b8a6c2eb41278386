// Endless recursion ends with the limit's message; the middle of the stack is left out.
// exit: 2
// stress: no
// stderr: runtime: goroutine stack exceeds 1048576-byte limit
// stderr: fatal error: stack overflow
// stderr: frames elided...
package main

import "runtime/debug"

//go:noinline
func down(n int) int { return down(n+1) + 1 }

func main() {
	debug.SetMaxStack(1 << 20)
	println(down(0))
}
