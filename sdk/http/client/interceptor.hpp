// What an application sees of each attempt, and may add to it: signatures, identifiers, refusals.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "http/fields/headers.hpp"
#include "http/transport/wire.hpp"

namespace tessera::http {

/// An attempt that is about to be sent, with all fields but those that the transport writes itself (Host,
/// Content-Length, Accept, Accept-Encoding).
class OutgoingRequest {
 public:
  OutgoingRequest(WireRequest& wire, int attempt) : wire_(wire), attempt_(attempt) {}

  std::string_view method() const { return wire_.method; }
  std::string_view url() const { return wire_.url; }
  const Headers& headers() const { return wire_.headers; }
  /// 1: the first of its call.
  int attempt() const { return attempt_; }
  /// The bytes that are sent, perhaps none; nothing when a source produces them later.
  std::optional<ByteView> body() const {
    return wire_.source == nullptr ? std::optional<ByteView>(wire_.body) : std::nullopt;
  }

  /// Of this attempt only. ARG as check_field() says.
  Status set_header(std::string_view name, std::string_view value);
  void remove_header(std::string_view name) { wire_.headers.remove(name); }

 private:
  WireRequest& wire_;
  const int attempt_;
};

/// The head of a response, also of one that the caller does not get: an attempt that is repeated, a redirect.
struct IncomingHead {
  std::string_view method, url;
  int attempt = 1;
  int status = 0;
  const Headers& headers;
};

/// On the client's thread, which does all I/O: what takes long belongs elsewhere.
class Interceptor {
 public:
  virtual ~Interceptor() = default;
  /// An error ends the call with CALLBACK; nothing is sent.
  virtual Status before(OutgoingRequest&) { return {}; }
  virtual void after(const IncomingHead&) {}
};

/// Signers run after everybody else and after the credential is there, so that they see what is sent.
enum class InterceptorPlace : uint8_t { kInOrder, kSigner };

}  // namespace tessera::http
