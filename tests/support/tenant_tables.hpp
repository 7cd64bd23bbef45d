// Tables of two tenants with all that an application may put around them: views, triggers, search, foreign
// keys.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::test {

inline constexpr const char* kTenantSchema = R"sql(
  create table kinds (id integer primary key, name text);
  insert into kinds values (1, 'plain'), (2, 'rare');
  create table lists (id integer primary key, tenant text not null, title text, notes text);
  create table notes (id integer primary key, tenant text not null, list_id integer references lists (id)
    on delete cascade on update cascade, body text, code text unique, rank integer default 0);
  create unique index notes_title on notes (lower(body)) where rank > 100;
  create table owners (id integer primary key, name text);
  insert into owners values (1, 'both');
  create table pets (id integer primary key, tenant text not null,
    owner_id integer references owners (id) on delete cascade, name text);
  create table tags (tenant text not null, name text not null, weight integer, primary key (tenant, name))
    without rowid;
  create table slots (name text primary key, tenant text not null, held text) without rowid;
  create table log (id integer primary key, what text);
  create view note_titles as select id, tenant, upper(body) as title from notes;
  create view note_stats (tenant, amount) as select tenant, count(*) from note_titles group by tenant;
  create view note_raw as select body from main.notes;
  create view kind_names as select name from kinds;
  create virtual table search using fts5 (body, tenant unindexed);
  create virtual table search_words using fts5vocab (search, row);
  create virtual table outside using fts5 (body, content = 'notes', content_rowid = 'id');
  create trigger notes_add after insert on notes begin
    insert into search (rowid, body, tenant) values (new.id, new.body, new.tenant);
    insert into outside (rowid, body) values (new.id, new.body);
  end;
  create trigger notes_change after update of body on notes begin
    update search set body = new.body where rowid = old.id;
    insert into outside (outside, rowid, body) values ('delete', old.id, old.body);
    insert into outside (rowid, body) values (new.id, new.body);
  end;
  create trigger notes_drop after delete on notes begin
    delete from search where rowid = old.id;
    insert into outside (outside, rowid, body) values ('delete', old.id, old.body);
  end;
  create trigger notes_mark after update of rank on notes when new.code is null begin
    update notes set code = 'marked-' || new.id where id = new.id;
  end;
  create trigger titles_write instead of insert on note_titles begin
    update notes set body = new.title where id = new.id;
  end;
  create trigger kinds_leak after insert on kinds begin
    insert into log (what) select body from notes;
  end;
  create trigger kinds_clean after delete on kinds begin
    delete from notes where rank >= 0;
  end;
  create trigger log_name after update on log begin
    insert into log (what) values ('notes');
  end;
)sql";

inline constexpr std::array kTenantTables{"lists", "notes", "pets", "tags", "slots", "search"};

/// Every row of tenant "b" holds this word.
inline constexpr std::string_view kTenantSecret = "bravo";

/// The rows of tenant "a" (ids from 1) or "b" (from 11), one statement each.
inline std::vector<std::string> tenant_rows(const std::string& tenant) {
  const std::string word = tenant == "a" ? "alpha" : std::string(kTenantSecret);
  const int first = tenant == "a" ? 1 : 11;
  const auto id = [first](int offset) { return std::to_string(first + offset); };
  const std::string t = "'" + tenant + "', ";
  return {
      "insert into lists (id, tenant, title) values (" + id(0) + ", " + t + "'" + word + " list')",
      "insert into notes (id, tenant, list_id, body, code) values (" + id(0) + ", " + t + id(0) + ", '" +
          word + " one', '" + word + "-1'), (" + id(1) + ", " + t + id(0) + ", '" + word + " two', '" + word +
          "-2')",
      "insert into notes (id, tenant, body, rank) values (" + id(2) + ", " + t + "'" + word +
          " ranked', 101)",
      "insert into pets (id, tenant, owner_id, name) values (" + id(0) + ", " + t + "1, '" + word + " pet')",
      "insert into tags values (" + t + "'" + word + " tag', 1)",
      "insert into slots values ('" + word + " slot', " + t + "'" + word + "')"};
}

/// What shows all rows of the tenant that runs it.
inline constexpr std::array kTenantReads{"select * from lists", "select * from notes",
                                         "select * from pets",  "select * from tags",
                                         "select * from slots", "select body, tenant, rowid from search"};

}  // namespace tessera::test
