// iter.Pull: switching to and fro, early stop, panics and Goexit through it, nesting.
package main

import (
	"iter"
	"runtime"
)

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer println("done", n)
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func squares(s iter.Seq[int]) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		next, stop := iter.Pull(s)
		defer stop()
		for {
			v, ok := next()
			if !ok || !yield(v, v*v) {
				return
			}
		}
	}
}

func main() {
	next, stop := iter.Pull(count(3))
	for {
		v, ok := next()
		if !ok {
			break
		}
		println(v)
	}
	stop()
	next, stop = iter.Pull(count(100))
	next()
	println(next())
	stop()
	println(next())
	sum := 0
	next2, stop2 := iter.Pull2(squares(count(50)))
	for a, b, ok := next2(); ok && a < 40; a, b, ok = next2() {
		sum += b
		runtime.Gosched()
	}
	stop2()
	println(sum)
	func() {
		next, stop := iter.Pull(func(yield func(int) bool) { yield(1); panic("inside") })
		defer stop()
		defer func() { println("recovered", recover().(string)) }()
		next()
		next()
	}()
	done := make(chan bool)
	go func() {
		defer close(done)
		next, _ := iter.Pull(func(yield func(int) bool) { runtime.Goexit() })
		next()
		println("never")
	}()
	<-done
	println("end")
}
