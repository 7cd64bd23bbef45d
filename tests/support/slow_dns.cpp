#include "slow_dns.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <stdexcept>

namespace tessera::test {

namespace {

struct Name {
  std::string address;  // empty: the lookup fails
  bool is_held = false;
  size_t lookups = 0;
};

struct Table {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_active = false;
  int waiting = 0;
  std::map<std::string, Name> names;
};

/// Never destroyed: a thread that looks up a name may outlive main().
Table& table() {
  static Table* const only = new Table;
  return *only;
}

template <class Change>
void change(Change apply) {
  const std::lock_guard lock(table().mutex);
  apply(table().names);
  table().changed.notify_all();
}

}  // namespace

SlowDns::SlowDns() {
  const std::lock_guard lock(table().mutex);
  if (table().is_active) throw std::logic_error("one SlowDns at a time");
  table().is_active = true;
}

SlowDns::~SlowDns() {
  std::unique_lock lock(table().mutex);
  table().is_active = false;
  table().changed.notify_all();
  table().changed.wait(lock, [] { return table().waiting == 0; });
  table().names.clear();
}

void SlowDns::answer(const std::string& name, const std::string& address) {
  change([&](auto& names) { names[name].address = address; });
}

void SlowDns::fail(const std::string& name) {
  change([&](auto& names) { names[name].address.clear(); });
}

void SlowDns::hold(const std::string& name) {
  change([&](auto& names) { names[name].is_held = true; });
}

void SlowDns::release(const std::string& name) {
  change([&](auto& names) { names[name].is_held = false; });
}

size_t SlowDns::lookups(const std::string& name) const {
  const std::lock_guard lock(table().mutex);
  return table().names[name].lookups;
}

void SlowDns::wait_for_lookups(const std::string& name, size_t count) const {
  std::unique_lock lock(table().mutex);
  if (!table().changed.wait_for(lock, std::chrono::seconds(60),
                                [&] { return table().names[name].lookups >= count; }))
    throw std::runtime_error("nobody looked up " + name);
}

}  // namespace tessera::test

extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char* node, const char* service,
                                                                  const addrinfo* hints, addrinfo** result) {
  using tessera::test::table;
  static const auto next = reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  std::unique_lock lock(table().mutex);
  const auto known = node == nullptr || !table().is_active ? table().names.end() : table().names.find(node);
  if (known == table().names.end()) {
    lock.unlock();
    return next(node, service, hints, result);
  }
  tessera::test::Name& name = known->second;
  ++name.lookups;
  ++table().waiting;
  table().changed.notify_all();
  table().changed.wait(lock, [&] { return !name.is_held || !table().is_active; });
  const std::string address = name.address;
  --table().waiting;
  table().changed.notify_all();
  lock.unlock();
  if (address.empty()) return EAI_NONAME;
  addrinfo numeric = hints == nullptr ? addrinfo() : *hints;
  numeric.ai_flags |= AI_NUMERICHOST;
  return next(address.c_str(), service, &numeric, result);
}
