package main

import "fmt"

// Labels after dead code, gotos forwards and backwards, variables read behind them.

const fast = true

func index(s string, c byte) int {
	i, fails := 0, 0
	switch {
	case len(s) == 0:
		return -1
	default:
		for i < len(s) {
			if s[i] == c {
				return i
			}
			i++
			fails++
			if fails > 2 {
				if fast {
					goto fallback
				}
				goto scan
			}
		}
		return -1

	fallback:
		if fast {
			for j := i; j < len(s); j++ {
				if s[j] == c {
					return j
				}
			}
			return -1
		}
	scan:
		last := s[len(s)-1]
	loop:
		for ; i < len(s); i++ {
			if s[i] == last {
				break loop
			}
			if s[i] == c {
				goto loop
			}
		}
	}
	return -1
}

// Only a goto further down leads to up.
func zigzag(n int) (sum int) {
	k := n
	if n < 0 {
		return -1
	}
	goto down
up:
	sum += k
	k--
	if k == 0 {
		return sum
	}
down:
	sum += 100
	goto up
}

func never() int {
	return 7
	x := 1
again:
	x++
	goto again
}

func inRange(seq func(func(int) bool)) (out int) {
	for v := range seq {
		if v > 0 {
			n := 0
		more:
			n++
			out += v
			if n < 3 {
				goto more
			}
		}
		if v == 3 {
			goto end
		}
	}
	return -1
end:
	return out
}

func main() {
	fmt.Println(index("abcdef", 'b'), index("abcdef", 'e'), index("abcdef", 'x'), index("", 'x'))
	fmt.Println(zigzag(3), zigzag(-1), never())
	fmt.Println(inRange(func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
		}
	}))
}
