#include "app/http_config.hpp"

#include <algorithm>
#include <utility>

#include "app/config_reader.hpp"
#include "base/files.hpp"
#include "http/policy/proxy_list.hpp"

namespace tessera {
using config_reader::Choice;
using config_reader::in_configuration;
using config_reader::kLimits;
using config_reader::malformed;
using config_reader::read_bool;
using config_reader::read_choice;
using config_reader::read_integer;
using config_reader::read_objects;
using config_reader::read_path;
using config_reader::read_text;
using config_reader::require_only;
using http::ClientConfig;
using http::TlsSettings;

namespace {

constexpr size_t kMostPem = size_t{4} << 20;
constexpr size_t kMostPins = 16;
constexpr size_t kMostHosts = 256;
constexpr int64_t kMostSpanS = int64_t{366} * 86'400;
constexpr int64_t kMostEntryBytes = int64_t{1} << 30;
constexpr size_t kMostMarks = 16;
constexpr int64_t kMostCalls = 1'000'000;
constexpr int64_t kMostRemembered = 65'536;
constexpr size_t kMostFieldText = 256;
/// Of a SHA-256 in base64.
constexpr size_t kPinSize = 44;
constexpr std::string_view kPinPrefix = "sha256/";

constexpr Choice<http::TlsVersion> kVersions[] = {{"1.2", http::TlsVersion::k12},
                                                  {"1.3", http::TlsVersion::k13}};

/// The secrets that were given, and which of them nobody has asked for.
class SecretsInUse {
 public:
  explicit SecretsInUse(const HttpSecrets& given) : left_(given) {}

  ByteView take(std::string_view name) {
    const auto found = left_.find(name);
    if (found == left_.end()) return {};
    const ByteView secret = found->second;
    left_.erase(found);
    return secret;
  }
  Status require_all_used() const {
    if (left_.empty()) return {};
    return malformed(
        "the secret \"" + left_.begin()->first +
        "\" belongs to nothing in the configuration; name the certificate or proxy that needs it");
  }

 private:
  HttpSecrets left_;
};

Status read_texts(const Json& object, std::string_view name, size_t most, std::vector<std::string>* out) {
  TSR_ASSIGN_OR_RETURN(const Json* entries, json_array(object, name));
  if (entries == nullptr) return {};
  if (entries->size() > most) return malformed(name, "must hold at most " + std::to_string(most) + " texts");
  for (const Json& entry : *entries) {
    if (!entry.is_string() || entry.get_ref<const std::string&>().empty()) {
      return malformed(name, "must hold texts that are not empty");
    }
    out->push_back(entry.get<std::string>());
  }
  return {};
}

Status read_pem(const Json& object, std::string_view name, Bytes* out) {
  std::string path;
  TSR_RETURN_IF_ERROR(read_path(object, name, &path));
  if (path.empty()) return {};
  auto content = system_files().read(path, kMostPem);
  if (!content.ok()) return malformed(name, "names a file that can't be read: " + content.error().text);
  if (as_text(*content).find("-----BEGIN ") == std::string_view::npos) {
    return malformed(name, "must name a file of certificates in PEM");
  }
  *out = std::move(content).value();
  return {};
}

/// As curl takes them: "sha256//BASE64" with semicolons between.
Status read_pins(const Json& object, std::string* out) {
  std::vector<std::string> pins;
  TSR_RETURN_IF_ERROR(read_texts(object, "pins", kMostPins, &pins));
  if (pins.size() == 1) {
    return malformed("pins", "must hold two at least: one in use and one kept for when that is lost");
  }
  for (const std::string& pin : pins) {
    if (!pin.starts_with(kPinPrefix) || pin.size() != kPinPrefix.size() + kPinSize ||
        pin.find_first_of("; ") != std::string::npos) {
      return malformed("pins", "must hold \"sha256/\" and the base64 of a SHA-256 of a public key");
    }
    out->append(out->empty() ? "" : ";").append("sha256//").append(pin, kPinPrefix.size());
  }
  return {};
}

Result<std::shared_ptr<const TlsSettings>> read_tls(const Json& object, std::string_view key_name,
                                                    SecretsInUse* secrets) {
  TSR_RETURN_IF_ERROR(require_only(object, {"min_version", "ca_file", "pins", "certificate_file"}));
  auto tls = std::make_shared<TlsSettings>();
  TSR_RETURN_IF_ERROR(read_choice(object, "min_version", kVersions, &tls->least));
  TSR_RETURN_IF_ERROR(read_pem(object, "ca_file", &tls->ca_pem));
  TSR_RETURN_IF_ERROR(read_pins(object, &tls->pins));
  TSR_RETURN_IF_ERROR(read_pem(object, "certificate_file", &tls->certificate_pem));
  if (!tls->certificate_pem.empty()) {
    const ByteView key = secrets->take(key_name);
    if (key.empty()) {
      return malformed("certificate_file",
                       "needs its private key: pass it as the secret \"" + std::string(key_name) + "\"");
    }
    tls->private_key_pem = SecretBytes(key);
  }
  return std::shared_ptr<const TlsSettings>(std::move(tls));
}

Status read_default_tls(const Json& object, SecretsInUse* secrets, ClientConfig* out) {
  TSR_ASSIGN_OR_RETURN(const Json* tls, json_object(object, "tls"));
  if (tls == nullptr) return {};
  TSR_ASSIGN_OR_RETURN(out->tls, read_tls(*tls, "private_key", secrets));
  return {};
}

Status read_hosts(const Json& object, SecretsInUse* secrets, ClientConfig* out) {
  TSR_ASSIGN_OR_RETURN(const Json* entries, read_objects(object, "hosts"));
  if (entries == nullptr) return {};
  if (entries->size() > kMostHosts) return malformed("hosts", "must hold 256 at most");
  for (const Json& entry : *entries) {
    TSR_RETURN_IF_ERROR(require_only(entry, {"match", "tls"}));
    http::HostTrust& trust = out->trusts.emplace_back();
    TSR_RETURN_IF_ERROR(config_reader::read_required_text(entry, "match", &trust.match));
    TSR_ASSIGN_OR_RETURN(const Json* tls, json_object(entry, "tls"));
    if (tls == nullptr) return malformed("tls", "is required in each of \"hosts\"");
    TSR_ASSIGN_OR_RETURN(trust.tls, read_tls(*tls, "private_key:" + trust.match, secrets));
  }
  return {};
}

Status read_headers(const Json& object, http::Headers* out) {
  TSR_ASSIGN_OR_RETURN(const Json* headers, json_object(object, "headers"));
  if (headers == nullptr) return {};
  for (const auto& [name, value] : headers->items()) {
    if (!value.is_string()) return malformed("headers", "must hold texts");
    const auto& text = value.get_ref<const std::string&>();
    const Status checked = http::check_field(name, text);
    if (!checked.ok()) return malformed("headers", "holds one that can't be sent: " + checked.error().text);
    if (http::same_name(name, "authorization") || http::same_name(name, "cookie") ||
        http::same_name(name, "proxy-authorization")) {
      return malformed("headers",
                       "must not hold \"" + name +
                           "\": secrets never travel in configuration; set the client's credentials");
    }
    out->add(name, text);
  }
  return {};
}

/// Short text that can stand in a header field.
Status read_field_text(const Json& object, std::string_view name, std::string_view field, std::string* out) {
  TSR_RETURN_IF_ERROR(read_text(object, name, out));
  if (out->size() > kMostFieldText) return malformed(name, "must have 256 bytes at most");
  const Status checked = http::check_field(field, *out);
  return checked.ok() ? Status() : malformed(name, "can't be sent: " + checked.error().text);
}

/// What each request says of itself.
Status read_identity(const Json& object, ClientConfig* out) {
  TSR_RETURN_IF_ERROR(read_field_text(object, "user_agent", "User-Agent", &out->user_agent));
  TSR_RETURN_IF_ERROR(read_text(object, "request_id_header", &out->request_id_field));
  if (!out->request_id_field.empty() &&
      (out->request_id_field.size() > kMostFieldText || !http::check_field(out->request_id_field, "").ok())) {
    return malformed("request_id_header", "must be the name of a header field, such as X-Request-Id");
  }
  return read_bool(object, "trace_spans", &out->makes_spans);
}

Status read_watch(const Json& object, ClientConfig* out) {
  int64_t hosts = static_cast<int64_t>(out->max_hosts);
  TSR_RETURN_IF_ERROR(read_integer(object, "max_hosts", 1, kMostRemembered, &hosts));
  out->max_hosts = static_cast<size_t>(hosts);
  TSR_ASSIGN_OR_RETURN(const Json* marks, json_array(object, "queue_marks"));
  if (marks == nullptr) return {};
  if (marks->size() > kMostMarks) return malformed("queue_marks", "must hold 16 at most");
  for (const Json& mark : *marks) {
    if (!mark.is_number_integer() || mark < 1 || mark > kMostCalls) {
      return malformed("queue_marks", "must hold integers from 1 to 1000000");
    }
    out->queue_marks.push_back(mark.get<int64_t>());
  }
  return {};
}

Status read_cache(const Json& object, ClientConfig* out) {
  TSR_ASSIGN_OR_RETURN(const Json* cache, json_object(object, "cache"));
  if (cache == nullptr) return {};
  TSR_RETURN_IF_ERROR(require_only(
      *cache, {"enabled", "stale_if_error_s", "heuristic_percent", "keep_cookies", "max_entry_bytes"}));
  int64_t percent = out->cache.heuristic_percent;
  TSR_RETURN_IF_ERROR(read_bool(*cache, "enabled", &out->is_cached));
  TSR_RETURN_IF_ERROR(read_integer(*cache, "stale_if_error_s", 0, kMostSpanS, &out->cache.stale_if_error_s));
  TSR_RETURN_IF_ERROR(read_integer(*cache, "heuristic_percent", 0, 100, &percent));
  TSR_RETURN_IF_ERROR(read_bool(*cache, "keep_cookies", &out->cache.keeps_cookies));
  out->cache.heuristic_percent = static_cast<int>(percent);
  return read_integer(*cache, "max_entry_bytes", 1, kMostEntryBytes, &out->cache.max_entry_bytes);
}

Status read_base_url(std::string_view text, std::string_view name, ClientConfig* out) {
  auto url = http::parse_url(text);
  if (!url.ok()) return malformed(name, "must be an absolute URL: " + url.error().text);
  if (url->query) return malformed(name, "must not have a query");
  // A path is a folder: "v1" joined to ".../api" would replace it else.
  if (!url->path.ends_with('/')) url->path.push_back('/');
  out->base_url = std::move(url).value();
  return {};
}

/// "host:port" of a proxy's URL.
std::string_view authority(std::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  return url.substr(0, url.find('/'));
}

Status read_proxies(SecretsInUse* secrets, ClientConfig* out) {
  for (const std::string& url : out->policies.proxies.urls) {
    TSR_ASSIGN_OR_RETURN(const http::Proxy proxy, http::parse_proxy(url));
    auto settings = std::make_shared<http::ProxySettings>();
    settings->url = proxy.url;
    const std::string name = "proxy:" + std::string(authority(proxy.url));
    const std::string_view login = as_text(secrets->take(name));
    if (!login.empty()) {
      const size_t colon = login.find(':');
      if (colon == std::string_view::npos) {
        return malformed("the secret \"" + name + "\" must be a user's name, a colon and a password");
      }
      settings->user = login.substr(0, colon);
      settings->password = SecretBytes(as_bytes(login.substr(colon + 1)));
    }
    out->proxies.push_back(std::move(settings));
  }
  return {};
}

constexpr std::string_view kOwnMembers[] = {
    "base_url",   "headers",           "cache",       "tls",         "hosts",    "internal_hosts",
    "user_agent", "request_id_header", "trace_spans", "queue_marks", "max_hosts"};

Result<ClientConfig> read_members(const Json& object, std::string_view gateway, const HttpSecrets& given) {
  if (!object.is_object()) return malformed("the configuration must be a JSON object");
  ClientConfig config;
  SecretsInUse secrets(given);
  Json policies = object;
  for (const std::string_view own : kOwnMembers) policies.erase(std::string(own));
  TSR_ASSIGN_OR_RETURN(config.policies, http::read_policy_config(policies));
  std::string base_url(gateway);
  TSR_RETURN_IF_ERROR(read_text(object, "base_url", &base_url));
  if (!base_url.empty()) {
    TSR_RETURN_IF_ERROR(
        read_base_url(base_url, object.contains("base_url") ? "base_url" : "gateway", &config));
  }
  TSR_RETURN_IF_ERROR(read_headers(object, &config.headers));
  TSR_RETURN_IF_ERROR(read_identity(object, &config));
  TSR_RETURN_IF_ERROR(read_watch(object, &config));
  TSR_RETURN_IF_ERROR(read_cache(object, &config));
  TSR_RETURN_IF_ERROR(read_default_tls(object, &secrets, &config));
  TSR_RETURN_IF_ERROR(read_hosts(object, &secrets, &config));
  TSR_RETURN_IF_ERROR(read_texts(object, "internal_hosts", kMostHosts, &config.internal_hosts));
  TSR_RETURN_IF_ERROR(read_proxies(&secrets, &config));
  TSR_RETURN_IF_ERROR(secrets.require_all_used());
  return config;
}

}  // namespace

Result<ClientConfig> read_http_config(std::string_view json, const HttpSecrets& secrets) {
  auto object = parse_json(json.empty() ? "{}" : json, kLimits);
  if (!object.ok()) return in_configuration(object.error());
  auto config = read_members(*object, {}, secrets);
  if (!config.ok()) return in_configuration(config.error());
  return config;
}

Result<ClientConfig> read_app_http(const Json& object, std::string_view gateway, const HttpSecrets& secrets) {
  auto config = read_members(object, gateway, secrets);
  if (!config.ok()) return in_configuration(config.error());
  return config;
}

}  // namespace tessera
