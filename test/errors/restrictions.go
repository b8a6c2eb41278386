// errorcheck

// What the implementation does not allow.

package p

type literal interface { // ERROR "invalid recursive type: anonymous interface refers to itself"
	m() interface{ literal }
}

type named interface{ m() named }
