package main

import "fmt"

// The calls of an expression come first; variables without one are read when they are done.

var g = 1

func bump() int { g++; return 10 * g }

type pt struct{ x, y int }

func (p pt) sum(n int) int    { return p.x + p.y + n }
func (p *pt) psum(n int) int  { return p.x + p.y + n }
func two(a, b int) (int, int) { return a, b }

func main() {
	fmt.Println(g, bump())
	fmt.Println(g + bump())
	fmt.Println(g - bump())
	a := []int{g, bump()}
	b := [2]int{g, bump()}
	s := struct{ v, w int }{g, bump()}
	fmt.Println(a, b, s)

	var list []int
	add := func(v int) int { list = append(list, v); return v }
	list = append(list, add(1), add(2))
	fmt.Println(list)

	i := 0
	next := func() int { i++; return i }
	list[i] = next()
	list[i] += next()
	fmt.Println(list, list[i]+next()*0)
	x, y := i, next()
	fmt.Println(x, y)

	p := pt{1, 2}
	move := func() int { p.x += 10; return 100 }
	fmt.Println(p.sum(move()), p.psum(move()))
	fmt.Println(two(p.x, move()))
	str := "a"
	grow := func() string { str += "b"; return "c" }
	fmt.Println(str + grow())
	fmt.Println(str == "abb"+grow(), str)
	str += grow()
	fmt.Println(str)
}
