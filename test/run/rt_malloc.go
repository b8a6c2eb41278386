// Allocation as programs meet it: objects are zeroed, aligned and apart, for every size and kind, alone and from many goroutines.
package main

import (
	"fmt"
	"runtime"
	"slices"
	"unsafe"
)

type block struct{ at, size uintptr }

var (
	blocks []block
	keep   []any
)

// Notes a fresh object, checks it, and fills it.
func note(p unsafe.Pointer, size, align uintptr) {
	if uintptr(p)%align != 0 {
		fmt.Println("misaligned", size, align)
	}
	b := unsafe.Slice((*byte)(p), size)
	for i := range b {
		if b[i] != 0 {
			fmt.Println("not zeroed", size)
			break
		}
	}
	blocks = append(blocks, block{uintptr(p), size})
}

func spoil(p unsafe.Pointer, size uintptr) {
	b := unsafe.Slice((*byte)(p), size)
	for i := range b {
		b[i] = 0xee
	}
}

func object[T any](n int, pointers bool) {
	for i := 0; i < n; i++ {
		p := new(T)
		keep = append(keep, p)
		note(unsafe.Pointer(p), unsafe.Sizeof(*p), unsafe.Alignof(*p))
		if !pointers {
			spoil(unsafe.Pointer(p), unsafe.Sizeof(*p))
		}
	}
}

func apart(what string) {
	slices.SortFunc(blocks, func(a, b block) int { return int(a.at) - int(b.at) })
	for i := 1; i < len(blocks); i++ {
		if blocks[i-1].at+blocks[i-1].size > blocks[i].at {
			fmt.Println(what, "overlap", blocks[i-1], blocks[i])
		}
	}
	fmt.Println(what, len(blocks))
	blocks = blocks[:0]
}

func main() {
	// Small ones without pointers share blocks.
	for i := 0; i < 100; i++ {
		object[byte](1, false)
		object[uint16](i%3, false)
		object[[3]byte](1, false)
		object[uint32](i%2, false)
		object[[5]byte](1, false)
		object[uint64](1, false)
		object[[3]uint32](i%2, false)
		object[[7]uint16](1, false)
		object[[15]byte](1, false)
		object[complex128](1, false)
		object[*int](1, true)
	}
	apart("small")
	for size := 1; size < 70000; size += 1 + size/40 {
		b := make([]byte, size)
		note(unsafe.Pointer(&b[0]), uintptr(size), 1)
		spoil(unsafe.Pointer(&b[0]), uintptr(size))
		p := make([]*byte, (size+7)/8)
		note(unsafe.Pointer(&p[0]), uintptr(len(p)*8), 8)
		keep = append(keep, b, p)
	}
	apart("sizes")
	object[[64]*int](50, true)
	object[[65]*int](50, true)
	object[[64]int](50, false)
	object[[65]int](50, false)
	object[struct {
		a [100]int
		p *int
	}](50, true)
	apart("about the header")
	object[[4095]*int](3, true)
	object[[4096]*int](3, true)
	object[[4097]*int](3, true)
	object[[1 << 20]byte](3, false)
	apart("large")

	// Nothing has size zero or an address of its own.
	var a, b any = new(struct{}), new([0]int)
	fmt.Println(len(make([]struct{}, 1<<40)), a != nil, b != nil)

	// Stacks come and go between objects: what they leave must not be seen.
	done := make(chan int)
	for i := 0; i < 20; i++ {
		go func() { done <- deep(i * 10) }()
	}
	sum := 0
	for i := 0; i < 20; i++ {
		sum += <-done
		object[[1000]int](2, false)
		object[[100]*int](5, true)
	}
	apart("beside stacks")
	fmt.Println(sum)

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := 0; i < 1000; i++ {
		keep = append(keep, new([10]int))
	}
	runtime.ReadMemStats(&after)
	fmt.Println(after.Mallocs-before.Mallocs >= 1000, after.TotalAlloc-before.TotalAlloc >= 80000, after.HeapSys > 0)
}

func deep(n int) int {
	var pad [40]int
	for i := range pad {
		pad[i] = n
	}
	if n > 0 {
		return deep(n-1) + pad[n%40] - n + 1
	}
	return pad[0]
}
