// RUN: %ssa %s | FileCheck %s
// Defers: a record on the stack where one is enough, a call that makes one in loops; one block runs them and returns.

package p

// CHECK-LABEL: func @"{{.*}}.once" (ptr:r0) -> () {{.*}}!defer deferreturn=b1
// CHECK: v[[R:[0-9]+]]: ptr = alloca layout(48, 8, 000111) !nonnil !pinned
// CHECK: store v[[R]], v0 #24
// CHECK: call @"runtime.deferprocStack", v[[R]] sig
// CHECK: b1:
// CHECK-NEXT: = call @"runtime.deferreturn" sig
// CHECK-NEXT: ret
func once(f func()) { defer f() }

// CHECK-LABEL: func @"{{.*}}.loop" {{.*}}!defer
// CHECK-NOT: deferprocStack
// CHECK: call @"runtime.deferproc", v0 sig
func loop(f func()) {
	for range 3 {
		defer f()
	}
}

// Arguments are evaluated at the statement and kept in a closure.
// CHECK-LABEL: func @"{{.*}}.arguments" {{.*}}!defer
// CHECK: v[[X:[0-9]+]]: i64 = add v1, v{{[0-9]+}}
// CHECK: store v{{[0-9]+}}, v[[X]] #{{[0-9]+}}
// CHECK: call @"runtime.deferprocStack"
func arguments(f func(int), x int) {
	defer f(x + 1)
	x = 0
}

// Results are read back from memory, where deferred functions may have changed them.
// CHECK-LABEL: func @"{{.*}}.results" {{.*}}deferreturn=b1
// CHECK: b1:
// CHECK-NEXT: = call @"runtime.deferreturn"
// CHECK-NEXT: v[[P:[0-9]+]]: ptr = load
// CHECK-NEXT: v[[R:[0-9]+]]: i64 = load v[[P]]
// CHECK-NEXT: ret v[[R]]
func results() (n int) {
	defer func() { n++ }()
	return 1
}

// CHECK-LABEL: func @"{{.*}}.recovers.func1"
// CHECK: call @"runtime.gorecover"
func recovers() {
	defer func() { _ = recover() }()
	panic("x")
}
