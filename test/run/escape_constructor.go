// What an object of the heap holds is in the heap, too: a stack that moves would leave it behind.
package main

import "hash/maphash"

type writer interface{ write(s string) }

type buffer struct{ text string }

func (b *buffer) write(s string) { b.text += s }

type handler struct {
	w    writer
	size int
}

//go:noinline
func newHandler(w writer) *handler { return &handler{w, 0} }

//go:noinline
func counter(n *int) func() int { return func() int { *n++; return *n } }

func (h *handler) handle(s string, depth int) int {
	var room [200]int
	if depth == 0 {
		h.w.write(s)
		return 0
	}
	room[depth] = depth
	return h.handle(s, depth-1) + room[depth]
}

func count(f func() int, depth int) int {
	var room [200]int
	if depth == 0 {
		return f()
	}
	room[depth] = 1
	return count(f, depth-1) - 1 + room[depth]
}

func main() {
	var b buffer
	h := newHandler(&b)
	println(h.handle("kept", 50), b.text)
	n := 1
	f := counter(&n)
	println(count(f, 100), n)

	var local int
	seed := maphash.MakeSeed()
	old := maphash.Comparable(seed, &local)
	count(func() int { return 0 }, 199)
	println(old == maphash.Comparable(seed, &local))
}
