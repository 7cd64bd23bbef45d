// A list that an API spreads over several responses, one page at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/fork_guard.hpp"
#include "http/client/client.hpp"
#include "http/pages/config.hpp"

namespace tessera::http {

/// Nothing is asked for before it is wanted. Each page is a call as any other: with its retries, its cache
/// and its limits. A page of another origin, and all after it, get no credential and of the request's fields
/// only Accept, Accept-Language and User-Agent.
class Pages {
 public:
  /// Nothing: there are no more.
  using Next = Result<std::optional<Response>>;
  using Done = std::function<void(Next)>;

  /// `first` is the first page's request; of the others only the URL differs. ARG for a URL, `source` or
  /// configuration that can't be used, and for pages that are linked and not asked for with GET. `client`
  /// outlives the pages.
  static Result<std::unique_ptr<Pages>> open(Client& client, Request first, PagesConfig config);
  /// Closes it.
  ~Pages();

  /// The next page, or nothing. An error of the call, or of a status that is not 2xx (its detail has the
  /// "status"), leaves the place: the next call asks for the same page. PROTOCOL for a page that does not say
  /// what it should, or names one that was there before; LIMIT past max_pages: these stay. STATE once closed,
  /// and on the client's own thread; BUSY beside another call; CANCELLED when it is closed meanwhile.
  Next next();
  /// The same without waiting: `done` is called once, before this returns when nothing has to be asked for,
  /// else on the client's thread. It may call next_async(), and may destroy this. Reads the page before,
  /// which takes its time when that is large.
  Status next_async(Done done, const void* asker = nullptr);
  /// From any thread: cancels the next_async() of that asker, if it still runs.
  void leave(const void* asker);
  /// From any thread, any number of times.
  void close();

 private:
  class Walker;
  explicit Pages(std::shared_ptr<Walker> walker);

  std::shared_ptr<Walker> walker_;
  ForkGuard fork_;
};

}  // namespace tessera::http
