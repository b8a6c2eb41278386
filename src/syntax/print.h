// Source text of expressions, as messages quote them: one line, function bodies and long literals shortened
// to "…".
#pragma once
#include <string>

#include "syntax/ast.h"

namespace vole::syntax {
std::string expr_string(const Expr* x);
std::string expr_list_string(List<Expr*> list);
std::string stmt_string(const Stmt* s);  // simple statements only
}  // namespace vole::syntax
