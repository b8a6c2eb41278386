// Values that change places in memory on the way round a loop, which is left and entered again between any two instructions.
package main

var sink int

//go:noinline
func rotate(n int, v *[20]int) {
	a, b, c, d, e := v[0], v[1], v[2], v[3], v[4]
	f, g, h, i, j := v[5], v[6], v[7], v[8], v[9]
	k, l, m, o, p := v[10], v[11], v[12], v[13], v[14]
	q, r, s, t, u := v[15], v[16], v[17], v[18], v[19]
	for ; n > 0; n-- {
		a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u = b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, a
	}
	*v = [20]int{a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u}
}

func main() {
	go func() {
		for {
			sink++
		}
	}()
	var v [20]int
	for round := 0; round < 20; round++ {
		for i := range v {
			v[i] = i + 1
		}
		rotate(1_000_000, &v)
		for i := range v {
			if v[i] != i+1 {
				println("round", round, "place", i, "has", v[i])
			}
		}
	}
}
