// Pointers copied into the heap by copy and by reflect.
package main

import "reflect"

type node struct{ next *int }

//go:noinline
func copied(nodes ...node) []node {
	out := make([]node, len(nodes))
	copy(out, nodes)
	return out
}

func inlined(nodes ...node) []node {
	out := make([]node, len(nodes))
	copy(out, nodes)
	return out
}

//go:noinline
func set(to *node) {
	x := 3
	n := node{&x}
	reflect.ValueOf(to).Elem().Set(reflect.ValueOf(n))
}

//go:noinline
func deep(n int) int {
	var room [100]int
	if n == 0 {
		return 0
	}
	room[n] = n
	return deep(n-1) + room[n]
}

var kept [3][]node

//go:noinline
func keep() {
	a, b := 1, 2
	kept[0] = copied(node{&a})
	kept[1] = inlined(node{&b})
	kept[2] = make([]node, 1)
	set(&kept[2][0])
}

func main() {
	keep()
	c := 4
	later := inlined(node{&c})
	deep(99)
	deep(50)
	*later[0].next++
	println(*kept[0][0].next, *kept[1][0].next, *kept[2][0].next, c)
}
