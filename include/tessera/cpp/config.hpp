/// @file tessera/cpp/config.hpp  What an application configures. docs/reference/license-config.md has the
/// members' meaning and defaults.
#ifndef TESSERA_CPP_CONFIG_HPP
#define TESSERA_CPP_CONFIG_HPP

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/cpp/detail/json_writer.hpp"
#include "tessera/cpp/hwid.hpp"

namespace tessera::inline v1 {

/// What a finding does to the verdict.  @since 1.0
enum class Policy : std::int32_t { kWarn, kDeny };

/// As configurations spell it.  @threads any  @since 1.0
constexpr std::string_view name(Policy policy) noexcept { return policy == Policy::kDeny ? "deny" : "warn"; }

/// Where the key of the licence state is kept.  @since 1.0
enum class KeyLocation : std::int32_t {
  kAuto,        ///< The operating system's keystore where there is one, else an owner-only file.
  kOsKeystore,  ///< Only the keystore.
  kFile,        ///< Only the file.
};

/// As configurations spell it.  @threads any  @since 1.0
constexpr std::string_view name(KeyLocation location) noexcept {
  switch (location) {
    case KeyLocation::kOsKeystore:
      return "os_keystore";
    case KeyLocation::kFile:
      return "file";
    case KeyLocation::kAuto:
      break;
  }
  return "auto";
}

/// A key of another system whose RS256 tokens the application accepts.  @since 1.0
struct RsaKey {
  std::string issuer{};
  std::string kid{};         ///< Empty: any.
  std::string audience{};    ///< Empty: the token needs none.
  std::string public_key{};  ///< PEM.

  std::string to_json() const {
    return detail::JsonObject()
        .add("issuer", issuer)
        .add_if_any("kid", kid)
        .add_if_any("audience", audience)
        .add("public_key", public_key)
        .text();
  }
};

/// Configuration of App::open() and License::open(). Members left alone keep the library's defaults.
/// @since 1.0
struct AppConfig {
  std::string product{};                    ///< Required.
  std::string data_dir{};                   ///< Required; a leading `~/` is the user's home.
  std::string user{};                       ///< The signed-in user, for licences of kind "user".
  std::vector<std::string> trusted_keys{};  ///< Required: root public keys as Key::public_key() gives them.
  std::optional<std::int32_t> trusted_threshold{};  ///< Root signatures that a key set needs.
  std::string key_set{};                            ///< A compiled-in key set.
  std::string issuer{};
  std::string app_version{};
  std::optional<TimePoint> build_date{};
  std::optional<Policy> clock_policy{};
  std::optional<Policy> crl_policy{};
  std::optional<std::chrono::seconds> expires_soon{};  ///< How early a verdict warns of the end.
  std::optional<KeyLocation> key_location{};
  std::string memory_dir{};  ///< The second place that remembers the clock mark and used trials.
  std::vector<RsaKey> rsa_keys{};
  std::vector<AppFactor> app_factors{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("product", product)
        .add("data_dir", data_dir)
        .add_if_any("user", user)
        .add("trusted_keys", trusted_keys)
        .add("trusted_threshold", trusted_threshold)
        .add_if_any("key_set", key_set)
        .add_if_any("issuer", issuer)
        .add_if_any("app_version", app_version)
        .add("build_date", build_date)
        .add("clock_policy", clock_policy)
        .add("crl_policy", crl_policy)
        .add("expires_soon_s", expires_soon)
        .add("key_location", key_location)
        .add_if_any("memory_dir", memory_dir)
        .add_if_any("rsa_keys", rsa_keys)
        .add_if_any("app_factors", app_factors)
        .text();
  }
};

}  // namespace tessera::inline v1

#endif
