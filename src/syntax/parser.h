// The recursive-descent parser. One member function per production; each leaves the lexer on the first token
// it did not take. Errors are reported and repaired the way gc's parser does (skip to a token that can
// follow), so that one mistake gives one message.
//
// Lists are gathered on `scratch_` (a stack shared by all nesting levels) and copied into the arena when
// complete.
#pragma once
#include <initializer_list>

#include "syntax/lexer.h"
#include "syntax/parse.h"
#include "syntax/print.h"

namespace vole::syntax {
class Parser final : LexHandler {
 public:
  Parser(Name path, std::string_view text, diag::Diagnostics& diags, const ParseOptions& options);
  std::unique_ptr<File> parse_file();

 private:
  // A list under construction: elements above `mark` on the scratch stack.
  template <class T>
  class ListBuilder {
   public:
    explicit ListBuilder(Parser& p) : p_(p), mark_(p.scratch_.size()) {}
    ~ListBuilder() { p_.scratch_.resize(mark_); }
    void add(T* x) { p_.scratch_.push_back(x); }
    size_t size() const { return p_.scratch_.size() - mark_; }
    T* operator[](size_t i) const { return static_cast<T*>(p_.scratch_[mark_ + i]); }
    List<T*> finish() {
      List<T*> out = p_.arena().template make_span<T*>(size());
      for (size_t i = 0; i < out.size(); i++) out[i] = (*this)[i];
      return out;
    }

   private:
    Parser& p_;
    size_t mark_;
  };
  using Follow = std::initializer_list<Tok>;

  // lexer events
  void lex_error(u32 line, u32 col, std::string message) override;
  void directive(u32 line, u32 col, bool alone, std::string_view text) override;
  void line_directive(u32 line, u32 col, std::string_view comment);
  void go_directive(Pos pos, bool alone, std::string_view text);
  void embed_directive(Pos pos, std::string_view args);
  void linkname_directive(Pos pos, std::string_view text);

  // tokens and errors
  Arena& arena() { return *arena_; }
  template <class T>
  T* node(Pos pos) {
    T* n = arena().make<T>();
    n->kind = T::Kind;
    n->pos = pos;
    return n;
  }
  Tok tok() const { return lex_.tok; }
  void next() { lex_.next(); }
  bool got(Tok t);
  void want(Tok t);
  bool got_assign();
  Pos pos_at(u32 line, u32 col) const {
    return Pos(base_, static_cast<u32>(static_cast<i64>(line) + line_delta_), col);
  }
  Pos pos() const { return pos_at(lex_.line, lex_.col); }
  void error_at(Pos pos, std::string message);
  void syntax_error_at(Pos pos, std::string_view message);
  void syntax_error(std::string_view message) { syntax_error_at(pos(), message); }
  void advance(Follow follow = {});
  // Steps one level deeper; false (after one message) when the input nests too deeply.
  class Nest;
  bool too_deep();

  // A separated list up to `close`; `element` returns true when no more may follow. Returns the position of
  // the closing token.
  template <class F>
  Pos list(std::string_view context, Tok sep, Tok close, F&& element);

  // pragmas waiting for the declaration they belong to
  struct Pending {
    u32 flag;
    Pos pos;
  };
  u32 take_func_pragmas();
  void reject_pragmas();
  void leave_pragmas(bool keep_embeds = false);
  template <class F>
  void drop_pragmas(bool keep_embeds, F&& misplaced);
  List<Embed> take_embeds();

  // declarations
  template <class F>
  void group(ListBuilder<Decl>& out, F&& spec);
  Decl* import_decl();
  Decl* type_decl();
  Decl* var_decl();
  ConstDecl* const_decl(ConstDecl*& previous, i64 iota, bool grouped);
  void const_group(ListBuilder<Decl>& out);
  FuncDecl* func_decl(size_t func_offset);
  BlockStmt* func_body();
  void generic_type_spec(TypeDecl* d);
  bool split_type_param(Expr* x, bool force, Ident*& name, Expr*& constraint);

  // expressions
  Expr* expr() { return binary_expr(nullptr, 0); }
  Expr* binary_expr(Expr* x, int prec);
  Expr* unary_expr();
  Expr* receive_or_channel(Pos pos);
  Expr* primary_expr(Expr* x);
  Expr* operand();
  Expr* dot_suffix(Expr* x);
  Expr* index_or_slice(Expr* x);
  Expr* call_suffix(Expr* fun);
  bool starts_composite(Expr* x) const;
  CompositeLit* composite_value();
  Expr* composite_element();
  BadExpr* bad_expr() { return node<BadExpr>(pos()); }
  BasicLit* literal_or_null();
  Ident* name();
  Ident* make_ident(Pos pos, Name name);
  List<Ident*> name_list(Ident* first);
  List<Expr*> expr_list();
  // Types (and, unless strict, a first expression) separated by commas; `comma` tells whether there was one.
  List<Expr*> type_list(bool strict, bool& comma);

  // types
  Expr* type();
  Expr* type_or_null();
  Expr* qualified_name(Ident* first);
  Expr* type_instance(Expr* x);
  Expr* array_type(Pos pos, Expr* len);
  Expr* slice_type(Pos pos);
  Expr* channel_elem();
  Expr* array_or_type_args(Ident* name, bool& is_instance);
  StructType* struct_type();
  void field_decl(ListBuilder<Field>& out);
  void add_field(ListBuilder<Field>& out, Ident* name, Expr* type_expr, BasicLit* tag, bool embedded,
                 bool first);
  InterfaceType* interface_type();
  Field* method_or_embedded();
  Expr* embedded_union(Expr* first);
  Expr* embedded_term();
  FuncType* func_type(std::string_view no_tparams_context, Pos at);
  List<Field*> func_result();
  Field* param_or_null(Ident* name, Tok follow);
  List<Field*> param_list(Ident* name, Expr* constraint, Tok close, bool require_names, bool dots_ok);
  void distribute_types(ListBuilder<Field>& list, size_t named, size_t typed, bool require_names, Pos end);

  // statements
  struct Header {
    Stmt* init = nullptr;
    Expr* cond = nullptr;
    Stmt* post = nullptr;
    RangeStmt* range = nullptr;
  };
  Header header(Tok keyword);
  Expr* condition_of(Stmt* s, Tok keyword, Pos semi_pos, std::string_view semi_lit);
  Stmt* simple_stmt(List<Expr*> lhs, Tok keyword);
  Stmt* assignment(List<Expr*> lhs, Tok keyword);
  Stmt* labeled_stmt(Ident* label);
  BlockStmt* block(std::string_view context);
  Stmt* decl_stmt();
  Stmt* for_stmt();
  IfStmt* if_stmt();
  Stmt* switch_stmt();
  Stmt* select_stmt();
  CaseClause* case_clause();
  CommClause* comm_clause();
  Stmt* branch_stmt();
  Stmt* call_stmt();
  Stmt* stmt_or_null();
  Stmt* stmt_or_label(Ident*& label);
  List<Stmt*> stmt_list();

  diag::Diagnostics& diags_;
  const ParseOptions& options_;
  std::string_view text_;
  std::unique_ptr<File> file_;
  Arena* arena_;
  std::vector<void*> scratch_;
  u32 file_base_, base_;
  i64 line_delta_ = 0;
  Name path_;
  size_t errors_ = 0;
  bool before_package_ = true;
  int func_nest_ = 0;
  int expr_nest_ = 0;  // below 0: in a statement header, where `T {` starts a block
  u32 depth_ = 0;
  bool depth_reported_ = false;
  size_t block_end_ = 0;         // offset behind the closing brace of the block parsed last
  Ident* guard_name_ = nullptr;  // x of the last `x := y.(type)` in a switch header
  std::vector<Pending> pragmas_;
  std::vector<Embed> embeds_;
  Lexer lex_;  // last: it may call the handler while it is made
};

class Parser::Nest {
 public:
  explicit Nest(Parser& p) : p_(p) { p_.depth_++; }
  ~Nest() { p_.depth_--; }
  Nest(const Nest&) = delete;

 private:
  Parser& p_;
};

template <class F>
Pos Parser::list(std::string_view context, Tok sep, Tok close, F&& element) {
  bool done = false;
  while (tok() != Tok::Eof && tok() != close && !done) {
    done = element();
    if (!got(sep) && tok() != close) {  // the separator may be missing before the closing token
      std::string_view sep_text = sep == Tok::Comma ? "comma" : "semicolon or newline";
      syntax_error("in " + std::string(context) + "; possibly missing " + std::string(sep_text) + " or " +
                   std::string(tok_text(close)));
      advance({Tok::RParen, Tok::RBrack, Tok::RBrace});
      if (tok() != close) return pos();
    }
  }
  Pos at = pos();
  want(close);
  return at;
}
}  // namespace vole::syntax
