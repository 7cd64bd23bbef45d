// A machine with a folder, a keystore and hardware of its own, and what tests ask of its key slots.
#pragma once

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "fakes.hpp"
#include "keys/key_ring.hpp"
#include "temp_dir.hpp"

namespace tessera::keys {

inline std::ostream& operator<<(std::ostream& out, SlotType type) { return out << slot_type_name(type); }

}  // namespace tessera::keys

namespace tessera::test {

inline constexpr const char* kPassphrase = "correct horse";
inline constexpr const char* kOtherPassphrase = "battery staple";

inline ByteView app_key() {
  static const Bytes key(32, 0x5A);
  return key;
}

template <class T>
T need(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().text);
  return std::move(result).value();
}
inline void need(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.error().text);
}

/// "CRYPTO/WRONG_KEY", "ARG", or "ok".
inline std::string outcome(const Status& status) {
  if (status.ok()) return "ok";
  const Error& error = status.error();
  std::string text(error_name(error.code));
  if (!error.detail_json.empty())
    text += "/" + nlohmann::json::parse(error.detail_json).at("reason").get<std::string>();
  return text;
}
template <class T>
std::string outcome(const Result<T>& result) {
  return result.ok() ? "ok" : outcome(Status(result.error()));
}

inline keys::Unlock with_passphrase(std::string_view passphrase) {
  return {as_bytes(passphrase), std::nullopt, std::nullopt, false, false};
}
inline keys::Unlock with_app_key() { return {std::nullopt, app_key(), std::nullopt, false, false}; }
inline keys::Unlock with_recovery(std::string_view text) {
  return {std::nullopt, std::nullopt, text, false, false};
}
inline keys::Unlock with_device() { return {std::nullopt, std::nullopt, std::nullopt, true, false}; }
inline keys::Unlock with_keystore() { return {std::nullopt, std::nullopt, std::nullopt, false, true}; }

inline Bytes bytes_of(const keys::KeyRing& ring) {
  const ByteView key = ring.data_key().key.view();
  Bytes bytes(key.begin(), key.end());
  bytes.insert(bytes.end(), ring.data_key().salt.begin(), ring.data_key().salt.end());
  return bytes;
}

struct KeyWorld {
  keys::Ports ports() {
    return {&clock, &random, files == nullptr ? &system_files() : files, &keystore, &probe};
  }
  keys::Config config() const { return {path, "ana", kdf}; }
  keys::KeyRing create(const keys::CreateOptions& options) {
    return need(keys::KeyRing::create(config(), ports(), options));
  }
  Result<keys::KeyRing> open(const keys::Unlock& unlock) {
    return keys::KeyRing::open(config(), ports(), unlock);
  }
  Bytes content() { return need(ports().files->read(path, 1 << 20)); }
  void put(ByteView bytes) { need(ports().files->write(path, bytes)); }
  void change_hardware(const FakeDevice::Parts& parts) {
    probe.device = std::make_shared<const FakeDevice>(parts);
  }

  TempDir folder;
  std::string path = folder / "app.tks";
  keys::KdfLevel kdf = keys::KdfLevel::kLow;
  FakeClock clock;
  FakeRandom random;
  FakeKeystore keystore;
  FakeProbe probe;
  Files* files = nullptr;  // the machine's when null
};

inline keys::CreateOptions passphrase_option() { return {.passphrase = as_bytes(kPassphrase)}; }
inline keys::CreateOptions app_key_option() { return {.app_key = app_key()}; }

}  // namespace tessera::test
