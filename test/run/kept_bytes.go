// Where a string made of bytes needs no copy, and where it does: results that would share memory with a slice.
package main

import "fmt"

//go:noinline
func join(prefix string, b []byte) string { return prefix + string(b) }

//go:noinline
func both(prefix string, b []byte, suffix string) string { return prefix + string(b) + suffix }

//go:noinline
func two(a, b []byte) string { return string(a) + string(b) }

//go:noinline
func six(s string, b []byte) string { return s + s + string(b) + s + s + s }

type name string

//go:noinline
func named(p name, b []byte) name { return p + name(b) }

func generic[S ~string, B ~[]byte](p S, b B) S { return p + S(b) + "" }

func inlined(b []byte) string { empty := ""; return empty + string(b) }

func main() {
	b := []byte("old")
	s, t, u, v := join("", b), both("", b, ""), two(b, nil), two(nil, b)
	w, x, y, z := six("", b), named("", b), generic("", b), inlined(b)
	appended := ""
	appended += string(b)
	m := map[string]int{}
	m[string(b)] = 1
	m[""+string(b)]++
	keys := map[[2]string]int{{"", "" + string(b)}: 1}
	var i any = "" + string(b)
	c := make(chan string, 1)
	c <- "" + string(b)
	f := func(s string) func() string { return func() string { return s } }("" + string(b))
	before := string(b) == "old"
	copy(b, "new")
	fmt.Println(s, t, u, v, w, x, y, z, appended, m, keys, i, <-c, f(), before, string(b) == "new")
	for i, r := range []byte(string(b)) {
		b[i] = '-'
		fmt.Print(r, " ")
	}
	switch string(b) {
	case "new", "old", "a", "b":
		fmt.Println("wrong")
	case "---":
		fmt.Println("dashes")
	}
}
