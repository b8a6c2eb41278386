// RUN: %ssa %s | FileCheck %s
// Switches: concrete types by the address of their descriptor, interfaces by a cached search, integers by halves.

package p

// CHECK-LABEL: func @"{{.*}}.types"
// CHECK: v[[INT:[0-9]+]]: ptr = symaddr @"type:int"
// CHECK-NEXT: icmp.eq v0, v[[INT]]
// CHECK: symaddr @"{{.*}}..typeAssert.0"
// CHECK-NEXT: call @"runtime.typeAssert"
func types(x any) int {
	switch y := x.(type) {
	case int:
		return y
	case interface{ M() int }:
		return y.M()
	case nil:
		return 3
	}
	return 0
}

// CHECK-LABEL: func @"{{.*}}.interfaces"
// CHECK: symaddr @"{{.*}}..typeAssert.1"
// CHECK-NEXT: call @"runtime.typeAssert"
// CHECK: symaddr @"{{.*}}..typeAssert.2"
// CHECK-NEXT: call @"runtime.typeAssert"
func interfaces(x any) int {
	switch x.(type) {
	case interface{ M() int }:
		return 1
	case interface{ N() int }:
		return 2
	}
	return 0
}

// CHECK-LABEL: func @"{{.*}}.sparse"
// CHECK: icmp.{{le|lt|gt|ge}}s v0
// CHECK: icmp.eq v0
func sparse(x int) int {
	switch x {
	case 1:
		return 10
	case 100:
		return 20
	case 1000:
		return 30
	case 10000:
		return 40
	case 100000:
		return 50
	case 1000000:
		return 60
	}
	return 0
}

// Lengths first, then contents.
// CHECK-LABEL: func @"{{.*}}.words"
// CHECK: icmp.{{.*}} v1
func words(s string) int {
	switch s {
	case "a":
		return 1
	case "bb":
		return 2
	case "cc":
		return 3
	}
	return 0
}

// CHECK-LABEL: func @"{{.*}}.fall"
// CHECK: b[[NEXT:[0-9]+]]:
// CHECK: jump {{.*}} -> b
func fall(x int) (n int) {
	switch {
	case x > 1:
		n = 1
		fallthrough
	case x > 0:
		n += 2
	}
	return
}

// A constant condition leaves no trace of the other branch.
// CHECK-LABEL: func @"{{.*}}.constant"
// CHECK-NOT: call
// CHECK-NOT: br
// CHECK: ret
func constant(f func()) {
	if false {
		f()
	}
}
