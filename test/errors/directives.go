// errorcheck

//go:noinline // ERROR "misplaced compiler directive"
package p

import _ "embed"

//go:noinline // ERROR "misplaced compiler directive"
var x int

type (
	//go:nosplit // ERROR "misplaced compiler directive"
	T int
)

//go:noinline
func f() {
	//go:noinline // ERROR "misplaced compiler directive"
	const c = 1
	//go:embed x.txt // ERROR "go:embed cannot apply to var inside func"
	var y string
	_ = y
}
