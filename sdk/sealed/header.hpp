// The header that sealed files and logs begin with (docs/reference/sealed-file-format.md), and the keys of
// one file. Magic, version, length and the checksum at its end have the same place in every version, so that
// damage is told from a newer format and both from a key that is not ours.
#pragma once

#include <string_view>

#include "base/big_endian.hpp"
#include "sealed/disk_file.hpp"
#include "sealed/roots.hpp"

namespace tessera::sealed {

struct Kind {
  std::string_view magic;     // 8 characters
  std::string_view key_info;  // of HKDF: a key of one kind opens nothing of the other
};
inline constexpr Kind kFileKind{"TSRSEAL1", "tessera/sealed/file/1"};
inline constexpr Kind kLogKind{"TSRSLOG1", "tessera/sealed/log/1"};

using FileId = std::array<uint8_t, 32>;
using HeaderTag = Sha256;

/// Keys of one file, in locked memory.
class FileKeys {
 public:
  static Result<FileKeys> derive(const Kind& kind, const Root& root, const FileId& id);
  const Key256& content() const;
  ByteView header() const { return keys_.view().subspan(sizeof(Key256)); }

 private:
  explicit FileKeys(SecretBytes keys) : keys_(std::move(keys)) {}
  SecretBytes keys_;  // content key, header key
};

struct Header {
  RootId root_id{};
  FileId file_id{};
  Bytes body;  // what the kind of file adds
};

struct OpenedHeader : Header {
  OpenedHeader(Header header, FileKeys file_keys) : Header(std::move(header)), keys(std::move(file_keys)) {}
  FileKeys keys;
  size_t bytes = 0;  // of the whole header; content begins there
  HeaderTag tag{};
};

/// Fixed part of a header; its body comes on top.
inline constexpr size_t kHeaderBytes = 100;

Bytes write_header(const Kind& kind, const Header& header, const FileKeys& keys);
/// Where the tag is in a header as write_header() gives it.
HeaderTag tag_of(ByteView header);
/// CORRUPT, CRYPTO or UNSUPPORTED as sealed/errors.hpp says, or what the disk or `roots` answered.
Result<OpenedHeader> read_header(const DiskFile& file, const Kind& kind, Roots& roots);

}  // namespace tessera::sealed
