// Random functions must behave alike interpreted, compiled plainly and compiled after optimisation. Failing
// programs are printed.
#include <gtest/gtest.h>

#include "ssa/interp.h"
#include "target/amd64/jit.h"
#include "target/amd64/random_function.h"

namespace vole::target {
namespace {
using ssa::Func;
using ssa::Ty;

bool same(u64 a, u64 b, Ty ty) {
  u32 n = ssa::size_of(ty) * 8;
  u64 m = n >= 64 ? ~u64{0} : (u64{1} << n) - 1;
  if (((a ^ b) & m) == 0) return true;
  if (ty != Ty::F64) return false;
  double x, y;
  std::memcpy(&x, &a, 8);
  std::memcpy(&y, &b, 8);
  return x != x && y != y;  // any NaN is as good as another
}

void run_seed(u64 seed) {
  object::Object scratch;
  Generator gen{std::mt19937_64(seed), scratch};
  gen.pressure = seed % 2;
  std::vector<std::unique_ptr<Func>> functions;
  for (int i = 0; i < 3; i++) functions.push_back(gen.function(i));
  std::string text;
  for (auto& f : functions) {
    auto faults = ssa::verify(*f);
    ASSERT_TRUE(faults.empty()) << faults[0] << "\n" << ssa::print(*f);
    text += ssa::print(*f);
  }
  Jit plain, optimised;
  ASSERT_TRUE(plain.compile(text, false)) << plain.error << text;
  ASSERT_TRUE(optimised.compile(text, true)) << optimised.error << text;
  for (auto& f : functions) {
    for (int run = 0; run < 4; run++) {
      std::vector<u64> args, want;
      for (const ssa::ArgLoc& a : f->sig->args) {
        u64 x = gen.rng() % 3 == 0 ? gen.rng() : gen.rng() % 16;
        if (a.ty == Ty::F64) {
          double d = static_cast<double>(static_cast<i64>(x % 1000)) / 8;
          std::memcpy(&x, &d, 8);
        }
        args.push_back(x);
      }
      u64 steps = 200000;
      if (!ssa::interpret(*f, functions, args, want, steps)) continue;
      for (Jit* j : {&plain, &optimised}) {
        for (size_t i = 0; i < args.size(); i++) {
          const ssa::ArgLoc& a = f->sig->args[i];
          if (a.ty == Ty::F64) {
            std::memcpy(&j->floats[a.reg], &args[i], 8);
          } else {
            j->ints[a.reg] = args[i];
          }
        }
        j->call(std::string(f->name.text()).c_str());
        for (size_t i = 0; i < want.size(); i++) {
          const ssa::ArgLoc& r = f->sig->results[i];
          u64 got;
          if (r.ty == Ty::F64) {
            std::memcpy(&got, &j->floats[r.reg], 8);
          } else {
            got = j->ints[r.reg];
          }
          if (!same(got, want[i], r.ty)) {
            std::string shown;
            for (auto& g : j->module.funcs) shown += ssa::print(*g);
            FAIL() << "seed " << seed << (j == &plain ? " plain " : " optimised ") << f->name.text()
                   << " result " << i << ": " << got << ", not " << want[i] << "\n"
                   << text << "\n----\n"
                   << (j == &plain ? "" : shown);
          }
        }
      }
    }
  }
}

TEST(Random, CompiledBehavesAsInterpreted) {
  u64 first = 1, count = 150;
  if (const char* s = std::getenv("VOLE_SEED")) first = std::strtoull(s, nullptr, 0), count = 1;
  if (const char* s = std::getenv("VOLE_RANDOM_COUNT")) count = std::strtoull(s, nullptr, 0);
  for (u64 seed = first; seed < first + count; seed++) {
    run_seed(seed);
    if (HasFatalFailure()) return;
  }
}
}  // namespace
}  // namespace vole::target
