// A nil dereference shows the signal.
// exit: 2
package main

type node struct {
	pad  [64]byte
	next *node
}

//go:noinline
func length(n *node) int { return 1 + length(n.next) }

func main() { println(length(&node{next: &node{}})) }
