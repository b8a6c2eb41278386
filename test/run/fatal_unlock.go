// Unlocking what is not locked cannot be recovered from.
// exit: 2
package main

import "sync"

func main() {
	defer func() { println("never", recover()) }()
	var mu sync.Mutex
	mu.Unlock()
}
