// Profiles, metrics, execution traces and coverage. CPU profiles and goroutine stacks are real; heap, block and mutex profiles and
// execution traces report that there is nothing recorded.

package runtime

import (
	"internal/profilerecord"
	"internal/runtime/atomic"
	"unsafe"
)

// MemProfileRate controls the fraction of memory allocations that are recorded and reported in the memory profile.
var MemProfileRate int = 512 * 1024

// A StackRecord describes a single execution stack.
type StackRecord struct {
	Stack0 [32]uintptr // stack trace for this record; ends at first 0 entry
}

// Stack returns the stack trace associated with the record, a prefix of r.Stack0.
func (r *StackRecord) Stack() []uintptr { return untilZero(r.Stack0[:]) }

func untilZero(s []uintptr) []uintptr {
	for i, v := range s {
		if v == 0 {
			return s[:i]
		}
	}
	return s
}

// A MemProfileRecord describes the live objects allocated by a particular call sequence (stack trace).
type MemProfileRecord struct {
	AllocBytes, FreeBytes     int64       // number of bytes allocated, freed
	AllocObjects, FreeObjects int64       // number of objects allocated, freed
	Stack0                    [32]uintptr // stack trace for this record; ends at first 0 entry
}

// InUseBytes returns the number of bytes in use (AllocBytes - FreeBytes).
func (r *MemProfileRecord) InUseBytes() int64 { return r.AllocBytes - r.FreeBytes }

// InUseObjects returns the number of objects in use (AllocObjects - FreeObjects).
func (r *MemProfileRecord) InUseObjects() int64 { return r.AllocObjects - r.FreeObjects }

// Stack returns the stack trace associated with the record, a prefix of r.Stack0.
func (r *MemProfileRecord) Stack() []uintptr { return untilZero(r.Stack0[:]) }

// BlockProfileRecord describes blocking events originated at a particular call sequence (stack trace).
type BlockProfileRecord struct {
	Count  int64
	Cycles int64
	StackRecord
}

// MemProfile returns a profile of memory allocated and freed per allocation site.
func MemProfile(p []MemProfileRecord, inuseZero bool) (n int, ok bool) { return 0, true }

// BlockProfile returns n, the number of records in the current blocking profile.
func BlockProfile(p []BlockProfileRecord) (n int, ok bool) { return 0, true }

// MutexProfile returns n, the number of records in the current mutex profile.
func MutexProfile(p []BlockProfileRecord) (n int, ok bool) { return 0, true }

// ThreadCreateProfile returns n, the number of records in the thread creation profile.
func ThreadCreateProfile(p []StackRecord) (n int, ok bool) { return 0, true }

// SetBlockProfileRate controls the fraction of goroutine blocking events that are reported in the blocking profile.
func SetBlockProfileRate(rate int) {}

var mutexFraction int

// SetMutexProfileFraction controls the fraction of mutex contention events that are reported in the mutex profile, and returns the previous rate.
func SetMutexProfileFraction(rate int) int {
	old := mutexFraction
	if rate >= 0 {
		mutexFraction = rate
	}
	return old
}

// SetCPUProfileRate sets the CPU profiling rate to hz samples per second.
func SetCPUProfileRate(hz int) {
	hz = max(0, min(hz, 1000000))
	if hz > 0 {
		if profileHz != 0 {
			print("runtime: cannot set rate until previous profile has finished.\n")
			return
		}
		profileHz = hz
	}
	cpuprofileop(hz)
}

var profileHz int
var profileData [16384]uint64
var profileTags [16384 / 3]unsafe.Pointer

// CPUProfile panics.
//
// Deprecated: Use the runtime/pprof package, or the handlers in the net/http/pprof package, or the testing package's -test.cpuprofile flag instead.
func CPUProfile() []byte { panic("CPUProfile no longer available") }

// GoroutineProfile returns n, the number of records in the active goroutine stack profile.
func GoroutineProfile(p []StackRecord) (n int, ok bool) {
	n = NumGoroutine()
	if n > len(p) {
		return n, false
	}
	i := 0
	for gp := allgop(nil); gp != nil && i < len(p); gp = allgop(gp) {
		k := goroutineStack(gp, p[i].Stack0[:])
		if k < len(p[i].Stack0) {
			p[i].Stack0[k] = 0
		}
		i++
	}
	return i, true
}

func goroutineStack(gp *g, pcs []uintptr) int {
	if gp == getg() {
		return callersop(nil, 2, &pcs[0], len(pcs))
	}
	return callersop(gp, 0, &pcs[0], len(pcs))
}

//go:linkname pprof_goroutineProfileWithLabels
func pprof_goroutineProfileWithLabels(p []profilerecord.StackRecord, labels []unsafe.Pointer) (n int, ok bool) {
	n = NumGoroutine()
	if n > len(p) {
		return n, false
	}
	var buf [128]uintptr
	i := 0
	for gp := allgop(nil); gp != nil && i < len(p); gp = allgop(gp) {
		k := goroutineStack(gp, buf[:])
		p[i].Stack = append([]uintptr(nil), buf[:k]...)
		if i < len(labels) {
			labels[i] = gp.labels
		}
		i++
	}
	return i, true
}

//go:linkname pprof_goroutineLeakProfileWithLabels
func pprof_goroutineLeakProfileWithLabels(p []profilerecord.StackRecord, labels []unsafe.Pointer) (n int, ok bool) {
	return 0, true
}

//go:linkname pprof_cyclesPerSecond runtime/pprof.runtime_cyclesPerSecond
func pprof_cyclesPerSecond() int64 { return 1000000000 }

//go:linkname pprof_memProfileInternal
func pprof_memProfileInternal(p []profilerecord.MemProfileRecord, inuseZero bool) (n int, ok bool) {
	return 0, true
}

//go:linkname pprof_blockProfileInternal
func pprof_blockProfileInternal(p []profilerecord.BlockProfileRecord) (n int, ok bool) { return 0, true }

//go:linkname pprof_mutexProfileInternal
func pprof_mutexProfileInternal(p []profilerecord.BlockProfileRecord) (n int, ok bool) { return 0, true }

//go:linkname pprof_threadCreateInternal
func pprof_threadCreateInternal(p []profilerecord.StackRecord) (n int, ok bool) { return 0, true }

//go:linkname pprof_readProfile runtime/pprof.readProfile
func pprof_readProfile() (data []uint64, tags []unsafe.Pointer, eof bool) {
	for {
		n, k, eof := profileread(&profileData[0], len(profileData), &profileTags[0], profileHz)
		if eof {
			profileHz = 0
		}
		if n > 0 || eof {
			return profileData[:n], profileTags[:k], eof
		}
		timeSleep(100000000)
	}
}

//go:linkname pprof_setProfLabel runtime/pprof.runtime_setProfLabel
func pprof_setProfLabel(labels unsafe.Pointer) { getg().labels = labels }

//go:linkname pprof_getProfLabel runtime/pprof.runtime_getProfLabel
func pprof_getProfLabel() unsafe.Pointer { return getg().labels }

//go:linkname pprof_goroutineleakcount runtime/pprof.runtime_goroutineleakcount
func pprof_goroutineleakcount() int { return 0 }

//go:linkname pprof_goroutineLeakGC runtime/pprof.runtime_goroutineLeakGC
func pprof_goroutineLeakGC() {}

//go:linkname blockevent
func blockevent(cycles int64, skip int) {}

// ---- metrics ----

type metricSample struct {
	name    string
	kind    int
	scalar  uint64
	pointer unsafe.Pointer
}

const (
	metricBad = iota
	metricUint64
	metricFloat64
	metricHistogram
)

type metricHist struct {
	counts  []uint64
	buckets []float64
}

var godebugMetrics struct {
	lock spinlock
	m    map[string]func() uint64
}

//go:linkname godebug_registerMetric internal/godebug.registerMetric
func godebug_registerMetric(name string, read func() uint64) {
	godebugMetrics.lock.lock()
	if godebugMetrics.m == nil {
		godebugMetrics.m = make(map[string]func() uint64)
	}
	godebugMetrics.m[name] = read
	godebugMetrics.lock.unlock()
}

//go:linkname readMetrics runtime/metrics.runtime_readMetrics
func readMetrics(samples unsafe.Pointer, n, c int) {
	var m MemStats
	ReadMemStats(&m)
	for i := range unsafe.Slice((*metricSample)(samples), n) {
		s := (*metricSample)(add(samples, uintptr(i)*unsafe.Sizeof(metricSample{})))
		readMetric(s, &m)
	}
}

func readMetric(s *metricSample, m *MemStats) {
	const events = "/godebug/non-default-behavior/"
	count := func(v uint64) { s.kind, s.scalar = metricUint64, v }
	switch s.name {
	case "/gc/cycles/forced:gc-cycles", "/gc/cycles/total:gc-cycles":
		count(uint64(m.NumGC))
	case "/gc/heap/allocs:bytes":
		count(m.TotalAlloc)
	case "/gc/heap/allocs:objects":
		count(m.Mallocs)
	case "/gc/heap/frees:objects", "/gc/heap/frees:bytes", "/gc/cycles/automatic:gc-cycles", "/cgo/go-to-c-calls:calls",
		"/gc/cleanups/executed:cleanups", "/gc/cleanups/queued:cleanups", "/gc/finalizers/executed:finalizers",
		"/gc/finalizers/queued:finalizers", "/gc/scan/globals:bytes", "/gc/scan/heap:bytes", "/gc/scan/stack:bytes", "/gc/scan/total:bytes",
		"/gc/limiter/last-enabled:gc-cycle", "/memory/classes/heap/released:bytes", "/memory/classes/metadata/mcache/free:bytes",
		"/memory/classes/metadata/mcache/inuse:bytes", "/memory/classes/metadata/mspan/free:bytes", "/memory/classes/metadata/mspan/inuse:bytes",
		"/memory/classes/os-stacks:bytes", "/memory/classes/profiling/buckets:bytes", "/memory/classes/other:bytes",
		"/sched/goroutines/not-in-go:goroutines":
		count(0)
	case "/gc/heap/tiny/allocs:objects":
		count(getg().m.cache.tinyAllocs)
	case "/gc/heap/objects:objects":
		count(m.HeapObjects)
	case "/gc/heap/live:bytes", "/memory/classes/heap/objects:bytes":
		count(m.HeapAlloc)
	case "/gc/heap/goal:bytes":
		count(^uint64(0))
	case "/gc/gogc:percent":
		count(uint64(int64(gcPercent)))
	case "/gc/gomemlimit:bytes":
		count(uint64(memoryLimit))
	case "/gc/stack/starting-size:bytes":
		count(2048)
	case "/memory/classes/heap/free:bytes":
		count(m.HeapIdle)
	case "/memory/classes/heap/stacks:bytes":
		count(m.StackInuse)
	case "/memory/classes/heap/unused:bytes":
		count(m.HeapInuse - min(m.HeapInuse, m.HeapAlloc))
	case "/memory/classes/metadata/other:bytes":
		count(m.OtherSys)
	case "/memory/classes/total:bytes":
		count(m.Sys)
	case "/sched/gomaxprocs:threads", "/sched/goroutines/running:goroutines", "/sched/threads/total:threads":
		count(1)
	case "/sched/goroutines:goroutines", "/sched/goroutines-created:goroutines":
		count(uint64(NumGoroutine()))
	case "/sched/goroutines/waiting:goroutines", "/sched/goroutines/runnable:goroutines":
		count(0)
	case "/gc/heap/allocs-by-size:bytes", "/gc/heap/frees-by-size:bytes", "/gc/pauses:seconds", "/sched/latencies:seconds",
		"/sched/pauses/stopping/gc:seconds", "/sched/pauses/stopping/other:seconds", "/sched/pauses/total/gc:seconds",
		"/sched/pauses/total/other:seconds":
		s.kind = metricHistogram
		s.pointer = unsafe.Pointer(&metricHist{counts: []uint64{0}, buckets: []float64{0, 1}})
	default:
		if len(s.name) > 5 && s.name[:5] == "/cpu/" || s.name == "/sync/mutex/wait/total:seconds" {
			s.kind, s.scalar = metricFloat64, 0
			return
		}
		if len(s.name) > len(events) && s.name[:len(events)] == events {
			godebugMetrics.lock.lock()
			read := godebugMetrics.m[s.name]
			godebugMetrics.lock.unlock()
			if read != nil {
				count(read())
			} else {
				count(0)
			}
			return
		}
		s.kind = metricBad
	}
}

//go:linkname readMetricNames runtime/metrics_test.runtime_readMetricNames
func readMetricNames() []string { return nil }

// ---- execution traces ----

// StartTrace enables tracing for the current process.
func StartTrace() error { return traceError{} }

type traceError struct{}

func (traceError) Error() string { return "execution traces are not supported by this runtime" }

// StopTrace stops tracing, if it was previously enabled.
func StopTrace() {}

// ReadTrace returns the next chunk of binary tracing data.
func ReadTrace() []byte { return nil }

//go:linkname traceAdvance
func traceAdvance(stopTrace bool) {}

//go:linkname traceClockNow
func traceClockNow() uint64 { return uint64(nanotime()) }

//go:linkname trace_clockUnitsPerSecond runtime/trace.runtime_traceClockUnitsPerSecond
func trace_clockUnitsPerSecond() uint64 { return 1000000000 }

//go:linkname trace_userTaskCreate runtime/trace.userTaskCreate
func trace_userTaskCreate(id, parentID uint64, taskType string) {}

//go:linkname trace_userTaskEnd runtime/trace.userTaskEnd
func trace_userTaskEnd(id uint64) {}

//go:linkname trace_userRegion runtime/trace.userRegion
func trace_userRegion(id, mode uint64, name string) {}

//go:linkname trace_userLog runtime/trace.userLog
func trace_userLog(id uint64, category, message string) {}

// SetCgoTraceback records three C functions to use to gather traceback information from C code. There is no C code in these programs.
func SetCgoTraceback(version int, traceback, context, symbolizer unsafe.Pointer) {}

var _ = atomic.Load
