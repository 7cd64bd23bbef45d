#include "store/arena.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "child_process.hpp"
#include "sql.hpp"
#include "temp_dir.hpp"

namespace tessera::store {
namespace {

/// The flags of the mapping that holds `address` ("dd": not in core dumps), from the kernel.
std::string flags_of(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    uintptr_t begin = 0;
    uintptr_t end = 0;
    char dash = 0;
    std::istringstream range(line);
    if (range >> std::hex >> begin >> dash >> end && dash == '-')
      inside = begin <= reinterpret_cast<uintptr_t>(address) && reinterpret_cast<uintptr_t>(address) < end;
    if (inside && line.starts_with("VmFlags:")) return line + ' ';
  }
  return {};
}

bool is_dumped(const void* address) { return flags_of(address).find(" dd ") == std::string::npos; }

struct Block {
  uint8_t* bytes;
  size_t size;
  uint8_t fill;
};

bool is_intact(const Block& block) {
  return std::all_of(block.bytes, block.bytes + block.size, [&](uint8_t byte) { return byte == block.fill; });
}

/// Allocates, grows, shrinks and frees blocks of all sizes; false when one lost its content.
bool churn(uint32_t seed, int rounds) {
  std::mt19937 random(seed);
  std::vector<Block> blocks;
  for (int round = 0; round < rounds; ++round) {
    const size_t size = size_t{1} << random() % 18;
    const auto fill = static_cast<uint8_t>(random());
    if (blocks.size() < 200 || random() % 2 == 0) {
      auto* bytes = static_cast<uint8_t*>(arena_allocate(size));
      if (bytes == nullptr || arena_usable(bytes) < size || reinterpret_cast<uintptr_t>(bytes) % 16 != 0)
        return false;
      std::memset(bytes, fill, size);
      blocks.push_back({bytes, size, fill});
      continue;
    }
    Block& block = blocks[random() % blocks.size()];
    if (!is_intact(block)) return false;
    if (random() % 2 == 0) {
      block.bytes = static_cast<uint8_t*>(arena_resize(block.bytes, size));
      block.size = std::min(block.size, size);
      if (!is_intact(block)) return false;
      block.size = size;
      std::memset(block.bytes, block.fill, size);
    } else {
      arena_free(block.bytes);
      block = blocks.back();
      blocks.pop_back();
    }
  }
  const bool intact = std::all_of(blocks.begin(), blocks.end(), is_intact);
  for (const Block& block : blocks) arena_free(block.bytes);
  return intact;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(arena)

BOOST_AUTO_TEST_CASE(blocks_hold_what_they_promise) {
  for (size_t size = 0; size <= 70'000; size += size < 600 ? 1 : 97) {
    void* block = arena_allocate(size);
    BOOST_REQUIRE(block != nullptr);
    BOOST_REQUIRE_GE(arena_usable(block), size);
    BOOST_REQUIRE_EQUAL(arena_usable(block), arena_rounded(size));
    // What is wasted stays small; SQLite's pages are what it allocates most.
    if (size > 128) BOOST_REQUIRE_LE(arena_usable(block), size + std::max<size_t>(size * 2 / 5, 4096));
    std::memset(block, 0xab, arena_usable(block));
    arena_free(block);
  }
  BOOST_TEST(arena_allocate(SIZE_MAX) == nullptr);
  arena_free(nullptr);
}

BOOST_AUTO_TEST_CASE(content_survives_neighbours_and_threads) {
  std::array<bool, 8> intact{};
  std::vector<std::thread> threads;
  for (size_t i = 0; i < intact.size(); ++i)
    threads.emplace_back([&intact, i] { intact[i] = churn(static_cast<uint32_t>(i), 1500); });
  for (std::thread& thread : threads) thread.join();
  for (const bool one : intact) BOOST_TEST(one);
}

BOOST_AUTO_TEST_CASE(a_block_may_be_freed_by_another_thread) {
  constexpr size_t kCount = 5000;
  std::vector<void*> blocks(kCount);
  std::thread([&] {
    std::generate(blocks.begin(), blocks.end(), [] { return arena_allocate(100); });
  }).join();
  const size_t mapped = arena_mapped();
  for (int round = 0; round < 20; ++round) {
    for (void* block : blocks) arena_free(block);
    std::thread([&] {
      std::generate(blocks.begin(), blocks.end(), [] { return arena_allocate(100); });
    }).join();
  }
  for (void* block : blocks) arena_free(block);
  BOOST_TEST(arena_mapped() <= mapped + (size_t{4} << 20));
}

BOOST_AUTO_TEST_CASE(use_again_and_again_stays_flat) {
  churn(1, 1500);
  const size_t mapped = arena_mapped();
  for (uint32_t round = 0; round < 10; ++round) BOOST_TEST(churn(1, 1500));
  BOOST_TEST(arena_mapped() <= mapped + (size_t{2} << 20));
}

BOOST_AUTO_TEST_CASE(no_block_is_part_of_a_core_dump) {
  const std::string ordinary(100'000, 'x');
  BOOST_TEST(is_dumped(ordinary.data()));
  for (const size_t size : {16, 4408, 9000, 100'000, 5'000'000}) {
    void* block = arena_allocate(size);
    BOOST_TEST(!is_dumped(block));
    arena_free(block);
  }
}

BOOST_AUTO_TEST_CASE(sqlite_takes_its_memory_from_here) {
  test::Sql sql(":memory:");
  void* block = sqlite3_malloc(4408);
  BOOST_TEST(!is_dumped(block));
  BOOST_TEST(sqlite3_msize(block) == arena_usable(block));
  sqlite3_free(block);
  BOOST_TEST(sql.number("with recursive n(i) as (values(1) union all select i + 1 from n where i < 2000) "
                        "select length(group_concat(i || 'abcdefghij')) from n") == 28892);
}

BOOST_AUTO_TEST_CASE(a_forked_child_has_an_arena_of_its_own) {
  void* of_parent = arena_allocate(64);
  tessera::test::ChildProcess child([&] {
    arena_free(of_parent);
    void* mine = arena_allocate(64);
    return mine != nullptr && mine != of_parent && arena_mapped() <= size_t{1} << 20 && churn(7, 1000) ? 0
                                                                                                       : 1;
  });
  BOOST_TEST(child.wait() == 0);
  arena_free(of_parent);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store
