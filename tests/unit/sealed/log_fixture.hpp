// A sealed log in a folder of its own.
#pragma once

#include "sealed/log_reader.hpp"
#include "sealed/log_sink.hpp"
#include "sealed_fixture.hpp"

namespace tessera::sealed::test {

struct LogFolder {
  static constexpr size_t kLogHeader = kHeaderBytes + 8;

  struct Content {
    std::vector<std::string> records;
    std::vector<LogDamage> damage;
  };

  TempDir dir;
  FakeRoots roots{1};
  std::string path = dir / "app.log";
  LogOptions options{.max_file_bytes = 4096, .max_files = 5, .lock_timeout_ms = 0};

  Result<std::unique_ptr<LogSink>> open() { return LogSink::open(path, roots, options); }
  /// Appends each record as its own write.
  Status append(const std::vector<std::string>& records) {
    TSR_ASSIGN_OR_RETURN(auto sink, open());
    for (const std::string& record : records) {
      TSR_RETURN_IF_ERROR(sink->append(as_bytes(record)));
      TSR_RETURN_IF_ERROR(sink->flush(/*is_durable=*/false));
    }
    return {};
  }
  Result<Content> read() {
    TSR_ASSIGN_OR_RETURN(auto reader, LogReader::open(path, roots));
    Content content;
    while (true) {
      TSR_ASSIGN_OR_RETURN(const std::optional<Bytes> record, reader->next());
      if (!record) break;
      content.records.emplace_back(as_text(*record));
    }
    content.damage = reader->damage();
    return content;
  }
};

inline std::vector<std::string> numbered(int first, int count) {
  std::vector<std::string> records;
  for (int i = first; i < first + count; ++i) records.push_back("record " + std::to_string(i));
  return records;
}

}  // namespace tessera::sealed::test
