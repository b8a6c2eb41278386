// Strings: concatenation of any number of parts, conversions to and from bytes and runes, ranges over bad encodings, at the sizes where buffers end.
package main

import "fmt"

//go:noinline
func id[T any](v T) T { return v }

var kept []string

func concat(n int) {
	a := string(make([]byte, 0))
	for i := 0; i < n; i++ {
		a += string(rune('a' + i%26))
	}
	e := id("")
	all := []string{
		a + e, e + a, a + a, e + a + e, a + e + a, a + a + a, a + e + e + a, e + e + a + e, a + "x" + a + "y" + a, e + e + e + e + e,
		a + e + a + e + a + e + a,
	}
	sum := 0
	for _, s := range all {
		for i := 0; i < len(s); i++ {
			sum = sum*31 + int(s[i])
		}
		sum = sum*31 + len(s)
	}
	kept = append(kept, all...)
	fmt.Println(n, sum, len(all[8]))
}

// Bytes of a string and back, at lengths around the size of a frame's buffer.
func bytes(n int) {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 7)
	}
	s := string(b)
	for i := range b {
		b[i] = 0
	}
	c := []byte(s)
	if n > 0 {
		c[0]++
		c = append(c, 'x')
	}
	local := string(c) == s || string(b) == s && n > 1
	r := []rune(s)
	fmt.Println(n, len(s), len(c), len(r), local, s == string([]byte(s)), len(string(r)))
}

func main() {
	for _, n := range []int{0, 1, 2, 7, 8, 15, 16, 31, 32, 33, 63, 64, 100, 1000} {
		concat(n)
	}
	for _, n := range []int{0, 1, 2, 31, 32, 33, 64, 127, 500} {
		bytes(n)
	}
	// Strings made in a loop must not share the loop's buffer.
	m := map[string]int{}
	for i := 0; i < 50; i++ {
		b := []byte{byte('a' + i%5), byte('0' + i%3)}
		m[string(b)]++
		b[0] = '!'
	}
	fmt.Println(len(m), m["a0"], m["e2"], m["!0"])

	for _, r := range []rune{0, 'a', 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdfff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x10ffff, 0x110000, -1} {
		s := string(id(r))
		back := []rune(s)
		fmt.Printf("%x %x %d %x | ", r, s, len(back), back)
	}
	fmt.Println()
	fmt.Printf("%x %q\n", string([]rune{'a', 0xd800, 0x110000, -5, 'é', '世', '😀'}), string([]rune(nil)))
	for _, s := range []string{"", "a", "é", "世", "😀", "\xff", "a\x80b", "\xc3", "\xc3(", "\xe4\xb8", "\xe4\xb8z", "\xed\xa0\x80", "\xf0\x9f\x98", "\xf4\x90\x80\x80", "\xc0\x80", "\xf8\x88\x80\x80\x80"} {
		n := 0
		for i, r := range id(s) {
			fmt.Printf("%d:%x ", i, r)
			n++
		}
		fmt.Print(n, len([]rune(s)), "; ")
	}
	fmt.Println()

	x, y := id("abc"), id("abd")
	fmt.Println(x < y, x <= x, x > y, x == y, x+"d" == id("abcd"), x < x+"\x00", id("") < x, id("\xff") > id("\x7f"))
	long := id("0123456789abcdef0123456789abcdef0123456789abcdef")
	for i := range long {
		b := []byte(long)
		b[i]++
		if t := string(b); t == long || t < long || !(long < t) || t[:i] != long[:i] {
			fmt.Println("compare", i)
		}
	}
	var sum int
	for _, s := range kept {
		sum += len(s)
	}
	fmt.Println(len(kept), sum)
}
