#include <algorithm>

#include "care_fixture.hpp"

namespace tessera::store_test {
namespace {

using Json = nlohmann::json;

constexpr const char* kSchema =
    "create table note(id integer primary key, title text, body text, weight real);"
    "create index note_title on note(title);"
    "create table pair(a text not null, b integer not null, v blob, primary key(b, a)) without rowid;"
    "create table loose(x, y);"
    "create table file(id integer primary key, name text, content blob);"
    "create virtual table word using fts5(body);"
    "create table tsr_secret_roots(id integer primary key, root blob);"
    "create table old(a integer, b text);"
    "insert into old values (1, 'one'); alter table old add column c text default 'later';";

constexpr const char* kRows =
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 600) insert into note "
    "select i, 'title ' || i, 'body of note ' || i || ' ' || hex(zeroblob(40)), i * 1.0 from n;"
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 400) insert into pair "
    "select 'key ' || (i % 7), i, zeroblob(i % 50) from n;"
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 300) insert into loose "
    "select i, 'loose ' || i from n;"
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 12) insert into file "
    "select i, 'file ' || i, cast(hex(zeroblob(4000 + i)) as blob) from n;"
    "insert into word select body from note where id <= 50;"
    "insert into tsr_secret_roots values (1, x'c0ffee');";

void fill(Connection& connection) {
  require(connection.run(kSchema));
  require(connection.run(kRows));
}

struct Salvaged {
  SalvageReport report;
  std::map<std::string, std::vector<Json>> rows;
  std::string text;

  std::set<int64_t> numbers(const std::string& table, const std::string& column) const {
    std::set<int64_t> found;
    const auto of_table = rows.find(table);
    if (of_table == rows.end()) return found;
    for (const Json& row : of_table->second) found.insert(row.at(column).get<int64_t>());
    return found;
  }
};

Salvaged salvage_file(const std::string& path, const OwnedKey& key, const std::string& out) {
  Salvaged salvaged;
  salvaged.report = require(salvage(path, key.view(), out, no_progress()));
  std::ifstream lines(out);
  int64_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const Json parsed = Json::parse(line);
    salvaged.rows[parsed.at("table").get<std::string>()].push_back(parsed.at("row"));
    salvaged.text += line + '\n';
  }
  BOOST_TEST(count == salvaged.report.rows);
  return salvaged;
}

struct Damaged {
  test::TempDir dir;
  OwnedKey key;
  std::string path = dir / "app.tdb";
  std::string out = dir / "rows.jsonl";
};

}  // namespace

BOOST_AUTO_TEST_SUITE(salvaging)

BOOST_FIXTURE_TEST_CASE(everything_comes_out_of_a_sound_file, Damaged) {
  fill(*open_tool(path, key));
  const Bytes before = content_of(path);
  const Salvaged all = salvage_file(path, key, out);
  BOOST_CHECK(content_of(path) == before);
  BOOST_TEST(all.report.pages_damaged == 0);
  BOOST_TEST(all.report.damaged_tables.empty());
  BOOST_TEST(all.report.pages_read == static_cast<int64_t>(before.size() / kPageBytes));
  BOOST_TEST(all.numbers("note", "id").size() == 600U);
  BOOST_TEST(all.numbers("pair", "b").size() == 400U);
  BOOST_TEST(all.numbers("loose", "x").size() == 300U);
  BOOST_TEST(all.rows.at("word_content").size() == 50U);
  BOOST_TEST(all.rows.count("?") == 0U);

  const Json& note = all.rows.at("note").front();
  BOOST_TEST(note.at("title") == "title 1");
  BOOST_TEST(note.at("weight").is_number_float());
  const std::vector<Json>& pairs = all.rows.at("pair");
  const Json& pair =
      *std::find_if(pairs.begin(), pairs.end(), [](const Json& row) { return row.at("b") == 1; });
  BOOST_TEST(pair.at("a") == "key 1");
  BOOST_TEST(pair.at("v") == Json({{"$blob", "AA=="}}));
  BOOST_TEST(all.rows.at("old").front().at("c") == "later");
  std::string content;
  for (int i = 0; i < 8002; ++i) content += '0';
  const std::string sealed = all.rows.at("file").front().at("content").at("$blob").get<std::string>();
  BOOST_TEST(sealed.size() == (content.size() + 2) / 3 * 4);
}

BOOST_FIXTURE_TEST_CASE(values_that_json_has_no_form_for, Damaged) {
  {
    const auto connection = open_tool(path, key);
    require(connection->run("create table v(id integer primary key, x)"));
    require(connection->run(
        "insert into v values (1, 9007199254740992), (2, 9007199254740993), (3, -9223372036854775808), "
        "(4, 9e999), (5, -9e999), (6, cast(x'ff41' as text)), (7, x''), (8, 0.5), (9, null), "
        "(9007199254740993, 'big id'), (11, 'a' || char(0) || char(128512))"));
  }
  std::map<std::string, Json> found;
  const Salvaged all = salvage_file(path, key, out);
  for (const Json& row : all.rows.at("v")) found[row.at("id").dump()] = row.at("x");
  BOOST_TEST(found.at("1") == Json(9007199254740992));
  BOOST_TEST(found.at("2") == Json({{"$int", "9007199254740993"}}));
  BOOST_TEST(found.at("3") == Json({{"$int", "-9223372036854775808"}}));
  BOOST_TEST(found.at("4") == Json({{"$real", "Infinity"}}));
  BOOST_TEST(found.at("5") == Json({{"$real", "-Infinity"}}));
  BOOST_TEST(found.at("6") == Json({{"$text", "/0E="}}));
  BOOST_TEST(found.at("7") == Json({{"$blob", ""}}));
  BOOST_TEST(found.at("8") == Json(0.5));
  BOOST_TEST(found.at("9").is_null());
  BOOST_TEST(found.at("{\"$int\":\"9007199254740993\"}") == "big id");
  BOOST_TEST(found.at("11") == std::string("a\0😀", 6));
}

BOOST_FIXTURE_TEST_CASE(rows_of_the_log_come_out_and_only_committed_ones, Damaged) {
  const auto writer = open_tool(path, key, Role::kWriter);
  fill(*writer);
  require(writer->run("update note set title = 'newest' where id = 7"));
  require(writer->run("begin; delete from note where id > 10"));
  const Salvaged all = salvage_file(path, key, out);
  BOOST_TEST(all.report.pages_damaged == 0);
  BOOST_TEST(all.numbers("note", "id").size() == 600U);
  BOOST_TEST(all.rows.at("note").at(6).at("title") == "newest");
}

BOOST_FIXTURE_TEST_CASE(deleted_rows_do_not_come_back, Damaged) {
  {
    const auto connection = open_tool(path, key);
    fill(*connection);
    require(connection->run("pragma secure_delete = off; delete from note where id > 3; drop table loose"));
  }
  for (const bool damaged_schema : {false, true}) {
    if (damaged_schema) flip_byte(path, 200);
    const Salvaged left = salvage_file(path, key, out);
    BOOST_TEST(left.text.find("loose 77") == std::string::npos);
    BOOST_TEST(left.text.find("title 550") == std::string::npos);
    BOOST_TEST(left.text.find("title 2") != std::string::npos);
  }
}

BOOST_FIXTURE_TEST_CASE(keys_of_the_sdk_stay_inside, Damaged) {
  fill(*open_tool(path, key));
  BOOST_TEST(salvage_file(path, key, out).text.find("tsr_secret_roots") == std::string::npos);
}

/// Each page in turn: what did not live on it comes out, in its own table.
BOOST_FIXTURE_TEST_CASE(one_damaged_page_costs_the_rows_of_that_page, Damaged) {
  fill(*open_tool(path, key));
  const Salvaged all = salvage_file(path, key, out);
  const auto page_count = static_cast<uint32_t>(content_of(path).size() / kPageBytes);
  BOOST_REQUIRE(page_count > 40U);

  int64_t lost_notes = 0;
  int64_t lost_pairs = 0;
  for (uint32_t page = 1; page <= page_count; ++page) {
    const size_t offset = (page - 1) * kPageBytes + 1000;
    flip_byte(path, offset);
    const Salvaged left = salvage_file(path, key, out);
    flip_byte(path, offset);
    BOOST_TEST(left.report.pages_damaged == 1);
    BOOST_TEST(left.report.pages_read == page_count - 1);
    if (page == 1) {
      BOOST_TEST(left.report.rows >= 600 + 300 + 12);
      BOOST_TEST(left.rows.size() == 1U);
      BOOST_TEST(left.rows.count("?") == 1U);
      continue;
    }
    BOOST_TEST(left.rows.count("?") == 0U);
    BOOST_TEST(left.text.find("tsr_secret") == std::string::npos);
    BOOST_TEST(left.report.rows <= all.report.rows);
    // A page of 4 KiB holds fewer than 100 of these rows.
    const auto missing = [&](const std::string& table, const std::string& column) {
      return static_cast<int64_t>(all.numbers(table, column).size() - left.numbers(table, column).size());
    };
    const int64_t notes = missing("note", "id");
    const int64_t pairs = missing("pair", "b");
    BOOST_TEST(notes < 100);
    BOOST_TEST(pairs < 200);
    if (notes != 0) {
      BOOST_TEST(left.report.damaged_tables == std::vector<std::string>{"note"},
                 boost::test_tools::per_element());
      BOOST_TEST(left.numbers("pair", "b") == all.numbers("pair", "b"));
    }
    lost_notes += notes;
    lost_pairs += pairs;
  }
  // Every row lives on exactly one leaf, so that every one was lost exactly once.
  BOOST_TEST(lost_notes == 600);
  BOOST_TEST(lost_pairs == 400);
}

BOOST_FIXTURE_TEST_CASE(a_row_whose_chain_is_broken_keeps_its_other_columns, Damaged) {
  {
    const auto connection = open_tool(path, key);
    require(connection->run("create table file(id integer primary key, name text, content blob)"));
    require(connection->run(
        "insert into file values (1, 'whole', zeroblob(9000)), (2, 'long', zeroblob(20000))"));
  }
  int broken = 0;
  for (size_t page = 4; page <= content_of(path).size() / kPageBytes; ++page) {
    flip_byte(path, (page - 1) * kPageBytes + 50);
    const Salvaged left = salvage_file(path, key, out);
    flip_byte(path, (page - 1) * kPageBytes + 50);
    BOOST_TEST(left.report.damaged_tables == std::vector<std::string>{"file"},
               boost::test_tools::per_element());
    for (const Json& row : left.rows.at("file")) {
      if (!row.at("content").contains("$lost")) continue;
      ++broken;
      BOOST_TEST(row.at("name") == (row.at("id") == 1 ? "whole" : "long"));
      BOOST_TEST(row.at("content").at("$lost") == (row.at("id") == 1 ? 9000 : 20000));
    }
  }
  BOOST_TEST(broken >= 6);
}

BOOST_FIXTURE_TEST_CASE(a_file_that_was_cut_off_gives_what_is_left, Damaged) {
  fill(*open_tool(path, key));
  const Bytes whole = content_of(path);
  const int64_t pages = static_cast<int64_t>(whole.size() / kPageBytes);
  int64_t most = 0;
  for (size_t length = kPageBytes; length <= whole.size(); length += 3 * kPageBytes + 1117) {
    set_content(path, ByteView(whole).first(length));
    const Salvaged left = salvage_file(path, key, out);
    BOOST_TEST(left.report.pages_read == static_cast<int64_t>(length / kPageBytes));
    BOOST_TEST(left.report.pages_damaged == pages - left.report.pages_read);
    BOOST_TEST(left.report.rows >= most);
    most = left.report.rows;
  }
  for (const size_t length : {size_t{1}, size_t{15}, size_t{512}, kPageBytes - 1}) {
    set_content(path, ByteView(whole).first(length));
    BOOST_TEST(reason(salvage(path, key.view(), out, no_progress())) == "WRONG_KEY");
  }
  set_content(path, {});
  BOOST_TEST(reason(salvage(path, key.view(), out, no_progress())) == "DATA_MISSING");
}

BOOST_FIXTURE_TEST_CASE(another_key_gives_nothing_and_leaves_no_file, Damaged) {
  fill(*open_tool(path, key));
  const auto refused = salvage(path, OwnedKey(9).view(), out, no_progress());
  BOOST_TEST(code_of(refused) == ErrorCode::kCRYPTO);
  BOOST_TEST(reason(refused) == "WRONG_KEY");
  BOOST_TEST(!std::filesystem::exists(out));
  BOOST_TEST(!std::filesystem::exists(out + ".part"));
}

BOOST_FIXTURE_TEST_CASE(cancelling_leaves_no_file, Damaged) {
  fill(*open_tool(path, key));
  int64_t last = 0;
  const auto stopped = salvage(path, key.view(), out, [&last](int64_t done, int64_t total) {
    last = done;
    return done * 2 < total;
  });
  BOOST_TEST(code_of(stopped) == ErrorCode::kCANCELLED);
  BOOST_TEST(last > 0);
  BOOST_TEST(!std::filesystem::exists(out));
  BOOST_TEST(!std::filesystem::exists(out + ".part"));
}

BOOST_FIXTURE_TEST_CASE(salvaged_rows_are_for_their_owner_only, Damaged) {
  fill(*open_tool(path, key));
  static_cast<void>(salvage_file(path, key, out));
  BOOST_CHECK(std::filesystem::status(out).permissions() ==
              (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store_test
