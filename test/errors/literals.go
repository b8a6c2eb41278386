// errorcheck

// A literal that is none is reported once; the rest of the file is checked.

package p

const (
	a = 0b    // ERROR "binary literal has no digits"
	b = '\400' // ERROR "octal escape value 256 > 255"
	c = 1e500000000
	d = c * c * c * c * c // ERROR "constant result is not representable"
	tiny = 1i / 1e-600000000i // ERROR "division by zero"
	e = int(1 - .0000001) // ERROR "cannot convert 1 - .0000001 \(untyped float constant 0.9999999\) to type int"
)

func f(s []int, t string) {
	for i, j, k = range s { // ERROR "range clause permits at most two iteration variables" "undefined: i" "undefined: j"
	}
	_ = s[1:2:] // ERROR "final index required in 3-index slice"
	_ = t[1:2:3] // ERROR "3-index slice of string"
	undefined() // ERROR "undefined: undefined"
}

const overflowed = 1 << 600 // ERROR "constant shift overflow"

// Keys whose value is unknown after an error are no duplicates of each other; the ones that are known still are.
var (
	_ = map[int]int{overflowed: 1, overflowed: 2}
	_ = map[int]int{undefined1: 1, undefined1: 2} // ERROR "undefined: undefined1"
	_ = map[int]int{1 << 511 << 511: 1, 1 << 511 << 511: 2} // ERROR "constant shift overflow"
	_ = map[float64]int{1 << 511 << 511: 1, 1: 2, 1.0: 3} // ERROR "constant shift overflow" "duplicate key 1 in map literal"
	_ = map[any]int{1 << 511 << 511: 1, 1: 2, 1.0: 3, 'a': 4, 97: 5, 'a': 6} // ERROR "constant shift overflow" "duplicate key 97 in map literal"
)
