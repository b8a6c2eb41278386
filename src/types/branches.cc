// Labels, and where break, continue, goto and fallthrough go. gc's parser reports these, so they do not
// depend on types being right.
#include <algorithm>

#include "types/checker.h"

namespace vole::types {
using namespace syntax;

namespace {
struct Block {
  Block* parent;
  Pos start;
  LabeledStmt* lstmt;  // the label on the statement this block is the body of
};
struct Label {
  Block* parent;
  LabeledStmt* stmt;
  bool used;
};
struct Targets {
  Stmt* breaks = nullptr;
  Stmt* continues = nullptr;
  i64 case_index = -1;
};

class Branches {
 public:
  Branches(Arena& arena, diag::Diagnostics& diags) : diags_(diags), arena_(arena) {}

  void run(BlockStmt* body) {
    Vec<BranchStmt*, 2> open;
    block(nullptr, {}, nullptr, body->pos, body->stmts, open);
    for (BranchStmt* b : open) {
      Name name = b->label->name;
      if (Label* l = find(name)) {
        l->used = true;
        error(b->label->pos, fmt::format("goto {} jumps into block starting at {}", name.text(),
                                         pos_string(l->parent->start)));
      } else {
        error(b->label->pos, fmt::format("label {} not defined", name.text()));
      }
    }
    for (Label* l : labels_)
      if (!l->used)
        error(l->stmt->label->pos, fmt::format("label {} defined and not used", l->stmt->label->name.text()));
  }

 private:
  void error(Pos pos, std::string text) {
    diags_.add({diag::Code::Other, pos, std::move(text), {}, {}, false});
  }
  Label* find(Name name) {
    auto it = by_name_.find(name);
    return it == by_name_.end() ? nullptr : it->second;
  }

  // The labelled statement around b; `outside` when the label exists but is elsewhere.
  LabeledStmt* enclosing(Block* b, Name name, bool* exists) {
    Label* l = find(name);
    *exists = l != nullptr;
    if (!l) return nullptr;
    l->used = true;
    for (; b; b = b->parent)
      if (b->lstmt == l->stmt) return l->stmt;
    return nullptr;
  }

  void block(Block* parent, Targets ctx, LabeledStmt* lstmt, Pos start, List<Stmt*> list,
             Vec<BranchStmt*, 2>& open_out) {
    Block& b = *arena_.make<Block>(parent, start, lstmt);
    Vec<BranchStmt*, 2> open, over_var;
    Pos var_pos;
    std::string var_name;
    while (!list.empty() && list.back()->kind == NodeKind::EmptyStmt) list = list.first(list.size() - 1);
    auto declared = [&](Pos pos, auto name) {
      if (open.empty()) return;
      var_pos = pos;
      var_name = name();
      over_var = open;
    };
    auto inner = [&](Targets t, Pos at, List<Stmt*> body) { block(&b, t, lstmt, at, body, open); };

    for (size_t index = 0; index < list.size(); index++) {
      lstmt = nullptr;
      Stmt* s = list[index];
      while (s && s->kind == NodeKind::LabeledStmt) {
        auto* l = s->cast<LabeledStmt>();
        Name name = l->label->name;
        if (name != "_") {
          Label* label = find(name);
          if (label) {
            error(l->label->pos, fmt::format("label {} already defined at {}", name.text(),
                                             pos_string(label->stmt->label->pos)));
          } else {
            label = arena_.make<Label>(&b, l, false);
            labels_.push_back(label);
            by_name_.emplace(name, label);
          }
          size_t n = 0;
          for (BranchStmt* jump : open) {
            if (jump->label->name != name) {
              open[n++] = jump;
              continue;
            }
            jump->target = l;
            label->used = true;
            if (var_pos.known() && std::find(over_var.begin(), over_var.end(), jump) != over_var.end())
              error(jump->label->pos, fmt::format("goto {} jumps over declaration of {} at {}", name.text(),
                                                  var_name, pos_string(var_pos)));
          }
          open.resize(n);
          lstmt = l;
        }
        s = l->stmt;
      }
      if (!s) continue;
      switch (s->kind) {
        case NodeKind::DeclStmt:
          for (Decl* d : s->cast<DeclStmt>()->decls)
            if (auto* v = d->as<VarDecl>()) {
              declared(v->pos, [&] { return std::string(v->names[0]->name.text()); });
              break;
            }
          break;
        case NodeKind::AssignStmt:
          if (s->cast<AssignStmt>()->define)
            declared(s->pos, [&] { return expr_list_string(s->cast<AssignStmt>()->lhs); });
          break;
        case NodeKind::BranchStmt:
          branch(b, ctx, s->cast<BranchStmt>(), index + 1 < list.size(), open);
          break;
        case NodeKind::BlockStmt:
          inner({ctx.breaks, ctx.continues, -1}, s->pos, s->cast<BlockStmt>()->stmts);
          break;
        case NodeKind::IfStmt: {
          Targets t{ctx.breaks, ctx.continues, -1};
          for (auto* i = s->cast<IfStmt>(); i; i = i->els ? i->els->as<IfStmt>() : nullptr) {
            inner(t, i->then->pos, i->then->stmts);
            if (i->els && i->els->kind != NodeKind::IfStmt) inner(t, i->els->pos, List<Stmt*>(&i->els, 1));
          }
          break;
        }
        case NodeKind::ForStmt:
          inner({s, s, -1}, s->cast<ForStmt>()->body->pos, s->cast<ForStmt>()->body->stmts);
          break;
        case NodeKind::RangeStmt:
          inner({s, s, -1}, s->cast<RangeStmt>()->body->pos, s->cast<RangeStmt>()->body->stmts);
          break;
        case NodeKind::SwitchStmt:
        case NodeKind::TypeSwitchStmt: {
          auto* sw = s->as<SwitchStmt>();
          List<CaseClause*> clauses = sw ? sw->clauses : s->cast<TypeSwitchStmt>()->clauses;
          for (size_t i = 0; i < clauses.size(); i++)
            inner({s, ctx.continues, static_cast<i64>(i)}, clauses[i]->pos, clauses[i]->body);
          break;
        }
        case NodeKind::SelectStmt:
          for (CommClause* c : s->cast<SelectStmt>()->clauses) inner({s, ctx.continues, -1}, c->pos, c->body);
          break;
        default: break;
      }
    }
    open_out.insert(open_out.end(), open.begin(), open.end());
  }

  void branch(Block& b, Targets& ctx, BranchStmt* s, bool more, Vec<BranchStmt*, 2>& open) {
    if (!s->label) {
      switch (s->what) {
        case BranchStmt::Break:
          s->target = ctx.breaks;
          if (!ctx.breaks) error(s->pos, "break is not in a loop, switch, or select");
          break;
        case BranchStmt::Continue:
          s->target = ctx.continues;
          if (!ctx.continues) error(s->pos, "continue is not in a loop");
          break;
        case BranchStmt::Fallthrough: {
          const char* text = "fallthrough statement out of place";
          if (ctx.breaks && ctx.breaks->kind == NodeKind::TypeSwitchStmt) {
            text = "cannot fallthrough in type switch";
          } else if (auto* sw = ctx.breaks ? ctx.breaks->as<SwitchStmt>() : nullptr;
                     sw && ctx.case_index >= 0 && !more) {
            if (static_cast<size_t>(ctx.case_index) + 1 < sw->clauses.size()) return;
            text = "cannot fallthrough final case in switch";
          }
          error(s->pos, text);
          break;
        }
        default: break;
      }
      return;
    }
    Name name = s->label->name;
    bool exists;
    switch (s->what) {
      case BranchStmt::Break: {
        LabeledStmt* l = enclosing(&b, name, &exists);
        NodeKind k = l && l->stmt ? l->stmt->kind : NodeKind::BadStmt;
        if (k == NodeKind::SwitchStmt || k == NodeKind::TypeSwitchStmt || k == NodeKind::SelectStmt ||
            k == NodeKind::ForStmt || k == NodeKind::RangeStmt)
          s->target = l->stmt;
        else if (exists) error(s->label->pos, fmt::format("invalid break label {}", name.text()));
        else error(s->label->pos, fmt::format("break label not defined: {}", name.text()));
        break;
      }
      case BranchStmt::Continue: {
        LabeledStmt* l = enclosing(&b, name, &exists);
        NodeKind k = l && l->stmt ? l->stmt->kind : NodeKind::BadStmt;
        if (k == NodeKind::ForStmt || k == NodeKind::RangeStmt) s->target = l->stmt;
        else if (exists) error(s->label->pos, fmt::format("invalid continue label {}", name.text()));
        else error(s->label->pos, fmt::format("continue label not defined: {}", name.text()));
        break;
      }
      case BranchStmt::Goto: {
        if (Label* l = find(name)) {
          l->used = true;
          for (Block* p = &b; p; p = p->parent)
            if (l->parent == p) s->target = l->stmt;
        }
        if (!s->target) open.push_back(s);
        break;
      }
      default: break;
    }
  }

  diag::Diagnostics& diags_;
  Arena& arena_;
  Vec<Label*> labels_;
  absl::flat_hash_map<Name, Label*> by_name_;
};
}  // namespace

void check_branches(BlockStmt* body, Arena& scratch, diag::Diagnostics& diags) {
  if (body) Branches(scratch, diags).run(body);
}

void check_labels(const std::vector<std::unique_ptr<File>>& files, diag::Diagnostics& diags) {
  Arena scratch;
  for (const auto& f : files)
    for (Decl* d : f->decls)
      if (auto* fn = d->as<FuncDecl>(); fn && !fn->broken) check_branches(fn->body, scratch, diags);
}
}  // namespace vole::types
