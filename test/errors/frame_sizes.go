// errorcheck

// What no stack can hold is said once, at the function that asks for it, not again where that one is called.

package main

type huge [1 << 30]byte

//go:noinline
func results() (h huge) { return } // ERROR "stack frame too large \(>1GB\): 0 MB locals \+ 1024 MB args"

//go:noinline
func params(a, b huge) {} // ERROR "stack frame too large \(>1GB\): 0 MB locals \+ 2048 MB args"

func calls()  { _ = results() }
func passes() { var h huge; params(h, h) }

func main() { calls(); passes() }
