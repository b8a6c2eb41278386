// A variable pair initialised by a call waits for what the called method mentions.
package main

type P struct{ x int }

var first, _ = new(P).Set(1)

func (p *P) Set(i int) (*P, error) { p.x = *one + i; return p, nil }

var one = func() *int { v := 1; return &v }()

func main() { println(first.x) }
