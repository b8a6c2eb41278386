// Arrays without elements whose elements are no scalars: every index is out of range, whatever stands behind it.
package main

type S struct{ a [3]int }

//go:noinline
func write(i int) {
	var x [0]S
	x[i].a[1] = 3
}

//go:noinline
func read(i int) int {
	var x [0]S
	return x[i].a[1]
}

//go:noinline
func nested(i int) {
	var x struct{ y [0][2]S }
	x.y[i][1].a[2]++
}

func try(f func()) {
	defer func() { println(recover().(error).Error()) }()
	f()
}

func main() {
	try(func() { write(3) })
	try(func() { println(read(4)) })
	try(func() { nested(5) })
}
