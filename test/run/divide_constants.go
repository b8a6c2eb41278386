// Division by constants agrees with division by the same numbers in variables.
package main

var bad int

//go:noinline
func check(what string, ok bool) {
	if !ok {
		bad++
		println(what)
	}
}

func test_int64(n int64) {
	check("int64 2", n/2 == div_int64(n, 2) && n%2 == rem_int64(n, 2))
	check("int64 3", n/3 == div_int64(n, 3) && n%3 == rem_int64(n, 3))
	check("int64 5", n/5 == div_int64(n, 5) && n%5 == rem_int64(n, 5))
	check("int64 7", n/7 == div_int64(n, 7) && n%7 == rem_int64(n, 7))
	check("int64 8", n/8 == div_int64(n, 8) && n%8 == rem_int64(n, 8))
	check("int64 10", n/10 == div_int64(n, 10) && n%10 == rem_int64(n, 10))
	check("int64 100", n/100 == div_int64(n, 100) && n%100 == rem_int64(n, 100))
	check("int64 1000", n/1000 == div_int64(n, 1000) && n%1000 == rem_int64(n, 1000))
	check("int64 -3", n/-3 == div_int64(n, -3) && n%-3 == rem_int64(n, -3))
	check("int64 -8", n/-8 == div_int64(n, -8) && n%-8 == rem_int64(n, -8))
	check("int64 1000000007", n/1000000007 == div_int64(n, 1000000007) && n%1000000007 == rem_int64(n, 1000000007))
	check("int64 6148914691236517205", n/6148914691236517205 == div_int64(n, 6148914691236517205) && n%6148914691236517205 == rem_int64(n, 6148914691236517205))
	check("int64 9223372036854775807", n/9223372036854775807 == div_int64(n, 9223372036854775807) && n%9223372036854775807 == rem_int64(n, 9223372036854775807))
}

//go:noinline
func div_int64(a, b int64) int64 { return a / b }

//go:noinline
func rem_int64(a, b int64) int64 { return a % b }

func test_int32(n int32) {
	check("int32 2", n/2 == div_int32(n, 2) && n%2 == rem_int32(n, 2))
	check("int32 3", n/3 == div_int32(n, 3) && n%3 == rem_int32(n, 3))
	check("int32 7", n/7 == div_int32(n, 7) && n%7 == rem_int32(n, 7))
	check("int32 10", n/10 == div_int32(n, 10) && n%10 == rem_int32(n, 10))
	check("int32 -5", n/-5 == div_int32(n, -5) && n%-5 == rem_int32(n, -5))
	check("int32 64", n/64 == div_int32(n, 64) && n%64 == rem_int32(n, 64))
	check("int32 2147483647", n/2147483647 == div_int32(n, 2147483647) && n%2147483647 == rem_int32(n, 2147483647))
	check("int32 1000003", n/1000003 == div_int32(n, 1000003) && n%1000003 == rem_int32(n, 1000003))
}

//go:noinline
func div_int32(a, b int32) int32 { return a / b }

//go:noinline
func rem_int32(a, b int32) int32 { return a % b }

func test_int16(n int16) {
	check("int16 3", n/3 == div_int16(n, 3) && n%3 == rem_int16(n, 3))
	check("int16 10", n/10 == div_int16(n, 10) && n%10 == rem_int16(n, 10))
	check("int16 -7", n/-7 == div_int16(n, -7) && n%-7 == rem_int16(n, -7))
	check("int16 4", n/4 == div_int16(n, 4) && n%4 == rem_int16(n, 4))
}

//go:noinline
func div_int16(a, b int16) int16 { return a / b }

//go:noinline
func rem_int16(a, b int16) int16 { return a % b }

func test_int8(n int8) {
	check("int8 3", n/3 == div_int8(n, 3) && n%3 == rem_int8(n, 3))
	check("int8 10", n/10 == div_int8(n, 10) && n%10 == rem_int8(n, 10))
	check("int8 16", n/16 == div_int8(n, 16) && n%16 == rem_int8(n, 16))
	check("int8 -5", n/-5 == div_int8(n, -5) && n%-5 == rem_int8(n, -5))
}

//go:noinline
func div_int8(a, b int8) int8 { return a / b }

//go:noinline
func rem_int8(a, b int8) int8 { return a % b }

func test_uint64(n uint64) {
	check("uint64 3", n/3 == div_uint64(n, 3) && n%3 == rem_uint64(n, 3))
	check("uint64 5", n/5 == div_uint64(n, 5) && n%5 == rem_uint64(n, 5))
	check("uint64 7", n/7 == div_uint64(n, 7) && n%7 == rem_uint64(n, 7))
	check("uint64 10", n/10 == div_uint64(n, 10) && n%10 == rem_uint64(n, 10))
	check("uint64 11", n/11 == div_uint64(n, 11) && n%11 == rem_uint64(n, 11))
	check("uint64 28", n/28 == div_uint64(n, 28) && n%28 == rem_uint64(n, 28))
	check("uint64 1000000007", n/1000000007 == div_uint64(n, 1000000007) && n%1000000007 == rem_uint64(n, 1000000007))
	check("uint64 18446744073709551615", n/18446744073709551615 == div_uint64(n, 18446744073709551615) && n%18446744073709551615 == rem_uint64(n, 18446744073709551615))
	check("uint64 9223372036854775809", n/9223372036854775809 == div_uint64(n, 9223372036854775809) && n%9223372036854775809 == rem_uint64(n, 9223372036854775809))
	check("uint64 6", n/6 == div_uint64(n, 6) && n%6 == rem_uint64(n, 6))
}

//go:noinline
func div_uint64(a, b uint64) uint64 { return a / b }

//go:noinline
func rem_uint64(a, b uint64) uint64 { return a % b }

func test_uint32(n uint32) {
	check("uint32 3", n/3 == div_uint32(n, 3) && n%3 == rem_uint32(n, 3))
	check("uint32 7", n/7 == div_uint32(n, 7) && n%7 == rem_uint32(n, 7))
	check("uint32 10", n/10 == div_uint32(n, 10) && n%10 == rem_uint32(n, 10))
	check("uint32 641", n/641 == div_uint32(n, 641) && n%641 == rem_uint32(n, 641))
	check("uint32 4294967295", n/4294967295 == div_uint32(n, 4294967295) && n%4294967295 == rem_uint32(n, 4294967295))
	check("uint32 2147483649", n/2147483649 == div_uint32(n, 2147483649) && n%2147483649 == rem_uint32(n, 2147483649))
}

//go:noinline
func div_uint32(a, b uint32) uint32 { return a / b }

//go:noinline
func rem_uint32(a, b uint32) uint32 { return a % b }

func test_uint16(n uint16) {
	check("uint16 3", n/3 == div_uint16(n, 3) && n%3 == rem_uint16(n, 3))
	check("uint16 10", n/10 == div_uint16(n, 10) && n%10 == rem_uint16(n, 10))
	check("uint16 7", n/7 == div_uint16(n, 7) && n%7 == rem_uint16(n, 7))
}

//go:noinline
func div_uint16(a, b uint16) uint16 { return a / b }

//go:noinline
func rem_uint16(a, b uint16) uint16 { return a % b }

func test_uint8(n uint8) {
	check("uint8 3", n/3 == div_uint8(n, 3) && n%3 == rem_uint8(n, 3))
	check("uint8 10", n/10 == div_uint8(n, 10) && n%10 == rem_uint8(n, 10))
	check("uint8 7", n/7 == div_uint8(n, 7) && n%7 == rem_uint8(n, 7))
}

//go:noinline
func div_uint8(a, b uint8) uint8 { return a / b }

//go:noinline
func rem_uint8(a, b uint8) uint8 { return a % b }

func main() {
	x := uint64(88172645463325252)
	for i := 0; i < 20000; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		n := x >> (i % 64)
		if i%5 == 0 {
			n = -n
		}
		if i < 300 {
			n = uint64(i - 150)
		} else if i < 600 {
			n = 1<<63 + uint64(i-450)
		}
		test_int64(int64(n))
		test_int32(int32(n))
		test_int16(int16(n))
		test_int8(int8(n))
		test_uint64(uint64(n))
		test_uint32(uint32(n))
		test_uint16(uint16(n))
		test_uint8(uint8(n))
	}
	println(bad)
}
