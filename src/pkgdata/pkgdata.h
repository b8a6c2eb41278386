// Export data: what importers need of a checked package, as bytes.
//
// Everything declared at package level is in it, unexported names too (types refer to them, and so do bodies
// of generic functions). Generic functions stand in it as source text, one synthetic file for each original
// one, and are parsed and checked again when the package is read. Positions are left out but for those files,
// so that an edit which only moves lines leaves the bytes as they were.
//
// Grammar (base/codec.h's encoding; `str` is an index into the string table):
//   data     = version u · packages {path text} · strings {text} · path str · name str · go_version str ·
//              types · consts · vars · funcs · files
//   types    = {name str · flags (1 alias, 2 local) · [local: index u, enclosing]} then for each its
//              definition
//   alias    = tparams · type            named = tparams · type (underlying) · methods {func}
//   func     = name str · pragma u · linkname str · flags (1 pointer receiver, 2 generic: no signature, 4 has
//              a body) · first_local u · [sig]
//   consts   = {name str · type · value}    vars = {name str · type · linkname str}
//   files    = {go_version str · text}
//   type     = 0 index (type seen before) | tag …, see tags.h
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "types/types.h"

namespace vole::pkgdata {
// Serialises a checked, error-free package. The same package gives the same bytes.
std::vector<u8> write(types::Package& package);

// Import paths of the packages that the data refers to: by types, or by imports of generic functions' files.
// Cheap. Returns false on malformed data.
bool references(std::span<const u8> data, std::vector<std::string>& paths);

// Rebuilds the package. `import` returns a complete package by its path: a full one of references(), or one
// as a file of the package writes it (std's vendored packages are written without "vendor/"). The bytes need
// not outlive the call. On malformed data returns null and sets `error` to one line.
std::unique_ptr<types::Package> read(std::span<const u8> data,
                                     const std::function<types::Package*(std::string_view path)>& import,
                                     std::string& error);
}  // namespace vole::pkgdata
