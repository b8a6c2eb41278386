// errorcheck

// What follows from an error is not reported again.
package p

type Set[T comparable] map[T]struct{}

var _ = Set[int]{1e100: {}} // ERROR "cannot use 1e100 \(untyped float constant 1e\+100\) as int value in map literal \(truncated\)"

func f() {
	for &j := 0; j < 4; { // ERROR "non-name &j on left side of :=" "undefined: j"
	}
}
