// Profiles, metrics, memory statistics, build information, debug knobs: the calls answer.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"runtime/pprof"
	"runtime/trace"
	"strings"
)

//go:noinline
func parked(c chan int) { <-c }

func main() {
	var b bytes.Buffer
	fmt.Println(pprof.StartCPUProfile(&b))
	sum := 0
	for i := range 1000000 {
		sum += i
	}
	pprof.StopCPUProfile()
	fmt.Println(sum, b.Len() > 0)
	c := make(chan int)
	pprof.Do(context.Background(), pprof.Labels("k", "v"), func(context.Context) {})
	go parked(c)
	runtime.Gosched()
	b.Reset()
	pprof.Lookup("goroutine").WriteTo(&b, 1)
	fmt.Println(strings.Contains(b.String(), "main.parked"), strings.HasPrefix(b.String(), "goroutine profile: total 2"))
	b.Reset()
	pprof.Lookup("goroutine").WriteTo(&b, 2)
	fmt.Println(strings.Contains(b.String(), "[chan receive]:\nmain.parked("))
	for _, name := range []string{"heap", "allocs", "threadcreate", "block", "mutex"} {
		b.Reset()
		fmt.Println(name, pprof.Lookup(name).WriteTo(&b, 0), b.Len() > 0)
	}
	if err := trace.Start(&b); err == nil {
		trace.Stop()
	}
	all := metrics.All()
	samples := make([]metrics.Sample, len(all))
	for i := range all {
		samples[i].Name = all[i].Name
	}
	metrics.Read(samples)
	for i, s := range samples {
		if s.Value.Kind() != all[i].Kind {
			fmt.Println("kind", s.Name, s.Value.Kind(), all[i].Kind)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	keep := make([][]byte, 100)
	for i := range keep {
		keep[i] = make([]byte, 1000)
	}
	runtime.ReadMemStats(&after)
	fmt.Println(after.Mallocs-before.Mallocs >= 100, after.TotalAlloc-before.TotalAlloc >= 100*1024, after.Sys > 0, after.HeapAlloc > 0)
	runtime.GC()
	debug.FreeOSMemory()
	old := debug.SetGCPercent(50)
	fmt.Println(old, debug.SetGCPercent(old), debug.SetMaxThreads(10000), debug.SetPanicOnFault(false))
	info, ok := debug.ReadBuildInfo()
	fmt.Println(ok && info.GoVersion != "", strings.HasPrefix(runtime.Version(), "go1.27"))
	runtime.SetFinalizer(&keep[0], nil)
	cl := runtime.AddCleanup(&keep[1], func(int) {}, 1)
	cl.Stop()
	var pin runtime.Pinner
	pin.Pin(&keep[2])
	pin.Unpin()
	fmt.Println(runtime.NumGoroutine(), runtime.NumCgoCall())
	close(c)
	os.Stdout.Sync()
}
