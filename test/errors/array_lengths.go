// errorcheck

// A length that is left out is for literals only: behind a name of a parameter or a field it is no expression.

package p

func f(x [...]int) {} // ERROR "syntax error: unexpected ..., expected expression"

type s struct {
	a [...]int // ERROR "syntax error: unexpected ..., expected expression"
}

type i interface {
	m(x int, y [...]int) // ERROR "syntax error: unexpected ..., expected expression"
}

func (r [...]int) h() {} // ERROR "syntax error: unexpected ..., expected expression"

func k() (x [...]int) { return } // ERROR "syntax error: unexpected ..., expected expression"
