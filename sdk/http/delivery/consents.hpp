// What the user agreed to, by topic. Safe from any thread.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::http {

class Consents {
 public:
  /// Nothing of the topics in `needed` goes out before somebody was asked.
  explicit Consents(const std::vector<std::string>& needed);

  bool allows(std::string_view topic) const;
  std::vector<std::string> held() const;
  void decide(std::string_view topic, bool is_granted);
  /// Nothing when nobody was asked.
  std::optional<bool> decision(std::string_view topic) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::optional<bool>, std::less<>> topics_;  // guarded by mutex_
};

}  // namespace tessera::http
