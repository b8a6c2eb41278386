// errorcheck

package p

import "unsafe"

type T[P any] struct {
	T[P] // ERROR "invalid recursive type: T\[P\] refers to itself"
}

const size = unsafe.Sizeof(T[int]{}) // ERROR "is not constant" "invalid recursive type: T\[int\] refers to itself"
