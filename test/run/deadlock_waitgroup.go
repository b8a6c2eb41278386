// exit: 2
package main

import "sync"

func main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		var c sync.Cond = *sync.NewCond(&sync.Mutex{})
		c.L.Lock()
		c.Wait()
	}()
	wg.Wait()
}
