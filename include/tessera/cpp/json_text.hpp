/// @file tessera/cpp/json_text.hpp  Marks text as JSON where a struct would do as well.
#ifndef TESSERA_CPP_JSON_TEXT_HPP
#define TESSERA_CPP_JSON_TEXT_HPP

#include <string>
#include <utility>

namespace tessera::inline v1 {

/// Configuration or a spec that is JSON already, such as a file's content; the schema is the C function's.
/// @since 1.0
class JsonText {
 public:
  explicit JsonText(std::string text) : text_(std::move(text)) {}
  const std::string& to_json() const noexcept { return text_; }

 private:
  std::string text_;
};

}  // namespace tessera::inline v1

#endif
