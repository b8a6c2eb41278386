// runtime.Stack, Caller, Callers, FuncForPC, debug.Stack and the names of functions.
package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

type T[K any] struct{}

//go:noinline
func (T[K]) where() string {
	pc, file, line, ok := runtime.Caller(1)
	return fmt.Sprint(runtime.FuncForPC(pc).Name(), " ", filepath.Base(file), ":", line, " ", ok)
}

//go:noinline
func generic[A any](a A) string {
	_ = T[A]{}.where()
	pcs := make([]uintptr, 10)
	n := runtime.Callers(1, pcs)
	frames := runtime.CallersFrames(pcs[:n])
	var names []string
	for {
		f, more := frames.Next()
		names = append(names, fmt.Sprint(f.Function, ":", f.Line))
		if !more {
			break
		}
	}
	return strings.Join(names[:2], " ")
}

func main() {
	fmt.Println(T[int]{}.where())
	func() { fmt.Println(T[string]{}.where()) }()
	f := func() string { return generic("x") }
	fmt.Println(f())
	buf := make([]byte, 4096)
	s := string(buf[:runtime.Stack(buf, false)])
	lines := strings.Split(s, "\n")
	fmt.Println(lines[0], lines[1])
	fmt.Println(strings.Contains(string(debug.Stack()), "main.main()"))
	fmt.Println(runtime.FuncForPC(0) == nil, runtime.GOOS, runtime.GOARCH, runtime.Compiler, runtime.NumGoroutine())
	_, _, _, ok := runtime.Caller(100)
	fmt.Println(ok, runtime.NumCPU() > 0, runtime.GOMAXPROCS(0) > 0)
}
