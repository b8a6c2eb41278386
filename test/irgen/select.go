// RUN: %ssa %s | FileCheck %s
// Select: one case and a default need no selectgo; sends come first in the case array.

package p

// CHECK-LABEL: func @"{{.*}}.two"
// CHECK: v[[CASES:[0-9]+]]: ptr = alloca layout(32, 8, 1111)
// CHECK-DAG: store v[[CASES]], v0 #16
// CHECK-DAG: store v[[CASES]], v1 !nobarrier
// CHECK: call @"runtime.selectgo", v[[CASES]]
func two(a, b chan int) int {
	select {
	case x := <-a:
		return x
	case b <- 1:
	}
	return 0
}

// CHECK-LABEL: func @"{{.*}}.receive"
// CHECK-NOT: selectgo
// CHECK: call @"runtime.selectnbrecv"
func receive(a chan int) (x int, ok bool) {
	select {
	case x, ok = <-a:
	default:
	}
	return
}

// CHECK-LABEL: func @"{{.*}}.send"
// CHECK-NOT: selectgo
// CHECK: call @"runtime.selectnbsend", v0
func send(a chan int) bool {
	select {
	case a <- 1:
		return true
	default:
		return false
	}
}

// CHECK-LABEL: func @"{{.*}}.alone"
// CHECK-NOT: selectgo
// CHECK: call @"runtime.chanrecv2", v0
func alone(a chan int) {
	select {
	case <-a:
	}
}

// CHECK-LABEL: func @"{{.*}}.never"
// CHECK: call @"runtime.block"
func never() {
	select {}
}
