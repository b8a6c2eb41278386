// Floating-point numbers to integers, out of range too: programs see what the processor gives, as with gc.
package main

import (
	"fmt"
	"math"
)

//go:noinline
func all[F float32 | float64](f F) {
	fmt.Println(f, int(f), int8(f), int16(f), int32(f), int64(f), uint(f), uint8(f), uint16(f), uint32(f), uint64(f), uintptr(f))
}

func main() {
	for _, f := range []float64{0, 1.9, -1.9, -1, 255, 256, 300.7, -129, 65536, 1 << 31, 1<<31 - 1, 1 << 32, 1<<32 + 5, -1 << 31, -1<<31 - 1, 1 << 62, 1 << 63, 1<<63 - 1024, 1<<63 + 2048, 1 << 64, 1<<64 - 2048, 1e19, 1e30, -1e30, -1 << 63, math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat64} {
		all(f)
		all(float32(f))
		x := f
		fmt.Println(uint64(x), uint32(x), int32(x), uint8(x), int64(x))
	}
	a, b, c := 1e30, math.Inf(1), -1.5
	fmt.Println(uint64(a), uint32(a), int64(a), int32(a), uint64(b), int8(b), uint64(c), uint8(c), uint64(math.NaN()))
	y := float32(1e30)
	fmt.Println(uint64(y), uint32(y), int64(y), int32(y))
}
