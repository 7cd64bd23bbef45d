#include "text/json.hpp"

#include <algorithm>
#include <vector>

namespace tessera {
namespace {

Error arg_error(std::string text) { return {ErrorCode::kARG, "text", std::move(text), {}}; }
Error limit_error(std::string text) { return {ErrorCode::kLIMIT, "text", std::move(text), {}}; }

/// A member name for an error text: names of an untrusted document may be long or hold control characters.
std::string shown(std::string_view name) {
  constexpr size_t kLongest = 64;
  std::string text = "\"";
  for (const char c : name.substr(0, kLongest)) text += c >= ' ' && c <= '~' && c != '"' ? c : '?';
  return text += name.size() > kLongest ? "...\"" : "\"";
}

/// Builds the document from the parser's events and stops it at the first limit or duplicate.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(int64_t value) override {
    // Only a literal with a minus sign comes here, so zero is "-0", which no integer member may be.
    return value == 0 ? add(-0.0) : add(value);
  }
  bool number_unsigned(uint64_t value) override { return add(value); }
  bool number_float(double value, const std::string& /*literal*/) override { return add(value); }
  // Copies, so that the parser keeps its buffer: a moved one would grow anew for every string.
  bool string(std::string& value) override { return fits(value) && add(std::as_const(value)); }
  bool binary(Json::binary_t& /*value*/) override { return fail(arg_error("JSON has no binary values")); }

  bool start_object(size_t /*count*/) override { return open(Json::object()); }
  bool end_object() override { return close(); }
  bool start_array(size_t /*count*/) override { return open(Json::array()); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    if (!fits(name)) return false;
    // Makes the member at once: one search finds both a duplicate and the value's place.
    auto& members = open_.back()->get_ref<Json::object_t&>();
    const auto [member, is_new] = members.try_emplace(name);
    if (!is_new) return fail(arg_error("the member " + shown(member->first) + " appears twice"));
    slot_ = &member->second;
    return true;
  }

  bool parse_error(size_t position, const std::string& /*token*/,
                   const Json::exception& /*reason*/) override {
    return fail(arg_error("malformed JSON near byte " + std::to_string(position)));
  }

  Result<Json> finish(bool complete) && {
    if (!complete) return std::move(error_);
    return std::move(root_);
  }

 private:
  bool fail(Error error) {
    error_ = std::move(error);
    return false;
  }

  bool fits(const std::string& text) {
    return text.size() <= limits_.max_string || fail(limit_error("a JSON string is too long"));
  }

  /// The place of the next value, or null when there are too many.
  template <class Value>
  Json* place(Value&& value) {
    if (open_.empty()) return &(root_ = std::forward<Value>(value));
    if (++members_ > limits_.max_members) {
      fail(limit_error("the JSON document has too many members"));
      return nullptr;
    }
    if (open_.back()->is_object()) return &(*slot_ = std::forward<Value>(value));
    return &open_.back()->get_ref<Json::array_t&>().emplace_back(std::forward<Value>(value));
  }

  template <class Value>
  bool add(Value&& value) {
    return place(std::forward<Value>(value)) != nullptr;
  }

  bool open(Json container) {
    if (open_.size() == limits_.max_depth) return fail(limit_error("the JSON document is nested too deeply"));
    Json* opened = place(std::move(container));
    if (opened == nullptr) return false;
    // Stays valid: only the innermost open container grows.
    open_.push_back(opened);
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  const JsonLimits& limits_;
  Json root_;
  std::vector<Json*> open_;
  Json* slot_ = nullptr;  // of the member whose key came last
  size_t members_ = 0;
  Error error_;
};

Error not_an_object() { return arg_error("a JSON object is expected"); }

/// The member, or null when `object` lacks it. For objects only.
const Json* member(const Json& object, std::string_view name) {
  const auto& members = object.get_ref<const Json::object_t&>();
  const auto found = members.find(name);
  return found == members.end() ? nullptr : &found->second;
}

Error wrong_type(std::string_view name, std::string_view wanted) {
  return arg_error("the member " + shown(name) + " must be " + std::string(wanted));
}

Result<const Json*> container(const Json& object, std::string_view name, Json::value_t type,
                              std::string_view wanted) {
  if (!object.is_object()) return not_an_object();
  const Json* const found = member(object, name);
  if (found != nullptr && found->type() != type) return wrong_type(name, wanted);
  return found;
}

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_document) return limit_error("the JSON document is too large");
  // The parser would skip the mark and take a NUL for the end.
  if (text.find('\0') != std::string_view::npos) return arg_error("malformed JSON: it holds a NUL byte");
  if (text.starts_with("\xEF\xBB\xBF")) return arg_error("JSON must not start with a byte-order mark");
  Builder builder(limits);
  const bool complete = Json::sax_parse(text.begin(), text.end(), &builder);
  return std::move(builder).finish(complete);
}

std::string dump_json(const Json& value) { return value.dump(); }

Result<std::optional<std::string>> json_string(const Json& object, std::string_view name) {
  if (!object.is_object()) return not_an_object();
  const Json* const found = member(object, name);
  if (found == nullptr) return std::optional<std::string>();
  if (!found->is_string()) return wrong_type(name, "a string");
  return std::optional(found->get_ref<const std::string&>());
}

Result<std::optional<int64_t>> json_integer(const Json& object, std::string_view name, int64_t least,
                                            int64_t most) {
  if (!object.is_object()) return not_an_object();
  const Json* const found = member(object, name);
  if (found == nullptr) return std::optional<int64_t>();
  if (!found->is_number_integer()) return wrong_type(name, "an integer");
  const bool fits_signed = !found->is_number_unsigned() || found->get<uint64_t>() <= uint64_t{INT64_MAX};
  const int64_t value = fits_signed ? found->get<int64_t>() : 0;
  if (!fits_signed || value < least || value > most) {
    return wrong_type(name, "from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return std::optional(value);
}

Result<std::optional<bool>> json_bool(const Json& object, std::string_view name) {
  if (!object.is_object()) return not_an_object();
  const Json* const found = member(object, name);
  if (found == nullptr) return std::optional<bool>();
  if (!found->is_boolean()) return wrong_type(name, "true or false");
  return std::optional(found->get<bool>());
}

Result<const Json*> json_object(const Json& object, std::string_view name) {
  return container(object, name, Json::value_t::object, "an object");
}

Result<const Json*> json_array(const Json& object, std::string_view name) {
  return container(object, name, Json::value_t::array, "an array");
}

Status json_only(const Json& object, std::initializer_list<std::string_view> allowed) {
  if (!object.is_object()) return not_an_object();
  for (const auto& [name, value] : object.items()) {
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      return arg_error("the member " + shown(name) + " is not known here");
    }
  }
  return {};
}

}  // namespace tessera
