// Fanout starts ten thousand goroutines, lets each do a little work, waits for them with a sync.WaitGroup and prints what they found.
package main

import (
	"fmt"
	"sync"
)

// collatz counts the steps from n down to 1.
func collatz(n int) (steps int) {
	for n != 1 {
		if n%2 == 0 {
			n /= 2
		} else {
			n = 3*n + 1
		}
		steps++
	}
	return steps
}

func main() {
	const workers = 10_000
	results := make([]int, workers)
	var wg sync.WaitGroup
	for i := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			results[i] = collatz(i + 1)
		}()
	}
	wg.Wait()

	total, longest := 0, 0
	for i, steps := range results {
		total += steps
		if steps > results[longest] {
			longest = i
		}
	}
	fmt.Printf("%d goroutines took %d steps in all\n", workers, total)
	fmt.Printf("the longest walk starts at %d and has %d steps\n", longest+1, results[longest])
}
