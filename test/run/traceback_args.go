// Arguments that a function still keeps are shown as they are.
// exit: 2
// stderr: main.keep(0x2a, {0x
// stderr: , 0x7})
package main

//go:noinline
func fail() { panic("args") }

//go:noinline
func keep(a int, s string) int {
	fail()
	return a + len(s)
}

func main() { println(keep(42, "seven77")) }
