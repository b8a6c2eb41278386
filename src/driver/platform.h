// What a build is for: operating system, processor, and which of its features may be used.
#pragma once
#include <string>

#include "target/target.h"

namespace vole::driver {
struct Platform {
  std::string goos = "linux", goarch = "amd64";
  int amd64_level = 1;               // GOAMD64: v1 to v4
  std::string arm64_level = "v8.0";  // GOARM64, with ",lse" and ",crypto"

  std::string pair() const { return goos + "/" + goarch; }
  const target::Machine& machine() const;  // of a platform that can be built for
};

// Reads GOOS, GOARCH, GOAMD64 and GOARM64 from the environment. Returns false and sets `error` to go's
// message for a pair or level that go does not know either.
bool read_platform(Platform& out, std::string& error);

// Whether go knows the pair.
bool is_pair(const Platform& p);

// Whether vole generates code for it. All other platforms can be listed, not built.
bool can_build(const Platform& p);
}  // namespace vole::driver
