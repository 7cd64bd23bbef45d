// Migrations of the application's schema.
#include "store_fixture.hpp"

namespace tessera {
namespace {

using namespace store_test;

const std::vector<Migration> kSteps{
    {"make", "create table item(id integer primary key, name text); insert into item values(1, 'one')"},
    {"add", "alter table item add column price integer not null default 5"},
};

struct Fresh : Store {
  Fresh() { open(); }
  std::string migrate(const std::vector<Migration>& steps, bool dry_run = false) {
    const auto states = database->migrate(steps, dry_run);
    if (!states) return outcome_of(states);
    std::string all;
    for (const MigrationState& state : *states) {
      all += state.name;
      all += state.applied_before ? "=" : state.applied_now ? "+" : "-";
    }
    return all;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(migrations)

BOOST_FIXTURE_TEST_CASE(each_step_is_applied_once, Fresh) {
  BOOST_TEST(migrate({kSteps[0]}) == "make+");
  BOOST_TEST(migrate(kSteps) == "make=add+");
  BOOST_TEST(migrate(kSteps) == "make=add=");
  BOOST_TEST(query("select name, price from item") == "one|5");
  BOOST_TEST(query("pragma user_version") == "2");
}

BOOST_FIXTURE_TEST_CASE(a_rehearsal_leaves_nothing, Fresh) {
  BOOST_TEST(migrate(kSteps, true) == "make+add+");
  BOOST_TEST(query("select count(*) from sqlite_master where name = 'item'") == "0");
  BOOST_TEST(query("pragma user_version") == "0");
  BOOST_TEST(migrate(kSteps) == "make+add+");
}

BOOST_FIXTURE_TEST_CASE(a_failing_step_is_undone_and_named, Fresh) {
  std::vector<Migration> steps = kSteps;
  steps.push_back({"break", "insert into item values(2, 'two', 3); insert into item values(2, 'again', 3)"});
  const auto failed = database->migrate(steps, false);
  BOOST_REQUIRE(!failed);
  BOOST_TEST(outcome_of(failed) == "state CONSTRAINT");
  BOOST_TEST((failed.error().text.find("\"break\"") != std::string::npos));
  BOOST_TEST(query("select count(*) from item") == "1");
  BOOST_TEST(query("pragma user_version") == "2");
  BOOST_TEST(query("pragma foreign_keys") == "1");
}

BOOST_FIXTURE_TEST_CASE(a_newer_schema_and_a_changed_step_are_refused, Fresh) {
  BOOST_TEST(migrate(kSteps) == "make+add+");
  BOOST_TEST(migrate({kSteps[0]}) == "unsupported NEWER_SCHEMA");
  std::vector<Migration> changed = kSteps;
  changed[0].sql = "create table item(id integer primary key, name text not null)";
  BOOST_TEST(migrate(changed) == "state MIGRATION_CHANGED");
  execute("pragma user_version=9");
  BOOST_TEST(migrate(kSteps) == "unsupported NEWER_SCHEMA");
}

BOOST_FIXTURE_TEST_CASE(a_table_that_others_refer_to_can_be_rebuilt, Fresh) {
  std::vector<Migration> steps = kSteps;
  steps.push_back({"child",
                   "create table part(item integer references item(id) on delete cascade);"
                   "insert into part values(1)"});
  steps.push_back({"rebuild",
                   "create table item2(id integer primary key, name text not null);"
                   "insert into item2 select id, name from item; drop table item;"
                   "alter table item2 rename to item"});
  BOOST_TEST(migrate(steps) == "make+add+child+rebuild+");
  BOOST_TEST(query("select count(*) from part") == "1");
  steps.push_back({"orphan", "delete from item"});
  BOOST_TEST(migrate(steps) == "state CONSTRAINT");
  BOOST_TEST(query("select count(*) from item") == "1");
}

BOOST_FIXTURE_TEST_CASE(a_step_may_not_touch_what_is_the_stores, Fresh) {
  BOOST_TEST(migrate({{"bad", "create table tsr_mine(x)"}}) == "arg REFUSED");
  BOOST_TEST(migrate({{"bad", "create table a(x); commit; create table b(x)"}}) == "arg REFUSED");
  BOOST_TEST(query("select count(*) from sqlite_master where name in ('a', 'b')") == "0");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
