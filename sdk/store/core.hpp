// What the parts of an open database share. Rows and transactions keep it alive after their database.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/fork_guard.hpp"
#include "crypto/crypto.hpp"
#include "store/connection.hpp"
#include "store/database.hpp"
#include "store/instance_lock.hpp"
#include "store/log_mark.hpp"
#include "store/readers.hpp"
#include "store/writer.hpp"

namespace tessera::store {

class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(const DatabaseConfig& config, const DatabaseKey& key, const DatabasePorts& ports, SqlPolicy* policy);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  Status open(std::unique_ptr<InstanceLock> taken);
  Status close(int64_t timeout_ms);
  /// With the writer's turn held.
  Status replace(const Replacement& how);

  bool in_child() const { return fork_.in_child(); }
  bool in_memory() const { return config.path.empty(); }
  /// Sequentially consistent, as Reader::stepping: a step that does not see close() is seen by it.
  bool closed() const { return closed_.load(); }
  /// FORKED in a child, STATE once closed.
  Status usable() const;

  Result<std::unique_ptr<Connection>> connect(Role role);
  /// Statements and policy anew when refresh_policy() was called since `epoch`.
  Status refresh(Connection& connection, uint64_t* epoch);
  void refresh_policy() { epoch_.fetch_add(1, std::memory_order_release); }

  bool is_strict(Durability durability) const {
    return (durability == Durability::kDefault ? config.commit : durability) == Durability::kStrict;
  }
  int64_t query_deadline(int64_t timeout_ms) const;
  int64_t busy_deadline() const;

  void set_license_row(std::function<RowSet()> row);
  RowSet license_row();

  // The lock goes last.
  std::unique_ptr<InstanceLock> lock;
  const DatabaseConfig config;
  const DatabasePorts ports;
  SqlPolicy* const policy;
  std::unique_ptr<LogMark> mark;
  Readers readers;
  Writer writer;

 private:
  Status found();

  SecretBytes key_, salt_;  // change while no connection is open
  const ForkGuard fork_;
  std::atomic<bool> closed_{false};
  std::atomic<uint64_t> epoch_{1};
  std::mutex close_mutex_;
  bool file_is_known_ = false;  // was opened once, so it must be there
  std::mutex license_mutex_;
  std::function<RowSet()> license_row_;
};

/// Keeps what belongs to the parent process from being destroyed in a forked child.
template <class T>
void leak(T value) {
  static_cast<void>(new T(std::move(value)));
}

/// The policy's say about a statement of the application: its text to prepare, and enter() to leave().
class PolicyScope {
 public:
  PolicyScope(SqlPolicy* policy, Connection& connection, const std::string* tenant)
      : policy_(policy), connection_(connection), tenant_(tenant) {
    if (policy_ != nullptr) policy_->enter(connection_, tenant_);
  }
  PolicyScope(const PolicyScope&) = delete;
  PolicyScope& operator=(const PolicyScope&) = delete;
  ~PolicyScope() {
    if (policy_ != nullptr) policy_->leave(connection_);
  }
  Result<std::string_view> rewrite(std::string_view sql) {
    if (policy_ == nullptr) return sql;
    return policy_->rewrite(sql, tenant_, &buffer_);
  }
  /// In a forked child, where leave() may not touch the parent's connection.
  void abandon() { policy_ = nullptr; }

 private:
  SqlPolicy* policy_;
  Connection& connection_;
  const std::string* const tenant_;
  std::string buffer_;
};

}  // namespace tessera::store
