// Files, directories, pipes and the environment through package os.
// exit: 3
package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	dir, err := os.MkdirTemp("", "vole")
	must(err)
	defer os.RemoveAll(dir)
	name := dir + "/file"
	must(os.WriteFile(name, []byte("one\ntwo\n"), 0o600))
	f, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND, 0)
	must(err)
	_, err = f.WriteString("three\n")
	must(err)
	_, err = f.Seek(4, io.SeekStart)
	must(err)
	b, err := io.ReadAll(f)
	must(err)
	st, err := f.Stat()
	must(err)
	os.Stdout.WriteString(string(b))
	println(st.Size(), st.Name(), st.Mode().String())
	must(f.Close())
	println(f.Close().Error() == "close "+name+": file already closed")
	_, err = os.ReadFile(dir + "/missing")
	println(errors.Is(err, fs.ErrNotExist))
	must(os.Mkdir(dir+"/sub", 0o755))
	must(os.Rename(name, dir+"/sub/moved"))
	list, err := os.ReadDir(dir + "/sub")
	must(err)
	println(len(list), list[0].Name(), list[0].IsDir())
	r, w, err := os.Pipe()
	must(err)
	got := make(chan string)
	go func() {
		data, _ := io.ReadAll(r)
		got <- string(data)
	}()
	for i := 0; i < 3; i++ {
		w.WriteString("piped ")
	}
	must(w.Close())
	println(<-got)
	os.Setenv("VOLE_TEST", "value")
	println(os.Getenv("VOLE_TEST"), os.ExpandEnv("<$VOLE_TEST>"), len(os.Args))
	wd, err := os.Getwd()
	println(wd != "", err == nil)
	defer println("not run")
	os.RemoveAll(dir)
	os.Exit(3)
}
