// Certificates of one test, made in memory: an authority, leaves that it signs, and those that it does not.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

struct evp_pkey_st;
struct x509_st;

namespace tessera::test {

struct Leaf {
  std::string name = "leaf";
  /// Names and IPv4 addresses that it is good for.
  std::vector<std::string> hosts = {"127.0.0.1", "localhost"};
  /// From now.
  std::chrono::seconds from = std::chrono::hours(-1);
  std::chrono::seconds until = std::chrono::hours(24);
};

/// A certificate and its key (EC P-256), both PEM.
struct Identity {
  std::string certificate;
  std::string key;
  /// Base 64 of the SHA-256 of its SubjectPublicKeyInfo (RFC 7469).
  std::string pin;
};

class Authority {
 public:
  explicit Authority(const std::string& name = "authority");
  /// PEM.
  const std::string& certificate() const { return pem_; }
  Identity issue(const Leaf& leaf = {}) const;

 private:
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<x509_st> certificate_;
  std::string pem_;
};

/// Signed by itself, so known to nobody.
Identity self_signed(const Leaf& leaf = {});

}  // namespace tessera::test
