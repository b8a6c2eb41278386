// The frames that runtime.Callers gives, to the outermost.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

func stack() []string {
	pcs := make([]uintptr, 20)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	var names []string
	for {
		f, more := frames.Next()
		names = append(names, f.Function)
		if !more {
			return names
		}
	}
}

func main() {
	fmt.Println(strings.Join(stack(), " "))
	done := make(chan bool)
	go func() {
		fmt.Println(strings.Join(stack(), " "))
		done <- true
	}()
	<-done
	// What a logger does that leaves out the last frame, which is runtime.goexit's.
	depth := 0
	for {
		_, file, _, ok := runtime.Caller(depth)
		if !ok {
			break
		}
		_ = file
		depth++
	}
	fmt.Println(depth)
	func() {
		defer func() {
			recover()
			fmt.Println(strings.Join(stack(), " "))
		}()
		var p *int
		*p = 1
	}()
	f := func(yield func(int) bool) { yield(1) }
	for range f {
		fmt.Println(strings.Join(stack(), " "))
	}
}
