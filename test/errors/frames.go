// errorcheck

package p

func f(x *[1 << 31]byte) byte { // ERROR "stack frame too large \(>1GB\)"
	for _, b := range *x {
		return b
	}
	return 0
}

type large struct {
	b [1500000000]byte
}

// Arguments and results count too, once for a method and its wrapper.
func (x large) f1() int { // ERROR "^stack frame too large \(>1GB\): 0 MB locals \+ 1430 MB args$"
	return 5
}

func f2(x large) int { // ERROR "^stack frame too large \(>1GB\): 0 MB locals \+ 1430 MB args$"
	return 5
}

func f3() (x large, i int) { // ERROR "stack frame too large"
	return
}
