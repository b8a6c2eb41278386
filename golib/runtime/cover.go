// Hooks of coverage and fuzzing instrumentation.

package runtime

import (
	"internal/coverage/rtcov"
	"unsafe"
)

func addCovMeta(p unsafe.Pointer, dlen uint32, hash [16]byte, pkgpath string, pkgid int, cmode uint8, cgran uint8) uint32 {
	id := rtcov.AddMeta(p, dlen, hash, pkgpath, pkgid, cmode, cgran)
	if id == 0 {
		throw("runtime.addCovMeta: coverage package map collision")
	}
	return id
}

//go:linkname coverage_getCovCounterList internal/coverage/cfile.getCovCounterList
func coverage_getCovCounterList() []rtcov.CovCounterBlob {
	md := moddata()
	if md.covctrs == md.ecovctrs {
		return nil
	}
	return []rtcov.CovCounterBlob{{Counters: (*uint32)(unsafe.Pointer(md.covctrs)), Len: uint64((md.ecovctrs - md.covctrs) / 4)}}
}
