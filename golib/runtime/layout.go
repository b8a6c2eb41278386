// Shapes shared with the runtime archive; runtime/core/layout.h is the other side. checklayout compares sizes at start.

package runtime

import (
	"internal/abi"
	"unsafe"
)

type _type = abi.Type

type eface struct {
	_type *_type
	data  unsafe.Pointer
}
type iface struct {
	tab  *abi.ITab
	data unsafe.Pointer
}
type slice struct {
	array    unsafe.Pointer
	len, cap int
}
type stringHeader struct {
	str unsafe.Pointer
	len int
}
type funcval struct {
	fn uintptr
}

type gobuf struct {
	sp, pc uintptr
	g      uintptr
	ctxt   unsafe.Pointer
	lr, bp uintptr
}

type g struct {
	stacklo, stackhi           uintptr
	stackguard0, stackguard1   uintptr
	_panic                     *_panic
	_defer                     *_defer
	m                          *m
	sched                      gobuf
	goid, parentGoid           uint64
	gopc, startpc              uintptr
	status                     uint32
	wait                       uint8
	system                     bool
	paniconfault               bool
	fipsIndicator              uint8
	fipsBypass                 bool
	didGoexit, preempt, leaked uint8
	pad                        uint8
	sig                        uint32
	locks                      int32
	sigcode, sigaddr, sigpc    uintptr
	labels                     unsafe.Pointer
	lockedExt, throwing        int32
	syscallsp, syscallpc       uintptr
	syscallbp                  uintptr
	coro                       *coro
	bubble                     unsafe.Pointer
	param                      unsafe.Pointer
	waitsince                  int64
}

type m struct {
	g0sp  uintptr
	curg  *g
	cache *mcache
	p     uintptr
}

// A run of free zeroed slots.
type run struct {
	next, end, size uintptr
}

type mcache struct {
	runs       [numClasses * 2]run
	tiny       uintptr
	tinyEnd    uintptr
	tinyAllocs uint64
}

type _defer struct {
	heap, rangefunc bool
	sp, pc          uintptr
	fn              func()
	link            *_defer
	head            *_defer
}

type _panic struct {
	arg               any
	link              *_panic
	sp                uintptr // of the caller of gopanic or Goexit
	deferSP, deferPC  uintptr // of the deferred call that is running
	recovered         bool
	repanicked        bool
	goexit            bool
}

type waitq struct {
	first, last uintptr
}

type hchan struct {
	count, cap   uint
	buf          unsafe.Pointer
	elemsize     uintptr
	elemtype     *_type
	sendx, recvx uint
	recvq, sendq waitq
	timer        *timer
	closed       uint32
	bubble       unsafe.Pointer
}

type timer struct {
	c      *hchan // time.Timer begins like this
	init   bool
	isChan bool
	native bool
	state  uint8
	when   int64
	period int64
	f      func(arg any, seq uintptr, delta int64)
	arg    any
	seq    uintptr
	cfn    uintptr
	index  uintptr
	next   *timer
	delta  int64
	bubble unsafe.Pointer
}

type gslice struct {
	ptr      unsafe.Pointer
	len, cap int
}

// What the linker tells; abi::ModuleData in src/abi/abi.h.
type moduledata struct {
	pcheader                                                   unsafe.Pointer
	funcnametab, cutab, filetab, pctab, pclntable, ftab         gslice
	findfunctab                                                unsafe.Pointer
	minpc, maxpc                                               uintptr
	text, etext                                                uintptr
	noptrdata, enoptrdata, data, edata, bss, ebss              uintptr
	noptrbss, enoptrbss                                        uintptr
	covctrs, ecovctrs, end                                     uintptr
	gcdatamask, gcbssmask                                      *byte
	rodata, gofunc                                             uintptr
	types, etypes                                              uintptr
	typelinks                                                  []*_type
	itablinks                                                  []*abi.ITab
	inittasks                                                  []*initTask
	runtimeInittasks                                           []*initTask
	modinfo, buildVersion, defaultGOROOT, defaultGODEBUG       string
	mainMain                                                   uintptr
	hasMain                                                    bool
}

type initTask struct {
	state uint32
	nfns  uint32
	// code addresses follow
}
