// Loops without calls do not keep other goroutines, timers and the end of the program waiting.
package main

import (
	"sync/atomic"
	"time"
)

var stop atomic.Bool
var sum [4]float64

func spin(i int) {
	x, y := 1.0, uint64(i)
	for !stop.Load() {
		x = x*0.5 + 1
		y = y*6364136223846793005 + 1
	}
	if x < 1 || x > 2 {
		println("lost a register", x)
	}
	sum[i] = x + float64(y&1)
}

func main() {
	done := make(chan bool)
	for i := range 4 {
		go func() { spin(i); done <- true }()
	}
	time.Sleep(50 * time.Millisecond)
	stop.Store(true)
	for range 4 {
		<-done
	}
	go func() {
		for {
		}
	}()
	time.Sleep(5 * time.Millisecond)
	println("end")
}
