package main

import (
	"fmt"
	"runtime"
	"unsafe"
)

// A promoted method whose wrapper is nothing but the inlined method: every address of it leads out of the inlined call.

type object struct{ parent *int }

func (o *object) Parent() *int { return o.parent }

type Func struct {
	object
	x int
}

type parenter interface{ Parent() *int }

func entry(p *parenter) uintptr {
	type iface struct {
		tab  *[4]uintptr
		data uintptr
	}
	return (*iface)(unsafe.Pointer(p)).tab[3]
}

func main() {
	var i parenter = &Func{}
	fmt.Println(i.Parent())
	pc := entry(&i)
	for d := uintptr(1); d < 4; d++ {
		frames := runtime.CallersFrames([]uintptr{pc + d})
		n := 0
		for more := true; more && n < 10; n++ {
			_, more = frames.Next()
		}
		fmt.Println(n < 10)
	}
}
