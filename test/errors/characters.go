// errorcheck

// A character that Go has no use for is named once, and takes no neighbour with it.

package p

var a = 1 “ 2 // ERROR "invalid character U\+201C '“' in identifier" "syntax error: unexpected name “ after top level declaration"

func f() {
	x := 1 # 2 // ERROR "invalid character U\+0023 '#'" "syntax error: unexpected literal 2 at end of statement"
	_ = x
}
