// A loop variable that closures keep, in loops whose bodies declare so many variables that tables of the compiler grow.
package main

func main() {
	var fs []func() int
	for i := 0; i < 3; i++ {
		a0, a1, a2, a3, a4, a5, a6, a7 := i, i+1, i+2, i+3, i+4, i+5, i+6, i+7
		b0, b1, b2, b3, b4, b5, b6, b7 := a0*2, a1*2, a2*2, a3*2, a4*2, a5*2, a6*2, a7*2
		c0, c1, c2, c3, c4, c5, c6, c7 := b0^a7, b1^a6, b2^a5, b3^a4, b4^a3, b5^a2, b6^a1, b7^a0
		for j := i; j < i+2; j++ {
			d0, d1, d2, d3, d4, d5, d6, d7 := c0+j, c1+j, c2+j, c3+j, c4+j, c5+j, c6+j, c7+j
			e0, e1, e2, e3, e4, e5, e6, e7 := d0^d7, d1^d6, d2^d5, d3^d4, d4^1, d5^2, d6^3, d7^4
			fs = append(fs, func() int {
				i, j = i+1, j+i
				return i*1000 + j*100 + e0 + e1 + e2 + e3 + e4 + e5 + e6 + e7
			})
		}
	}
	for round := 0; round < 2; round++ {
		for _, f := range fs {
			println(f())
		}
	}
}
