#include "base/unique_fd.hpp"
#include "store/copy_check.hpp"
#include "store/part_file.hpp"
#include "store/salvage_pages.hpp"

namespace tessera::store {
namespace {

constexpr uint32_t kPagesBetweenReports = 256;

class LineWriter {
 public:
  explicit LineWriter(const std::string& path) : file_(open_plain(path, O_WRONLY)), path_(path) {}
  Status add(std::string_view line) {
    buffer_ += line;
    buffer_ += '\n';
    return buffer_.size() < kBufferBytes ? Status() : flush();
  }
  Status flush() {
    if (!file_.valid()) return error_from_errno("store", "open " + path_, errno);
    std::string_view rest = buffer_;
    while (!rest.empty()) {
      const ssize_t count = retry_interrupted([&] { return ::write(file_.get(), rest.data(), rest.size()); });
      if (count < 0) return error_from_errno("store", "write " + path_, errno);
      rest.remove_prefix(static_cast<size_t>(count));
    }
    buffer_.clear();
    return {};
  }

 private:
  static constexpr size_t kBufferBytes = size_t{64} << 10;
  UniqueFd file_;
  std::string path_;
  std::string buffer_;
};

/// Tells what makes a salvage pointless.
Status check_source(const std::string& path, PageFile& pages, Meter& meter) {
  if (pages.page_count() == 0)
    return store_error(ErrorCode::kCORRUPT, "DATA_MISSING", path + " is empty; restore a backup");
  for (uint32_t number = 1; number <= pages.page_count(); ++number) {
    if (pages.authentic(number)) return {};
    if (number % kPagesBetweenReports == 0) TSR_RETURN_IF_ERROR(meter.check());
  }
  return store_error(ErrorCode::kCRYPTO, "WRONG_KEY",
                     "no page of " + path + " opens with this key; it may be the key of another file");
}

}  // namespace

Result<SalvageReport> salvage(const std::string& path, const DatabaseKey& key, const std::string& json_lines,
                              const Progress& progress) {
  TSR_ASSIGN_OR_RETURN(PageFile pages, PageFile::open(path, key));
  TSR_ASSIGN_OR_RETURN(PartFile part, PartFile::create(json_lines, path));
  Meter meter(progress);
  meter.expect(pages.page_count());
  TSR_RETURN_IF_ERROR(check_source(path, pages, meter));
  LineWriter lines(part.path());
  TSR_ASSIGN_OR_RETURN(SalvageReport report, salvage_pages(pages, meter, [&lines](std::string_view line) {
                         return lines.add(line);
                       }));
  TSR_RETURN_IF_ERROR(lines.flush());
  TSR_RETURN_IF_ERROR(meter.report(meter.total()));
  TSR_RETURN_IF_ERROR(part.publish());
  return report;
}

}  // namespace tessera::store
