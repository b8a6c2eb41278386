// Channels: a ring buffer and two queues of waiting goroutines. A woken goroutine finds its result already
// written into its argument block by whoever woke it.
#pragma once
#include "core/layout.h"

namespace vole::runtime {
// What an operation is told, if need be when it is woken. Go code turns the last two into panics.
enum class ChanResult : i64 { WouldBlock, Done, DoneClosed, PanicClosed, PanicForeignBubble };

struct ChanArgs {  // func chanop(c *hchan, elem unsafe.Pointer, block bool) (result int)
  Chan* c;
  void* elem;
  bool block;
  ChanResult result;
};
struct CloseArgs {  // func chancloseop(c *hchan) (result int): 1 it was closed, 2 it belongs to another
                    // bubble
  Chan* c;
  i64 result;
};
struct SelectCase {
  Chan* c;
  void* elem;
};
struct SelectArgs {   // func selectop(cas *scase, order *uint16, nsends, nrecvs int, block bool) (index int,
                      // result int)
  SelectCase* cases;  // sends, then receives
  u16* order;         // room for the order in which they are tried
  i64 sends, recvs;
  bool block;
  i64 index;
  ChanResult result;
};
extern "C" {
void rt_chaninit(Chan** c, G* g);
void rt_chansendop(ChanArgs* a, G* g);
void rt_chanrecvop(ChanArgs* a, G* g);
void rt_chancloseop(CloseArgs* a, G* g);
void rt_selectop(SelectArgs* a, G* g);
}

bool chan_discard(Chan* c);  // empties a timer channel's buffer; true if there was a value
}  // namespace vole::runtime
