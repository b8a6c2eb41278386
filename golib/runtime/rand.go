// Random numbers for map seeds, select and math/rand: ChaCha8 seeded by the kernel. Before that is set up, the archive's generator serves.

package runtime

import (
	"internal/chacha8rand"
	_ "unsafe"
)

var randState chacha8rand.State
var randReady bool
var cheapState uint64 = 0x9E3779B97F4A7C15

func randinit() {
	var seed [4]uint64
	randseed(&seed)
	var b [32]byte
	for i, w := range seed {
		for j := 0; j < 8; j++ {
			b[i*8+j] = byte(w >> (8 * j))
		}
	}
	cheapState = seed[0] | 1
	randState.Init(b)
	randReady = true
}

//go:linkname bootstrapRand
func bootstrapRand() uint64 { return bootrand() }

//go:linkname rand
func rand() uint64 {
	if !randReady {
		return bootrand()
	}
	gp := getg()
	gp.locks++
	for {
		x, ok := randState.Next()
		if ok {
			gp.locks--
			return x
		}
		randState.Refill()
	}
}

//go:linkname rand32 runtime.rand32
func rand32() uint32 { return uint32(rand() >> 32) }

// A quick generator for decisions that only need to be spread.
func cheaprand() uint32 {
	x := cheapState
	x ^= x << 13
	x ^= x >> 7
	x ^= x << 17
	cheapState = x
	return uint32(x >> 32)
}

//go:linkname fastrand
func fastrand() uint32 { return uint32(rand()) }

//go:linkname fastrandn
func fastrandn(n uint32) uint32 { return uint32(uint64(uint32(rand())) * uint64(n) >> 32) }

//go:linkname fastrand64
func fastrand64() uint64 { return rand() }

//go:linkname randn
func randn(n uint32) uint32 { return fastrandn(n) }

//go:linkname sync_runtime_randn sync.runtime_randn
func sync_runtime_randn(n uint32) uint32 { return fastrandn(n) }

//go:linkname maps_rand internal/runtime/maps.rand
func maps_rand() uint64 { return rand() }
