// A CPU profile names the function that used the time.
// stress: no
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"runtime/pprof"
	"strings"
	"time"
)

//go:noinline
func burn(n int) (x float64) {
	for i := range n {
		x = x*0.5 + float64(i)
	}
	return x
}

func main() {
	var b bytes.Buffer
	for tries := 0; tries < 20; tries++ {
		b.Reset()
		if err := pprof.StartCPUProfile(&b); err != nil {
			panic(err)
		}
		for start := time.Now(); time.Since(start) < 100*time.Millisecond; {
			burn(100000)
		}
		pprof.StopCPUProfile()
		r, err := gzip.NewReader(&b)
		if err != nil {
			panic(err)
		}
		text, _ := io.ReadAll(r)
		if strings.Contains(string(text), "main.burn") && strings.Contains(string(text), "main.main") {
			fmt.Println("found")
			return
		}
	}
	fmt.Println("not found")
}
