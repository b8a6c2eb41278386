// Send, receive, close and select.
#include "sched/chan.h"

#include "sched/sched.h"
#include "sched/synctest.h"
#include "sched/wait_queue.h"

namespace vole::runtime {
namespace {
using enum ChanResult;

void put(Chan* c, void* to, const void* from) {
  if (to) memmove(to, from, c->elem_size);
}
void clear(Chan* c, void* p) {
  if (p) memset(p, 0, c->elem_size);
}
u8* slot(Chan* c, u64 i) { return c->buf + i * c->elem_size; }
void advance(Chan* c, u64& i) {
  if (++i == c->cap) i = 0;
}

// Unhooks all waits of a goroutine that one of them ended, leaves the result in its argument block, makes it
// runnable.
void finish(Sudog* s, ChanResult r) {
  G* g = s->g;
  if (s->is_select) {
    auto* a = static_cast<SelectArgs*>(g->param);
    a->index = s->case_index;
    a->result = r;
  } else {
    static_cast<ChanArgs*>(g->param)->result = r;
  }
  g->param = nullptr;
  Sudog* w = g->waiting;
  g->waiting = nullptr;
  while (w) {
    Sudog* more = w->more;
    if (w != s) {
      bool sending = w->ticket != 0;
      queue_remove(sending ? w->chan->senders : w->chan->receivers, w);
    }
    sudog_free(w);
    w = more;
  }
  ready(g);
}

Sudog* pop(WaitQueue& q) {
  Sudog* s = q.first;
  if (s) queue_remove(q, s);
  return s;
}

// Each returns WouldBlock when it cannot be done at once.
ChanResult try_send(Chan* c, void* elem) {
  if (c->closed) return PanicClosed;
  if (Sudog* r = pop(c->receivers)) {
    put(c, r->elem, elem);
    finish(r, Done);
    return Done;
  }
  if (c->count < c->cap) {
    put(c, slot(c, c->send_index), elem);
    advance(c, c->send_index);
    c->count++;
    return Done;
  }
  return WouldBlock;
}
ChanResult try_recv(Chan* c, void* elem) {
  if (c->count > 0) {
    u8* s = slot(c, c->recv_index);
    put(c, elem, s);
    clear(c, s);
    advance(c, c->recv_index);
    c->count--;
    if (Sudog* w = pop(c->senders)) {
      put(c, slot(c, c->send_index), w->elem);
      advance(c, c->send_index);
      c->count++;
      finish(w, Done);
    }
    return Done;
  }
  if (Sudog* w = pop(c->senders)) {
    put(c, elem, w->elem);
    finish(w, Done);
    return Done;
  }
  if (c->closed) {
    clear(c, elem);
    return DoneClosed;
  }
  return WouldBlock;
}

Sudog* enqueue(G* g, Chan* c, void* elem, bool sending) {
  Sudog* s = sudog_new(g);
  s->elem = elem;
  s->chan = c;
  s->ticket = sending;
  s->more = g->waiting;
  g->waiting = s;
  queue_push(sending ? c->senders : c->receivers, s);
  return s;
}

void operate(ChanArgs* a, G* g, bool sending) {
  Chan* c = a->c;
  if (!c) {
    a->result = WouldBlock;
    if (!a->block) return;
    park(g, sending ? Wait::ChanSendNil : Wait::ChanReceiveNil);
  }
  if (c->bubble && g->bubble != c->bubble) {
    a->result = PanicForeignBubble;
    return;
  }
  ChanResult r = sending ? try_send(c, a->elem) : try_recv(c, a->elem);
  a->result = r;
  if (r != WouldBlock || !a->block) return;
  enqueue(g, c, a->elem, sending);
  g->param = a;
  park(g, sending ? Wait::ChanSend : Wait::ChanReceive);
}
}  // namespace

bool chan_discard(Chan* c) {
  bool had = c->count > 0;
  while (c->count > 0) {
    clear(c, slot(c, c->recv_index));
    advance(c, c->recv_index);
    c->count--;
  }
  return had;
}

extern "C" {
// func chaninit(c *hchan): remembers the bubble a channel was made in.
void rt_chaninit(Chan** a, G* g) { (*a)->bubble = g->bubble; }

void rt_chansendop(ChanArgs* a, G* g) { operate(a, g, true); }
void rt_chanrecvop(ChanArgs* a, G* g) { operate(a, g, false); }

void rt_chancloseop(CloseArgs* a, G* g) {
  Chan* c = a->c;
  a->result = 0;
  if (c->closed) {
    a->result = 1;
    return;
  }
  if (c->bubble && g->bubble != c->bubble) {
    a->result = 2;
    return;
  }
  c->closed = 1;
  while (Sudog* r = pop(c->receivers)) {
    clear(c, r->elem);
    finish(r, DoneClosed);
  }
  while (Sudog* s = pop(c->senders)) finish(s, PanicClosed);
}

void rt_selectop(SelectArgs* a, G* g) {
  i64 n = a->sends + a->recvs;
  u16* order = a->order;
  i64 count = 0;
  for (i64 i = 0; i < n; ++i) {
    if (!a->cases[i].c) continue;
    u32 j = random_below(u32(count + 1));
    order[count] = order[j];
    order[j] = u16(i);
    ++count;
  }
  for (i64 k = 0; k < count; ++k) {
    i64 i = order[k];
    SelectCase& sc = a->cases[i];
    if (sc.c->bubble && g->bubble != sc.c->bubble) {
      a->index = i;
      a->result = PanicForeignBubble;
      return;
    }
    ChanResult r = i < a->sends ? try_send(sc.c, sc.elem) : try_recv(sc.c, sc.elem);
    if (r == WouldBlock) continue;
    a->index = i;
    a->result = r;
    return;
  }
  if (!a->block) {
    a->index = -1;
    a->result = WouldBlock;
    return;
  }
  if (count == 0) park(g, Wait::SelectNoCases);
  g->param = a;
  for (i64 k = 0; k < count; ++k) {
    i64 i = order[k];
    Sudog* s = enqueue(g, a->cases[i].c, a->cases[i].elem, i < a->sends);
    s->is_select = true;
    s->case_index = i;
  }
  park(g, Wait::Select);
}

void rt_block(void*, G* g) { park(g, Wait::SelectNoCases); }
}
}  // namespace vole::runtime
