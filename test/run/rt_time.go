// Sleep, timers, tickers, AfterFunc, contexts with deadlines.
package main

import (
	"context"
	"time"
)

func main() {
	start := time.Now()
	time.Sleep(20 * time.Millisecond)
	println(time.Since(start) >= 20*time.Millisecond, time.Since(start) < 5*time.Second)
	order := make(chan int, 3)
	time.AfterFunc(30*time.Millisecond, func() { order <- 3 })
	time.AfterFunc(10*time.Millisecond, func() { order <- 1 })
	time.AfterFunc(20*time.Millisecond, func() { order <- 2 })
	println(<-order + <-order + <-order) // on a busy machine they may run in any order
	t := time.NewTimer(time.Hour)
	println(t.Stop(), t.Stop(), t.Reset(time.Millisecond))
	<-t.C
	println(len(t.C), cap(t.C), t.Stop())
	t.Reset(time.Millisecond)
	time.Sleep(5 * time.Millisecond)
	t.Reset(time.Hour) // the value that nobody received is gone
	select {
	case <-t.C:
		println("stale")
	default:
		println("empty")
	}
	tick := time.NewTicker(2 * time.Millisecond)
	for i := 0; i < 3; i++ {
		<-tick.C
	}
	tick.Stop()
	select {
	case <-time.After(5 * time.Millisecond):
		println("after")
	case <-make(chan int):
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	println(ctx.Err().Error(), context.Cause(ctx) == context.DeadlineExceeded)
	parent, stop := context.WithCancel(context.WithValue(context.Background(), "k", "v"))
	child, stop2 := context.WithCancel(parent)
	defer stop2()
	stop()
	<-child.Done()
	println(child.Err().Error(), child.Value("k").(string))
	println(time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC).Format(time.RFC1123), (90 * time.Minute).String())
	func() {
		defer func() { println(recover().(string)) }()
		var zero time.Timer
		zero.Stop()
	}()
}
