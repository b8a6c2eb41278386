// go, channels, select, close, range over channels, many goroutines, deep stacks.
package main

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func deep(n int, p *int) int {
	var pad [20]int
	pad[n%20] = n
	if n == 0 {
		*p++
		return 0
	}
	return deep(n-1, p) + pad[n%20] - n + 1
}

func producer(n int) <-chan int {
	c := make(chan int)
	go func() {
		defer close(c)
		for i := 0; i < n; i++ {
			c <- i
		}
	}()
	return c
}

func sieve(n int) int {
	c := make(chan int)
	go func() {
		for i := 2; ; i++ {
			c <- i
		}
	}()
	last := 0
	for i := 0; i < n; i++ {
		last = <-c
		next := make(chan int)
		go func(in, out chan int, p int) {
			for {
				if v := <-in; v%p != 0 {
					out <- v
				}
			}
		}(c, next, last)
		c = next
	}
	return last
}

func main() {
	sum := 0
	for v := range producer(1000) {
		sum += v
	}
	println(sum, sieve(40))
	results := make(chan int, 10)
	for i := 0; i < 10; i++ {
		go func() { results <- fib(15 + i) }()
	}
	total := 0
	for i := 0; i < 10; i++ {
		total += <-results
	}
	println(total)
	n := 0
	println(deep(20000, &n), n)
	done := make(chan bool)
	for i := 0; i < 100; i++ {
		go func() { m := 0; deep(500, &m); done <- m == 1 }()
	}
	good := 0
	for i := 0; i < 100; i++ {
		if <-done {
			good++
		}
	}
	println(good)
	a, b, quit := make(chan int), make(chan string, 2), make(chan struct{})
	go func() {
		for i := 0; i < 50; i++ {
			select {
			case a <- i:
			case b <- "x":
			}
		}
		close(quit)
	}()
	as, bs := 0, 0
loop:
	for {
		select {
		case <-a:
			as++
		case <-b:
			bs++
		case <-quit:
			break loop
		}
	}
	println(as+bs+len(b) == 50)
	select {
	case v, ok := <-a:
		println("never", v, ok)
	default:
		println("default", len(b) >= 0, cap(b))
	}
	close(a)
	v, ok := <-a
	println(v, ok)
	var never chan int
	select {
	case never <- 1:
	case <-quit:
		println("closed")
	}
	type pair struct {
		s string
		p *int
	}
	pairs := make(chan pair, 3)
	x := 5
	pairs <- pair{"one", &x}
	q := <-pairs
	*q.p = 6
	println(q.s, x)
}
