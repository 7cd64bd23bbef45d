#include "keys/device_shares.hpp"

#include <algorithm>
#include <utility>

#include "keys/failure.hpp"
#include "keys/sharing.hpp"
#include "keys/stack_key.hpp"

namespace tessera::keys {
namespace {

constexpr size_t kTagBytes = 16;
constexpr size_t kMaxKinds = 32;
constexpr size_t kMaxKindName = 48;
constexpr std::array<uint8_t, 24> kNonce{};  // every key here seals one content
constexpr std::string_view kKeyDomain = "tessera/slot/device";

/// What is counted, and shared, per kind.
struct Counts {
  size_t weight = 0;
  size_t unique = 0;
  size_t kinds = 0;

  void add(FactorClass cls, size_t kind_weight) {
    weight += kind_weight;
    unique += cls == FactorClass::kUnique ? kind_weight : 0;
    ++kinds;
  }
};

Counts counts_of(const DeviceShares::Kind& kind) {
  Counts counts;
  counts.add(kind.cls, kind.weight);
  return counts;
}

Counts totals(const DeviceShares& shares) {
  Counts counts;
  for (const DeviceShares::Kind& kind : shares.kinds) counts.add(kind.cls, kind.weight);
  return counts;
}

size_t sealed_share_bytes(const DeviceShares::Kind& kind) {
  const Counts counts = counts_of(kind);
  return (counts.weight + counts.unique + counts.kinds) * kShareBytes + kTagBytes;
}

/// The least of `total` that is `per_mille` of it, and at least `least` or all there is.
uint8_t threshold(size_t total, int per_mille, size_t least) {
  const size_t share = (total * static_cast<size_t>(per_mille) + 999) / 1000;
  return static_cast<uint8_t>(std::max({share, std::min(total, least), size_t{1}}));
}

bool fits(size_t threshold, size_t total) { return threshold >= 1 && threshold <= total; }

StackKey key_of_tag(const HmacSha256& stretched, const std::string& kind, const std::string& tag) {
  constexpr uint8_t kSeparator[] = {0};
  return StackKey(stretched.tag({as_bytes(kind), kSeparator, as_bytes(tag)}));
}

SecretBytes key_of_secrets(ByteView stretched, ByteView weight, ByteView unique, ByteView kinds) {
  const StackKey key(blake2b_256(stretched, {as_bytes(kKeyDomain), weight, unique, kinds}));
  return SecretBytes(key.bytes);
}

SecretBytes random_secret(Random& random) {
  SecretBytes secret(kShareBytes);
  random.fill(secret.writable());
  return secret;
}

/// Hands out the shares of one secret, kind after kind.
class Dealer {
 public:
  /// A threshold of 0 shares nothing.
  Dealer(size_t threshold, size_t count, Random& random)
      : secret_(threshold == 0 ? SecretBytes() : random_secret(random)),
        shares_(threshold == 0 ? std::vector<Share>() : split_secret(secret_, threshold, count, random)) {}
  Dealer(const Dealer&) = delete;
  Dealer& operator=(const Dealer&) = delete;
  ~Dealer() { wipe_shares(shares_); }

  void deal(size_t count, Bytes& out) {
    for (; count > 0; --count, ++next_)
      out.insert(out.end(), shares_[next_].value.begin(), shares_[next_].value.end());
  }
  ByteView secret() const { return secret_.view(); }

 private:
  SecretBytes secret_;
  std::vector<Share> shares_;
  size_t next_ = 0;
};

/// Takes back what a Dealer handed out.
class Collector {
 public:
  explicit Collector(size_t threshold) : threshold_(threshold) {}
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;
  ~Collector() { wipe_shares(shares_); }

  /// The next `count` shares; without their values they are only passed over.
  void collect(size_t count, ByteView values) {
    for (size_t i = 0; i < count; ++i) {
      ++next_;
      if (values.empty() || shares_.size() == threshold_) continue;
      Share& share = shares_.emplace_back();
      share.x = static_cast<uint8_t>(next_);
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(i * kShareBytes), kShareBytes,
                  share.value.begin());
    }
  }
  bool complete() const { return shares_.size() == threshold_; }
  SecretBytes secret() const { return threshold_ == 0 ? SecretBytes() : join_shares(shares_); }

 private:
  size_t threshold_;
  size_t next_ = 0;
  std::vector<Share> shares_;
};

Result<DeviceShares> describe(const BoundHardware& hardware) {
  DeviceShares shares;
  Counts all;
  for (const BoundFactor& factor : hardware.factors) {
    if (factor.weight <= 0 || factor.tags.empty()) continue;
    all.add(factor.cls, static_cast<size_t>(factor.weight));
    if (all.weight > kMaxShares || all.kinds > kMaxKinds || factor.kind.size() > kMaxKindName)
      return failure(
          ErrorCode::kLIMIT,
          "the hardware factors are too many or too heavy for a device slot; give the application's own "
          "factors less weight");
    DeviceShares::Kind& kind = shares.kinds.emplace_back();
    kind.name = factor.kind;
    kind.cls = factor.cls;
    kind.weight = static_cast<uint8_t>(factor.weight);
  }
  if (shares.kinds.empty())
    return failure(ErrorCode::kSTATE,
                   "nothing identifies this machine, so there can be no device slot; use a passphrase or an "
                   "application key");
  // Stored with the slot, so that it opens by the rule it was made under.
  shares.weight_threshold = threshold(all.weight, hardware.drift, kLeastMatchedWeight);
  shares.unique_threshold = all.unique == 0 ? uint8_t{0} : threshold(all.unique, hardware.ufloor, 1);
  shares.kinds_threshold = threshold(all.kinds, 0, kLeastMatchedKinds);
  return shares;
}

void seal_kind_key(const StackKey& kind_key, const BoundFactor& factor, const HmacSha256& stretched,
                   DeviceShares::Kind& kind) {
  std::vector<std::string> tags;
  for (const std::string& tag : factor.tags) {
    // Tags are short, so that two values may share one.
    if (tags.size() == kMaxTagsPerKind || std::ranges::find(tags, tag) != tags.end()) continue;
    tags.push_back(tag);
    const StackKey key = key_of_tag(stretched, kind.name, tag);
    const Bytes sealed = xchacha20_poly1305_encrypt(key.bytes, kNonce, kind_key.bytes, as_bytes(kind.name));
    std::copy(sealed.begin(), sealed.end(), kind.keys.emplace_back().begin());
  }
}

/// The shares of `kind` in the clear, when one of the machine's values opens them.
Bytes open_kind(const DeviceShares::Kind& kind, const BoundFactor& factor, const HmacSha256& stretched) {
  for (const std::string& tag : factor.tags) {
    const StackKey key = key_of_tag(stretched, kind.name, tag);
    for (const auto& sealed : kind.keys) {
      auto opened = xchacha20_poly1305_decrypt(key.bytes, kNonce, sealed, as_bytes(kind.name));
      if (!opened) continue;
      StackKey kind_key;
      std::copy_n(opened->begin(), kind_key.bytes.size(), kind_key.bytes.begin());
      wipe(opened->data(), opened->size());
      auto shares = xchacha20_poly1305_decrypt(kind_key.bytes, kNonce, kind.shares, as_bytes(kind.name));
      return shares ? std::move(*shares) : Bytes();
    }
  }
  return {};
}

}  // namespace

void write_device_shares(const DeviceShares& shares, WireWriter& out) {
  out.number(shares.weight_threshold);
  out.number(shares.unique_threshold);
  out.number(shares.kinds_threshold);
  out.number(static_cast<uint8_t>(shares.kinds.size()));
  for (const DeviceShares::Kind& kind : shares.kinds) {
    out.text(kind.name);
    out.number(static_cast<uint8_t>(kind.cls));
    out.number(kind.weight);
    out.number(static_cast<uint8_t>(kind.keys.size()));
    for (const auto& key : kind.keys) out.bytes(key);
    out.bytes(kind.shares);
  }
}

std::optional<DeviceShares> read_device_shares(WireReader& in) {
  DeviceShares shares;
  shares.weight_threshold = in.number<uint8_t>();
  shares.unique_threshold = in.number<uint8_t>();
  shares.kinds_threshold = in.number<uint8_t>();
  const size_t count = in.number<uint8_t>();
  if (count > kMaxKinds) return std::nullopt;
  for (size_t i = 0; i < count; ++i) {
    DeviceShares::Kind& kind = shares.kinds.emplace_back();
    kind.name = in.text();
    kind.cls = static_cast<FactorClass>(in.number<uint8_t>());
    kind.weight = in.number<uint8_t>();
    const size_t keys = in.number<uint8_t>();
    const bool known =
        kind.cls == FactorClass::kUnique || kind.cls == FactorClass::kOs || kind.cls == FactorClass::kModel;
    if (!known || kind.weight == 0 || kind.name.size() > kMaxKindName || keys == 0 || keys > kMaxTagsPerKind)
      return std::nullopt;
    for (size_t key = 0; key < keys; ++key) kind.keys.push_back(in.array<kSealedKindKeyBytes>());
    kind.shares = in.bytes(sealed_share_bytes(kind));
  }
  const Counts all = totals(shares);
  const bool unique_fits =
      all.unique == 0 ? shares.unique_threshold == 0 : fits(shares.unique_threshold, all.unique);
  if (!in.ok() || all.weight > kMaxShares || !fits(shares.weight_threshold, all.weight) || !unique_fits ||
      !fits(shares.kinds_threshold, all.kinds))
    return std::nullopt;
  return shares;
}

Result<BoundDevice> bind_device(const BoundHardware& hardware, ByteView stretched, Random& random) {
  TSR_ASSIGN_OR_RETURN(DeviceShares shares, describe(hardware));
  const Counts all = totals(shares);
  Dealer weight(shares.weight_threshold, all.weight, random);
  Dealer unique(shares.unique_threshold, all.unique, random);
  Dealer kinds(shares.kinds_threshold, all.kinds, random);
  const HmacSha256 stretched_mac(stretched);
  auto kind = shares.kinds.begin();
  for (const BoundFactor& factor : hardware.factors) {
    if (factor.weight <= 0 || factor.tags.empty()) continue;
    StackKey kind_key;
    random.fill(kind_key.bytes);
    seal_kind_key(kind_key, factor, stretched_mac, *kind);
    const Counts counts = counts_of(*kind);
    Bytes plain;
    plain.reserve(sealed_share_bytes(*kind));  // no copy is left behind by growing
    weight.deal(counts.weight, plain);
    unique.deal(counts.unique, plain);
    kinds.deal(counts.kinds, plain);
    kind->shares = xchacha20_poly1305_encrypt(kind_key.bytes, kNonce, plain, as_bytes(kind->name));
    wipe(plain.data(), plain.size());
    ++kind;
  }
  SecretBytes key = key_of_secrets(stretched, weight.secret(), unique.secret(), kinds.secret());
  return BoundDevice{std::move(shares), std::move(key)};
}

DeviceOpening open_device(const DeviceShares& shares, const BoundHardware& hardware, ByteView stretched) {
  DeviceOpening opening;
  const HmacSha256 stretched_mac(stretched);
  Collector weight(shares.weight_threshold);
  Collector unique(shares.unique_threshold);
  Collector kinds(shares.kinds_threshold);
  for (const DeviceShares::Kind& kind : shares.kinds) {
    const auto factor = std::ranges::find(hardware.factors, kind.name, &BoundFactor::kind);
    const bool readable = factor != hardware.factors.end() && !factor->tags.empty();
    Bytes plain = readable ? open_kind(kind, *factor, stretched_mac) : Bytes();
    opening.any_kind_fits = opening.any_kind_fits || !plain.empty();
    opening.some_kind_differs = opening.some_kind_differs || (readable && plain.empty());
    const Counts counts = counts_of(kind);
    const auto part = [&](size_t first, size_t count) {
      return plain.empty() ? ByteView() : ByteView(plain).subspan(first * kShareBytes, count * kShareBytes);
    };
    weight.collect(counts.weight, part(0, counts.weight));
    unique.collect(counts.unique, part(counts.weight, counts.unique));
    kinds.collect(counts.kinds, part(counts.weight + counts.unique, counts.kinds));
    wipe(plain.data(), plain.size());
  }
  if (weight.complete() && unique.complete() && kinds.complete()) {
    const SecretBytes by_weight = weight.secret(), by_unique = unique.secret(), by_kinds = kinds.secret();
    opening.key = key_of_secrets(stretched, by_weight.view(), by_unique.view(), by_kinds.view());
  }
  return opening;
}

}  // namespace tessera::keys
