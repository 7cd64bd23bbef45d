// SQL text as SQLite's tokenizer sees it: words, quoted names, strings and signs, without space and comments.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::store {

struct SqlToken {
  enum class Kind {
    kWord,    // keyword or name without quotes
    kQuoted,  // a name in "", `` or []
    kString,  // '...', which SQLite takes as a name where only a name fits
    kOther    // a number, parameter, blob or sign
  };
  Kind kind = Kind::kOther;
  size_t begin = 0, end = 0;  // in the text
  int depth = 0;              // of parentheses around it; a parenthesis itself lies outside
  std::string name;           // without quotes, lower case; of kOther its text

  bool is(std::string_view keyword) const { return kind == Kind::kWord && name == keyword; }
  bool is_sign(std::string_view sign) const { return kind == Kind::kOther && name == sign; }
  bool may_name() const { return kind != Kind::kOther; }
};

struct SqlScan {
  std::vector<SqlToken> tokens;
  bool is_balanced = false;  // parentheses pair up in every statement and no quote is open
};
SqlScan scan_sql(std::string_view sql);

/// "name" with its quotes doubled.
std::string quoted_name(std::string_view name);
/// 'text' with its quotes doubled.
std::string quoted_text(std::string_view text);

}  // namespace tessera::store
