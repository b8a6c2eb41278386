package main

import "fmt"

// Results on the stack hold whatever was there until the function returns: moving the stack must not look at them.

type big struct {
	a *int
	s []int
	t string
	n [5]int
	p *big
}

var sink int

//go:noinline
func dirty(n int) (x [40]int) {
	for i := range x {
		x[i] = n + i
	}
	sink += x[n]
	return
}

//go:noinline
func deep(n int) int {
	var pad [64]int
	if n > 0 {
		return deep(n-1) + pad[n&63]
	}
	return sink
}

//go:noinline
func build() big {
	deep(200)
	return big{s: []int{1, 2}, t: "x"}
}

func main() {
	for i := range 4 {
		dirty(i + 3)
		done := make(chan big)
		go func() {
			dirty(i + 7)
			done <- build()
		}()
		b := <-done
		fmt.Println(b.a == nil, b.s, b.t, b.n, b.p == nil)
	}
}
