// The files of a store, all in one folder. One list, so that whoever refuses, moves or removes them means the
// same ones.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::store {

// Behind the stem, which is "app" of "dir/app.tdb".
inline constexpr std::string_view kData = ".tdb";
inline constexpr std::string_view kMark = ".tsq";
inline constexpr std::string_view kLock = ".lock";
inline constexpr std::string_view kSlots = ".tks";
inline constexpr std::string_view kUnfinishedSlots = ".tks.creating";  // of a new store without its database
// Behind the database's name.
inline constexpr std::array<std::string_view, 3> kLogs = {"-wal", "-journal", "-shm"};
inline constexpr std::string_view kFreshData = ".fresh";       // to take the database's place
inline constexpr std::string_view kOldData = ".old";           // until what took its place has been opened
inline constexpr std::string_view kPart = ".part";             // of what long work writes; see PartFile
inline constexpr std::string_view kForeignCopy = ".source";    // of what is imported; then kPart
inline constexpr std::string_view kMoveNote = ".moving";       // see move_aside()
inline constexpr std::string_view kDamagedData = ".damaged-";  // then the time it was moved aside

/// `path` with its folder and without ".tdb".
std::string stem_of(const std::string& path);
/// The file at `path` and what SQLite may keep beside it.
std::vector<std::string> with_logs(const std::string& path);
/// What a crash may leave of long work on the database at `path`; never needed again.
std::vector<std::string> leftovers_of(const std::string& path);
/// The database at `path` with its logs and mark.
std::vector<std::string> data_files_of(const std::string& path);
/// Copies of the database at `path` that were moved aside, as they lie in its folder.
std::vector<std::string> damaged_files_of(const std::string& path);
/// Whether `name` is that of a file that the store of the database at `path` has or may get.
bool belongs_to_store(const std::string& name, const std::string& path);

}  // namespace tessera::store
