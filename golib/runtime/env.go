// What the process was started with: arguments, environment, auxiliary vector, GODEBUG; and CPU features that compiled code tests.

package runtime

import (
	"internal/cpu"
	"internal/goarch"
	"internal/goos"
	"unsafe"
)

// GOOS is the running program's operating system target.
const GOOS string = goos.GOOS

// GOARCH is the running program's architecture target.
const GOARCH string = goarch.GOARCH

// Compiler is the name of the compiler toolchain that built the running binary. vole follows gc's conventions and says so.
const Compiler = "gc"

var (
	ncpu             int
	pagesize         uintptr
	argslice         []string
	envslice         []string
	auxvslice        []uintptr
	startfacts       [8]uintptr
	stressing        bool
	panicnilAllowed  bool
	panicnilCount    uint64
	vdsoGettimeofdaySym uintptr
)

var (
	x86HasAVX, x86HasFMA, x86HasPOPCNT, x86HasSSE41 bool
	arm64HasATOMICS, armHasVFPv4                    bool
)

func osinit() {
	startinfo(&startfacts)
	pagesize = startfacts[4]
	ncpu = int(startfacts[5])
	vdsoGettimeofdaySym = startfacts[6]
	stressing = startfacts[7] != 0
	word := func(base uintptr, i uintptr) uintptr { return *(*uintptr)(unsafe.Pointer(base + i*8)) }
	argc := startfacts[0]
	argslice = make([]string, argc)
	for i := uintptr(0); i < argc; i++ {
		argslice[i] = gostringnocopy((*byte)(unsafe.Pointer(word(startfacts[1], i))))
	}
	n := uintptr(0)
	for word(startfacts[2], n) != 0 {
		n++
	}
	envslice = make([]string, n)
	for i := range envslice {
		envslice[i] = gostringnocopy((*byte)(unsafe.Pointer(word(startfacts[2], uintptr(i)))))
	}
	n = 0
	for word(startfacts[3], n) != 0 {
		n += 2
	}
	auxvslice = unsafe.Slice((*uintptr)(unsafe.Pointer(startfacts[3])), int(n))
}

func cpuinit() {
	x86HasAVX = cpu.X86.HasAVX
	x86HasFMA = cpu.X86.HasFMA
	x86HasPOPCNT = cpu.X86.HasPOPCNT
	x86HasSSE41 = cpu.X86.HasSSE41
}

func getenvEarly(key string) string {
	for _, s := range envslice {
		if len(s) > len(key) && s[len(key)] == '=' && s[:len(key)] == key {
			return s[len(key)+1:]
		}
	}
	return ""
}

//go:linkname gogetenv
func gogetenv(key string) string { return getenvEarly(key) }

//go:linkname os_runtime_args os.runtime_args
func os_runtime_args() []string { return append([]string{}, argslice...) }

//go:linkname syscall_runtime_envs syscall.runtime_envs
func syscall_runtime_envs() []string { return append([]string{}, envslice...) }

//go:linkname getAuxv
func getAuxv() []uintptr { return auxvslice }

//go:linkname syscall_Getpagesize syscall.Getpagesize
func syscall_Getpagesize() int { return int(pagesize) }

// ---- GODEBUG ----

var godebugUpdate func(def, env string)
var godebugNewInc func(string) func()
var godebugEnvValue string
var godebugEnvSet bool
var godebugDefault string

func godebugEnv() string {
	if !godebugEnvSet {
		godebugEnvValue = getenvEarly("GODEBUG")
		godebugEnvSet = true
	}
	return godebugEnvValue
}

func godebugNotify() {
	env := godebugEnv()
	if d := moddata().defaultGODEBUG; d != "" {
		godebugDefault = d
	}
	panicnilAllowed = godebugSays(env, "panicnil", godebugSays(godebugDefault, "panicnil", false))
	tracebackLabelsop(godebugSays(env, "tracebacklabels", godebugSays(godebugDefault, "tracebacklabels", true)))
	if godebugUpdate != nil {
		godebugUpdate(godebugDefault, env)
	}
}

// Whether key=1 stands in the list; the last mention counts.
func godebugSays(list, key string, otherwise bool) bool {
	for len(list) > 0 {
		end := 0
		for end < len(list) && list[end] != ',' {
			end++
		}
		item := list[:end]
		if len(item) > len(key) && item[:len(key)] == key && item[len(key)] == '=' {
			otherwise = item[len(key)+1:] == "1"
		}
		if end == len(list) {
			break
		}
		list = list[end+1:]
	}
	return otherwise
}

//go:linkname godebug_setUpdate internal/godebug.setUpdate
func godebug_setUpdate(update func(string, string)) {
	godebugUpdate = update
	godebugNotify()
}

//go:linkname godebug_setNewIncNonDefault internal/godebug.setNewIncNonDefault
func godebug_setNewIncNonDefault(f func(string) func()) { godebugNewInc = f }

//go:linkname syscall_runtimeSetenv syscall.runtimeSetenv
func syscall_runtimeSetenv(key, value string) {
	if key == "GODEBUG" {
		godebugEnvValue = value
		godebugEnvSet = true
		godebugNotify()
	}
}

//go:linkname syscall_runtimeUnsetenv syscall.runtimeUnsetenv
func syscall_runtimeUnsetenv(key string) {
	if key == "GODEBUG" {
		syscall_runtimeSetenv(key, "")
	}
}

//go:linkname syscall_runtimeClearenv syscall.runtimeClearenv
func syscall_runtimeClearenv(env map[string]int) { syscall_runtimeUnsetenv("GODEBUG") }

// ---- version ----

// Version returns the Go tree's version string.
func Version() string {
	if v := moddata().buildVersion; v != "" {
		return v
	}
	return "go1.27"
}

// GOROOT returns the root of the Go tree: the GOROOT environment variable, if set, or else the root used during the build.
//
// Deprecated: The root used during the Go build will not be meaningful if the binary is copied to another machine.
func GOROOT() string {
	if s := getenvEarly("GOROOT"); s != "" {
		return s
	}
	return moddata().defaultGOROOT
}

//go:linkname debug_modinfo runtime/debug.modinfo
func debug_modinfo() string { return moddata().modinfo }
