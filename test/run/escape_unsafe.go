// Pointers made by arithmetic on others point into the same objects: those live as long as what is made from them.
package main

import "unsafe"

type pair struct{ a, b int }

//go:noinline
func second(p *pair) *int { return (*int)(unsafe.Pointer(uintptr(unsafe.Pointer(p)) + unsafe.Offsetof(p.b))) }

//go:noinline
func masked(p *[4]int) *int { return (*int)(unsafe.Pointer((uintptr(unsafe.Pointer(p)) + 24) &^ 7)) }

//go:noinline
func moved(from, to *pair, p *int) *int {
	return (*int)(unsafe.Pointer(uintptr(unsafe.Pointer(p)) - uintptr(unsafe.Pointer(from)) + uintptr(unsafe.Pointer(to))))
}

//go:noinline
func overwrite(n int) int {
	var a [1000]int
	for i := range a {
		a[i] = -1
	}
	if n > 0 {
		return overwrite(n-1) + a[n]
	}
	return 0
}

var kept [3]*int

//go:noinline
func keep() {
	kept[0] = second(&pair{1, 2})
	kept[1] = masked(&[4]int{3, 4, 5, 6})
	var from pair
	kept[2] = moved(&from, &pair{7, 8}, &from.b)
}

func main() {
	keep()
	overwrite(3)
	println(*kept[0], *kept[1], *kept[2])
}
