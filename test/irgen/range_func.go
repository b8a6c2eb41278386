// RUN: %ssa %s | FileCheck %s
// Range over functions: the body becomes a function that keeps its state in a record and is refused when it runs out of turn.

package p

// CHECK-LABEL: func @"{{.*}}.leave-range1" (i64:r0) -> (i8:r0) {{.*}}!ctxt
// CHECK: v[[S:[0-9]+]]: ptr = load v{{[0-9]+}} #8
// CHECK: icmp.eq
// CHECK: b{{[0-9]+}} cold:
// CHECK-NEXT: call @"runtime.panicrangestate"
// CHECK: v[[R:[0-9]+]]: ptr = load v[[S]] #32
// CHECK-NEXT: store v[[R]], v0
// CHECK-LABEL: func @"{{.*}}.leave" (
// CHECK: v[[B:[0-9]+]]: ptr = symaddr @"{{.*}}.leave-range1"
// CHECK: callclosure v0
// CHECK: call @"runtime.panicrangestate"
// CHECK: ret v
func leave(seq func(func(int) bool)) int {
	for x := range seq {
		if x > 3 {
			return x
		}
	}
	return 0
}

// A defer in the body belongs to the function around it.
// CHECK-LABEL: func @"{{.*}}.deferring-range1"
// CHECK: call @"runtime.deferprocat"
// CHECK-LABEL: func @"{{.*}}.deferring" ({{.*}}!defer
// CHECK: call @"runtime.deferrangefunc"
// CHECK: call @"runtime.deferreturn"
func deferring(seq func(func() bool), f func()) {
	for range seq {
		defer f()
	}
}

// break and continue of an outer loop leave through the inner function's results.
// CHECK-LABEL: func @"{{.*}}.nested-range1-range1"
// CHECK-LABEL: func @"{{.*}}.nested-range1"
// CHECK: symaddr @"{{.*}}.nested-range1-range1"
// CHECK-LABEL: func @"{{.*}}.nested" (
func nested(seq func(func(int) bool)) {
outer:
	for x := range seq {
		for y := range seq {
			if x == y {
				continue outer
			}
			break outer
		}
	}
}
