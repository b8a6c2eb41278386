// errorcheck

package p

func f(x *[1 << 31]byte) byte { // ERROR "stack frame too large \(>1GB\)"
	for _, b := range *x {
		return b
	}
	return 0
}
