// The server's end of one connection, plain or TLS, as the steps of an answer use it. It belongs to one
// thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "sockets.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace tessera::test {

/// Thrown by a Wire whose connection is over: by the other side, by the step itself, or because the server
/// stops.
struct Gone {};

class Wire {
 public:
  /// `stop`, once open, ends every wait.
  Wire(Descriptor socket, const Gate& stop) : socket_(std::move(socket)), stop_(stop) {}

  /// Gone when the two do not agree.
  void accept_tls(ssl_ctx_st* context);
  /// Common name of the client's certificate.
  std::string peer_name() const;

  /// At least a byte; nothing at the end of what the other side has to say.
  std::string read_some(size_t most = std::string::npos);
  std::string read_exactly(size_t size);
  /// All before the next `end`, which is taken too; Gone at more than `limit` bytes.
  std::string read_to(std::string_view end, size_t limit);
  /// False at the end of what the other side has to say.
  bool has_more();
  void write(std::string_view bytes);
  /// What the other side reads as plain bytes, TLS or not.
  void write_below_tls(std::string_view bytes);

  void wait(std::chrono::milliseconds time);
  void wait(const Gate& gate);

  // These are the last of a connection.
  /// Says nothing more until the other side goes.
  [[noreturn]] void stall();
  /// In order: what was written arrives, then the end.
  [[noreturn]] void close();
  /// Without TLS's farewell; on a plain connection the same as close().
  [[noreturn]] void cut();
  [[noreturn]] void reset();

 private:
  enum class Until { kReadable, kWritable, kGone };
  void wait_until(Until until);
  /// Waits for what OpenSSL waits for, and says whether to call it again.
  bool again(int result);
  /// Reads more into input_; false at the end.
  bool fill();
  std::string take(size_t size);

  struct FreeTls {
    void operator()(ssl_st* tls) const;
  };
  Descriptor socket_;
  const Gate& stop_;
  std::unique_ptr<ssl_st, FreeTls> tls_;
  std::string input_;  // read and not yet asked for
};

}  // namespace tessera::test
