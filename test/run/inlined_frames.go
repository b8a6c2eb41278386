// Every call has its frame, also where nothing of an inlined function is left but what it calls.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

func names(skip int) string {
	var pc [16]uintptr
	n := runtime.Callers(skip, pc[:])
	frames := runtime.CallersFrames(pc[:n])
	var out []string
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "main.") {
			out = append(out, fmt.Sprint(f.Function, ":", f.Line))
		}
		if !more {
			return strings.Join(out, " ")
		}
	}
}

func inner() string  { return names(2) }
func middle() string { return inner() }
func outer() string  { return middle() }

func load(p *int) int { return *p }
func load1(p *int) int { return load(p) + 1 }
func load2(p *int) int { return load1(p) + 1 }
func load3(p *int) (s string) {
	defer func() {
		recover()
		s = names(2)
	}()
	return fmt.Sprint(load2(p) + 1)
}

func main() {
	fmt.Println(outer())
	fmt.Println(load3(nil))
	_, _, line, ok := func() (uintptr, string, int, bool) { return runtime.Caller(1) }()
	fmt.Println(line, ok)
}
