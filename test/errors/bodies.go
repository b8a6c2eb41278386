// errorcheck -complete

// Functions have bodies, unless they are linked to others.

package p

import _ "unsafe"

func f() // ERROR "missing function body"

type T int

func (T) m() // ERROR "missing function body"

//go:linkname nanotime runtime.nanotime
func nanotime() int64
