// The line of a fault is that of the load, also when the load is part of a later instruction.
package main

import "runtime"

var sink int64

//go:noinline
func load(p *int32) {
	v := *p
	sink = int64(v)
}

//go:noinline
func compare(p *int64, x int64) {
	v := *p
	if v+0 ==
		x {
		sink++
	}
}

func line(f func()) {
	defer func() {
		recover()
		pc := make([]uintptr, 20)
		frames := runtime.CallersFrames(pc[:runtime.Callers(1, pc)])
		for {
			f, more := frames.Next()
			if f.Function == "main.load" || f.Function == "main.compare" {
				println(f.Function, f.Line)
			}
			if !more {
				return
			}
		}
	}()
	f()
}

func main() {
	line(func() { load(nil) })
	line(func() { compare(nil, 1) })
}
