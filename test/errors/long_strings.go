// errorcheck

// Constants that double in length need memory only when somebody asks for their text (errors_test.py bounds it).

package p

const (
	a = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	b = a + a + a + a + a + a + a + a
	c = b + b + b + b + b + b + b + b
	d = c + c + c + c + c + c + c + c
	e = d + d + d + d + d + d + d + d
	f = e + e + e + e + e + e + e + e
	g = f + f + f + f + f + f + f + f
	h = g + g + g + g + g + g + g + g
	i = h + h + h + h + h + h + h + h
	j = i + i // ERROR "constant string too long \(2147483648 bytes > 2000000000 bytes\)"
	n = len(h)
	s int = h // ERROR "cannot use h \(untyped string constant \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123\.\.\.\) as int value"
)

var _ [n]int = [1 << 27]int{}

// Comparing joins nothing either.
var (
	_ = map[bool]int{less: 1, equal: 2}  // ERROR "duplicate key true"
	_ = map[bool]int{more: 1, differ: 2, false: 3} // ERROR "duplicate key false"
)

const (
	less   = i < h+i
	equal  = (h + h) + h == h + (h + h)
	more   = h + "x" > h
	differ = i == h
)

func compare(s string) {
	switch s {
	case h + h:
	case i:
	case h + (h): // ERROR "duplicate case"
	}
}
