// Which page comes next, and when there is none: the rules, without the network.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "crypto/crypto.hpp"
#include "http/client/request.hpp"
#include "http/fields/url.hpp"
#include "http/pages/config.hpp"

namespace tessera::http {

class PageWalk {
 public:
  /// `config` is checked.
  PageWalk(Url first, PagesConfig config) : first_(std::move(first)), config_(std::move(config)) {}

  /// The address of the page to get, the same until came(); nothing when there are no more. PROTOCOL for one
  /// that was there before, LIMIT past max_pages; an error stays.
  Result<std::optional<Url>> next();
  void came(const Response& page);

  /// Whether the walk left the origin of its first page: from then on it carries no credential, as it is
  /// another's word where it goes.
  bool is_foreign() const { return is_foreign_; }

 private:
  Result<std::optional<Url>> choose();
  Result<std::optional<Url>> after_first();
  Status admit(const Url& url);

  const Url first_;
  const PagesConfig config_;
  std::optional<Url> pending_;
  bool is_over_ = false, is_foreign_ = false;
  std::optional<Error> error_;
  int64_t count_ = 0;      // pages that came
  std::set<Sha256> seen_;  // addresses; a server may make each as long as it likes
  // Of the last page.
  Url url_;
  Headers headers_;
  std::string body_;
};

}  // namespace tessera::http
