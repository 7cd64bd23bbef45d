#include "http/pages/page_walk.hpp"

#include <utility>

#include "http/pages/next_page.hpp"

namespace tessera::http {

Result<std::optional<Url>> PageWalk::next() {
  if (error_) return *error_;
  if (is_over_ || pending_) return pending_;
  Result<std::optional<Url>> chosen = choose();
  if (!chosen.ok()) {
    error_ = chosen.error();
    return *error_;
  }
  pending_ = std::move(*chosen);
  is_over_ = !pending_;
  return pending_;
}

Result<std::optional<Url>> PageWalk::choose() {
  TSR_ASSIGN_OR_RETURN(std::optional<Url> url, after_first());
  if (url) TSR_RETURN_IF_ERROR(admit(*url));
  return url;
}

Result<std::optional<Url>> PageWalk::after_first() {
  const bool is_first = count_ == 0;
  switch (config_.kind) {
    case PageKind::kLink:
      if (is_first) break;
      return next_link(headers_, url_);
    case PageKind::kCursor: {
      if (is_first) break;
      TSR_ASSIGN_OR_RETURN(const auto cursor, read_cursor(body_, config_.cursor));
      if (!cursor) return std::optional<Url>();
      TSR_ASSIGN_OR_RETURN(Url url, with_parameter(first_, config_.parameter, *cursor));
      return std::optional<Url>(std::move(url));
    }
    case PageKind::kNumber: {
      TSR_ASSIGN_OR_RETURN(const bool goes_on,
                           is_first ? Result<bool>(true) : has_items(body_, config_.items));
      if (!goes_on) return std::optional<Url>();
      TSR_ASSIGN_OR_RETURN(Url url,
                           with_parameter(first_, config_.parameter, std::to_string(config_.start + count_)));
      return std::optional<Url>(std::move(url));
    }
  }
  return std::optional<Url>(first_);
}

Status PageWalk::admit(const Url& url) {
  if (count_ >= config_.max_pages) {
    return Error{ErrorCode::kLIMIT,
                 "http",
                 "more than " + std::to_string(config_.max_pages) +
                     " pages; raise max_pages if the list is meant to be that long",
                 {}};
  }
  if (!seen_.insert(sha256(as_bytes(url.text()))).second) {
    return Error{ErrorCode::kPROTOCOL,
                 "http",
                 "a page names one that was there before as the next; the server would lead in a circle",
                 {}};
  }
  if (!same_origin(first_, url)) is_foreign_ = true;
  return {};
}

void PageWalk::came(const Response& page) {
  ++count_;
  if (pending_) url_ = std::move(*pending_);
  pending_.reset();
  // After a redirect it speaks from where it is.
  if (Result<Url> url = parse_url(page.url); url.ok()) url_ = std::move(url).value();
  if (!same_origin(first_, url_)) is_foreign_ = true;
  headers_ = config_.kind == PageKind::kLink ? page.headers : Headers();
  body_ = config_.kind == PageKind::kLink ? std::string() : std::string(as_text(page.body));
}

}  // namespace tessera::http
