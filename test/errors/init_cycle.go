// errorcheck

package p

var (
	a, b = f() // ERROR "initialization cycle"
	c    = b
)

func f() (int, int) { return c, c }
