#include "driver/printer.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace vole::driver {
void Printer::step() {
  std::lock_guard lock(mutex_);
  seen_++;
}

void Printer::begin(const LoadedPackage& p) {
  std::lock_guard lock(mutex_);
  if (options_.verbose) {
    clear();
    std::fprintf(stderr, "%s\n", p.import_path.c_str());
  }
  if (options_.show) {
    clear();
    std::string line = "cd " + p.dir + "\ncompile -p " + p.import_path;
    for (auto* files : {&p.go_files, &p.asm_files})
      for (const SourceFile& f : *files) line += " ./" + std::string(f.name());
    std::fprintf(stderr, "%s\n", line.c_str());
  }
  if (options_.progress && !options_.show && !options_.verbose) {
    std::fprintf(stderr, "\r\x1b[K[%zu/%zu] %s", seen_, total_, p.import_path.c_str());
    progress_shown_ = true;
  }
}

void Printer::link(const std::string& import_path, const std::string& output) {
  std::lock_guard lock(mutex_);
  if (options_.show) std::fprintf(stderr, "link -o %s %s\n", output.c_str(), import_path.c_str());
}

void Printer::failure(const std::string& import_path, const std::string& text) {
  std::lock_guard lock(mutex_);
  clear();
  std::string all = "# " + import_path + "\n" + text;
  if (!options_.json) {
    std::fputs(all.c_str(), stderr);
    return;
  }
  for (size_t at = 0; at < all.size();) {
    size_t end = std::min(all.find('\n', at), all.size() - 1) + 1;
    std::string line = all.substr(at, end - at);
    event(import_path, "build-output", &line);
    at = end;
  }
  event(import_path, "build-fail", nullptr);
}

void Printer::event(const std::string& import_path, const char* action, const std::string* output) {
  nlohmann::ordered_json e{{"ImportPath", import_path}, {"Action", action}};
  if (output) e["Output"] = *output;
  std::printf("%s\n", e.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void Printer::clear_progress() {
  std::lock_guard lock(mutex_);
  clear();
}

void Printer::clear() {
  if (progress_shown_) std::fputs("\r\x1b[K", stderr);
  progress_shown_ = false;
}
}  // namespace vole::driver
