// What closures and callees keep or store: objects that outlive the frame, in every way in which a pointer can
// leave it through code that is inlined or called.
package main

import "fmt"

type node struct {
	next *node
	n    int
}

var (
	kept    func() int
	keptAny any
	global  = &node{n: 100}
	box     struct{ f func() int }
	calls   []func() int
	table   = map[string]func() int{}
	pipe    = make(chan func() int, 4)
)

//go:noinline
func try(f func()) { f() }

//go:noinline
func clobber(n int) int {
	var a [128]int
	for i := range a {
		a[i] = n + i
	}
	return a[n&63]
}

func set(f func() int) {
	try(func() {
		for i := range 3 {
			if i == 2 {
				kept = f
			}
		}
	})
}

// A callee that stores a pointer of its own in what it is given: what is stored behind that leaks.
//
//go:noinline
func fill(p **node) { *p = global }

//go:noinline
func fillDeep(p ***node) { **p = global }

//go:noinline
func viaFill(n int) {
	var q *node
	fill(&q)
	q.next = &node{n: n}
}

//go:noinline
func viaFillDeep(n int) {
	var q *node
	r := &q
	fillDeep(&r)
	q.next = &node{n: n}
}

//go:noinline
func viaClosure(n int) {
	var q *node
	func() {
		defer func() { recover() }()
		q = global
	}()
	q.next = &node{n: n}
}

//go:noinline
func viaReceive(n int) {
	c := make(chan *node, 1)
	c <- global
	var q *node
	select {
	case q = <-c:
	}
	q.next = &node{n: n}
	c <- global
	q = <-c
	q.next.next = &node{n: n + 1}
}

//go:noinline
func viaCopy(n int) {
	from, to := []*node{global}, make([]*node, 1)
	copy(to, from)
	to[0].next = &node{n: n}
}

type setter struct{ n *int }

func (s setter) get() int { return *s.n }

//go:noinline
func methodValue(n int) { x := n; kept = setter{&x}.get }

//go:noinline
func closureOfClosure(n int) {
	x := n
	f := func() func() int { return func() int { return x } }
	kept = f()
}

//go:noinline
func inStruct(n int) { x := n; box.f = func() int { return x } }

//go:noinline
func inSlice(n int) { x := n; p := &x; calls = append(calls, func() int { return *p }) }

//go:noinline
func inMap(n int) { x := n; p := &x; table["k"] = func() int { return *p } }

//go:noinline
func inChan(n int) { x := n; p := &x; pipe <- func() int { return *p } }

//go:noinline
func deferred(n int) {
	x := n
	p := &x
	defer func(f func() int) { kept = f }(func() int { return *p })
}

//go:noinline
func started(n int) chan bool {
	x, done := n, make(chan bool)
	p := &x
	go func() { kept = func() int { return *p }; done <- true }()
	return done
}

type iface interface{ keep(*int) }
type keeper struct{}

func (keeper) keep(p *int) { keptAny = p }

//go:noinline
func viaInterface(i iface, n int) { x := n; i.keep(&x) }

func generic[T any](v T) func() T { p := &v; return func() T { return *p } }

//go:noinline
func viaGeneric(n int) { kept = generic(n) }

func each(yield func(*int) bool) {
	x := 7
	yield(&x)
}

//go:noinline
func viaRange() {
	for p := range each {
		keptAny = p
	}
}

func show(name string) { clobber(9); fmt.Println(name, kept()) }

func main() {
	n := 40
	set(func() int { return n + 2 })
	show("set")
	for i, f := range []func(int){viaFill, viaFillDeep, viaClosure, viaReceive, viaCopy} {
		f(i)
		clobber(i)
		fmt.Println("fill", i, global.next.n)
	}
	methodValue(1)
	show("method value")
	closureOfClosure(2)
	show("closure of closure")
	inStruct(3)
	kept = box.f
	show("struct")
	inSlice(4)
	kept = calls[0]
	show("slice")
	inMap(5)
	kept = table["k"]
	show("map")
	inChan(6)
	kept = <-pipe
	show("chan")
	deferred(7)
	show("defer")
	<-started(8)
	show("go")
	viaInterface(keeper{}, 9)
	clobber(1)
	fmt.Println(*keptAny.(*int))
	viaGeneric(10)
	show("generic")
	viaRange()
	clobber(2)
	fmt.Println(*keptAny.(*int))
}
