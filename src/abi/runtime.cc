#include "abi/runtime.h"

#include <algorithm>
#include <array>

namespace vole::abi {
namespace {
constexpr size_t Count = static_cast<size_t>(Rt::Count);
constexpr RtInfo Table[Count] = {
#define VOLE_RT(name, params, results, escapes) {"runtime." #name, params, results, escapes},
#include "abi/runtime.def"
#define VOLE_RT_BARE(name, escapes) {"runtime." #name, "", "", escapes},
#include "abi/runtime.def"
};

constexpr std::string_view Bounds[] = {
#define VOLE_RT_BOUNDS(kind) "runtime.panic" #kind,
#include "abi/runtime.def"
};

// Indices into Table in the order of names, for bisection.
constexpr std::array<uint8_t, Count> ByName = [] {
  std::array<uint8_t, Count> order{};
  for (size_t i = 0; i < Count; i++) order[i] = static_cast<uint8_t>(i);
  std::sort(order.begin(), order.end(), [](uint8_t a, uint8_t b) { return Table[a].name < Table[b].name; });
  return order;
}();
}  // namespace

const RtInfo& rt_info(Rt r) { return Table[static_cast<size_t>(r)]; }

Rt find_rt(std::string_view link_name) {
  auto it = std::lower_bound(ByName.begin(), ByName.end(), link_name,
                             [](uint8_t a, std::string_view n) { return Table[a].name < n; });
  return it != ByName.end() && Table[*it].name == link_name ? static_cast<Rt>(*it) : Rt::Count;
}

std::string_view rt_bounds(unsigned kind) { return Bounds[kind]; }
}  // namespace vole::abi
