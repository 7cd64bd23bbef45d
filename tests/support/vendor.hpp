// A vendor with a root key and a signing key, through the C ABI.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "handles.hpp"

namespace tessera::test {

class Vendor {
 public:
  Vendor() {
    for (Key* key : {&root_, &signer_}) {
      Failure failure;
      require_ok(tsr_key_generate(TSR_KEY_ED25519, key->out(), failure.out()), failure);
    }
    open(root_, &root_issuer_);
    open(signer_, &issuer_);
  }

  const tsr_issuer* issuer() const { return issuer_.get(); }
  const tsr_issuer* root_issuer() const { return root_issuer_.get(); }

  std::string key_set() const {
    const nlohmann::json spec{{"seq", 1}, {"keys", {{{"public", tsr_key_public(signer_.get())}}}}};
    return made_text([&](tsr_buf* out, tsr_error** err) {
      return tsr_issuer_keyset(root_issuer_.get(), str(spec.dump()), out, err);
    });
  }

  /// An empty `request` binds to no machine.
  std::string license(std::string_view request, const nlohmann::json& spec) const {
    const tsr_str machine = request.empty() ? tsr_str_of(nullptr) : str(request);
    return made_text([&](tsr_buf* out, tsr_error** err) {
      return tsr_issuer_issue(issuer_.get(), machine, str(spec.dump()), out, err);
    });
  }

  /// Key set and licence, one a line: what a customer gets.
  std::string license_file(std::string_view request, const nlohmann::json& spec) const {
    return key_set() + '\n' + license(request, spec) + '\n';
  }

  /// Configuration of an application that trusts this vendor and keeps everything below `folder`.
  nlohmann::json config(const std::string& folder) const {
    return {{"product", kProduct},
            {"data_dir", folder + "/data"},
            {"memory_dir", folder + "/memory"},
            {"keystore", "file"},
            {"trusted_keys", {tsr_key_public(root_.get())}}};
  }

  License open_license(const std::string& folder) const {
    License license;
    Failure failure;
    require_ok(tsr_license_open(str(config(folder).dump()), license.out(), failure.out()), failure);
    return license;
  }

  static constexpr const char* kProduct = "player";

 private:
  static void open(const Key& key, Issuer* issuer) {
    const nlohmann::json config{{"issuer", "acme"}, {"product", kProduct}};
    Failure failure;
    require_ok(tsr_issuer_open(str(config.dump()), key.get(), issuer->out(), failure.out()), failure);
  }

  Key root_, signer_;
  Issuer root_issuer_, issuer_;
};

}  // namespace tessera::test
