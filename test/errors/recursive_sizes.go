// errorcheck

package p

import "unsafe"

type T[P any] struct { // ERROR "invalid recursive type: T\[P\] refers to itself"
	T[P]
}

const size = unsafe.Sizeof(T[int]{}) // ERROR "is not constant"
