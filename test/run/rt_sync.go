// Mutex, RWMutex, WaitGroup, Once, Cond, Pool, Map, atomics between goroutines.
package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

func main() {
	var mu sync.Mutex
	var rw sync.RWMutex
	var wg sync.WaitGroup
	var n atomic.Int64
	count, m := 0, map[int]int{}
	for i := 0; i < 100; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := 0; j < 50; j++ {
				mu.Lock()
				count++
				if j%10 == 0 {
					runtime.Gosched()
				}
				mu.Unlock()
				rw.RLock()
				_ = m[j]
				rw.RUnlock()
				rw.Lock()
				m[j]++
				rw.Unlock()
				n.Add(2)
			}
		}()
	}
	wg.Wait()
	println(count, len(m), m[7], n.Load())

	var once sync.Once
	for i := 0; i < 3; i++ {
		once.Do(func() { println("once") })
	}
	v := sync.OnceValue(func() int { return 42 })
	println(v(), v())

	cond := sync.NewCond(&mu)
	ready := 0
	for i := 0; i < 5; i++ {
		wg.Go(func() {
			mu.Lock()
			for ready == 0 {
				cond.Wait()
			}
			ready++
			mu.Unlock()
		})
	}
	runtime.Gosched()
	mu.Lock()
	ready = 1
	mu.Unlock()
	cond.Signal()
	cond.Broadcast()
	wg.Wait()
	println(ready)

	p := sync.Pool{New: func() any { return new(int) }}
	x := p.Get().(*int)
	*x = 5
	p.Put(x)
	_ = p.Get().(*int)

	var sm sync.Map
	for i := 0; i < 100; i++ {
		sm.Store(i, i*i)
	}
	sm.Delete(3)
	sum := 0
	sm.Range(func(k, v any) bool { sum += v.(int); return true })
	_, there := sm.Load(3)
	old, loaded := sm.LoadOrStore(4, 0)
	println(sum, there, old.(int), loaded)

	var ptr atomic.Pointer[int]
	ptr.Store(x)
	println(ptr.CompareAndSwap(x, nil), ptr.Load() == nil)
	var val atomic.Value
	val.Store("s")
	println(val.Load().(string), mu.TryLock(), mu.TryLock())
	func() {
		defer func() { println(recover().(string)) }()
		val.Store(1)
	}()
}
