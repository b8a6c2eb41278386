// debug.SetCrashOutput: the file gets what standard error gets when the program dies.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
)

func main() {
	if name := os.Getenv("VOLE_CRASH_FILE"); name != "" {
		f, err := os.Create(name)
		if err != nil {
			panic(err)
		}
		debug.SetCrashOutput(f, debug.CrashOptions{})
		println("before")
		panic("to the file")
	}
	name := os.TempDir() + fmt.Sprintf("/vole-crash-%d", os.Getpid())
	defer os.Remove(name)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "VOLE_CRASH_FILE="+name)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	fmt.Println(cmd.Run())
	data, _ := os.ReadFile(name)
	fmt.Println(errs.String() == "before\n"+string(data), strings.HasPrefix(string(data), "panic: to the file\n\ngoroutine 1 [running]:\nmain.main()\n"))
}
