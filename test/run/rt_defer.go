// defer, recover, re-panic, Goexit-free paths: order, results, loops, range-over-func bodies.
package main

func order() (s string) {
	for i := 0; i < 4; i++ {
		defer func() { s += string(rune('0' + i)) }()
	}
	defer func() { s += "a" }()
	return "r"
}

func result(fail bool) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			n, err = -1, r.(error)
		}
	}()
	if fail {
		var p *int
		n = *p
	}
	return 7, nil
}

func nested() (s string) {
	defer func() { s += "|" + recover().(string) }()
	defer func() {
		defer func() { s += recover().(string); panic("third") }()
		panic("second")
	}()
	panic("first")
}

func again() (r any) {
	defer func() { r = recover() }()
	func() {
		defer func() {
			if e := recover(); e != nil {
				panic(e.(string) + "!")
			}
		}()
		panic("again")
	}()
	return nil
}

func helper() any { return recover() }

func indirect() (s string) {
	defer func() {
		if helper() != nil {
			s = "helper recovered"
		}
		if recover() != nil {
			s += "direct"
		}
	}()
	panic(1)
}

func each(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

func ranged() (s string) {
	for i := range each(5) {
		defer func() { s += string(rune('0' + i)) }()
		if i == 3 {
			return "r"
		}
	}
	return "never"
}

func rangedPanic() (s string) {
	defer func() { s += "/" + recover().(string) }()
	for i := range each(3) {
		defer func() { s += string(rune('a' + i)) }()
		if i == 1 {
			panic("stop")
		}
	}
	return
}

type closer struct{ name string }

func (c *closer) Close() { println("close", c.name) }

func methods() {
	for _, n := range []string{"x", "y"} {
		c := &closer{n}
		defer c.Close()
	}
	defer (&closer{"last"}).Close()
}

func deepPanic(n int) {
	if n == 0 {
		panic("deep")
	}
	var pad [30]int
	pad[n%30] = n
	defer func(v int) { pad[0] += v }(n)
	deepPanic(n - 1)
}

func main() {
	println(order())
	n, err := result(true)
	println(n, err.Error())
	n, err = result(false)
	println(n, err == nil)
	println(nested())
	println(again().(string))
	println(indirect())
	println(ranged())
	println(rangedPanic())
	methods()
	func() {
		defer func() { println(recover().(string)) }()
		deepPanic(2000)
	}()
	println(recover() == nil)
}
