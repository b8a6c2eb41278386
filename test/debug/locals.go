package main

type point struct {
	x, y int
	name string
}

type celsius float64

var total int

//go:noinline
func sum(p *point, list []int, k int) int {
	s := 0
	for i, v := range list {
		s += v * k
		total += i
		report(s)
	}
	return s + p.x
}

//go:noinline
func report(n int) {
	text := "n is"
	c := celsius(n) / 2
	show(text, c)
	println(n, text)
}

//go:noinline
func show(s string, c celsius) {}

func main() {
	p := point{1, 2, "origin"}
	r := sum(&p, []int{3, 4, 5}, 2)
	println(r, p.name)
}
