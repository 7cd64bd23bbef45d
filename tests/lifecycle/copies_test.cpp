// Two copies of the library in one process, as when an application links one and a plug-in brings another.
#include <dlfcn.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "machine.hpp"

namespace tessera::test {
namespace {

std::filesystem::path library_file() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&tsr_version), &info) == 0)
    throw std::runtime_error("where is the library?");
  return info.dli_fname;
}

/// The same functions out of another file: another copy with state of its own.
class Copy {
 public:
  explicit Copy(const std::filesystem::path& file) {
    std::filesystem::copy_file(library_file(), file);
    library_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) throw std::runtime_error(dlerror());
  }
  template <class F>
  F* function(F*, const char* name) const {
    return reinterpret_cast<F*>(dlsym(library_, name));
  }

 private:
  void* library_;  // stays loaded, as the library asks for
};

// The twin of a function in the copy.
#define IN(copy, name) (copy).function(&(name), #name)

struct TwoCopies : Machine {
  TwoCopies() {
    IN(copy, tsr_testing_set_hardware_root)(str(root.path()));
    IN(copy, tsr_testing_set_clock)(kStartMs, kBootMs);
    if (IN(copy, tsr_license_open)(str(config), &other, nullptr) != TSR_OK)
      throw std::runtime_error("the copy does not open");
  }
  ~TwoCopies() {
    IN(copy, tsr_license_free)(other);
    BOOST_TEST(IN(copy, tsr_live_objects)() == 0);
  }
  int32_t code_of_other() const {
    tsr_verdict* verdict = nullptr;
    if (IN(copy, tsr_license_check)(other, &verdict, nullptr) != TSR_OK) return -1;
    const int32_t code = IN(copy, tsr_verdict_code)(verdict);
    IN(copy, tsr_verdict_free)(verdict);
    return code;
  }

  TempDir place;
  Copy copy{place / "libcopy.so"};
  License license = open();
  std::string config = vendor.config(folder.path().string()).dump();
  tsr_license* other = nullptr;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(copies, TwoCopies)

BOOST_AUTO_TEST_CASE(share_no_memory) {
  BOOST_TEST((IN(copy, tsr_license_check) != &tsr_license_check));
  const uint64_t here = tsr_live_objects();
  BOOST_TEST(IN(copy, tsr_live_objects)() == 1);
  tsr_key* key = nullptr;
  BOOST_REQUIRE(IN(copy, tsr_key_generate)(TSR_KEY_ED25519, &key, nullptr) == TSR_OK);
  BOOST_TEST(IN(copy, tsr_live_objects)() == 2);
  BOOST_TEST(tsr_live_objects() == here);
  IN(copy, tsr_key_free)(key);
}

BOOST_AUTO_TEST_CASE(share_the_state_of_the_licence) {
  BOOST_TEST(code_of_other() == TSR_LICENSE_NO_LICENSE);
  import(license, vendor.license_file(request(license), kSpec));
  BOOST_TEST(code_of_other() == TSR_LICENSE_OK);
}

BOOST_AUTO_TEST_CASE(keep_out_of_each_others_way) {
  import(license, vendor.license_file(request(license), kSpec));
  std::atomic<int> refused{0};
  std::thread one([&] {
    for (int i = 0; i < 50; ++i) refused += tsr_license_refresh(license.get(), nullptr, nullptr) != TSR_OK;
  });
  for (int i = 0; i < 50; ++i) refused += IN(copy, tsr_license_refresh)(other, nullptr, nullptr) != TSR_OK;
  one.join();
  BOOST_TEST(refused == 0);
  BOOST_TEST(code_of_other() == TSR_LICENSE_OK);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
