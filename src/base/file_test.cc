#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace vole {
namespace {
namespace fs = std::filesystem;

struct File : testing::Test {
  fs::path dir = fs::path(testing::TempDir()) / ("file_test" + std::to_string(getpid()));
  std::string text, error;
  void SetUp() override { fs::create_directories(dir / "folder"); }
  void TearDown() override { fs::remove_all(dir); }
  std::string path(const char* name) { return (dir / name).string(); }
};

TEST_F(File, Reads) {
  std::string big(300'000, 'x');
  std::ofstream(path("big")) << big;
  std::ofstream(path("empty"));
  EXPECT_TRUE(read_file(path("big"), text, error));
  EXPECT_EQ(text, big);
  EXPECT_TRUE(read_file(path("empty"), text, error));
  EXPECT_EQ(text, "");
}

TEST_F(File, Refuses) {
  mkfifo(path("pipe").c_str(), 0666);
  symlink("ring", path("ring").c_str());
  EXPECT_FALSE(read_file(path("folder"), text, error));
  EXPECT_EQ(error, "read " + path("folder") + ": is a directory");
  EXPECT_FALSE(read_file(path("pipe"), text, error));
  EXPECT_EQ(error, "read " + path("pipe") + ": not a regular file");
  EXPECT_FALSE(read_file("/dev/zero", text, error));
  EXPECT_FALSE(read_file(path("none"), text, error));
  EXPECT_EQ(error, "open " + path("none") + ": no such file or directory");
  EXPECT_FALSE(read_file(path("ring"), text, error));
  EXPECT_EQ(error, "open " + path("ring") + ": too many levels of symbolic links");
  EXPECT_TRUE(read_file(path("pipe"), text, error, Pipes::Yes));
  EXPECT_EQ(text, "");
}

TEST(Printable, Escapes) {
  EXPECT_EQ(printable("a b.go"), "a b.go");
  EXPECT_EQ(printable("a\nb\t\x1b[31m\x7f"), "a\\nb\\t\\x1b[31m\\x7f");
  EXPECT_EQ(printable_lines("a\nb\t\x1b[31m\r"), "a\nb\t\\x1b[31m\\r");
  EXPECT_EQ(printable("日本\xff\xc2\x9b"), "日本\\xff\\u009b");
}
}  // namespace
}  // namespace vole
