#include "http/fields/http_date.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

#include "http/fields/cursor.hpp"
#include "http/fields/headers.hpp"

namespace tessera::http {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kDays{"Sun"sv, "Mon"sv, "Tue"sv, "Wed"sv, "Thu"sv, "Fri"sv, "Sat"sv};
constexpr std::array kLongDays{"Sunday"sv,   "Monday"sv, "Tuesday"sv, "Wednesday"sv,
                               "Thursday"sv, "Friday"sv, "Saturday"sv};
constexpr std::array kMonths{"Jan"sv, "Feb"sv, "Mar"sv, "Apr"sv, "May"sv, "Jun"sv,
                             "Jul"sv, "Aug"sv, "Sep"sv, "Oct"sv, "Nov"sv, "Dec"sv};
constexpr int64_t kDaySeconds = 86'400;
constexpr int64_t kFirstSecond = -62'167'219'200;  // of the year 0
constexpr int64_t kLastSecond = 253'402'300'799;   // of the year 9999

/// Takes one piece after the other; once one is not there, so is none.
class Reader {
 public:
  explicit Reader(std::string_view text) : in_(text) {}

  void expect(std::string_view literal) { is_good_ &= same_name(in_.take_some(literal.size()), literal); }
  int number(size_t digits) {
    const std::string_view text = in_.take_some(digits);
    const auto value = text.size() == digits ? parse_digits(text, 9999) : std::nullopt;
    is_good_ &= value.has_value();
    return static_cast<int>(value.value_or(0));
  }
  /// Place of the name, from 0.
  unsigned name(std::span<const std::string_view> names) {
    const std::string_view word = in_.take_while(is_alpha);
    const auto found = std::ranges::find_if(names, [&](std::string_view n) { return same_name(n, word); });
    is_good_ &= found != names.end();
    return static_cast<unsigned>(found - names.begin());
  }
  bool skip_space() { return in_.take(' '); }
  bool is_done() const { return is_good_ && in_.at_end(); }

  void time() {
    hour = number(2);
    expect(":");
    minute = number(2);
    expect(":");
    second = number(2);
  }
  int year = 0, day = 0, hour = 0, minute = 0, second = 0;
  unsigned month = 0;

 private:
  Cursor in_;
  bool is_good_ = true;
};

std::chrono::year_month_day date_of(int64_t seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time));
}

/// The year with these last two digits that is nearest to now, at most fifty years ahead.
int whole_year(int two_digits, int64_t now_seconds) {
  const int now = static_cast<int>(date_of(std::clamp(now_seconds, kFirstSecond, kLastSecond)).year());
  int year = now / 100 * 100 + two_digits;
  if (year > now + 50) year -= 100;
  if (year <= now - 50) year += 100;
  return year;
}

std::optional<int64_t> seconds_of(const Reader& reader) {
  const std::chrono::year_month_day date(std::chrono::year(reader.year), std::chrono::month(reader.month + 1),
                                         std::chrono::day(static_cast<unsigned>(reader.day)));
  const bool is_leap_second = reader.hour == 23 && reader.minute == 59 && reader.second == 60;
  if (!date.ok() || reader.hour > 23 || reader.minute > 59 || (reader.second > 59 && !is_leap_second)) {
    return std::nullopt;
  }
  return int64_t{std::chrono::sys_days(date).time_since_epoch().count()} * kDaySeconds + reader.hour * 3600 +
         reader.minute * 60 + reader.second;
}

std::string padded(int number, size_t digits) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

}  // namespace

std::optional<int64_t> parse_http_date(std::string_view text, int64_t now_seconds) {
  Reader reader(text);
  if (text.find(',') == 3) {  // Sun, 06 Nov 1994 08:49:37 GMT
    reader.name(kDays);
    reader.expect(", ");
    reader.day = reader.number(2);
    reader.expect(" ");
    reader.month = reader.name(kMonths);
    reader.expect(" ");
    reader.year = reader.number(4);
    reader.expect(" ");
    reader.time();
    reader.expect(" GMT");
  } else if (text.find(',') != std::string_view::npos) {  // Sunday, 06-Nov-94 08:49:37 GMT
    reader.name(kLongDays);
    reader.expect(", ");
    reader.day = reader.number(2);
    reader.expect("-");
    reader.month = reader.name(kMonths);
    reader.expect("-");
    reader.year = whole_year(reader.number(2), now_seconds);
    reader.expect(" ");
    reader.time();
    reader.expect(" GMT");
  } else {  // Sun Nov  6 08:49:37 1994
    reader.name(kDays);
    reader.expect(" ");
    reader.month = reader.name(kMonths);
    reader.expect(" ");
    reader.day = reader.skip_space() ? reader.number(1) : reader.number(2);
    reader.expect(" ");
    reader.time();
    reader.expect(" ");
    reader.year = reader.number(4);
  }
  if (!reader.is_done()) return std::nullopt;
  return seconds_of(reader);
}

std::string format_http_date(int64_t seconds) {
  seconds = std::clamp(seconds, kFirstSecond, kLastSecond);
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const int rest = static_cast<int>((time - days).count());
  std::string text(kDays[std::chrono::weekday(days).c_encoding()]);
  text += ", " + padded(static_cast<int>(static_cast<unsigned>(date.day())), 2) + ' ';
  text += kMonths[static_cast<unsigned>(date.month()) - 1];
  text += ' ' + padded(static_cast<int>(date.year()), 4) + ' ' + padded(rest / 3600, 2) + ':' +
          padded(rest / 60 % 60, 2) + ':' + padded(rest % 60, 2) + " GMT";
  return text;
}

}  // namespace tessera::http
