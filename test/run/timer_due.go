// A timer that is due is seen by the next look at its channel, whoever has run in between; many timers of one instant all fire.
package main

import "time"

func main() {
	t := time.NewTimer(0)
	select {
	case <-t.C:
		println("due")
	default:
		println("missed")
	}
	tick := time.NewTicker(time.Millisecond)
	start := time.Now()
	for time.Since(start) < 5*time.Millisecond {
	}
	select {
	case <-tick.C:
		println("tick")
	default:
		println("no tick")
	}
	n := make(chan int, 100)
	for i := range 100 {
		time.AfterFunc(time.Millisecond, func() { n <- i })
	}
	sum := 0
	for range 100 {
		sum += <-n
	}
	println(sum)
}
