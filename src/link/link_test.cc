// Links objects that clang made from assembly and runs the result: the file is static, runs by itself, and
// holds what was linked.
#include <elf.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "link/link.h"
#include "target/target.h"

namespace vole::link {
namespace {
// The assembly below is for it.
const target::TargetInfo& machine() { return target::machines().front()->info; }

Options options_for(std::string output) {
  Options o;
  o.target = &machine();
  o.entry = "_start";
  o.output = std::move(output);
  return o;
}

std::string temp_dir() {
  static std::string dir = [] {
    char t[] = "/tmp/vole-link-XXXXXX";
    return std::string(mkdtemp(t));
  }();
  return dir;
}

std::vector<u8> slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream s;
  s << in.rdbuf();
  std::string t = s.str();
  return {t.begin(), t.end()};
}

// Assembles with clang; the bytes must stay alive while the object is used.
std::vector<u8> assemble(const std::string& source) {
  std::string in = temp_dir() + "/a.s", out = temp_dir() + "/a.o";
  std::ofstream(in) << source;
  EXPECT_EQ(std::system(("clang-19 -c -o " + out + " " + in).c_str()), 0);
  return slurp(out);
}

int run(const std::string& path, std::string& output) {
  FILE* p = popen(path.c_str(), "r");
  char buffer[256];
  size_t n;
  output.clear();
  while ((n = fread(buffer, 1, sizeof buffer, p)) > 0) output.append(buffer, n);
  return WEXITSTATUS(pclose(p));
}

constexpr const char* Hello = R"(
  .section .text.start,"ax",@progbits
  .globl _start
_start:
  mov $1, %eax
  mov $1, %edi
  lea message(%rip), %rsi
  mov length(%rip), %edx
  syscall
  mov $60, %eax
  call status
  syscall
  .section .text.status,"ax",@progbits
  .globl status
status:
  mov pointer(%rip), %rdi
  mov (%rdi), %edi
  ret
  .section .text.unused,"ax",@progbits
  .globl unused
unused:
  jmp nowhere
  .section .rodata.message,"a",@progbits
message: .ascii "hello\n"
length: .long 6
  .section .data.pointer,"aw",@progbits
  .globl pointer
pointer: .quad counter + 8
  .section .data.counter,"aw",@progbits
counter: .quad 0, 7
  .section .bss.big,"aw",@nobits
  .globl big
big: .zero 100000
)";

TEST(Link, RunsByItself) {
  auto bytes = assemble(Hello);
  object::Object o;
  std::string error;
  ASSERT_TRUE(object::read_elf(bytes, machine(), o, error)) << error;
  object::Object* objects[] = {&o};
  Options options = options_for(temp_dir() + "/hello");
  std::vector<std::string> errors;
  ASSERT_TRUE(link(objects, options, errors)) << errors[0];
  std::string output;
  EXPECT_EQ(run(options.output, output), 7);
  EXPECT_EQ(output, "hello\n");

  auto file = slurp(options.output);
  Elf64_Ehdr h;
  std::memcpy(&h, file.data(), sizeof h);
  for (int i = 0; i < h.e_phnum; i++) {
    Elf64_Phdr p;
    std::memcpy(&p, file.data() + h.e_phoff + static_cast<size_t>(i) * sizeof p, sizeof p);
    EXPECT_NE(p.p_type, static_cast<u32>(PT_INTERP));
    EXPECT_NE(p.p_type, static_cast<u32>(PT_DYNAMIC));
    EXPECT_NE(p.p_flags, static_cast<u32>(PF_R | PF_W | PF_X));
  }
  // Unused code is left out, so its undefined reference does not matter.
  std::string all(file.begin(), file.end());
  EXPECT_EQ(all.find("nowhere"), std::string::npos);
  EXPECT_NE(all.find("status"), std::string::npos);
}

TEST(Link, CarriesBuildInfo) {
  auto bytes = assemble(Hello);
  object::Object o;
  std::string error;
  ASSERT_TRUE(object::read_elf(bytes, machine(), o, error)) << error;
  object::Object* objects[] = {&o};
  Options options = options_for(temp_dir() + "/info");
  options.build_version = "go1.27.4";
  options.build_info = "path\tx\n";
  std::vector<std::string> errors;
  ASSERT_TRUE(link(objects, options, errors)) << errors[0];
  auto file = slurp(options.output);
  std::string all(file.begin(), file.end());
  size_t at = all.find("\xff Go buildinf:\x08\x02");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(at % 16, 0u);
  EXPECT_EQ(all.substr(at + 32, 9), "\x08go1.27.4");
  EXPECT_NE(all.find("path\tx\n", at), std::string::npos);
}

TEST(Link, OutputIsTheSameForAnyOrder) {
  auto a = assemble(".globl _start\n_start: call f\n"), b = assemble(".globl f\nf: ret\n");
  std::vector<u8> files[2];
  for (int swap = 0; swap < 2; swap++) {
    object::Object x, y;
    std::string error;
    ASSERT_TRUE(object::read_elf(a, machine(), x, error));
    ASSERT_TRUE(object::read_elf(b, machine(), y, error));
    x.package = Name::intern("x");
    y.package = Name::intern("y");
    object::Object* objects[] = {&x, &y};
    if (swap) std::swap(objects[0], objects[1]);
    Options options = options_for(temp_dir() + "/order");
    std::vector<std::string> errors;
    ASSERT_TRUE(link(objects, options, errors)) << errors[0];
    files[swap] = slurp(options.output);
  }
  EXPECT_EQ(files[0], files[1]);
}

std::vector<std::string> link_errors(const std::string& source, const std::string& output) {
  auto bytes = assemble(source);
  object::Object o;
  std::string error;
  EXPECT_TRUE(object::read_elf(bytes, machine(), o, error)) << error;
  object::Object* objects[] = {&o};
  Options options = options_for(output);
  std::vector<std::string> errors;
  EXPECT_FALSE(link(objects, options, errors));
  return errors;
}

TEST(Link, NamesWhatIsWrong) {
  EXPECT_EQ(link_errors(".globl _start\n_start: call nowhere\n", "/dev/null")[0],
            "undefined symbol: nowhere");
  EXPECT_EQ(link_errors(".globl f\nf: ret\n", "/dev/null")[0], "no entry point _start");
  EXPECT_NE(
      link_errors(".globl _start\n_start: ret\n", "/nonexistent/x")[0].find("cannot write /nonexistent/x"),
      std::string::npos);
}

TEST(ReadElf, SurvivesTruncationAndFlippedBytes) {
  auto bytes = assemble(Hello);
  for (size_t n = 0; n < bytes.size(); n++) {
    object::Object o;
    std::string error;
    object::read_elf(std::span<const u8>(bytes.data(), n), machine(), o, error);
  }
  u32 seed = 1;
  for (int i = 0; i < 20000; i++) {
    auto copy = bytes;
    seed = seed * 1664525 + 1013904223;
    copy[seed % copy.size()] ^= static_cast<u8>(1 << (seed >> 29));
    object::Object o;
    std::string error;
    object::read_elf(copy, machine(), o, error);
  }
}
}  // namespace
}  // namespace vole::link
