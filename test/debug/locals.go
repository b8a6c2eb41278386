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

func scale(v, by int) int {
	scaled := v * by
	scaled += probe(scaled)
	return scaled
}

//go:noinline
func probe(a int) int { return a + 1 }

func (p *point) move(d int) { p.x, p.y = p.x+d, p.y-d }

//go:noinline
func moved(n int) int {
	var at point
	at.x = n
	at.move(3)
	return probe(at.x) + scale(at.y, n)
}

func main() {
	p := point{1, 2, "origin"}
	r := sum(&p, []int{3, 4, 5}, 2)
	println(r, p.name, moved(5))
}
