// errorcheck

// Types that contain themselves are reported where the instance that closes the circle is written, and have no other consequences.

package p

type (
	N[P any] M[P] // ERROR "invalid recursive type M\[P\]\n\tLINE:11: M\[P\] refers to N\[P\]\n\tLINE+1:11: N\[P\] refers to M\[P\]"
	M[P any] N[P]
)

type (
	A[P any] B[P] // ERROR "invalid recursive type B\[P\]"
	B[P any] C[P]
	C[P any] A[P]
)

type X[T any] interface {
	X[*T] // ERROR "invalid recursive type: X\[\*T\] refers to itself"
}

type Y[P any] [10]Y[*P] // ERROR "invalid recursive type: Y\[\*P\] refers to itself"

// Fine: through pointers.
type (
	N1[P any] *M1[P]
	M1[P any] *N1[P]
)

// Interfaces that embed each other have the methods of all, whichever is asked for first.
type I1 interface { // ERROR "invalid recursive type I1"
	m1() I2
	I2
}
type I2 interface {
	m2()
	I3
}
type I3 interface {
	I1
	m3()
}

var (
	i3    I3
	i1    I1 = i3
	i2    I2 = i1
	_     I3 = i2
	_, _  = i3.m1, i3.m2
)
