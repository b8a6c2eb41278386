// Whatever parses is checked without a crash (of what does not, the labels), and messages can be rendered.
// Besides unsafe it may import the packages below: a few declarations under the names that Go's tests import
// most.
#include <map>

#include "syntax/parse.h"
#include "types/check.h"

namespace {
using namespace vole;

constexpr struct {
  const char* path;
  const char* text;
} Sources[] = {
    {"fmt", R"(package fmt
type Stringer interface { String() string }
type State interface { Write(b []byte) (n int, err error); Flag(c int) bool }
func Println(a ...any) (n int, err error) { return }
func Printf(format string, a ...any) (n int, err error) { return }
func Sprint(a ...any) string { return "" }
func Sprintf(format string, a ...any) string { return format }
func Errorf(format string, a ...any) error { return nil }
)"},
    {"errors", R"(package errors
func New(text string) error { return nil }
func Is(err, target error) bool { return err == target }
func AsType[E error](err error) (e E, ok bool) { return }
)"},
    {"os", R"(package os
type File struct { *file }
type file struct { name string }
func (f *File) Write(b []byte) (n int, err error) { return len(b), nil }
var Args []string
var Stdout, Stderr *File
func Exit(code int)
)"},
    {"io", R"(package io
type Reader interface { Read(p []byte) (n int, err error) }
type Writer interface { Write(p []byte) (n int, err error) }
type ReadWriter interface { Reader; Writer }
var EOF error
const SeekStart = 0
)"},
    {"sync", R"(package sync
type Mutex struct { state int32; sema uint32 }
func (m *Mutex) Lock() {}
func (m *Mutex) Unlock() {}
type Locker interface { Lock(); Unlock() }
)"},
    {"cmp", R"(package cmp
type Ordered interface { ~int | ~int8 | ~int64 | ~uint | ~uint8 | ~uintptr | ~float64 | ~string }
func Compare[T Ordered](x, y T) int { if x < y { return -1 }; return 0 }
)"},
    {"iter", R"(package iter
type Seq[V any] func(yield func(V) bool)
type Seq2[K, V any] func(yield func(K, V) bool)
func Pull[V any](seq Seq[V]) (next func() (V, bool), stop func()) { return }
)"},
    {"slices", R"(package slices
import ("cmp"; "iter")
func Index[S ~[]E, E comparable](s S, v E) int { for i := range s { if s[i] == v { return i } }; return -1 }
func SortFunc[S ~[]E, E any](x S, less func(a, b E) int) {}
func Max[S ~[]E, E cmp.Ordered](x S) E { return x[0] }
func Values[Slice ~[]E, E any](s Slice) iter.Seq[E] {
  return func(yield func(E) bool) { for _, v := range s { if !yield(v) { return } } }
}
)"},
};

types::Package* import(Name path, std::string& error);

// Null when there are syntax errors.
std::unique_ptr<types::Package> check(const char* path, std::string_view text, diag::Diagnostics& diags) {
  std::vector<std::unique_ptr<syntax::File>> files;
  files.push_back(syntax::parse(Name::intern("fuzz.go"), text, diags));
  if (files[0]->has_errors) {
    types::check_labels(files, diags);
    return nullptr;
  }
  types::Config config;
  config.import = import;
  config.is_std = [](Name path) { return path.text().find('.') == std::string_view::npos; };
  config.has_assembly = true;
  return types::check(Name::intern(path), std::move(files), config, diags);
}

types::Package* import(Name path, std::string& error) {
  static std::map<std::string_view, std::unique_ptr<types::Package>> packages;
  if (path == "unsafe") return types::Unsafe;
  auto& pkg = packages[path.text()];
  for (auto& source : Sources) {
    if (pkg || path != source.path) continue;
    diag::Diagnostics diags;
    pkg = check(source.path, source.text, diags);
    VOLE_CHECK(diags.empty());
  }
  if (!pkg) error = "package " + std::string(path.text()) + " is not in std";
  return pkg.get();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  diag::Diagnostics diags;
  bool checked = check("p", text, diags) != nullptr;
  diags.finish();
  diag::render(diags, "", {});
  return checked ? 0 : -1;  // what does not parse is of no use in the corpus
}
