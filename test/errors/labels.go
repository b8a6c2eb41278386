// errorcheck

// Labels are looked at in functions without syntax errors.

package p

func f() {
unused: // ERROR "label unused defined and not used"
	for {
	}
}

func g() {
other:
	1 2 // ERROR "syntax error: unexpected literal 2 at end of statement"
}
