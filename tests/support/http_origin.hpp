// An HTTP/1.1 server inside the test: it answers what the test says, keeps what it saw, and can be as wrong
// as asked.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "certificates.hpp"
#include "http_wire.hpp"
#include "sockets.hpp"

namespace tessera::test {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// One request.
struct Seen {
  std::string method;
  std::string target;    // as it came
  Fields headers;        // in the order of their arrival
  std::string body;      // without transfer coding
  int connection = 0;    // 1: the first that was accepted
  int number = 0;        // 1: the first that arrived
  bool is_whole = true;  // false: the client left before the end of its body
  std::string client;    // common name of the client's certificate

  /// The target without scheme, host and query.
  std::string path() const;
  /// The first of that name, in any case; empty when there is none.
  std::string header(std::string_view name) const;
  size_t count(std::string_view name) const;
};

/// What the origin does about one request, step by step.
class Answer {
 public:
  /// No step: nothing comes.
  Answer() = default;
  Answer(int status, std::string body = {}, Fields headers = {}) {  // NOLINT: `return 404;` reads well
    respond(status, std::move(body), std::move(headers));
  }
  static Answer redirect(std::string location, int status = 302) {
    return {status, {}, {{"Location", std::move(location)}}};
  }
  static Answer chunked(std::vector<std::string> chunks, Fields headers = {}, Fields trailers = {});

  /// A whole response; its Content-Length is right unless `headers` have their own or a Transfer-Encoding.
  /// The body is left out where HTTP says so (HEAD, 1xx, 204, 304).
  Answer& respond(int status, std::string body = {}, Fields headers = {});
  /// These bytes, HTTP or not.
  Answer& send(std::string bytes);
  Answer& repeat(std::string bytes, uint64_t times = std::numeric_limits<uint64_t>::max());
  Answer& wait(std::chrono::milliseconds time);
  /// The gate must outlive the origin.
  Answer& wait(const Gate& gate);
  Answer& stall() { return then(&Wire::stall); }
  Answer& close() { return then(&Wire::close); }
  Answer& cut() { return then(&Wire::cut); }
  Answer& reset() { return then(&Wire::reset); }
  /// The connection is the step's while it runs: a WebSocket, a tunnel, a stream of events.
  Answer& then(std::function<void(Wire&)> step);

 private:
  friend class Origin;
  std::vector<std::function<void(Wire&, const Seen&)>> steps_;
};

/// Content-Encoding: gzip.
std::string gzip(std::string_view text);
/// So many bytes 0, in a thousandth of the room.
std::string gzip_zeros(size_t size);

enum class TlsVersions { kBoth, kOnly12, kOnly13 };

struct OriginTls {
  Identity identity;
  TlsVersions versions = TlsVersions::kBoth;
  /// PEM: then a client without a certificate of this authority is turned away.
  std::string client_authority = {};
};

/// Its threads end with it. A handler runs on the thread of its connection, one handler at a time.
class Origin {
 public:
  using Handler = std::function<Answer(const Seen&)>;

  Origin() : Origin(nullptr) {}
  explicit Origin(const OriginTls& tls);
  Origin(const Origin&) = delete;
  Origin& operator=(const Origin&) = delete;
  ~Origin();

  /// The last of the same method and path counts; any method where it is "*". 404 where there is none.
  void on(std::string method, std::string path, Handler handler);
  /// Asked when the head of a request is there, and its body is still to come: it is not read, and the
  /// connection ends with the answer.
  void on_head(std::string method, std::string path, Handler handler);

  uint16_t port() const { return port_of(listener_); }
  /// "http://127.0.0.1:4711/path", or https.
  std::string url(std::string_view path = "/", std::string_view host = "127.0.0.1") const;

  std::vector<Seen> seen() const;
  /// That one (1: the first), once it has arrived.
  Seen wait_for(size_t number) const;
  /// Accepted so far.
  int connections() const;
  /// Until just so many are open.
  void wait_for_open(int count) const;
  /// Handshakes that came to nothing.
  int failed_handshakes() const;

 private:
  struct Route {
    Handler handler;
    bool is_early = false;
  };
  struct Service {
    std::thread thread;
    std::atomic<bool> is_done = false;
  };
  struct FreeContext {
    void operator()(ssl_ctx_st* context) const;
  };
  using Context = std::unique_ptr<ssl_ctx_st, FreeContext>;

  explicit Origin(Context context);
  static Context make_context(const OriginTls& tls);
  void accept_all();
  void serve(Descriptor socket, int connection);
  void agree(Wire& wire);
  /// False: the connection has no more requests.
  bool serve_one(Wire& wire, int connection);
  Route route_of(const Seen& request) const;
  Answer ask(const Handler& handler, const Seen& request);
  void keep(Seen& request);

  Context context_;
  Descriptor listener_;
  Gate stop_;
  std::mutex handling_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::pair<std::string, std::string>, Route> routes_;
  std::vector<Seen> seen_;
  int connections_ = 0, open_ = 0, failed_handshakes_ = 0;
  std::thread acceptor_;
};

}  // namespace tessera::test
