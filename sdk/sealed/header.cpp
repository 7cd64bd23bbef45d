#include "sealed/header.hpp"

#include <algorithm>
#include <new>

#include "sealed/errors.hpp"

namespace tessera::sealed {
namespace {

constexpr size_t kMagicBytes = 8;
constexpr size_t kStartBytes = kMagicBytes + 2 + 2;  // magic, version, length
constexpr size_t kChecksumBytes = 8;
constexpr size_t kMaxHeaderBytes = 4096;
constexpr uint64_t kVersion = 1;
static_assert(kStartBytes + sizeof(RootId) + sizeof(FileId) + sizeof(HeaderTag) + kChecksumBytes ==
              kHeaderBytes);

void append(ByteView bytes, Bytes* out) { out->insert(out->end(), bytes.begin(), bytes.end()); }

template <size_t N>
std::array<uint8_t, N> take(ByteView* from) {
  std::array<uint8_t, N> out;
  std::copy_n(from->begin(), N, out.begin());
  *from = from->subspan(N);
  return out;
}

/// The whole header, its checksum verified. Secret-free: says nothing about who wrote it.
Result<Bytes> read_framed(const DiskFile& file, const Kind& kind) {
  Bytes header(kStartBytes);
  TSR_ASSIGN_OR_RETURN(const size_t started, file.read_at(0, header));
  if (started < kStartBytes || as_text(ByteView(header).first(kMagicBytes)) != kind.magic)
    return damaged(file.path(), "does not begin as a sealed file does");
  const size_t length = big_endian(ByteView(header).subspan(kMagicBytes + 2, 2));
  if (length < kHeaderBytes || length > kMaxHeaderBytes)
    return damaged(file.path(), "has a header of an impossible length");
  header.resize(length);
  TSR_ASSIGN_OR_RETURN(const size_t read, file.read_at(0, header));
  if (read < length) return damaged(file.path(), "ends in its header");
  const Sha256 checksum = sha256(ByteView(header).first(length - kChecksumBytes));
  if (!std::equal(header.end() - kChecksumBytes, header.end(), checksum.begin()))
    return damaged(file.path(), "has a header whose checksum does not fit");
  return header;
}

}  // namespace

Result<FileKeys> FileKeys::derive(const Kind& kind, const Root& root, const FileId& id) {
  if (root.key.size() != sizeof(Key256))
    return Error{ErrorCode::kARG, "sealed", "a sealing root has a key of 32 bytes", {}};
  TSR_ASSIGN_OR_RETURN(Bytes derived,
                       hkdf_sha256(id, root.key.view(), as_bytes(kind.key_info), 2 * sizeof(Key256)));
  FileKeys keys{SecretBytes(ByteView(derived))};
  wipe(derived.data(), derived.size());
  return keys;
}

const Key256& FileKeys::content() const {
  return *std::launder(reinterpret_cast<const Key256*>(keys_.view().data()));
}

Bytes write_header(const Kind& kind, const Header& header, const FileKeys& keys) {
  Bytes out = to_bytes(kind.magic);
  put_big_endian(kVersion, 2, &out);
  put_big_endian(kHeaderBytes + header.body.size(), 2, &out);
  append(header.root_id, &out);
  append(header.file_id, &out);
  append(header.body, &out);
  append(hmac_sha256(keys.header(), out), &out);
  append(ByteView(sha256(out)).first(kChecksumBytes), &out);
  return out;
}

HeaderTag tag_of(ByteView header) {
  ByteView tag = header.last(kChecksumBytes + sizeof(HeaderTag));
  return take<sizeof(HeaderTag)>(&tag);
}

Result<OpenedHeader> read_header(const DiskFile& file, const Kind& kind, Roots& roots) {
  TSR_ASSIGN_OR_RETURN(const Bytes bytes, read_framed(file, kind));
  const uint64_t version = big_endian(ByteView(bytes).subspan(kMagicBytes, 2));
  if (version > kVersion) return newer_format(file.path());
  if (version < kVersion) return damaged(file.path(), "has a version that never was");

  const ByteView tagged = ByteView(bytes).first(bytes.size() - sizeof(HeaderTag) - kChecksumBytes);
  ByteView rest = tagged.subspan(kStartBytes);
  Header header;
  header.root_id = take<sizeof(RootId)>(&rest);
  header.file_id = take<sizeof(FileId)>(&rest);
  header.body.assign(rest.begin(), rest.end());
  TSR_ASSIGN_OR_RETURN(const std::optional<Root> root, roots.find(header.root_id));
  if (!root) return wrong_key(file.path());
  TSR_ASSIGN_OR_RETURN(FileKeys keys, FileKeys::derive(kind, *root, header.file_id));
  const HeaderTag tag = tag_of(bytes);
  if (!equal_constant_time(tag, hmac_sha256(keys.header(), tagged)))
    return damaged(file.path(), "has a header that was not written with its key");

  OpenedHeader opened(std::move(header), std::move(keys));
  opened.bytes = bytes.size();
  opened.tag = tag;
  return opened;
}

}  // namespace tessera::sealed
