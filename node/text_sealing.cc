#include "node/text_sealing.h"

#include <algorithm>
#include <utility>

#include "node/visibility.h"
#include "proto/limits.h"
#include "proto/sealed_text.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

constexpr std::size_t kPageBytes = 256 * 1024;

// Puts what is sealed into as few records as entries allow.
class Packer {
 public:
  explicit Packer(const StreamId& stream) : stream_(stream) {}

  void Add(pb::SealedSecret secret) {
    *RoomFor(secret.ByteSizeLong()).add_secrets() = std::move(secret);
  }
  void Add(pb::SealedPayload payload) {
    *RoomFor(payload.ByteSizeLong()).add_payloads() = std::move(payload);
  }
  std::vector<pb::Record> Take() { return std::move(records_); }

 private:
  pb::SealedText& RoomFor(std::size_t bytes) {
    if (records_.empty() || bytes_ + bytes > limits::kSealedTextBytesMax) {
      records_.emplace_back().mutable_sealed_text()->set_stream(Bytes(stream_.view()));
      bytes_ = 0;
    }
    bytes_ += bytes + 8;  // and its tag and size
    return *records_.back().mutable_sealed_text();
  }

  StreamId stream_;
  std::vector<pb::Record> records_;
  std::size_t bytes_ = 0;
};

}  // namespace

bool TextSealing::IsSealedHere(const Stream& stream) const {
  const UnitId& own = settings_.unit;
  const bool mine = stream.unit == own && !settings_.parent;
  if (stream.kind != pb::TO || (!mine && stream.genesis.superior() != own.view())) {
    return false;
  }
  const Visibility may(projector_.authority());
  if (!may.IsWithin(stream.other, own)) {
    return settings_.parent && !may.MayRead(stream, pb::PARENT, *settings_.parent);
  }
  for (auto at = projector_.authority().KeeperOf(stream.other); at && *at != own;
       at = projector_.authority().KeeperOf(*at)) {
    if (!may.MayRead(stream, pb::PARENT, *at)) {
      return true;
    }
  }
  return false;
}

std::vector<DhPublicKey> TextSealing::Readers(const Stream& stream) const {
  std::set<DhPublicKey> keys;
  for (const auto& unit :
       {std::optional(stream.other), UnitId::From(stream.genesis.to_superior())}) {
    if (!unit || *unit == settings_.unit || *unit == stream.unit) {
      continue;
    }
    for (const pb::Role role : {pb::SECRETARY, pb::DEPUTY, pb::SERVER}) {
      for (const ValidCertificate& device : projector_.authority().Current(*unit, role)) {
        if (const auto key = SealKeyOf(device.body)) {
          keys.insert(*key);
        }
      }
    }
  }
  return {keys.begin(), keys.end()};
}

Result<std::vector<TextSealing::Text>> TextSealing::TextsOf(const Stream& stream) {
  Read& read = read_[stream.no];
  for (const BranchRow& branch : stream.branches) {
    std::uint64_t& at = read.up_to.try_emplace(branch.branch, branch.fork_at).first->second;
    while (at < branch.peaks.size()) {
      CHIBO_TRY_VALUE(const auto page,
                      log_.ReadEntries(stream.no, branch.branch, at, SIZE_MAX, kPageBytes));
      for (const StoredEntry& stored : page) {
        CHIBO_TRY_VALUE(const Header header, ParseHeader(stored.header, stored.index));
        for (std::uint32_t position = 0; position < header.slots.size(); ++position) {
          if (header.slots[position].reach == pb::PARENT) {
            read.texts.push_back({branch.branch, stored.index, position});
          }
        }
      }
      at += page.size();
    }
  }
  return read.texts;
}

// By this unit's devices: what anybody else says is sealed does not keep this from being done.
Result<TextSealing::Sealed> TextSealing::SealedOf(const StreamId& stream) const {
  Sealed sealed;
  CHIBO_TRY_VALUE(const auto facts, view_.FactsOf(KeyOfStream(stream)));
  for (const Fact& fact : facts) {
    if (fact.unit != settings_.unit || !fact.counts() || !fact.record->has_sealed_text()) {
      continue;
    }
    for (const pb::SealedSecret& secret : fact.record->sealed_text().secrets()) {
      sealed.keys.insert(secret.key_id());
    }
    for (const pb::SealedPayload& payload : fact.record->sealed_text().payloads()) {
      sealed.texts.insert({payload.index(), payload.position(), payload.commitment()});
    }
  }
  return sealed;
}

Result<std::vector<pb::Record>> TextSealing::Lacking(const Stream& stream, Random& random) {
  if (!IsSealedHere(stream)) {
    return std::vector<pb::Record>();
  }
  const std::vector<DhPublicKey> readers = Readers(stream);
  CHIBO_TRY_VALUE(const StreamSecrets secrets, log_.Secrets(stream.no));
  if (readers.empty() || !secrets[pb::PARENT]) {
    return std::vector<pb::Record>();
  }
  CHIBO_TRY_VALUE(const std::vector<Text> texts, TextsOf(stream));
  if (texts.empty()) {
    return std::vector<pb::Record>();
  }
  CHIBO_TRY_VALUE(const Sealed sealed, SealedOf(stream.id));
  Packer packer(stream.id);
  for (const DhPublicKey& reader : readers) {
    auto secret = sealed.keys.contains(KeyId(reader))
                      ? std::nullopt
                      : SealSecret(*secrets[pb::PARENT], reader, random);
    if (secret) {
      packer.Add(*std::move(secret));
    }
  }
  for (const Text& text : texts) {
    CHIBO_TRY_VALUE(const auto stored, log_.ReadEntries(stream.no, text.branch, text.index, 1, 0));
    CHIBO_TRY_VALUE(const Entry entry, DecodeEntry(stream.id, text.index, stored.front().header,
                                                   stored.front().body, secrets));
    const HeldRecord& record = entry.records[text.position];
    if (!record.payload || record.payload->size() > limits::kSealedTextBytesMax ||
        sealed.texts.contains({text.index, text.position, Bytes(record.commitment.view())})) {
      continue;
    }
    packer.Add(SealPayload(*secrets[pb::PARENT], {stream.id, text.index, text.position},
                           record.commitment, *record.payload, random));
  }
  return packer.Take();
}

}  // namespace chibo
