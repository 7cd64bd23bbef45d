#include "store/file_names.hpp"

#include <algorithm>
#include <filesystem>

namespace tessera::store {
namespace {

namespace fs = std::filesystem;

std::string joined(std::string_view name, std::string_view ending) {
  return std::string(name).append(ending);
}

void add(std::vector<std::string>* files, std::vector<std::string> more) {
  files->insert(files->end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

std::string stem_of(const std::string& path) {
  return path.ends_with(kData) ? path.substr(0, path.size() - kData.size()) : path;
}

std::vector<std::string> with_logs(const std::string& path) {
  std::vector<std::string> files = {path};
  for (const std::string_view log : kLogs) files.push_back(joined(path, log));
  return files;
}

std::vector<std::string> leftovers_of(const std::string& path) {
  const std::string fresh = joined(path, kFreshData);
  std::vector<std::string> files = with_logs(fresh);
  add(&files, with_logs(joined(fresh, kPart)));
  add(&files, with_logs(joined(joined(fresh, kForeignCopy), kPart)));
  return files;
}

std::vector<std::string> data_files_of(const std::string& path) {
  std::vector<std::string> files = with_logs(path);
  files.push_back(joined(stem_of(path), kMark));
  return files;
}

std::vector<std::string> damaged_files_of(const std::string& path) {
  const fs::path file(path);
  const std::string beginning = joined(file.filename().string(), kDamagedData);
  std::vector<std::string> files;
  std::error_code failed;
  for (fs::directory_iterator entry(file.has_parent_path() ? file.parent_path() : ".", failed), end;
       !failed && entry != end; entry.increment(failed)) {
    if (entry->path().filename().string().starts_with(beginning)) files.push_back(entry->path().string());
  }
  return files;
}

bool belongs_to_store(const std::string& name, const std::string& path) {
  std::vector<std::string> files = data_files_of(path);
  const std::string stem = stem_of(path);
  add(&files, {joined(path, kOldData), joined(path, kMoveNote), joined(stem, kLock)});
  return std::ranges::find(files, name) != files.end() || name.starts_with(joined(stem, kSlots)) ||
         name.starts_with(joined(path, kDamagedData));
}

}  // namespace tessera::store
