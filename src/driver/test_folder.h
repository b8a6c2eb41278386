// For tests: a folder of its own for each.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace vole::driver {
namespace fs = std::filesystem;

class FolderTest : public testing::Test {
 protected:
  FolderTest() {
    char t[] = "/tmp/vole-test-XXXXXX";
    dir = mkdtemp(t);
  }
  ~FolderTest() override { fs::remove_all(dir); }
  void write(const std::string& path, std::string_view text) {
    fs::create_directories(fs::path(dir + "/" + path).parent_path());
    std::ofstream(dir + "/" + path) << text;
  }
  std::string dir;
};
}  // namespace vole::driver
