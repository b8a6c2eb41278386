// exit: 2
package main

import "io"

type reader struct{}

func (reader) Read(b []byte) (int, error) { return 0, nil }

//go:noinline
func convert(r io.Reader) io.Writer { return r.(io.Writer) }

func main() { println(convert(reader{})) }
