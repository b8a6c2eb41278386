package main

import "fmt"

// An initialiser of two variables waits for what it uses, whichever of the two is asked for.

type Elem struct{ v int }

func (e *Elem) Set(b []byte) (*Elem, error) { e.v = int(b[0]); return e, nil }

type Point struct{ x, y Elem }

func (p *Point) SetBytes(b []byte) (*Point, error) {
	p.x.v = d.v + int(b[0])
	return p, nil
}

var identity, _ = new(Point).SetBytes([]byte{1})

func NewIdentity() *Point { return identity }

var d, _ = new(Elem).Set([]byte{5})
var d2 = d.v + 1

func main() {
	fmt.Println(identity.x.v, d2)
}
