// Files and top-level structure: tokens and error repair, directives, declarations.
#include <fmt/format.h>

#include "source/constraint.h"
#include "syntax/parser.h"

namespace vole::syntax {
std::unique_ptr<File> parse(Name path, std::string_view text, diag::Diagnostics& diags,
                            const ParseOptions& options) {
  return Parser(path, text, diags, options).parse_file();
}

Parser::Parser(Name path, std::string_view text, diag::Diagnostics& diags, const ParseOptions& options)
    : diags_(diags),
      options_(options),
      text_(text),
      file_(std::make_unique<File>()),
      file_base_(source::add_pos_base(path, options.source ? options.source : path, 0)),
      base_(file_base_),
      path_(path),
      lex_(text, *this) {
  file_->decl_arena = std::make_unique<Arena>();
  file_->body_arena = std::make_unique<Arena>();
  file_->path = path;
  file_->text = text;
  arena_ = file_->decl_arena.get();
  lex_.next();
}

// ---- tokens and errors --------------------------------------------------------------------------

bool Parser::got(Tok t) {
  if (tok() != t) return false;
  next();
  return true;
}

// The word for a token in "expected …".
static std::string token_string(Tok t) {
  if (t == Tok::Comma) return "comma";
  if (t == Tok::Semi) return "semicolon or newline";
  if (t >= Tok::Break) return "keyword " + std::string(tok_text(t));
  return std::string(tok_text(t));
}

void Parser::want(Tok t) {
  if (got(t)) return;
  syntax_error("expected " + token_string(t));
  advance();
}

// Takes `=`; `:=` is taken for it with a complaint.
bool Parser::got_assign() {
  if (tok() == Tok::Define) syntax_error("expected =");
  else if (tok() != Tok::Assign) return false;
  next();
  return true;
}

void Parser::error_at(Pos pos, std::string message) {
  errors_++;
  if (message.starts_with("syntax error")) file_->has_errors = true;
  diags_.add({diag::Code::Syntax, pos, std::move(message), {}, {}, false});
}

// Completes "expected …", "in …", "at …", "after …" to "unexpected TOKEN, …"; other messages stand as they
// are.
void Parser::syntax_error_at(Pos pos, std::string_view message) {
  if (tok() == Tok::Eof && errors_ > 0) return;
  std::string_view glue;
  if (message.starts_with("in ") || message.starts_with("at ") || message.starts_with("after ")) glue = " ";
  else if (message.starts_with("expected ")) glue = ", ";
  else return error_at(pos, "syntax error: " + std::string(message));
  std::string shown;
  switch (tok()) {
    case Tok::Ident: shown = "name " + std::string(lex_.lit); break;
    case Tok::Semi: shown = lex_.lit; break;
    case Tok::Literal: shown = "literal " + std::string(lex_.lit); break;
    case Tok::AssignOp: shown = std::string(tok_text(lex_.op)) + "="; break;
    case Tok::IncDec: shown = std::string(tok_text(lex_.op)) + std::string(tok_text(lex_.op)); break;
    default: shown = token_string(tok());
  }
  error_at(pos, fmt::format("syntax error: unexpected {}{}{}", shown, glue, message));
}

// Skips to a token of `follow` (inside functions also to one that starts a statement); without a list, skips
// one token.
void Parser::advance(Follow follow) {
  if (follow.size() == 0) {
    if (tok() != Tok::Eof) next();
    return;
  }
  auto stops = [&] {
    switch (tok()) {
      case Tok::Eof:
        return true;
        // clang-format off
      case Tok::Break: case Tok::Const: case Tok::Continue: case Tok::Defer: case Tok::Fallthrough:
      case Tok::For: case Tok::Go: case Tok::Goto: case Tok::If: case Tok::Return: case Tok::Select:
      case Tok::Switch: case Tok::Type: case Tok::Var:
        // clang-format on
        if (func_nest_ > 0) return true;
        break;
      default: break;
    }
    for (Tok t : follow)
      if (tok() == t) return true;
    return false;
  };
  while (!stops()) next();
}

bool Parser::too_deep() {
  if (depth_ <= options_.max_depth) return false;
  if (!depth_reported_) error_at(pos(), "syntax error: nesting too deep");
  depth_reported_ = true;
  while (tok() != Tok::Eof) next();  // nothing after this can be made sense of
  return true;
}

void Parser::lex_error(u32 line, u32 col, std::string message) {
  error_at(pos_at(line, col), std::move(message));
}

// ---- directives ---------------------------------------------------------------------------------

void Parser::directive(u32 line, u32 col, bool alone, std::string_view comment) {
  std::string_view text = comment.substr(2);
  if (comment[1] == '*') text.remove_suffix(2);
  else if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.starts_with("line ")) {
    if (col == 1 || comment[1] == '*') line_directive(line, col, comment);
    return;
  }
  if (comment[1] == '*') return;
  if (before_package_ && text.starts_with("go:build")) {
    std::string error;
    if (auto c = source::Constraint::parse_line(comment, error)) file_->go_version = c->go_version();
  }
  go_directive(pos_at(line, col + 2), alone, text);
}

// //line FILE:LINE[:COL] and /*line …*/: what follows is shown as standing there.
void Parser::line_directive(u32 line, u32 col, std::string_view comment) {
  bool block = comment[1] == '*';
  std::string_view text = comment.substr(7);
  if (block) text.remove_suffix(2);
  else if (text.ends_with('\r')) text.remove_suffix(1);
  if (block && comment.find('\n') != std::string_view::npos) return;
  u32 text_col = col + 7;
  // Splits ":digits" off the end. Returns the offset of the digits, 0 when there is no colon.
  auto trailing = [](std::string_view t, u64& value, bool& ok) -> size_t {
    size_t colon = t.rfind(':');
    ok = false;
    if (colon == std::string_view::npos) return 0;
    std::string_view d = t.substr(colon + 1);
    value = 0;
    ok = !d.empty() && d.size() < 19;
    for (char c : d) {
      if (c < '0' || c > '9') ok = false;
      value = value * 10 + static_cast<u64>(c - '0');
    }
    return colon + 1;
  };
  constexpr u64 Max = 1 << 30;
  u64 n, n2;
  bool ok, ok2 = false;
  size_t i = trailing(text, n, ok);
  if (i == 0) return;
  if (!ok)
    return error_at(pos_at(line, text_col + static_cast<u32>(i)),
                    "invalid line number: " + std::string(text.substr(i)));
  size_t i2 = trailing(text.substr(0, i - 1), n2, ok2);
  u64 column = n;
  if (ok2) {
    if (n == 0 || n > Max)
      return error_at(pos_at(line, text_col + static_cast<u32>(i)),
                      "invalid column number: " + std::string(text.substr(i)));
    text = text.substr(0, i - 1);
    i = i2;
    n = n2;
  }
  if (n == 0 || n > Max)
    return error_at(pos_at(line, text_col + static_cast<u32>(i)),
                    "invalid line number: " + std::string(text.substr(i)));
  std::string shown(text.substr(0, i - 1));
  if (shown.empty() && ok2) {
    shown = Pos(base_, 1, 1).base().shown.text();
  } else if (!shown.empty() && shown[0] != '/') {
    while (shown.starts_with("./")) shown.erase(0, 2);
    std::string_view own = path_.text();
    size_t slash = own.rfind('/');
    if (slash != std::string_view::npos) shown = std::string(own.substr(0, slash + 1)) + shown;
  }
  i64 physical = static_cast<i64>(line) + (block ? 0 : 1);
  line_delta_ = static_cast<i64>(n) - physical;
  source::PosBase base{.shown = Name::intern(shown),
                       .path = options_.source ? options_.source : path_,
                       .line_delta = static_cast<i32>(line_delta_),
                       .index = 0};
  base.hide_column = !ok2;
  base.directive = true;
  base.first_line = static_cast<u32>(n);
  if (ok2) base.col_delta = static_cast<i32>(column) - static_cast<i32>(block ? col + comment.size() : 1);
  base_ = source::add_pos_base(base);
}

namespace {
struct PragmaName {
  std::string_view verb;
  u32 flags;
};
constexpr u32 GoBuild = 1u << 30;  // //go:build after the package clause is misplaced
constexpr PragmaName PragmaNames[] = {
    {"go:build", GoBuild},
    {"go:noescape", Noescape},
    {"go:norace", Norace},
    {"go:nosplit", Nosplit | Nocheckptr},
    {"go:noinline", Noinline},
    {"go:nocheckptr", Nocheckptr},
    {"go:systemstack", Systemstack},
    {"go:nowritebarrier", Nowritebarrier},
    {"go:nowritebarrierrec", Nowritebarrierrec | Nowritebarrier},
    {"go:yeswritebarrierrec", Yeswritebarrierrec},
    {"go:cgo_unsafe_args", CgoUnsafeArgs | Nocheckptr},
    {"go:uintptrkeepalive", UintptrKeepAlive},
    {"go:uintptrescapes", UintptrEscapes | UintptrKeepAlive},
    {"go:registerparams", Registerparams},
};

std::vector<std::string_view> fields(std::string_view s) {
  std::vector<std::string_view> out;
  size_t i = 0;
  while (i < s.size()) {
    while (i < s.size() && (s[i] == ' ' || s[i] == '\t')) i++;
    size_t start = i;
    while (i < s.size() && s[i] != ' ' && s[i] != '\t') i++;
    if (i > start) out.push_back(s.substr(start, i - start));
  }
  return out;
}
}  // namespace

void Parser::go_directive(Pos pos, bool alone, std::string_view text) {
  if (!alone) return error_at(pos, "misplaced compiler directive");
  std::string_view verb = text.substr(0, text.find_first_of(" \t"));
  if (verb == "go:linkname" || verb == "go:linknamestd") return linkname_directive(pos, text);
  if (verb == "go:embed") return embed_directive(pos, text.substr(8));
  u32 flag = 0;
  for (const PragmaName& p : PragmaNames)
    if (p.verb == verb) flag = p.flags;
  constexpr u32 Runtime = Systemstack | Nowritebarrier | Nowritebarrierrec | Yeswritebarrierrec;
  if ((flag & Runtime) || flag == UintptrKeepAlive || verb.starts_with("go:cgo_"))
    file_->restricted.push_back({pos, text});
  pragmas_.push_back({flag, pos});
}

void Parser::linkname_directive(Pos pos, std::string_view text) {
  auto f = fields(text);
  if (f.size() < 2 || f.size() > 3)
    return error_at(pos, fmt::format("usage: //{} localname [linkname]", f[0]));
  file_->linknames.push_back(
      {pos, Name::intern(f[1]), f.size() == 3 ? Name::intern(f[2]) : Name(), f[0] == "go:linknamestd"});
}

// Patterns separated by blanks; each may be quoted.
void Parser::embed_directive(Pos pos, std::string_view args) {
  bool any = false;
  size_t i = 0;
  auto invalid = [&] {
    error_at(pos, "invalid quoted string in //go:embed: " + std::string(args.substr(i)));
  };
  for (;;) {
    while (i < args.size() && (args[i] == ' ' || args[i] == '\t')) i++;
    if (i >= args.size()) break;
    std::string pattern;
    u32 column = static_cast<u32>(i + std::string_view("go:embed").size());
    char q = args[i];
    if (q == '"' || q == '`') {
      size_t end = i + 1;
      while (end < args.size() && args[end] != q) end += q == '"' && args[end] == '\\' ? 2 : 1;
      if (end >= args.size()) return invalid();
      pattern = unquote(args.substr(i, end + 1 - i));
      if (end + 1 < args.size() && args[end + 1] != ' ' && args[end + 1] != '\t') return invalid();
      i = end + 1;
    } else {
      size_t end = args.find_first_of(" \t", i);
      if (end == std::string_view::npos) end = args.size();
      pattern = args.substr(i, end - i);
      i = end;
    }
    any = true;
    Pos at(pos.base_index(), pos.line(), pos.col() + column);
    embeds_.push_back({pos, at, file_->decl_arena->copy_string(pattern)});
  }
  if (!any) error_at(pos, "usage: //go:embed pattern...");
}

// The pragmas a function declaration takes.
u32 Parser::take_func_pragmas() {
  u32 flags = 0;
  for (const Pending& p : pragmas_) {
    if (p.flag & GoBuild) file_->misplaced.push_back({p.pos, "compiler"});
    else flags |= p.flag;
  }
  pragmas_.clear();
  leave_pragmas();
  return flags;
}

template <class F>
void Parser::drop_pragmas(bool keep_embeds, F&& misplaced) {
  for (const Pending& p : pragmas_)
    if (p.flag) misplaced(p.pos, "compiler");
  pragmas_.clear();
  if (keep_embeds) return;
  Pos last;
  for (const Embed& e : embeds_) {
    if (!(e.pos == last)) misplaced(e.pos, "go:embed");
    last = e.pos;
  }
  embeds_.clear();
}

// Complains about pragmas that stand before no declaration at all.
void Parser::reject_pragmas() {
  drop_pragmas(false, [&](Pos pos, const char* which) {
    error_at(pos, fmt::format("misplaced {} directive", which));
  });
}

// Notes pragmas that stand before a declaration that takes none.
void Parser::leave_pragmas(bool keep_embeds) {
  drop_pragmas(keep_embeds, [&](Pos pos, const char* which) { file_->misplaced.push_back({pos, which}); });
}

List<Embed> Parser::take_embeds() {
  List<Embed> out = arena().copy(embeds_);
  embeds_.clear();
  return out;
}

// ---- the file -----------------------------------------------------------------------------------

std::unique_ptr<File> Parser::parse_file() {
  before_package_ = false;
  file_->package_pos = pos();
  if (!got(Tok::Package)) {
    syntax_error("package statement must be first");
    return std::move(file_);
  }
  std::erase_if(pragmas_, [](const Pending& p) { return (p.flag & GoBuild) != 0; });
  leave_pragmas();
  Ident* package_name = name();
  file_->package_name = package_name->name;
  file_->name_pos = package_name->pos;
  want(Tok::Semi);
  if (errors_ > 0) {
    file_->has_errors = true;
    return std::move(file_);
  }

  ListBuilder<Decl> decls(*this);
  Tok previous = Tok::Import;
  static constexpr std::initializer_list<Tok> TopLevel = {Tok::Import, Tok::Const, Tok::Type, Tok::Var,
                                                          Tok::Func};
  while (tok() != Tok::Eof) {
    if (tok() == Tok::Import && previous != Tok::Import)
      syntax_error("imports must appear before other declarations");
    if (options_.imports_only && tok() != Tok::Import) break;
    previous = tok();
    size_t offset = lex_.offset;
    switch (tok()) {
      case Tok::Import:
        next();
        group(decls, [&] { return import_decl(); });
        break;
      case Tok::Const:
        next();
        const_group(decls);
        break;
      case Tok::Type:
        next();
        group(decls, [&] { return type_decl(); });
        break;
      case Tok::Var:
        next();
        group(decls, [&] { return var_decl(); });
        break;
      case Tok::Func:
        next();
        decls.add(func_decl(offset));
        break;
      default: {
        FuncDecl* f = decls.size() ? decls[decls.size() - 1]->as<FuncDecl>() : nullptr;
        if (tok() == Tok::LBrace && f && !f->body) syntax_error("unexpected semicolon or newline before {");
        else syntax_error("non-declaration statement outside function body");
        advance(TopLevel);
        continue;
      }
    }
    reject_pragmas();  // before the semicolon is taken: what follows it belongs to the next declaration
    if (tok() != Tok::Eof && !got(Tok::Semi)) {
      syntax_error("after top level declaration");
      advance(TopLevel);
    }
  }
  if (!options_.imports_only) reject_pragmas();
  file_->decls = decls.finish();
  ListBuilder<ImportDecl> imports(*this);
  for (Decl* d : file_->decls)
    if (auto* i = d->as<ImportDecl>()) imports.add(i);
  file_->imports = imports.finish();
  for (ImportDecl* i : file_->imports)
    if (i->path == "C") file_->cgo = true;
  file_->line_count = lex_.line;
  return std::move(file_);
}

// ---- declarations -------------------------------------------------------------------------------

template <class F>
void Parser::group(ListBuilder<Decl>& out, F&& spec) {
  if (tok() != Tok::LParen) {
    out.add(spec());
    return;
  }
  reject_pragmas();
  next();
  list("grouped declaration", Tok::Semi, Tok::RParen, [&] {
    out.add(spec());
    return false;
  });
}

void Parser::const_group(ListBuilder<Decl>& out) {
  ConstDecl* previous = nullptr;
  i64 iota = 0;
  if (tok() != Tok::LParen) {
    out.add(const_decl(previous, iota, false));
    return;
  }
  reject_pragmas();
  next();
  list("grouped declaration", Tok::Semi, Tok::RParen, [&] {
    out.add(const_decl(previous, iota++, true));
    return false;
  });
}

Decl* Parser::import_decl() {
  auto* d = node<ImportDecl>(pos());
  leave_pragmas();
  if (tok() == Tok::Ident) {
    d->name = name();
  } else if (tok() == Tok::Dot) {
    d->name = make_ident(pos(), Name::intern("."));
    next();
  }
  Pos at = pos();
  d->path_lit = literal_or_null();
  if (!d->path_lit) {
    syntax_error("missing import path");
    advance({Tok::Semi, Tok::RParen});
    return d;
  }
  if (d->path_lit->lit != LitKind::String) syntax_error_at(at, "import path must be a string");
  else if (!d->path_lit->bad) d->path = Name::intern(unquote(d->path_lit->text));
  return d;
}

ConstDecl* Parser::const_decl(ConstDecl*& previous, i64 iota, bool grouped) {
  auto* d = node<ConstDecl>(pos());
  leave_pragmas();
  d->iota = iota;
  d->names = name_list(name());
  if (tok() != Tok::Eof && tok() != Tok::Semi && tok() != Tok::RParen) {
    d->type_expr = type_or_null();
    if (got_assign()) d->values = expr_list();
  }
  if (d->type_expr || !d->values.empty() || !grouped) previous = d;
  else d->inherited = previous;
  return d;
}

Decl* Parser::var_decl() {
  auto* d = node<VarDecl>(pos());
  leave_pragmas(true);
  d->embeds = take_embeds();
  d->names = name_list(name());
  if (got_assign()) {
    d->values = expr_list();
  } else {
    d->type_expr = type();
    if (got_assign()) d->values = expr_list();
  }
  return d;
}

Decl* Parser::type_decl() {
  auto* d = node<TypeDecl>(pos());
  leave_pragmas();
  d->name = name();
  if (tok() == Tok::LBrack) {
    generic_type_spec(d);
  } else {
    d->alias = got_assign();
    d->type_expr = type_or_null();
  }
  if (!d->type_expr) {
    d->type_expr = bad_expr();
    syntax_error("in type declaration");
    advance({Tok::Semi, Tok::RParen});
  }
  return d;
}

// After `type T` comes `[`: an array or slice type, or type parameters. `[N * x]T` is decided by what x looks
// like and by what follows it.
void Parser::generic_type_spec(TypeDecl* d) {
  Pos lbrack = pos();
  next();
  if (tok() == Tok::RBrack) {
    next();
    d->type_expr = slice_type(lbrack);
    return;
  }
  if (tok() != Tok::Ident) {
    d->type_expr = array_type(lbrack, nullptr);
    return;
  }
  Expr* x = name();
  if (tok() != Tok::LBrack) {  // N[ can only begin a constraint such as []E: an array length is never an
                               // index expression
    expr_nest_++;
    x = binary_expr(primary_expr(x), 0);
    expr_nest_--;
  }
  Ident* param = nullptr;
  Expr* constraint = nullptr;
  if (split_type_param(x, tok() == Tok::Comma, param, constraint) && (constraint || tok() != Tok::RBrack)) {
    d->tparams = param_list(param, constraint, Tok::RBrack, true, false);
    d->alias = got_assign();
    d->type_expr = type_or_null();
  } else {
    d->type_expr = array_type(lbrack, x);
  }
}

namespace {
// Whether x can only be a type or constraint.
bool is_type_element(Expr* x) {
  switch (x->kind) {
      // clang-format off
    case NodeKind::ArrayType: case NodeKind::StructType: case NodeKind::FuncType:
    case NodeKind::InterfaceType: case NodeKind::MapType:
    // clang-format on
    case NodeKind::ChanType: return true;
    case NodeKind::BinaryExpr:
      return is_type_element(x->cast<BinaryExpr>()->x) || is_type_element(x->cast<BinaryExpr>()->y);
    case NodeKind::UnaryExpr:
      return x->cast<UnaryExpr>()->op == Tok::Tilde || is_type_element(x->cast<UnaryExpr>()->x);
    case NodeKind::StarExpr: return is_type_element(x->cast<StarExpr>()->x);
    case NodeKind::ParenExpr: return is_type_element(x->cast<ParenExpr>()->x);
    default: return false;
  }
}
}  // namespace

// Reads expression x as "name constraint" (P *T parses as a product, P (T) as a call). With `force` also
// where it could be an ordinary expression.
bool Parser::split_type_param(Expr* x, bool force, Ident*& param, Expr*& constraint) {
  if (auto* id = x->as<Ident>()) {
    param = id;
    constraint = nullptr;
    return true;
  }
  if (auto* b = x->as<BinaryExpr>()) {
    if (b->op == Tok::Mul && b->x->as<Ident>() && (force || is_type_element(b->y))) {
      param = b->x->cast<Ident>();
      auto* star = node<StarExpr>(b->op_pos);
      star->x = b->y;
      constraint = star;
      return true;
    }
    Ident* left_name = nullptr;
    Expr* left = nullptr;
    if (b->op == Tok::Or && split_type_param(b->x, force || is_type_element(b->y), left_name, left) && left) {
      param = left_name;
      auto* u = node<BinaryExpr>(left->pos);
      u->op = Tok::Or;
      u->op_pos = b->op_pos;
      u->x = left;
      u->y = b->y;
      constraint = u;
      return true;
    }
    return false;
  }
  if (auto* c = x->as<CallExpr>()) {
    if (c->fun->as<Ident>() && c->args.size() == 1 && !c->has_dots &&
        (force || is_type_element(c->args[0]))) {
      param = c->fun->cast<Ident>();
      constraint = unparen(c->args[0]);
      return true;
    }
  }
  return false;
}

FuncDecl* Parser::func_decl(size_t func_offset) {
  auto* f = node<FuncDecl>(pos());
  f->pragma = take_func_pragmas();
  bool has_recv = false, generic = false;
  if (got(Tok::LParen)) {
    has_recv = true;
    List<Field*> recv = param_list(nullptr, nullptr, Tok::RParen, false, false);
    if (recv.empty()) error_at(pos(), "method has no receiver");
    else if (recv.size() > 1) error_at(pos(), "method has multiple receivers");
    if (!recv.empty()) {
      f->recv = recv[0];
      Expr* t = unparen(recv[0]->type_expr);
      while (auto* star = t->as<StarExpr>()) t = unparen(star->x);
      generic = t->kind == NodeKind::IndexExpr;
    }
  }
  if (tok() == Tok::Ident) {
    f->name = name();
    f->type_expr = func_type("", f->name->pos);
    generic = generic || !f->type_expr->tparams.empty();
  } else {
    f->name = make_ident(pos(), Name::intern("_"));
    f->type_expr = node<FuncType>(pos());
    syntax_error(has_recv ? "expected name" : "expected name or (");
    advance({Tok::LBrace, Tok::Semi});
  }
  if (tok() == Tok::LBrace) {
    Arena* outer = arena_;
    if (!generic) arena_ = file_->body_arena.get();
    size_t errors = errors_;
    f->body = func_body();
    f->broken = errors_ != errors;
    arena_ = outer;
    f->end = f->body->rbrace;
    if (generic) f->text = text_.substr(func_offset, block_end_ - func_offset);
  }
  return f;
}

BlockStmt* Parser::func_body() {
  func_nest_++;
  BlockStmt* body = block("");
  func_nest_--;
  return body;
}
}  // namespace vole::syntax
