// errorcheck

// Types beyond what an implementation can hold.

package p

var c chan [1 << 16]byte    // ERROR "channel element type too large"
var m map[int][1 << 31]byte // ERROR "map element type too large"
var a [1 << 50]byte         // ERROR "type \[1125899906842624\]byte larger than address space"

type generic[T any] struct{ c chan [1 << 10]T }
