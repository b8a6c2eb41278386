// What an edge passes to its block's parameters is needed while the branch in front of it is being selected: a
// comparison that loads its operands must not take the registers of such values without storing them.
package main

type result struct {
	raw, str string
	a, b, c  int
	index    int
	list     []int
}

//go:noinline
func next(s string, i int) (result, int) {
	return result{raw: s[i : i+1], a: 1, b: 2, c: 3, index: 100 + i}, i + 1
}

//go:noinline
func show(v result, z int) { println(v.raw, v.a+v.b+v.c, v.index, z) }

// A field chosen in nested branches, then passed on the stack.
//
//go:noinline
func each(t result) {
	n := 0
	for i := 0; i < len(t.raw); {
		s := i
		var value result
		value, i = next(t.raw, i)
		if t.list != nil {
			if n < len(t.list) {
				value.index = t.list[n]
			}
		} else {
			value.index = s + t.index
		}
		show(value, 0)
		n++
	}
}

// Two variables assigned in the arms of an else-if amid many floats.
//
//go:noinline
func sample(m *[6]float64, lo, hi int, cells []byte) (sum int) {
	for y := int32(0); y < 12; y++ {
		fy := float64(y) + 0.5
		for x := int32(0); x < 12; x++ {
			fx := float64(x) + 0.5
			sx := m[0]*fx + m[1]*fy + m[2]
			sy := m[3]*fx + m[4]*fy + m[5]
			left := int(sx)
			wr := sx - float64(left)
			wl := 1 - wr
			right := left + 1
			top := int(sy)
			wb := sy - float64(top)
			wt := 1 - wb
			bottom := top + 1
			if top < lo {
				top, bottom = lo, lo
			} else if bottom >= hi {
				top, bottom = hi-1, hi-1
			}
			i := (top*16 + left) & 255
			j := (top*16 + right) & 255
			k := (bottom*16 + left) & 255
			l := (bottom*16 + right) & 255
			r0, r1 := uint32(cells[i])*257, uint32(cells[j])*257
			r2, r3 := uint32(cells[k])*257, uint32(cells[l])*257
			r0 = uint32(wl*float64(r0) + wr*float64(r1))
			r2 = uint32(wl*float64(r2) + wr*float64(r3))
			sum = sum*31 + int(uint32(wt*float64(r0)+wb*float64(r2))>>8)
		}
	}
	return sum
}

// Three counters of which each arm advances others, compared with what is in memory.
//
//go:noinline
func merge(a, b []int, out []int, limits *[3]int) (i, j, k int) {
	for k < limits[2] {
		if i < limits[0] && (j >= limits[1] || a[i] <= b[j]) {
			out[k] = a[i]
			i, k = i+1, k+1
		} else if j < limits[1] {
			out[k] = b[j]
			j, k = j+1, k+1
		} else {
			break
		}
	}
	return
}

func main() {
	each(result{raw: "abc"})
	each(result{raw: "abc", list: []int{}})
	each(result{raw: "abcd", list: []int{7, 8}})
	cells := make([]byte, 256)
	for i := range cells {
		cells[i] = byte(i * 37)
	}
	println(sample(&[6]float64{0.9, -0.1, 3, 0.1, 1.1, -2.5}, 1, 9, cells))
	out := make([]int, 9)
	i, j, k := merge([]int{1, 4, 6, 9}, []int{2, 3, 5, 10, 12}, out, &[3]int{4, 5, 9})
	println(i, j, k, out[0], out[3], out[8])
}
