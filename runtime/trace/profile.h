// Samples of running code for CPU profiles.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
void profile_sample(G* g, u64 pc, u64 sp, u64 bp);  // called by the handler of SIGPROF

// func profileread(data *uint64, room int, tags *unsafe.Pointer, hz int) (words, ntags int, eof bool):
// records of pprof's form, {length, time, count, stack...}; the first says {3, time, hz}, one with count 0
// how many samples were lost.
struct ProfileReadArgs {
  u64* data;
  i64 room;
  void** tags;
  u64 hz;
  i64 words, ntags;
  bool eof;
};
extern "C" {
void rt_cpuprofileop(u64* hz, G*);  // func cpuprofileop(hz int): 0 stops
void rt_profileread(ProfileReadArgs* a, G*);
}
}  // namespace vole::runtime
