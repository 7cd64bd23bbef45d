#include "license/inspect.hpp"

#include "license/jws.hpp"
#include "text/base64url.hpp"

namespace tessera {
namespace {

Result<Json> inspect_one(std::string_view token) {
  if (token.size() > kMaxTokenBytes) return license_error(LicenseCode::kTOKEN_TOO_LARGE);
  const size_t first = token.find('.');
  const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return license_error(LicenseCode::kTOKEN_MALFORMED);
  Json out;
  const std::pair<const char*, std::string_view> parts[] = {
      {"header", token.substr(0, first)}, {"claims", token.substr(first + 1, second - first - 1)}};
  for (const auto& [name, part] : parts) {
    const auto bytes = base64url_decode(part);
    auto json =
        bytes ? parse_json(as_text(*bytes)) : Result<Json>(license_error(LicenseCode::kTOKEN_MALFORMED));
    if (!json)
      return license_error(LicenseCode::kTOKEN_MALFORMED, std::string("the ") + name + " can't be read");
    out[name] = std::move(*json);
  }
  return out;
}

}  // namespace

Result<std::string> inspect_documents(std::string_view bundle) {
  TSR_ASSIGN_OR_RETURN(const auto documents, split_bundle(bundle));
  Json all = Json::array();
  for (const std::string_view document : documents) {
    TSR_ASSIGN_OR_RETURN(Json one, inspect_one(document));
    all.push_back(std::move(one));
  }
  return dump_json(all.size() == 1 ? all.front() : all);
}

}  // namespace tessera
