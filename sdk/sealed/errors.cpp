#include "sealed/errors.hpp"

namespace tessera::sealed {

Error damaged(const std::string& path, const std::string& what) {
  return {ErrorCode::kCORRUPT, "sealed",
          path + ' ' + what + "; it was damaged or changed, replace it by a good copy",
          R"({"reason":"DAMAGED"})"};
}

Error wrong_key(const std::string& path) {
  return {
      ErrorCode::kCRYPTO, "sealed",
      path + " was sealed under a key that this store does not have; open it with the store that wrote it",
      R"({"reason":"WRONG_KEY"})"};
}

Error newer_format(const std::string& path) {
  return {ErrorCode::kUNSUPPORTED, "sealed",
          path + " has the format of a newer version of Tessera; update this application",
          R"({"reason":"NEWER_FORMAT"})"};
}

Error forked(const std::string& handle) {
  return {
      ErrorCode::kFORKED, "sealed", handle + " belongs to the parent process; open a new one after fork", {}};
}

Error failure(const std::string& verb, const std::string& path, int error_number) {
  return error_from_errno("sealed", verb + ' ' + path, error_number);
}

}  // namespace tessera::sealed
