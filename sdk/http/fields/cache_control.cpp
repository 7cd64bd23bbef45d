#include "http/fields/cache_control.hpp"

#include <array>

#include "http/fields/cursor.hpp"
#include "http/fields/headers.hpp"

namespace tessera::http {
namespace {

struct Flag {
  std::string_view name;
  bool CacheControl::* place;
};
constexpr std::array kFlags{
    Flag{"no-store", &CacheControl::no_store},
    Flag{"no-cache", &CacheControl::no_cache},
    Flag{"no-transform", &CacheControl::no_transform},
    Flag{"only-if-cached", &CacheControl::only_if_cached},
    Flag{"must-revalidate", &CacheControl::must_revalidate},
    Flag{"proxy-revalidate", &CacheControl::proxy_revalidate},
    Flag{"must-understand", &CacheControl::must_understand},
    Flag{"immutable", &CacheControl::immutable},
    Flag{"public", &CacheControl::is_public},
    Flag{"private", &CacheControl::is_private},
};

struct Number {
  std::string_view name;
  std::optional<int64_t> CacheControl::* place;
  int64_t without_value;
};
constexpr std::array kNumbers{
    Number{"max-age", &CacheControl::max_age, 0},
    Number{"s-maxage", &CacheControl::s_maxage, 0},
    Number{"max-stale", &CacheControl::max_stale, kMostSeconds},
    Number{"min-fresh", &CacheControl::min_fresh, 0},
    Number{"stale-while-revalidate", &CacheControl::stale_while_revalidate, 0},
    Number{"stale-if-error", &CacheControl::stale_if_error, 0},
};

}  // namespace

CacheControl parse_cache_control(std::string_view field) {
  CacheControl control;
  Cursor in(field);
  do {
    const Parameter directive = split_parameter(in.take_until(","));
    for (const Flag& flag : kFlags) {
      if (same_name(directive.name, flag.name)) control.*flag.place = true;
    }
    for (const Number& number : kNumbers) {
      std::optional<int64_t>& place = control.*number.place;
      if (place || !same_name(directive.name, number.name)) continue;
      place =
          directive.value ? parse_digits(*directive.value, kMostSeconds).value_or(0) : number.without_value;
    }
  } while (in.take(','));
  return control;
}

}  // namespace tessera::http
