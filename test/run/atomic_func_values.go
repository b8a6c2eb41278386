// Atomic operations as function values, which is the assembly's way in.
package main

import (
	"sync/atomic"
	"unsafe"
)

func main() {
	x := 5
	p := unsafe.Pointer(&x)
	load, add, swap := atomic.LoadPointer, atomic.AddInt64, atomic.SwapUint32
	var n int64
	var u uint32 = 7
	println(*(*int)(load(&p)), add(&n, 3), swap(&u, 9), u)
}
