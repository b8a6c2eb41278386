// errorcheck

// One fault, one message.

package p

func conditions[T any](s []T) {
	if 0 { // ERROR "^non-boolean condition in if statement$"
	}
	for "s" { // ERROR "^non-boolean condition in for statement$"
	}
}

type D C // ERROR "C \(constant .*\) is not a type|C \(constant\) is not a type"

const C = 1

var d D = 1 // ERROR "cannot use 1 \(untyped int constant\) as D value in variable declaration"

// An embedded field is looked at also when its name is there already.
type P *int

type S struct {
	P  // ERROR "embedded field type cannot be a pointer"
	*P // ERROR "P redeclared" "embedded field type cannot be a pointer"
}

// Terms of unions are named in full.
type Big interface{ m() }
type Int int

type U interface {
	Big | int // ERROR "cannot use command-line-arguments.Big in union \(command-line-arguments.Big contains methods\)"
	Int | ~int // ERROR "overlapping terms ~int and command-line-arguments.Int"
}
