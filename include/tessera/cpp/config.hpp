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
#include "tessera/cpp/store_config.hpp"

namespace tessera::inline v1 {

/// What a finding does to the verdict.  @since 1.0
enum class Policy : std::int32_t { kWarn, kDeny };

/// As configurations spell it.  @threads any  @since 1.0
constexpr std::string_view name(Policy policy) noexcept { return policy == Policy::kDeny ? "deny" : "warn"; }

/// Where the key of the licence state is kept.  @since 1.0
enum class Keystore : std::int32_t {
  kAuto,  ///< The operating system's keystore where there is one, else an owner-only file.
  kOs,    ///< Only the operating system's keystore.
  kFile,  ///< Only the file.
};

/// As configurations spell it.  @threads any  @since 1.0
constexpr std::string_view name(Keystore keystore) noexcept {
  switch (keystore) {
    case Keystore::kOs:
      return "os";
    case Keystore::kFile:
      return "file";
    case Keystore::kAuto:
      break;
  }
  return "auto";
}

/// A key of another system whose RS256 tokens the application accepts.  @since 1.0
struct RsaKey {
  std::string issuer{};      ///< Required.
  std::string public_key{};  ///< Required: PEM.
  std::string key_id{};      ///< Empty: any.
  std::string audience{};    ///< Empty: the token needs none.
  std::optional<std::chrono::seconds> refresh_after{};
  std::optional<std::chrono::seconds> grace{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("issuer", issuer)
        .add("public_key", public_key)
        .add_if_any("key_id", key_id)
        .add_if_any("audience", audience)
        .add("refresh_after_s", refresh_after)
        .add("grace_s", grace)
        .text();
  }
};

/// Configuration of App::open() and License::open(). Members left alone keep the library's defaults.
/// @since 1.0
struct AppConfig {
  std::string product{};                    ///< Required.
  std::string data_dir{};                   ///< Required; a leading `~/` is the user's home.
  std::string user{};                       ///< The signed-in user, for licences of kind "user".
  std::vector<std::string> trusted_keys{};  ///< Root public keys as Key::public_key() gives them; required
                                            ///< unless there are rsa_keys.
  std::optional<std::int32_t> trusted_threshold{};  ///< Root signatures that a key set needs.
  std::string key_set{};                            ///< A compiled-in key set.
  std::string issuer{};
  std::string app_version{};
  std::optional<TimePoint> build_date{};
  std::optional<Policy> clock_policy{};
  std::optional<Policy> crl_policy{};
  std::optional<std::int64_t> expires_soon_days{};  ///< How early a verdict warns of the end.
  std::optional<Keystore> keystore{};
  std::string memory_dir{};  ///< The second place that remembers the clock mark and used trials.
  std::vector<RsaKey> rsa_keys{};
  std::vector<AppFactor> app_factors{};
  std::optional<StoreOptions> store{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("product", product)
        .add("data_dir", data_dir)
        .add_if_any("user", user)
        .add_if_any("trusted_keys", trusted_keys)
        .add("trusted_threshold", trusted_threshold)
        .add_if_any("key_set", key_set)
        .add_if_any("issuer", issuer)
        .add_if_any("app_version", app_version)
        .add("build_date", build_date)
        .add("clock_policy", clock_policy)
        .add("crl_policy", crl_policy)
        .add("expires_soon_days", expires_soon_days)
        .add("keystore", keystore)
        .add_if_any("memory_dir", memory_dir)
        .add_if_any("rsa_keys", rsa_keys)
        .add_if_any("app_factors", app_factors)
        .add("store", store)
        .text();
  }
};

}  // namespace tessera::inline v1

#endif
