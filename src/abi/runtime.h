// The names of package runtime that compiled code knows (runtime.def), as an enumeration and as data.
#pragma once
#include <stdint.h>

#include <string_view>

namespace vole::abi {
// Functions with a signature first: Rt values below RtSignatures index it.
enum class Rt : uint8_t {
#define VOLE_RT(name, params, results, escapes) name,
#include "abi/runtime.def"
  Signatures,
  BeforeBare = Signatures - 1,
#define VOLE_RT_BARE(name, escapes) name,
#include "abi/runtime.def"
  Count,
};

struct RtInfo {
  std::string_view name;     // link name, "runtime.X"
  std::string_view params;   // letters as runtime.def says; empty for functions without a signature
  std::string_view results;  // "!": does not return
  std::string_view escapes;  // by argument word; empty: every pointer is kept
};
// What runtime.def says of a function. The reference lives for ever.
const RtInfo& rt_info(Rt r);
inline std::string_view rt_name(Rt r) { return rt_info(r).name; }

// The function of this link name, or Rt::Count. Thread-safe.
Rt find_rt(std::string_view link_name);

// runtime.panicKIND for a failed bounds check, by the ordinal of ssa::BoundsKind.
std::string_view rt_bounds(unsigned kind);

// Variables, by link name.
namespace rt_data {
#define VOLE_RT_DATA(name) constexpr std::string_view name = "runtime." #name;
#include "abi/runtime.def"
}  // namespace rt_data
}  // namespace vole::abi
