#include "crypto/keystore.hpp"

#ifdef TESSERA_WITH_LIBSECRET
#include <dlfcn.h>
#include <libsecret/secret.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#endif

#include "text/base64url.hpp"

namespace tessera {
namespace {

Error locked() {
  return {ErrorCode::kBUSY, "crypto",
          "the keystore of the operating system is locked or away; unlock it and try again",
          R"({"reason":"KEYSTORE_LOCKED"})"};
}

class AbsentKeystore final : public Keystore {
 public:
  Access access() override { return Access::kAbsent; }
  Result<std::optional<Key256>> load(const std::string&) override { return std::optional<Key256>(); }
  Status save(const std::string&, const Key256&) override { return locked(); }
  Status remove(const std::string&) override { return locked(); }
};

#ifdef TESSERA_WITH_LIBSECRET

/// libsecret's functions, found at run time: a machine without it needs no GLib. Never unloaded, as GLib
/// can't be.
struct Libsecret {
  void* library = dlopen("libsecret-1.so.0", RTLD_NOW | RTLD_LOCAL);

  template <class Function>
  Function* find(const char* name) const {
    return library == nullptr ? nullptr : reinterpret_cast<Function*>(dlsym(library, name));
  }
#define TSR_IMPORT(name) decltype(::name)* const name = find<decltype(::name)>(#name)
  TSR_IMPORT(secret_service_get_sync);
  TSR_IMPORT(secret_collection_for_alias_sync);
  TSR_IMPORT(secret_collection_get_locked);
  TSR_IMPORT(secret_service_search_sync);
  TSR_IMPORT(secret_item_get_secret);
  TSR_IMPORT(secret_item_create_sync);
  TSR_IMPORT(secret_service_clear_sync);
  TSR_IMPORT(secret_value_new);
  TSR_IMPORT(secret_value_get);
  TSR_IMPORT(secret_value_unref);
  TSR_IMPORT(g_hash_table_new);
  TSR_IMPORT(g_hash_table_insert);
  TSR_IMPORT(g_hash_table_unref);
  TSR_IMPORT(g_list_free);
  TSR_IMPORT(g_object_unref);
  TSR_IMPORT(g_error_free);
  TSR_IMPORT(g_str_hash);
  TSR_IMPORT(g_str_equal);
#undef TSR_IMPORT

  bool complete() const {
    return secret_service_get_sync && secret_collection_for_alias_sync && secret_collection_get_locked &&
           secret_service_search_sync && secret_item_get_secret && secret_item_create_sync &&
           secret_service_clear_sync && secret_value_new && secret_value_get && secret_value_unref &&
           g_hash_table_new && g_hash_table_insert && g_hash_table_unref && g_list_free && g_object_unref &&
           g_error_free && g_str_hash && g_str_equal;
  }
};

/// Without this GLib would start a session bus of its own.
bool session_bus_runs() {
  const char* address = std::getenv("DBUS_SESSION_BUS_ADDRESS");
  if (address != nullptr && *address != '\0') return true;
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  return runtime != nullptr && access((std::string(runtime) + "/bus").c_str(), F_OK) == 0;
}

const SecretSchema* schema() {
  static const SecretSchema kSchema = {
      "dev.tessera.LicenseKey",
      SECRET_SCHEMA_NONE,
      {{"name", SECRET_SCHEMA_ATTRIBUTE_STRING}, {nullptr, SECRET_SCHEMA_ATTRIBUTE_STRING}},
      0,
      nullptr,
      nullptr,
      nullptr,
      nullptr,
      nullptr,
      nullptr,
      nullptr};
  return &kSchema;
}

class LibsecretKeystore final : public Keystore {
 public:
  Access access() override {
    const Session session(api_);
    if (session.collection == nullptr) return Access::kAbsent;
    return api_.secret_collection_get_locked(session.collection) ? Access::kLocked : Access::kReady;
  }

  Result<std::optional<Key256>> load(const std::string& name) override {
    const Session session(api_);
    if (session.collection == nullptr) return locked();
    const Attributes attributes(api_, name);
    GError* failure = nullptr;
    // No UNLOCK flag: a locked item is left alone instead of asking the user.
    GList* items = api_.secret_service_search_sync(session.service, schema(), attributes.table,
                                                   SECRET_SEARCH_LOAD_SECRETS, nullptr, &failure);
    std::optional<Key256> key;
    for (GList* item = items; item != nullptr; item = item->next) {
      if (!key) key = read_item(static_cast<SecretItem*>(item->data));
      api_.g_object_unref(item->data);
    }
    api_.g_list_free(items);
    if (failure != nullptr) {
      session.forget(failure);
      return locked();
    }
    return key;
  }

  Status save(const std::string& name, const Key256& key) override {
    const Session session(api_);
    if (session.collection == nullptr) return locked();
    const Attributes attributes(api_, name);
    std::string text = base64url_encode(key);
    SecretValue* value = api_.secret_value_new(text.data(), static_cast<gssize>(text.size()), "text/plain");
    wipe(text.data(), text.size());
    GError* failure = nullptr;
    SecretItem* item =
        api_.secret_item_create_sync(session.collection, schema(), attributes.table, "Key of an application",
                                     value, SECRET_ITEM_CREATE_REPLACE, nullptr, &failure);
    api_.secret_value_unref(value);
    session.forget(failure);
    if (item == nullptr) return locked();
    api_.g_object_unref(item);
    return {};
  }

  Status remove(const std::string& name) override {
    const Session session(api_);
    if (session.collection == nullptr) return locked();
    const Attributes attributes(api_, name);
    GError* failure = nullptr;
    api_.secret_service_clear_sync(session.service, schema(), attributes.table, nullptr, &failure);
    const bool failed = failure != nullptr;
    session.forget(failure);
    return failed ? Status(locked()) : Status();
  }

  bool usable() const { return api_.complete(); }

 private:
  /// The service and its default collection; both null when there is none. Never starts or unlocks anything.
  struct Session {
    explicit Session(const Libsecret& library) : api(library) {
      if (!session_bus_runs()) return;
      GError* failure = nullptr;
      service = api.secret_service_get_sync(SECRET_SERVICE_OPEN_SESSION, nullptr, &failure);
      forget(failure);
      failure = nullptr;
      if (service == nullptr) return;
      collection = api.secret_collection_for_alias_sync(service, SECRET_COLLECTION_DEFAULT,
                                                        SECRET_COLLECTION_NONE, nullptr, &failure);
      forget(failure);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() {
      if (collection != nullptr) api.g_object_unref(collection);
      if (service != nullptr) api.g_object_unref(service);
    }
    /// Why there is no keystore helps nobody: the caller falls back or reports it as locked.
    void forget(GError* failure) const {
      if (failure != nullptr) api.g_error_free(failure);
    }
    const Libsecret& api;
    SecretService* service = nullptr;
    SecretCollection* collection = nullptr;
  };

  struct Attributes {
    Attributes(const Libsecret& library, const std::string& name)
        : api(library), value(name), table(api.g_hash_table_new(api.g_str_hash, api.g_str_equal)) {
      api.g_hash_table_insert(table, key.data(), value.data());
    }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
    ~Attributes() { api.g_hash_table_unref(table); }
    const Libsecret& api;
    std::string key = "name";
    std::string value;
    GHashTable* table;
  };

  std::optional<Key256> read_item(SecretItem* item) const {
    SecretValue* value = api_.secret_item_get_secret(item);
    if (value == nullptr) return std::nullopt;
    gsize length = 0;
    const char* text = api_.secret_value_get(value, &length);
    auto bytes = base64url_decode({text, length});
    api_.secret_value_unref(value);
    Key256 key;
    if (!bytes || bytes->size() != key.size()) return std::nullopt;
    std::copy(bytes->begin(), bytes->end(), key.begin());
    wipe(bytes->data(), bytes->size());
    return key;
  }

  const Libsecret api_;
};

#endif

Keystore* make_keystore() {
#ifdef TESSERA_WITH_LIBSECRET
  if (session_bus_runs()) {
    auto found = std::make_unique<LibsecretKeystore>();
    if (found->usable()) return found.release();
  }
#endif
  return new AbsentKeystore;
}

}  // namespace

Keystore& os_keystore() {
  // Never destroyed: GLib's threads may outlive every handle.
  static Keystore* const keystore = make_keystore();
  return *keystore;
}

}  // namespace tessera
