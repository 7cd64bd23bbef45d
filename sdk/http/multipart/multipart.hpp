// A form as multipart/form-data (RFC 7578), its files read while it is sent.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "http/transport/wire.hpp"

namespace tessera::http {

struct FormPart {
  std::string name;
  std::string file_name;     // empty: a plain field; of add_file(): the path's last name
  std::string content_type;  // empty: none; of add_file(): application/octet-stream
};

/// In the order of the calls. ARG for names that are no UTF-8 or have control characters, and for a content
/// type that is none. Quotes in names are written as %22, as browsers do.
class MultipartForm {
 public:
  explicit MultipartForm(Random& random);

  Status add_field(std::string_view name, std::string_view value);
  Status add_bytes(const FormPart& part, ByteView content);
  /// The file is opened here, and its size is that of now. ARG unless it is a regular one.
  Status add_file(const FormPart& part, const std::string& path);

  /// For the field Content-Type.
  std::string content_type() const;
  /// Bytes of the whole body.
  int64_t size() const;
  /// A body that reads itself in the background, for one call, which may be sent again. It outlives the form
  /// and fails when a file has become shorter. BUSY when no thread can be started.
  Result<std::shared_ptr<BodySource>> source() const;

 private:
  struct Piece;
  class Pump;
  class Source;
  Status add_head(const FormPart& part);
  void add_text(std::string_view text);

  const std::string boundary_;
  std::vector<std::shared_ptr<const Piece>> pieces_;
};

}  // namespace tessera::http
