// TCP on the loopback: echo, deadlines, concurrent clients, closing while somebody waits.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				io.Copy(c, c)
			}()
		}
	}()
	var wg sync.WaitGroup
	var mu sync.Mutex
	good := 0
	for i := 0; i < 20; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				panic(err)
			}
			defer c.Close()
			r := bufio.NewReader(c)
			for j := 0; j < 10; j++ {
				fmt.Fprintf(c, "message %d %d\n", i, j)
				line, err := r.ReadString('\n')
				if err != nil || line != fmt.Sprintf("message %d %d\n", i, j) {
					panic(fmt.Sprint(line, err))
				}
			}
			mu.Lock()
			good++
			mu.Unlock()
		}()
	}
	wg.Wait()
	fmt.Println(good)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		panic(err)
	}
	c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	_, err = c.Read(make([]byte, 1))
	var ne net.Error
	fmt.Println(errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &ne) && ne.Timeout())
	c.SetReadDeadline(time.Time{})
	done := make(chan error)
	go func() {
		_, err := c.Read(make([]byte, 1))
		done <- err
	}()
	time.Sleep(5 * time.Millisecond)
	c.Close()
	fmt.Println(errors.Is(<-done, net.ErrClosed))
	l.Close()
	_, err = net.DialTimeout("tcp", l.Addr().String(), time.Second)
	fmt.Println(err != nil)
	a, b := net.Pipe()
	go a.Write([]byte("pipe"))
	buf := make([]byte, 4)
	io.ReadFull(b, buf)
	fmt.Println(string(buf))
	u, _ := net.ListenPacket("udp", "127.0.0.1:0")
	v, _ := net.Dial("udp", u.LocalAddr().String())
	v.Write([]byte("datagram"))
	k, _, _ := u.ReadFrom(make([]byte, 100))
	fmt.Println(k)
}
