package main

import "fmt"

func ab() ([]string, string, string)    { return []string{"x"}, "a", "b" }
func parts() (float64, float64)         { return 1, 2 }
func dst(a []int) ([]int, []int)        { return a, a[1:] }
func entry(m map[int]int) (map[int]int, int) { return m, 1 }
func words() (int8, string)             { return -4, "w" }

var nilArray *[4]int

func arr(log *[]string, name string, p *[4]int) *[4]int {
	*log = append(*log, name)
	return p
}

func panics(f func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	f()
	return
}

type P struct{ i int }

func main() {
	fmt.Println(append(ab()))
	fmt.Println(complex(parts()))
	a := []int{1, 2, 3}
	fmt.Println(copy(dst(a)), a)
	m := map[int]int{1: 1, 2: 2}
	delete(entry(m))
	fmt.Println(m)
	defer print(words())

	var log []string
	fmt.Println(len(arr(&log, "len", nilArray)), len(*nilArray), log)
	fmt.Println(panics(func() { _ = len(*arr(&log, "deref", nilArray)) }), log)
	fmt.Println(panics(func() {
		for range *arr(&log, "range", nilArray) {
		}
	}), log)

	// A key made from bytes is a copy once the map keeps it.
	b := []byte("key")
	set := map[string]int{}
	set[string(b)] = 1
	set[string(b)] += 2
	b[0] = 'K'
	fmt.Println(set["key"], set["Key"], len(set))

	// Assignments before the one that panics happen.
	var p *P
	n := map[string]int{}
	fmt.Println(panics(func() { n["done"], p.i = 3, 4 }), n)
}
