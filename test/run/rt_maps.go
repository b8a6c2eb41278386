// Maps of many key kinds: growth, deletion while iterating, clear, comparison with a slice of pairs.
package main

type key struct {
	a int
	s string
}

//go:noinline
func id[T any](v T) T { return v }

func count[K comparable](name string, make1 func(int) K) {
	m := make(map[K]int)
	for i := 0; i < 2000; i++ {
		m[make1(i)] = i
	}
	for i := 0; i < 2000; i += 2 {
		delete(m, make1(i))
	}
	sum, n := 0, 0
	for k, v := range m {
		if m[k] != v {
			println(name, "lost", v)
		}
		sum += v
		n++
		if n%3 == 0 {
			delete(m, k)
		}
	}
	_, there := m[make1(0)]
	println(name, sum, n, len(m), there)
	clear(m)
	println(name, len(m))
}

func main() {
	count("int", func(i int) int { return i })
	count("int32", func(i int) int32 { return int32(i) })
	count("uint16", func(i int) uint16 { return uint16(i) })
	count("string", func(i int) string { return string(rune('a'+i%26)) + string(rune(1000+i)) })
	count("struct", func(i int) key { return key{i, string(rune(i + 500))} })
	count("any", func(i int) any {
		if i%2 == 1 {
			return i
		}
		return string(rune(i + 700))
	})
	count("float", func(i int) float64 { return float64(i) * 1.5 })
	count("array", func(i int) [3]int { return [3]int{i, i + 1, i + 2} })
	count("pointer", func() func(int) *int {
		var all [2000]int
		return func(i int) *int { return &all[i] }
	}())
	count("complex", func(i int) complex128 { return complex(float64(i), 1) })
	count("big", func(i int) [40]int { return [40]int{i} })
	var nilmap map[string]int
	println(len(nilmap), nilmap["x"])
	for range nilmap {
		println("never")
	}
	big := map[int][200]int{}
	big[1] = [200]int{7: 7}
	println(big[1][7], big[2][7], len(big))
	nan := id(0.0)
	nan /= nan
	m := map[float64]int{nan: 1}
	m[nan] = 2
	_, ok := m[nan]
	println(len(m), ok)
}
