// errors, strconv, unicode/utf8: interfaces asserted and switched on at run time.
package main

import (
	"errors"
	"strconv"
	"unicode/utf8"
)

type coded struct{ code int }

func (c *coded) Error() string   { return "code " + strconv.Itoa(c.code) }
func (c *coded) Is(e error) bool { return e == errBase }

var errBase = errors.New("base")

type wrapped struct{ inner error }

func (w wrapped) Error() string { return "wrapped " + w.inner.Error() }
func (w wrapped) Unwrap() error { return w.inner }

func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case interface{ Unwrap() error }:
		return "wrapper of " + kind(v.Unwrap())
	case error:
		return "error " + v.Error()
	case int, int8:
		return "int"
	case func():
		return "func"
	case []any:
		return "list " + strconv.Itoa(len(v))
	case string:
		return strconv.Quote(v)
	}
	return "other"
}

func main() {
	var err error = wrapped{&coded{7}}
	var c *coded
	println(errors.As(err, &c), c.code, errors.Is(err, errBase), errors.Is(err, errors.ErrUnsupported))
	println(errors.Join(errBase, err).Error())
	for _, v := range []any{nil, err, errBase, 1, int8(2), func() {}, []any{1}, "q\n", 2.5} {
		println(kind(v))
	}
	_, e := strconv.Atoi("12x")
	println(e.Error(), errors.Is(e, strconv.ErrSyntax))
	f, _ := strconv.ParseFloat("1e-320", 64)
	println(strconv.FormatFloat(f, 'g', -1, 64), strconv.FormatInt(-255, 16), strconv.AppendBool(nil, true)[0])
	println(utf8.RuneCountInString("日本語"), utf8.ValidString("\xff"))
	h := map[any]int{1: 1, "a": 2, 2.5: 3, [2]int{1, 2}: 4, struct{ a any }{1}: 5}
	println(h[1], h["a"], h[2.5], h[[2]int{1, 2}], h[struct{ a any }{1}], h[struct{ a any }{2}])
}
