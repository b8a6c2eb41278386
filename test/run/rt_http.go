// An HTTP server and client in one process: plain, TLS, JSON, streaming, shutdown.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s %s", r.PathValue("name"), r.URL.Query().Get("q"))
	})
	mux.HandleFunc("POST /json", func(w http.ResponseWriter, r *http.Request) {
		var in map[string]any
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), 400)
			return
		}
		in["seen"] = true
		json.NewEncoder(w).Encode(in)
	})
	mux.HandleFunc("/panic", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	get := func(c *http.Client, url string) string {
		resp, err := c.Get(url)
		if err != nil {
			return "error"
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return fmt.Sprint(resp.StatusCode, " ", resp.Proto, " ", string(b))
	}
	srv := httptest.NewServer(mux)
	fmt.Println(get(srv.Client(), srv.URL+"/hello/vole?q=1"))
	var wg sync.WaitGroup
	for i := 0; i < 8; i++ {
		wg.Go(func() {
			for j := 0; j < 10; j++ {
				want := fmt.Sprintf("200 HTTP/1.1 hello n%d %d", i, j)
				if got := get(srv.Client(), fmt.Sprintf("%s/hello/n%d?q=%d", srv.URL, i, j)); got != want {
					fmt.Println(got)
				}
			}
		})
	}
	wg.Wait()
	resp, err := http.Post(srv.URL+"/json", "application/json", strings.NewReader(`{"a":[1,2.5,"x"],"b":null}`))
	if err != nil {
		panic(err)
	}
	io.Copy(printer{}, resp.Body)
	fmt.Println(get(srv.Client(), srv.URL+"/missing"))
	fmt.Println(get(srv.Client(), srv.URL+"/panic"))
	srv.Config.Shutdown(context.Background())
	srv.Close()
	tls := httptest.NewUnstartedServer(mux)
	tls.EnableHTTP2 = true
	tls.StartTLS()
	fmt.Println(get(tls.Client(), tls.URL+"/hello/tls"))
	tls.Close()
}

type printer struct{}

func (printer) Write(b []byte) (int, error) { fmt.Print(string(b)); return len(b), nil }
