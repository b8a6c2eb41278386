// errorcheck

package p

//go:systemstack // ERROR "//go:systemstack only allowed in runtime"
func f() {}

//go:uintptrkeepalive // ERROR "//go:uintptrkeepalive is only allowed in the standard library"
func g(uintptr) {}

//go:cgo_ldflag // ERROR "only allowed in cgo-generated code"
func h() {}

var s []int = 1 // ERROR "cannot use 1"
