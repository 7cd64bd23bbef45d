#include "http/delivery/consents.hpp"

namespace tessera::http {

Consents::Consents(const std::vector<std::string>& needed) {
  for (const std::string& topic : needed) topics_.emplace(topic, std::nullopt);
}

bool Consents::allows(std::string_view topic) const {
  const std::scoped_lock lock(mutex_);
  const auto found = topics_.find(topic);
  return found == topics_.end() || found->second.value_or(false);
}

std::vector<std::string> Consents::held() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> topics;
  for (const auto& [topic, is_granted] : topics_) {
    if (!is_granted.value_or(false)) topics.push_back(topic);
  }
  return topics;
}

void Consents::decide(std::string_view topic, bool is_granted) {
  const std::scoped_lock lock(mutex_);
  topics_.insert_or_assign(std::string(topic), is_granted);
}

std::optional<bool> Consents::decision(std::string_view topic) const {
  const std::scoped_lock lock(mutex_);
  const auto found = topics_.find(topic);
  return found == topics_.end() ? std::nullopt : found->second;
}

}  // namespace tessera::http
